#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/body.h"
#include "pkg/database/store.h"
#include "test/unit/support/test.h"

/* ---- finding ---- */

static const struct find_case {
    const char *name, *body, *want; /* the value at a.b, NULL: absent */
} find_cases[] = {
    { "finds a nested value", "{\"x\":[{\"a\":{}}],\"a\":{\"c\":1,\"b\":\"v\"}}", "\"v\"" },
    { "keeps the spelling of a value", "{\"a\":{\"b\": 1e400 }}", "1e400" },
    { "finds nothing in an empty object", "{}", NULL },
    { "finds nothing below what is no object", "{\"a\":[\"b\"]}", NULL },
    { "finds a key that is written with escapes", "{\"\\u0061\":{\"b\":true}}", "true" },
    { "takes the last of duplicate keys", "{\"a\":{\"b\":1},\"a\":{\"b\":2}}", "2" },
    { "forgets what an earlier duplicate had", "{\"a\":{\"b\":1},\"a\":null}", NULL },
};

static void check_find(void **state)
{
    const struct find_case *c = *state;
    struct body_member m = { .path = { "a", "b" } };

    assert_int_equal(body_find(c->body, strlen(c->body), &m, 1, NULL), 0);

    if (c->want) {
        cleanup_free char *text = xstrndup(m.value.text, m.value.len);
        assert_string_equal(text, c->want);
    } else {
        assert_null(m.value.text);
    }
}

static const char *const no_objects[] = {
    "", "[]", "null", "{", "{\"a\":1}x", "{\"a\":\"\xff\"}", "{\"a\\u0000\":1}", "{\"a\":01}",
};

static void check_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(no_objects); i++) {
        cleanup_error struct error *err = NULL;
        struct body_member m = { .path = { "b" } };
        assert_int_equal(body_find(no_objects[i], strlen(no_objects[i]), &m, 1, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

static void check_depth(void **state)
{
    (void)state;
    char body[1024] = "{\"a\":";
    size_t len = strlen(body);
    memset(body + len, '[', 300);
    memset(body + len + 300, ']', 300);
    body[len + 600] = '}';

    cleanup_error struct error *err = NULL;
    assert_int_equal(body_find(body, len + 601, NULL, 0, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
}

/* ---- preparing ---- */

#define NOW 1000

static const struct prepare_case {
    const char *name, *body;
    unsigned triggers;
    const char *want; /* NULL: refused */
} prepare_cases[] = {
    { "leaves a document as it is", "{\"id\":\"a\",\"n\":9223372036854775808,\"e\":1e400}", 0,
      "{\"id\":\"a\",\"n\":9223372036854775808,\"e\":1e400}" },
    { "leaves an empty document as it is", " { } ", 0, "{}" },
    { "leaves out system fields",
      "{\"_rid\":\"r\",\"id\":\"a\",\"_self\":1,\"_etag\":null,\"_ts\":5,\"_attachments\":{},\"_"
      "lsn\":1,"
      "\"_metadata\":[],\"_mine\":1,\"x\":{\"_ts\":5}}",
      0, "{\"id\":\"a\",\"_mine\":1,\"x\":{\"_ts\":5}}" },
    { "renews a lease in its place", "{\"leaseExpires\":1,\"id\":\"a\"}", TRIGGER_RENEW_LEASE,
      "{\"leaseExpires\":1060,\"id\":\"a\"}" },
    { "adds a lease", "{\"id\":\"a\"}", TRIGGER_RENEW_LEASE,
      "{\"id\":\"a\",\"leaseExpires\":1060}" },
    { "adds a lease to nothing", "{}", TRIGGER_RENEW_LEASE, "{\"leaseExpires\":1060}" },
    { "lets a later try win over a renewal", "{\"id\":\"a\"}",
      TRIGGER_RENEW_LEASE | TRIGGER_RETRY_LATER, "{\"id\":\"a\",\"leaseExpires\":1600}" },
    { "makes one of two leases", "{\"leaseExpires\":1,\"leaseExpires\":2}", TRIGGER_RENEW_LEASE,
      "{\"leaseExpires\":1060}" },
    { "sets the time of creation", "{\"billing\":{\"location\":\"x\"}}", TRIGGER_CREATION_TIME,
      "{\"billing\":{\"location\":\"x\",\"creationTime\":1000}}" },
    { "keeps the time of creation", "{\"billing\":{\"creationTime\":7}}", TRIGGER_CREATION_TIME,
      "{\"billing\":{\"creationTime\":7}}" },
    { "takes a zero for no time", "{\"billing\":{\"creationTime\":0}}", TRIGGER_CREATION_TIME,
      "{\"billing\":{\"creationTime\":1000}}" },
    { "keeps the first deletion",
      "{\"billing\":{\"creationTime\":7,\"deletionTime\":8},\"id\":\"a\"}", TRIGGER_DELETION_TIME,
      "{\"billing\":{\"creationTime\":7,\"deletionTime\":8},\"id\":\"a\"}" },
    { "sets the time of deletion beside that of creation",
      "{\"billing\":{\"creationTime\":7,\"deletionTime\":null}}", TRIGGER_DELETION_TIME,
      "{\"billing\":{\"creationTime\":7,\"deletionTime\":1000}}" },
    { "sets no time where there is no billing", "{\"id\":\"a\"}", TRIGGER_CREATION_TIME, NULL },
    { "sets no time where billing is no object", "{\"billing\":1}", TRIGGER_DELETION_TIME, NULL },
};

static void check_prepare(void **state)
{
    const struct prepare_case *c = *state;
    cleanup_buf struct buf b = BUF_INIT(4096);
    cleanup_error struct error *err = NULL;

    const struct store_leases leases = { STORE_LEASE_S, STORE_RETRY_LATER_S };
    const struct body_edits edits = { c->triggers, NOW, &leases };

    int status = body_prepare(c->body, strlen(c->body), &edits, &b, &err);

    if (c->want) {
        assert_int_equal(status, 0);
        assert_string_equal(buf_str(&b), c->want);
    } else {
        assert_int_equal(status, -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

/* ---- values ---- */

static struct span span_of(const char *text)
{
    return (struct span){ text, text ? strlen(text) : 0 };
}

static void check_values(void **state)
{
    (void)state;
    assert_int_equal(span_int(span_of("12"), 0), 12);
    assert_int_equal(span_int(span_of("1.75e3"), 0), 1750);
    assert_int_equal(span_int(span_of("12.9"), 0), 12);
    assert_int_equal(span_int(span_of("1e400"), 5), 5);
    assert_int_equal(span_int(span_of("\"12\""), 5), 5);
    assert_int_equal(span_int(span_of(NULL), 5), 5);
    assert_false(span_is_set(span_of("null")));
    assert_false(span_is_set(span_of(NULL)));
    assert_true(span_is_set(span_of("false")));
    assert_true(span_is_true(span_of("true")));
    assert_false(span_is_true(span_of("\"true\"")));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(find_cases) + ARRAY_LEN(prepare_cases) + 3] = {
        CASE("refuses what is no object or what no tree can hold", check_refused),
        CASE("refuses a document that is nested too deeply", check_depth),
        CASE("reads values", check_values),
    };
    size_t n = 3;
    for (size_t i = 0; i < ARRAY_LEN(find_cases); i++)
        tests[n++] = (struct CMUnitTest){ find_cases[i].name, check_find,
                                          .initial_state = (void *)(uintptr_t)&find_cases[i] };
    for (size_t i = 0; i < ARRAY_LEN(prepare_cases); i++)
        tests[n++] = (struct CMUnitTest){ prepare_cases[i].name, check_prepare,
                                          .initial_state = (void *)(uintptr_t)&prepare_cases[i] };
    return RUN_CASES("body", tests);
}

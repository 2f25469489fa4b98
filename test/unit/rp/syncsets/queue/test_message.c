#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/queue/message.h"
#include "test/unit/support/test.h"

static const struct sets_event event = {
    .revision = 123,
    .prev = 119,
    .type = "clusters",
    .op = "MODIFIED",
    .uid = "u-1",
    .nspace = "a",
    .name = "b",
    .generation = 4,
    .old_labels = "{\"env\":\"test\"}",
    .labels = "{\"env\":\"prod\"}",
    .object = "{\"spec\":{}}",
};

static void an_event_says_what_changed_and_no_more(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUS_EVENT_MAX);
    cleanup_free char *key = bus_event_key(&event);
    bus_event_write(&b, &event);
    assert_string_equal(buf_str(&b),
                        "{\"type\":\"clusters\",\"op\":\"MODIFIED\",\"namespace\":\"a\",\"name\":"
                        "\"b\",\"uid\":\"u-1\",\"resourceVersion\":\"123\",\"prev\":\"119\","
                        "\"generation\":4,\"labels\":{\"env\":\"prod\"}}");
    assert_string_equal(key, "clusters.MODIFIED.a");
}

static void a_global_object_has_no_namespace_and_a_deleted_one_its_last_labels(void **state)
{
    (void)state;
    struct sets_event e = event;
    cleanup_buf struct buf b = BUF_INIT(BUS_EVENT_MAX);
    e.nspace = "";
    e.op = "DELETED";
    e.labels = NULL;
    cleanup_free char *key = bus_event_key(&e);
    bus_event_write(&b, &e);
    assert_null(strstr(buf_str(&b), "namespace"));
    assert_non_null(strstr(buf_str(&b), "\"labels\":{\"env\":\"test\"}"));
    assert_string_equal(key, "clusters.DELETED._");
}

static void labels_that_do_not_fit_are_left_out(void **state)
{
    (void)state;
    struct sets_event e = event;
    for (size_t len = BUS_EVENT_MAX - 250; len < BUS_EVENT_MAX + 10; len++) {
        cleanup_free char *value = xcalloc(1, len + 1);
        memset(value, 'v', len);
        cleanup_free char *labels = xasprintf("{\"l\":\"%s\"}", value);
        cleanup_buf struct buf b = BUF_INIT(BUS_EVENT_MAX);
        cleanup_bus_event struct sets_bus_event back = { 0 };
        e.labels = labels;
        bus_event_write(&b, &e);
        assert_int_equal(buf_check(&b, NULL), 0);
        assert_int_equal(bus_event_parse(b.data, b.len, &back, NULL), 0);
        assert_int_equal(back.labels != NULL, strstr(b.data, "labelsOmitted") == NULL);
        assert_true(back.labels || b.len < 300);
        if (len == BUS_EVENT_MAX)
            assert_null(back.labels);
    }
}

static void an_event_comes_back_as_it_was(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUS_EVENT_MAX);
    cleanup_bus_event struct sets_bus_event e = { 0 };
    bus_event_write(&b, &event);
    assert_int_equal(bus_event_parse(b.data, b.len, &e, NULL), 0);
    assert_int_equal(e.revision, 123);
    assert_int_equal(e.prev, 119);
    assert_int_equal(e.generation, 4);
    assert_string_equal(e.type, "clusters");
    assert_string_equal(e.op, "MODIFIED");
    assert_string_equal(e.nspace, "a");
    assert_string_equal(e.name, "b");
    assert_string_equal(e.uid, "u-1");
    assert_string_equal(e.labels, "{\"env\":\"prod\"}");
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"type\":\"t\",\"op\":\"o\",\"name\":\"n\",\"uid\":\"u\",\"resourceVersion\":\"x\","
        "\"prev\":\"1\",\"generation\":1}",
        "{\"type\":\"t\",\"op\":\"o\",\"name\":\"n\",\"uid\":\"u\",\"resourceVersion\":\"-1\","
        "\"prev\":\"1\",\"generation\":1}",
        "{\"clusterUID\":\"\",\"dirtyRevision\":1}",
        "{\"clusterUID\":\"0123456789012345678901234567890123456789012345678901234567890123\","
        "\"dirtyRevision\":1}",
        "{\"clusterUID\":\"u\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        cleanup_bus_event struct sets_bus_event e = { 0 };
        struct sets_hint h;
        cleanup_error struct error *err = NULL;
        assert_int_equal(bus_event_parse(texts[i], strlen(texts[i]), &e, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
        assert_int_equal(bus_hint_parse(texts[i], strlen(texts[i]), &h, NULL), -1);
    }
}

static void a_hint_comes_back_as_it_was(void **state)
{
    (void)state;
    const struct sets_hint h = { .uid = "u\"1", .dirty_revision = INT64_MAX, .slow = true };
    struct sets_hint back;
    cleanup_free char *text = bus_hint_give(&h);
    assert_int_equal(bus_hint_parse(text, strlen(text), &back, NULL), 0);
    assert_string_equal(back.uid, h.uid);
    assert_int_equal(back.dirty_revision, INT64_MAX);
    assert_true(back.slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an event says what changed and no more", an_event_says_what_changed_and_no_more),
        CASE("a global object has no namespace and a deleted one its last labels",
             a_global_object_has_no_namespace_and_a_deleted_one_its_last_labels),
        CASE("labels that do not fit are left out", labels_that_do_not_fit_are_left_out),
        CASE("an event comes back as it was", an_event_comes_back_as_it_was),
        CASE("nonsense is refused", nonsense_is_refused),
        CASE("a hint comes back as it was", a_hint_comes_back_as_it_was),
    };
    return RUN_CASES("message", tests);
}

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/net/framer_head.h"
#include "test/unit/support/test.h"

/* The head alone; what the whole framer makes of heads is in test_framer.c. */
struct head_case {
    const char *name, *in;
    const char *want; /* "METHOD TARGET VERSION n=v ..." or the status */
};
#define AFTER(line) line "\r\n\r\n"
static struct head_case cases[] = {
    { "splits the request line", AFTER("GET /a?b=c HTTP/1.1"), "GET /a?b=c 11" },
    { "takes any token as method", AFTER("M-SEARCH!#$ / HTTP/1.1"), "M-SEARCH!#$ / 11" },
    { "refuses a method with other characters", AFTER("GE(T / HTTP/1.1"), "400" },
    { "refuses an empty method", AFTER(" / HTTP/1.1"), "400" },
    { "refuses an empty target", AFTER("GET  HTTP/1.1"), "400" },
    { "refuses two spaces", AFTER("GET /  HTTP/1.1"), "400" },
    { "refuses a space behind the version", AFTER("GET / HTTP/1.1 "), "400" },
    { "refuses a tab between the words", AFTER("GET\t/ HTTP/1.1"), "400" },
    { "refuses lower case http", AFTER("GET / http/1.1"), "400" },
    { "tells an unknown version apart", AFTER("GET / HTTP/3.0"), "505" },
    { "wants three characters of version", AFTER("GET / HTTP/1.12"), "400" },
    { "refuses DEL in the target", AFTER("GET /\x7f HTTP/1.1"), "400" },
    { "cuts the absolute form", AFTER("GET http://u@h:80/p?q HTTP/1.1"), "GET /p?q 11" },
    { "cuts the absolute form with a query only", AFTER("GET http://h?q HTTP/1.1"), "GET /?q 11" },
    { "does not cut a path that holds a scheme", AFTER("GET /http://h/p HTTP/1.1"),
      "GET /http://h/p 11" },
    { "keeps the authority of CONNECT", AFTER("CONNECT h:1 HTTP/1.1"), "CONNECT h:1 11" },
    { "trims values", AFTER("GET / HTTP/1.0\r\nA: \t 1 2 \t\r\nB:\t"), "GET / 10 A=1 2 B=" },
    { "keeps colons in values", AFTER("GET / HTTP/1.1\r\nA::b:c"), "GET / 11 A=:b:c" },
    { "refuses a line without colon", AFTER("GET / HTTP/1.1\r\nA"), "400" },
    { "refuses a folded line", AFTER("GET / HTTP/1.1\r\nA: 1\r\n\t2"), "400" },
    { "refuses a first field that is folded", AFTER("GET / HTTP/1.1\r\n A: 1"), "400" },
    { "refuses high bytes in names", AFTER("GET / HTTP/1.1\r\n\xc3\xa4: 1"), "400" },
    { "refuses a control byte in a value", AFTER("GET / HTTP/1.1\r\nA: \x01"), "400" },
    { "refuses a head that goes on behind its end", "GET / HTTP/1.1\r\n\r\nA: 1\r\n\r\n", "400" },
    { "refuses a head without end", "GET / HTTP/1.1\r\nA: 1\r\n", "400" },
};

static char *give_parsed(const char *in, size_t len)
{
    struct framer_request r = { .body = BUF_INIT(0) };
    struct framer_head_error bad;
    struct buf out = BUF_INIT(BUF_UNBOUNDED);

    if (framer_head_parse(in, len, &r, &bad) < 0) {
        buf_addf(&out, "%d", bad.status);
        assert_true(strlen(bad.reason) > 0);
    } else {
        buf_addf(&out, "%s %s %d", r.method, r.target, r.version);
        for (size_t i = 0; i < r.headers.len; i++)
            buf_addf(&out, " %s=%s", r.headers.v[i].name, r.headers.v[i].value);
    }
    framer_request_release(&r);
    return buf_give(&out);
}

static void check_head(void **state)
{
    const struct head_case *c = *state;
    size_t len = strlen(c->in);
    char *exact = malloc(len); /* reading beyond the end shows */
    assert_non_null(exact);
    memcpy(exact, c->in, len);

    cleanup_free char *got = give_parsed(exact, len);

    free(exact);
    assert_string_equal(got, c->want);
}

static void refuses_a_long_target(void **state)
{
    (void)state;
    cleanup_free char *fits = xasprintf("GET /%0*d HTTP/1.1\r\n\r\n", FRAMER_TARGET_MAX - 1, 0);
    cleanup_free char *above = xasprintf("GET /%0*d HTTP/1.1\r\n\r\n", FRAMER_TARGET_MAX, 0);

    cleanup_free char *first = give_parsed(fits, strlen(fits));
    cleanup_free char *second = give_parsed(above, strlen(above));

    assert_int_equal(strlen(first), FRAMER_TARGET_MAX + strlen("GET  11"));
    assert_string_equal(second, "414");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_head, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("refuses a target above the limit", refuses_a_long_target);
    return RUN_CASES("framer head", tests);
}

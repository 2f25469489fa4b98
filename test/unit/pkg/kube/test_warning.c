#include "pkg/base/mem.h"
#include "pkg/kube/warning.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

struct warning_case {
    const char *name, *value, *want; /* texts joined by | */
};

static struct warning_case cases[] = {
    { "one warning", "299 - \"old\"", "old" },
    { "several in one header", "299 - \"a, b\", 299 - \"c\"", "a, b|c" },
    { "escapes are undone", "299 - \"say \\\"x\\\" \\\\\"", "say \"x\" \\" },
    { "an agent may be a host", "299 api.test:6443 \"a\"", "a" },
    { "a date behind the text is skipped",
      "299 - \"a\" \"Sat, 03 Feb 2024 04:05:06 GMT\", 299 - \"b\"", "a|b" },
    { "other codes are ignored", "199 - \"a\", 299 - \"b\"", "b" },
    { "an empty text is ignored", "299 - \"\"", "" },
    { "no value is nothing", "", "" },
    { "a code of two digits is malformed", "29 - \"a\"", "" },
    { "no agent is malformed", "299 \"a\"", "" },
    { "no quotes are malformed", "299 - a", "" },
    { "a text without an end is malformed", "299 - \"a", "" },
    { "an escape at the end is malformed", "299 - \"a\\", "" },
    { "a date without an end is malformed", "299 - \"a\" \"Sat", "" },
    { "what follows something malformed is not trusted", "299 - \"a\", x, 299 - \"b\"", "a" },
    { "junk behind a warning ends the reading", "299 - \"a\" b, 299 - \"c\"", "" },
};

static void check_warning(void **state)
{
    const struct warning_case *c = *state;
    cleanup_strv struct strv texts = STRV_INIT;
    warning_parse(c->value, &texts);
    cleanup_free char *joined = strv_give_joined(&texts, "|");
    assert_string_equal(joined, c->want);
}

static void test_deduplicates(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct log_capture capture;
    log_capture_init(&capture, &clock.base);
    struct log log = log_root(&capture.base);
    struct warnings w;
    warnings_init(&w);
    struct http_headers headers = { 0 };
    http_headers_add(&headers, "warning", "299 - \"a\", 299 - \"b\", 299 - \"a\"");
    http_headers_add(&headers, "Warning", "299 - \"c\"");

    warnings_log(&w, &headers, &log);
    warnings_log(&w, &headers, &log);

    assert_int_equal(log_capture_len(&capture), 3);
    http_headers_release(&headers);
    warnings_release(&w);
    log_capture_release(&capture);
    fake_clock_release(&clock);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct warnings w;
    warnings_init(&w);
    for (int i = 0; i < 3 * WARNINGS_SEEN_MAX; i++) {
        struct http_headers headers = { 0 };
        cleanup_free char *value = xasprintf("299 - \"%d\"", i);
        http_headers_add(&headers, "Warning", value);
        warnings_log(&w, &headers, NULL);
        http_headers_release(&headers);
    }
    assert_in_range(map_len(w.seen), 1, WARNINGS_SEEN_MAX);
    warnings_release(&w);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check_warning, &cases[i]);
    tests[n++] =
        (struct CMUnitTest)CASE("each text is logged once, over all headers", test_deduplicates);
    tests[n++] = (struct CMUnitTest)CASE("a server cannot fill our memory with texts",
                                         test_memory_is_bounded);
    return RUN_CASES("warning", tests);
}

#include <string.h>

#include "pkg/net/http.h"
#include "test/unit/support/test.h"

static void test_names_compare_without_case(void **state)
{
    (void)state;
    struct http_headers h = { 0 };

    http_headers_add(&h, "Content-Type", "text/plain");

    assert_string_equal(http_headers_get(&h, "content-type"), "text/plain");
    assert_null(http_headers_get(&h, "content-typ"));
    http_headers_release(&h);
}

static void test_repeated_names_stay_in_order(void **state)
{
    (void)state;
    struct http_headers h = { 0 };

    http_headers_add(&h, "Warning", "a");
    http_headers_add(&h, "X", "b");
    http_headers_add(&h, "warning", "c");

    assert_int_equal(h.len, 3);
    assert_string_equal(h.v[0].value, "a");
    assert_string_equal(h.v[2].value, "c");
    assert_string_equal(http_headers_get(&h, "WARNING"), "a");
    http_headers_release(&h);
}

static void test_set_replaces_all_of_the_name(void **state)
{
    (void)state;
    struct http_headers h = { 0 };
    http_headers_add(&h, "A", "1");
    http_headers_add(&h, "B", "2");
    http_headers_add(&h, "a", "3");

    http_headers_set(&h, "A", http_headers_get(&h, "B"));

    assert_int_equal(h.len, 2);
    assert_string_equal(h.v[0].name, "B");
    assert_string_equal(http_headers_get(&h, "a"), "2");
    http_headers_release(&h);
}

static void test_bearer_replaces_another(void **state)
{
    (void)state;
    struct http_headers h = { 0 };
    cleanup_secret struct secret *token = secret_new("t", 1);
    http_headers_add(&h, "authorization", "Basic x");

    http_headers_set_bearer(&h, token);

    assert_int_equal(h.len, 1);
    assert_string_equal(http_headers_get(&h, "Authorization"), "Bearer t");
    http_headers_release(&h);
}

static void test_del_removes_every_one(void **state)
{
    (void)state;
    struct http_headers h = { 0 };
    for (int i = 0; i < 20; i++)
        http_headers_add(&h, i % 2 ? "Odd" : "Even", "v");

    http_headers_del(&h, "odd");

    assert_int_equal(h.len, 10);
    assert_null(http_headers_get(&h, "Odd"));
    http_headers_release(&h);
    assert_int_equal(h.len, 0);
}

#define NOW_NS (INT64_C(1700000000) * NS_PER_S) /* Tue, 14 Nov 2023 22:13:20 GMT */

struct retry_case {
    const char *sentence, *name, *value;
    int64_t want_ms;
};
static struct retry_case retry_cases[] = {
    { "seconds", "Retry-After", "30", 30000 },
    { "zero seconds", "Retry-After", "0", 0 },
    { "a date ahead", "Retry-After", "Tue, 14 Nov 2023 22:13:25 GMT", 5000 },
    { "a date gone by is zero", "Retry-After", "Tue, 14 Nov 2023 22:13:00 GMT", 0 },
    { "milliseconds", "retry-after-ms", "250", 250 },
    { "milliseconds as storage says them", "x-ms-retry-after-ms", "750", 750 },
    { "text is refused", "Retry-After", "soon", -1 },
    { "a negative number is refused", "Retry-After", "-1", -1 },
    { "a fraction is refused", "Retry-After", "1.5", -1 },
    { "a number beyond 64 bits is refused", "Retry-After", "99999999999999999999", -1 },
    { "ten years are refused", "Retry-After", "315360000", -1 },
    { "a date ten years ahead is refused", "Retry-After", "Mon, 14 Nov 2033 22:13:20 GMT", -1 },
    { "absence", "X-Other", "30", -1 },
};

static void check_retry_after(void **state)
{
    const struct retry_case *c = *state;
    struct http_headers h = { 0 };
    http_headers_add(&h, c->name, c->value);

    int64_t ms = http_retry_after_ms(&h, NOW_NS);

    assert_int_equal(ms, c->want_ms);
    http_headers_release(&h);
}

static void test_milliseconds_beat_seconds(void **state)
{
    (void)state;
    struct http_headers h = { 0 };
    http_headers_add(&h, "Retry-After", "9");
    http_headers_add(&h, "x-ms-retry-after-ms", "8100");

    assert_int_equal(http_retry_after_ms(&h, NOW_NS), 8100);
    http_headers_set(&h, "x-ms-retry-after-ms", "junk");
    assert_int_equal(http_retry_after_ms(&h, NOW_NS), 9000);
    http_headers_release(&h);
}

static void test_statuses_have_words(void **state)
{
    (void)state;
    assert_string_equal(http_reason(200), "OK");
    assert_string_equal(http_reason(429), "Too Many Requests");
    assert_string_equal(http_reason(299), "Status");
}

#define PLAIN_CASES 7

int main(void)
{
    struct CMUnitTest tests[PLAIN_CASES + ARRAY_LEN(retry_cases)] = {
        CASE("header names compare without case", test_names_compare_without_case),
        CASE("repeated headers stay in order", test_repeated_names_stay_in_order),
        CASE("set replaces all headers of the name", test_set_replaces_all_of_the_name),
        CASE("a bearer token replaces what authorized before", test_bearer_replaces_another),
        CASE("del removes every header of the name", test_del_removes_every_one),
        CASE("retry-after in milliseconds beats seconds", test_milliseconds_beat_seconds),
        CASE("statuses have words", test_statuses_have_words),
    };
    for (size_t i = 0; i < ARRAY_LEN(retry_cases); i++)
        tests[PLAIN_CASES + i] =
            (struct CMUnitTest)CASE_OF(retry_cases[i].sentence, check_retry_after, &retry_cases[i]);
    return RUN_CASES("http", tests);
}

#include <stdio.h>
#include <time.h>

#include "pkg/base/clock.h"
#include "test/unit/support/test.h"

struct text_case {
    const char *name;
    int64_t wall_ns;
    const char *iso, *micro, *mail;
};
static struct text_case text_cases[] = {
    { "writes the epoch", 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z",
      "Thu, 01 Jan 1970 00:00:00" },
    { "writes the time of the examples", INT64_C(1136214245123456789), "2006-01-02T15:04:05Z",
      "2006-01-02T15:04:05.123456Z", "Mon, 02 Jan 2006 15:04:05" },
    { "writes a leap day", INT64_C(1709251199999999999), "2024-02-29T23:59:59Z",
      "2024-02-29T23:59:59.999999Z", "Thu, 29 Feb 2024 23:59:59" },
    { "rounds down before the epoch", -1, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999999Z",
      "Wed, 31 Dec 1969 23:59:59" },
    { "writes the last time", INT64_MAX, "2262-04-11T23:47:16Z", "2262-04-11T23:47:16.854775Z",
      "Fri, 11 Apr 2262 23:47:16" },
    { "writes the first time", INT64_MIN, "1677-09-21T00:12:43Z", "1677-09-21T00:12:43.145224Z",
      "Tue, 21 Sep 1677 00:12:43" },
};

static void check_text(void **state)
{
    const struct text_case *c = *state;
    char got[TIME_TEXT_MAX], want[TIME_TEXT_MAX];

    time_rfc3339(c->wall_ns, got);
    assert_string_equal(got, c->iso);
    time_rfc3339_micro(c->wall_ns, got);
    assert_string_equal(got, c->micro);
    time_rfc1123(c->wall_ns, got);
    (void)snprintf(want, sizeof(want), "%s UTC", c->mail);
    assert_string_equal(got, want);
    time_http(c->wall_ns, got);
    (void)snprintf(want, sizeof(want), "%s GMT", c->mail);
    assert_string_equal(got, want);
}

/* Every day that 64 bits of nanoseconds reach, each at another second of it. */
static void check_every_day(void **state)
{
    (void)state;
    for (int64_t day = -106751; day <= 106751; day++) {
        time_t t = (time_t)(day * 86400 + (day + 106751) % 86400);
        struct tm tm;
        char got[TIME_TEXT_MAX], want[TIME_TEXT_MAX];
        assert_non_null(gmtime_r(&t, &tm));

        time_rfc1123(t * NS_PER_S, got);

        (void)strftime(want, sizeof(want), "%a, %d %b %Y %H:%M:%S UTC", &tm);
        assert_string_equal(got, want);
    }
}

struct parse_case {
    const char *name, *text;
    bool ok;
    int64_t want;
};
static struct parse_case iso_cases[] = {
    { "reads whole seconds", "2006-01-02T15:04:05Z", true, INT64_C(1136214245000000000) },
    { "reads microseconds", "2006-01-02T15:04:05.000123Z", true, INT64_C(1136214245000123000) },
    { "reads nanoseconds and drops the rest", "2006-01-02T15:04:05.1234567899Z", true,
      INT64_C(1136214245123456789) },
    { "reads an offset to the east", "2006-01-02T17:34:05+02:30", true,
      INT64_C(1136214245000000000) },
    { "reads an offset to the west", "2006-01-01T23:04:05-16:00", true,
      INT64_C(1136214245000000000) },
    { "reads lower case letters", "2006-01-02t15:04:05z", true, INT64_C(1136214245000000000) },
    { "reads a time before the epoch", "1969-12-31T23:59:59.5Z", true, -NS_PER_S / 2 },
    { "reads a leap day", "2024-02-29T00:00:00Z", true, INT64_C(1709164800000000000) },
    { "saturates the zero time of Go", "0001-01-01T00:00:00Z", true, INT64_MIN },
    { "saturates a time without end", "9999-12-31T23:59:59Z", true, INT64_MAX },
    { "refuses a leap day of another year", "2023-02-29T00:00:00Z", false, 0 },
    { "refuses day zero", "2023-01-00T00:00:00Z", false, 0 },
    { "refuses month zero", "2023-00-01T00:00:00Z", false, 0 },
    { "refuses month 13", "2023-13-01T00:00:00Z", false, 0 },
    { "refuses hour 24", "2023-01-01T24:00:00Z", false, 0 },
    { "refuses minute 60", "2023-01-01T00:60:00Z", false, 0 },
    { "refuses a missing zone", "2023-01-01T00:00:00", false, 0 },
    { "refuses an offset without a colon", "2023-01-01T00:00:00+0100", false, 0 },
    { "refuses an empty fraction", "2023-01-01T00:00:00.Z", false, 0 },
    { "refuses trailing text", "2023-01-01T00:00:00Z ", false, 0 },
    { "refuses a date alone", "2023-01-01", false, 0 },
    { "refuses a signed year", "+023-01-01T00:00:00Z", false, 0 },
    { "refuses an empty text", "", false, 0 },
};
static struct parse_case http_cases[] = {
    { "reads an HTTP date", "Mon, 02 Jan 2006 15:04:05 GMT", true, INT64_C(1136214245000000000) },
    { "refuses another zone", "Mon, 02 Jan 2006 15:04:05 UTC", false, 0 },
    { "refuses an unknown weekday", "Xxx, 02 Jan 2006 15:04:05 GMT", false, 0 },
    { "refuses an unknown month", "Mon, 02 jan 2006 15:04:05 GMT", false, 0 },
    { "refuses a day that does not exist", "Mon, 31 Feb 2006 15:04:05 GMT", false, 0 },
    { "refuses trailing text after an HTTP date", "Mon, 02 Jan 2006 15:04:05 GMT.", false, 0 },
    { "refuses an empty HTTP date", "", false, 0 },
};

static void check_result(const struct parse_case *c, bool ok, int64_t got)
{
    assert_int_equal(ok, c->ok);
    assert_true(got == (c->ok ? c->want : 4711));
}

static void check_iso(void **state)
{
    const struct parse_case *c = *state;
    int64_t got = 4711;
    bool ok = time_parse_rfc3339(c->text, &got);
    check_result(c, ok, got);
}

static void check_http(void **state)
{
    const struct parse_case *c = *state;
    int64_t got = 4711;
    bool ok = time_parse_http(c->text, &got);
    check_result(c, ok, got);
}

int main(void)
{
    struct CMUnitTest
        tests[ARRAY_LEN(text_cases) + ARRAY_LEN(iso_cases) + ARRAY_LEN(http_cases) + 1];
    size_t n = 0;
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(check_every_day);
    for (size_t i = 0; i < ARRAY_LEN(text_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(text_cases[i].name, check_text, &text_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(iso_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(iso_cases[i].name, check_iso, &iso_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(http_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(http_cases[i].name, check_http, &http_cases[i]);
    return RUN_CASES("time_text", tests);
}

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static void check_vector(void **state)
{
    (void)state;
    cleanup_strv struct strv s = STRV_INIT;
    for (int i = 0; i < 100; i++)
        strv_addf(&s, "%d", i);
    strv_add(&s, "copied");
    strv_take(&s, xstrdup("taken"));
    strv_add_unique(&s, "copied");
    strv_add_unique(&s, "new");

    assert_int_equal(s.len, 103);
    assert_string_equal(s.v[42], "42");
    assert_string_equal(s.v[101], "taken");
    assert_string_equal(s.v[102], "new");
    assert_null(s.v[103]);
    assert_true(strv_has(&s, "copied"));
    assert_false(strv_has(&s, "Copied"));
    assert_true(strv_has_nocase(&s, "COPIED"));
    assert_false(strv_has_nocase(&s, "nothing"));
}

static void check_sort(void **state)
{
    (void)state;
    cleanup_strv struct strv s = STRV_INIT;
    strv_sort(&s);
    strv_split(&s, "b a \xc3\xa9 B", " ", false);

    strv_sort(&s);

    cleanup_free char *joined = strv_give_joined(&s, ",");
    assert_string_equal(joined, "B,a,b,\xc3\xa9");
}

struct split_case {
    const char *name, *text, *separators, *want;
    bool keep_empty;
};
static struct split_case split_cases[] = {
    { "splits at any separator", "a,b;c", ",;", "a|b|c", false },
    { "drops empty parts", ",a,,b,", ",", "a|b", false },
    { "keeps empty parts when asked", ",a,,b,", ",", "|a||b|", true },
    { "gives one part without a separator", "abc", ",", "abc", true },
    { "gives one empty part of an empty text when asked", "", ",", "", true },
};

static void check_split(void **state)
{
    const struct split_case *c = *state;
    cleanup_strv struct strv s = STRV_INIT;

    strv_split(&s, c->text, c->separators, c->keep_empty);

    cleanup_free char *joined = strv_give_joined(&s, "|");
    assert_string_equal(joined, c->want);
    assert_int_equal(s.len > 0, true);
}

static void check_split_nothing(void **state)
{
    (void)state;
    cleanup_strv struct strv s = STRV_INIT;

    strv_split(&s, "", ",", false);
    strv_split(&s, ",,", ",", false);

    assert_int_equal(s.len, 0);
    cleanup_free char *joined = strv_give_joined(&s, ",");
    assert_string_equal(joined, "");
}

static void check_predicates(void **state)
{
    (void)state;
    assert_true(str_eq("a", "a"));
    assert_false(str_eq("a", "A"));
    assert_true(str_eq(NULL, NULL));
    assert_false(str_eq(NULL, ""));
    assert_true(str_eq_nocase("aZ", "Az"));
    assert_false(str_eq_nocase("a", "ab"));
    assert_false(str_eq_nocase("", NULL));
    assert_false(str_eq_nocase("[", "{")); /* 32 apart, but no letters */
    assert_true(str_starts("abc", "ab"));
    assert_true(str_starts("abc", ""));
    assert_false(str_starts("a", "ab"));
    assert_false(str_starts(NULL, "a"));
    assert_true(str_ends("abc", "bc"));
    assert_false(str_ends("c", "bc"));
    assert_false(str_ends("abc", "BC"));
    assert_true(str_ends_nocase("abc", "BC"));
    assert_false(str_ends_nocase(NULL, "BC"));
}

static void check_texts(void **state)
{
    (void)state;
    cleanup_free char *lower = str_give_lower("AbC-\xc3\x89");
    cleanup_free char *trimmed = str_give_trimmed(" \t a b\r\n");
    cleanup_free char *nothing = str_give_trimmed(" \n");

    assert_string_equal(lower, "abc-\xc3\x89");
    assert_string_equal(trimmed, "a b");
    assert_string_equal(nothing, "");
    assert_null(str_give_lower(NULL));
    assert_null(str_give_trimmed(NULL));
}

static void check_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool want;
    } rows[] = {
        { "", "", true },
        { "*", "", true },
        { "", "a", false },
        { "a*c", "abbc", true },
        { "a*c", "abb", false },
        { "A*C", "abc", true },
        { "*b*", "abc", true },
        { "/x/*/y", "/x/1/2/y", true },
        { "a*b*c", "axbxbc", true },
        { "a", "ab", false },
        { "ab", "a", false },
        { "a**", "a", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(str_matches_nocase(rows[i].pattern, rows[i].text), rows[i].want);
}

struct int_case {
    const char *name, *text;
    long long min, max;
    bool ok;
    long long want;
};
static struct int_case int_cases[] = {
    { "reads zero", "0", 0, 9, true, 0 },
    { "reads a negative number", "-12", -12, 0, true, -12 },
    { "reads the largest number", "9223372036854775807", 0, LLONG_MAX, true, LLONG_MAX },
    { "refuses a larger one", "9223372036854775808", 0, LLONG_MAX, false, 0 },
    { "refuses a number over the maximum", "10", 0, 9, false, 0 },
    { "refuses a number under the minimum", "-1", 0, 9, false, 0 },
    { "refuses an empty text", "", 0, 9, false, 0 },
    { "refuses a lone minus", "-", -9, 9, false, 0 },
    { "refuses a plus", "+1", 0, 9, false, 0 },
    { "refuses leading white space", " 1", 0, 9, false, 0 },
    { "refuses trailing text", "1x", 0, 9, false, 0 },
    { "refuses hexadecimal", "0x1", 0, 9, false, 0 },
    { "refuses NULL", NULL, 0, 9, false, 0 },
};

static void check_int(void **state)
{
    const struct int_case *c = *state;
    long long value = 4711;

    bool ok = str_to_int(c->text, c->min, c->max, &value);

    assert_int_equal(ok, c->ok);
    assert_true(value == (c->ok ? c->want : 4711));
}

static void check_numbers(void **state)
{
    (void)state;
    static const int64_t numbers[] = { 0, 7, -1, 10, 1234567890, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        cleanup_free char *want = xasprintf("%" PRId64, numbers[i]);
        char got[INT_TEXT_MAX];
        assert_int_equal(int_to_str(numbers[i], got), strlen(want));
        assert_string_equal(got, want);
    }
}

int main(void)
{
    struct CMUnitTest tests[6 + ARRAY_LEN(split_cases) + ARRAY_LEN(int_cases)] = {
        CASE("a vector grows and ends in NULL", check_vector),
        CASE("sorting is by bytes", check_sort),
        CASE("splitting separators alone gives nothing", check_split_nothing),
        CASE("numbers are written as printf writes them", check_numbers),
        CASE("predicates treat NULL as no text", check_predicates),
        CASE("lower case and trimming touch ASCII only", check_texts),
        CASE("a star stands for anything, letter case for nothing", check_patterns),
    };
    size_t n = 6;
    for (size_t i = 0; i < ARRAY_LEN(split_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(split_cases[i].name, check_split, &split_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(int_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(int_cases[i].name, check_int, &int_cases[i]);
    return RUN_CASES("strv", tests);
}

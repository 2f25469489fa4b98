#include <string.h>

#include "pkg/base/json_impl.h"
#include "test/unit/support/test.h"

struct int_case {
    const char *name, *spelling;
    bool want;
    int64_t value;
};

static struct int_case int_cases[] = {
    { "an integer is one", "42", true, 42 },
    { "a decimal without a fraction is an integer", "8.0", true, 8 },
    { "an exponent may make an integer", "1.25e2", true, 125 },
    { "a negative exponent may leave an integer", "1200e-2", true, 12 },
    { "minus zero is zero", "-0.0e7", true, 0 },
    { "zero with a huge exponent is zero", "0e999999999999999999999", true, 0 },
    { "the largest integer is one", "9223372036854775807", true, INT64_MAX },
    { "the smallest integer is one", "-9223372036854775808", true, INT64_MIN },
    { "the largest integer may be a decimal", "9223372036854775807.000", true, INT64_MAX },
    { "a billion billions is an integer", "1e18", true, 1000000000000000000 },
    { "one more than the largest is none", "9223372036854775808", false, 0 },
    { "one less than the smallest is none", "-9223372036854775809", false, 0 },
    { "ten billion billions are none", "1e19", false, 0 },
    { "a fraction is none", "1.5", false, 0 },
    { "a negative exponent that leaves a fraction is none", "12e-1", false, 0 },
    { "a huge exponent is none", "1e999999999999999999999", false, 0 },
    { "a tiny number is none", "1e-999999999999999999999", false, 0 },
};

static void check_int(void **state)
{
    const struct int_case *c = *state;
    int64_t v = 0;

    assert_int_equal(json_number_to_int(c->spelling, &v), c->want);

    assert_int_equal(v, c->value);
}

struct plain_case {
    const char *name, *number;
    size_t want;
};

static struct plain_case plain_cases[] = {
    { "an integer takes its digits", "-42", 3 },
    { "the smallest integer takes its digits", "-9223372036854775808", 20 },
    { "an integer beyond 64 bits takes its digits", "18446744073709551616", 20 },
    { "a fraction takes a point", "1.50", 4 },
    { "an exponent appends zeros", "1e3", 4 },
    { "an exponent moves the point", "1.25e1", 4 },
    { "an exponent takes the point away", "-1.25E+2", 4 },
    { "a negative exponent puts zeros before", "1.50e-2", 6 },
    { "a negative exponent moves the point", "123e-1", 4 },
    { "a zero grows, too", "0e5", 6 },
    { "a huge exponent saturates", "1e999999999999999999999", ((size_t)1 << 58) + 1 },
    { "a tiny number is as long", "1e-999999999999999999999", ((size_t)1 << 58) + 2 },
    { "a text takes none", "\"1e3\"", 0 },
};

static void check_plain(void **state)
{
    const struct plain_case *c = *state;
    cleanup_json json *number = NULL;
    assert_int_equal(json_parse(c->number, strlen(c->number), &number, NULL), 0);

    assert_int_equal(json_plain_len(number), c->want);
}

struct equal_case {
    const char *name, *a, *b;
    bool want;
};

static struct equal_case equal_cases[] = {
    { "8 equals 8.0", "8", "8.0", true },
    { "8 equals 80e-1", "8", "80e-1", true },
    { "0.001 equals 1E-3", "0.001", "1E-3", true },
    { "1e400 equals 10e+399, beyond doubles", "1e400", "10e+399", true },
    { "0 equals -0.0", "0", "-0.0", true },
    { "1 differs from -1", "1", "-1", false },
    { "neighbours that one double stands for differ", "9007199254740993", "9007199254740992.0",
      false },
    { "large integers differ in the last digit", "18446744073709551616", "18446744073709551617",
      false },
    { "10 differs from 1", "10", "1", false },
    { "1.5 differs from 1.50001", "1.5", "1.50001", false },
};

static void check_equal(void **state)
{
    const struct equal_case *c = *state;

    assert_int_equal(json_number_equal(c->a, c->b), c->want);
    assert_int_equal(json_number_equal(c->b, c->a), c->want);
}

struct new_case {
    const char *name, *spelling;
    enum json_kind kind;
    double number;
};

static struct new_case new_cases[] = {
    { "an integer keeps its spelling", "-17", JSON_INT, -17 },
    { "minus zero keeps its spelling", "-0", JSON_INT, 0 },
    { "an integer beyond int64 keeps its spelling", "9223372036854775808", JSON_INT,
      9223372036854775808.0 },
    { "an integer beyond 64 bits keeps its spelling", "340282366920938463463374607431768211456",
      JSON_INT, 340282366920938463463374607431768211456.0 },
    { "a decimal keeps trailing zeros", "1.10", JSON_DECIMAL, 1.1 },
    { "an exponent keeps its letter and sign", "2E+2", JSON_DECIMAL, 200 },
    { "more digits than a double has stay", "3.141592653589793238462643383279", JSON_DECIMAL,
      3.141592653589793 },
};

static void check_new(void **state)
{
    const struct new_case *c = *state;

    cleanup_json json *j = json_number_new(c->spelling, strlen(c->spelling));

    assert_string_equal(json_spelling(j), c->spelling);
    assert_int_equal(json_kind(j), c->kind);
    assert_true(json_number(j, 99) == c->number);
    cleanup_free char *text = json_give_text(j);
    assert_string_equal(text, c->spelling);
    cleanup_json json *copy = json_give_copy(j);
    assert_string_equal(json_spelling(copy), c->spelling);
    assert_true(json_equal(j, copy));
}

static void check_valid(void **state)
{
    static const char *const bad[] = { "",   "-",  "1 ",  " 1",  "01",  "1.",
                                       "+1", "1e", "NaN", "0x1", "1,2", "\"1\"" };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(json_number_is_valid(bad[i], strlen(bad[i])));
    assert_true(json_number_is_valid("-1.5e+9", 7));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(int_cases) + ARRAY_LEN(plain_cases) + ARRAY_LEN(equal_cases) +
                            ARRAY_LEN(new_cases) + 1];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(int_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(int_cases[i].name, check_int, &int_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(plain_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(plain_cases[i].name, check_plain, &plain_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(equal_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(equal_cases[i].name, check_equal, &equal_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(new_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(new_cases[i].name, check_new, &new_cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("only JSON's numbers are valid", check_valid);
    return RUN_CASES("json_number", tests);
}

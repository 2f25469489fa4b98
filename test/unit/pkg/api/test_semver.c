#include "pkg/api/semver.h"
#include "test/unit/support/test.h"

struct parse_case {
    const char *name, *text, *minor; /* minor NULL: no version */
};
static struct parse_case parse_cases[] = {
    { "a release", "4.14.16", "4.14" },
    { "a candidate", "4.15.0-rc.1", "4.15" },
    { "a build", "4.15.0+abc-1.2", "4.15" },
    { "zeros", "0.0.0", "0.0" },
    { "two numbers", "4.14", NULL },
    { "four numbers", "4.14.1.2", NULL },
    { "empty text", "", NULL },
    { "no text", NULL, NULL },
    { "a letter in front", "v4.14.1", NULL },
    { "a sign", "4.-14.1", NULL },
    { "a leading zero", "4.014.1", NULL },
    { "a space behind", "4.14.1 ", NULL },
    { "an empty suffix", "4.14.1-", NULL },
    { "a slash in the suffix", "4.14.1-a/b", NULL },
    { "a number beyond all reason", "4.14.12345678901", NULL },
};

static void check_parse(void **state)
{
    const struct parse_case *c = *state;
    char minor[SEMVER_MINOR_MAX] = "untouched";

    bool ok = semver_minor(c->text, minor);

    assert_int_equal(ok, c->minor != NULL);
    assert_string_equal(minor, c->minor ? c->minor : "untouched");
}

static void versions_are_ordered(void **state)
{
    (void)state;
    static const char *const order[] = { NULL,     "junk",   "4.2.9",  "4.10.0-ec.1", "4.10.0-rc.1",
                                         "4.10.0", "4.10.1", "4.11.0", "5.0.0" };

    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        for (size_t j = 0; j < ARRAY_LEN(order); j++) {
            int sign = semver_compare(order[i], order[j]);
            assert_int_equal((sign > 0) - (sign < 0), (i > j) - (i < j));
        }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(parse_cases) + 1] = {
        CASE("versions are ordered by number, candidates first", versions_are_ordered),
    };
    for (size_t i = 0; i < ARRAY_LEN(parse_cases); i++)
        tests[1 + i] =
            (struct CMUnitTest)CASE_OF(parse_cases[i].name, check_parse, &parse_cases[i]);
    return RUN_CASES("semver", tests);
}

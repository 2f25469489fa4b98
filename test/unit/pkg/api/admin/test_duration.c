#include "pkg/api/admin/duration.h"
#include "pkg/base/clock.h"
#include "test/unit/support/test.h"

struct duration_case {
    const char *text;
    int64_t want; /* -1: refused */
};
static struct duration_case cases[] = {
    { "0", 0 },
    { "0s", 0 },
    { "1h30m", 5400 * NS_PER_S },
    { "90s", 90 * NS_PER_S },
    { "1.5h", 5400 * NS_PER_S },
    { ".5s", NS_PER_S / 2 },
    { "1.s", NS_PER_S },
    { "300ms", 300 * NS_PER_MS },
    { "2us3ns", 2003 },
    { "1\xc2\xb5s", 1000 },
    { "0.0000000001s", 0 },
    { "2540400h", 2540400 * INT64_C(3600) * NS_PER_S },
    { "", -1 },
    { "1", -1 },
    { "h", -1 },
    { ".s", -1 },
    { "-1h", -1 },
    { "1h ", -1 },
    { "1d", -1 },
    { "3000000h", -1 },
    { "99999999999999999999s", -1 },
    { "2562047h2000000s", -1 },
};

static void check(void **state)
{
    const struct duration_case *c = *state;
    int64_t got = -1;

    bool right = duration_parse(c->text, &got);

    assert_int_equal(right, c->want >= 0);
    assert_int_equal(got, c->want);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].text, check, &cases[i]);
    return RUN_CASES("duration", tests);
}

#include "pkg/api/admin/calendar.h"
#include "pkg/base/error.h"
#include "test/unit/support/test.h"

struct calendar_case {
    const char *name, *text, *want; /* want NULL: right */
};
static struct calendar_case cases[] = {
    { "takes every quarter of an hour", "*-*-* *:*", NULL },
    { "takes one time", "2026-12-24 18:30", NULL },
    { "takes the second that it begins with", "2026-12-24 18:30:0", NULL },
    { "takes that second with two digits", "2026-12-24 18:00:00", NULL },
    { "takes days of the week", "Mon,Thu 2026,2027-01,2-* 0,12:0,15,30,45", NULL },
    { "refuses another second", "*-*-* 0:0:30", "the second '30' is not possible" },
    { "refuses every second", "*-*-* 0:0:*", "the second '*' is not possible" },
    { "refuses a year that has been", "2025-*-* 0:0", "the year '2025' is not possible" },
    { "refuses a month", "*-13-* 0:0", "the month '13' is not possible" },
    { "refuses a day", "*-*-0 0:0", "the day '0' is not possible" },
    { "refuses an hour", "*-*-* 24:0", "the hour '24' is not possible" },
    { "refuses a minute between quarters", "*-*-* 0:20", "the minute '20' is not possible" },
    { "refuses an empty entry", "*-*-* 0:0,", "the minute '' is not possible" },
    { "refuses a name that is no day", "Mon,Foo *-*-* 0:0", "'Foo' is no day of the week" },
    { "refuses days alone", "Mon", "the year '' is not possible" },
    { "refuses a date alone", "*-*-*", "nothing stands behind the day of '*-*-*'" },
    { "refuses what follows", "*-*-* 0:0:0 x", "the second '0 x' is not possible" },
    { "refuses nothing", "", "the year '' is not possible" },
};

static void check(void **state)
{
    const struct calendar_case *c = *state;
    cleanup_error struct error *err = NULL;

    int result = calendar_check(c->text, &err);

    assert_string_equal(error_text(err), c->want ? c->want : "");
    assert_int_equal(result, c->want ? -1 : 0);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("calendar", tests);
}

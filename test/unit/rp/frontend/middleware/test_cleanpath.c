#include "test/unit/support/rp/frontend/path_rig.h"
#include "test/unit/support/test.h"

static struct path_case cases[] = {
    { "drops doubled slashes", "//a///b", "200 /a/b|/a/b|b" },
    { "drops single dots", "/a/./b", "200 /a/b|/a/b|b" },
    { "goes up at double dots", "/x/../a/y/../b", "200 /a/b|/a/b|b" },
    { "does not go above the root", "/../../a/b", "200 /a/b|/a/b|b" },
    { "does not take an encoded dot segment for less", "/x/%2e%2e/a/b", "200 /a/b|/a/b|b" },
    { "leaves dots in names alone", "/a/..b.", "200 /a/..b.|/a/..b.|..b." },
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, path_check, &cases[i]);
    return RUN_CASES("clean paths", tests);
}

#include "test/unit/support/rp/frontend/path_rig.h"
#include "test/unit/support/test.h"

static struct path_case cases[] = {
    { "lowers the path and keeps the client's letters", "/A/BcD", "200 /a/bcd|/A/BcD|bcd" },
    { "leaves the query alone", "/A/x?Q=Y", "200 /a/x|/A/x|x" },
    { "decodes what names are made of", "/a/G%28x%29", "200 /a/g(x)|/a/G(x)|g(x)" },
    { "decodes no slash", "/a/b%2Fc", "200 /a/b%2fc|/a/b%2Fc|b%2fc" },
    { "decodes no control byte", "/a/b%0ac", "200 /a/b%0ac|/a/b%0ac|b%0ac" },
    { "decodes nothing that is not UTF-8", "/a/b%ff", "200 /a/b%ff|/a/b%ff|b%ff" },
    { "keeps a broken escape", "/a/b%zz", "200 /a/b%zz|/a/b%zz|b%zz" },
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, path_check, &cases[i]);
    return RUN_CASES("lower case", tests);
}

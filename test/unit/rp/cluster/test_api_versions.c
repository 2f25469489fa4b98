#include "rp/cluster/api_versions.h"
#include "test/unit/support/test.h"

struct version_case {
    const char *name, *type, *want;
};
static struct version_case cases[] = {
    { "a type with a version of its own", "Microsoft.Compute/disks", "2019-03-01" },
    { "a type with that of its provider", "Microsoft.Compute/virtualMachines", "2024-03-01" },
    { "a nested type with that of its parent", "MICROSOFT.Network/privateDnsZones/A",
      "2018-09-01" },
    { "a type that only begins alike", "Microsoft.Compute/diskss", "2024-03-01" },
    { "a provider that only begins alike", "Microsoft.ComputeX/disks", NULL },
    { "an unknown provider", "Microsoft.Sql/servers", NULL },
    { "no type", "", NULL },
};

static void check_version(void **state)
{
    const struct version_case *c = *state;

    const char *got = api_version_of(c->type);

    if (c->want)
        assert_string_equal(got, c->want);
    else
        assert_null(got);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_version, &cases[i]);
    return RUN_CASES("api_versions", tests);
}

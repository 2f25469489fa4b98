#include <string.h>

#include "pkg/api/resource_id.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

#define S "/subscriptions/0000"

struct id_case {
    const char *name, *text, *want; /* want: parts joined with '|', NULL for an error */
};

static struct id_case id_cases[] = {
    { "a resource group", S "/resourceGroups/rg", "0000|rg|-|-|-|-" },
    { "a cluster", S "/resourceGroups/Rg/providers/Microsoft.RedHatOpenShift/openShiftClusters/C",
      "0000|Rg|Microsoft.RedHatOpenShift|openShiftClusters|C|-" },
    { "keywords in any letter case", "/SUBSCRIPTIONS/a/resourcegroups/b/Providers/n/t/x",
      "a|b|n|t|x|-" },
    { "a subnet",
      S "/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/master",
      "0000|rg|Microsoft.Network|virtualNetworks/subnets|master|vnet" },
    { "no text", "", NULL },
    { "no slash in front", "subscriptions/0000/resourceGroups/rg", NULL },
    { "a subscription alone", S, NULL },
    { "a slash at the end", S "/resourceGroups/rg/", NULL },
    { "an empty part", S "/resourceGroups//providers/n/t/x", NULL },
    { "a type without name", S "/resourceGroups/rg/providers/n/t", NULL },
    { "a namespace alone", S "/resourceGroups/rg/providers/n", NULL },
    { "a nested type without name", S "/resourceGroups/rg/providers/n/t/x/y", NULL },
    { "another keyword for the group", S "/groups/rg/providers/n/t/x", NULL },
    { "another keyword for the provider", S "/resourceGroups/rg/provider/n/t/x", NULL },
};

static const char *part(const char *text)
{
    return text ? text : "-";
}

static void check_id(void **state)
{
    const struct id_case *c = *state;
    cleanup_resource_id struct resource_id id = { 0 };
    cleanup_error struct error *err = NULL;

    int rc = resource_id_parse(c->text, &id, &err);

    if (!c->want) {
        assert_int_equal(rc, -1);
        assert_true(error_is(err, ERR_INVALID));
        return;
    }
    assert_int_equal(rc, 0);
    cleanup_free char *got =
        xasprintf("%s|%s|%s|%s|%s|%s", id.subscription_id, id.resource_group, part(id.provider),
                  part(id.type), part(id.name), part(id.parent_name));
    assert_string_equal(got, c->want);
}

static void check_too_long(void **state)
{
    (void)state;
    cleanup_free char *name = xcalloc(1, RESOURCE_ID_MAX + 1);
    memset(name, 'a', RESOURCE_ID_MAX);
    cleanup_free char *text = xasprintf(S "/resourceGroups/%s", name);
    cleanup_resource_id struct resource_id id = { 0 };

    assert_int_equal(resource_id_parse(text, &id, NULL), -1);
    assert_int_equal(resource_id_parse(NULL, &id, NULL), -1);
}

static void check_type(void **state)
{
    (void)state;
    cleanup_resource_id struct resource_id id = { 0 };
    assert_int_equal(
        resource_id_parse(S "/resourceGroups/rg/providers/microsoft.network/VirtualNetworks/v", &id,
                          NULL),
        0);

    assert_true(resource_id_is_type(&id, "Microsoft.Network", "virtualNetworks"));
    assert_false(resource_id_is_type(&id, "Microsoft.Network", "virtualNetworks/subnets"));
    assert_false(resource_id_is_type(&id, "Microsoft.Compute", "virtualNetworks"));
}

static void check_parent(void **state)
{
    (void)state;
    cleanup_free char *vnet =
        resource_id_give_parent(S "/resourceGroups/rg/providers/n/virtualNetworks/v/subnets/s");
    cleanup_free char *group = resource_id_give_parent(S "/resourceGroups/rg/providers/n/t/x");
    cleanup_free char *none = resource_id_give_parent(S "/resourceGroups/rg");

    assert_string_equal(vnet, S "/resourceGroups/rg/providers/n/virtualNetworks/v");
    assert_string_equal(group, S "/resourceGroups/rg");
    assert_string_equal(none, "");
}

static void check_uuid(void **state)
{
    (void)state;
    assert_true(uuid_is_valid("00000000-0000-0000-0000-000000000000"));
    assert_true(uuid_is_valid("AbCdEf01-2345-6789-abcd-ef0123456789"));
    assert_false(uuid_is_valid("00000000-0000-0000-0000-00000000000"));
    assert_false(uuid_is_valid("00000000-0000-0000-0000-0000000000000"));
    assert_false(uuid_is_valid("0000000000000-0000-0000-000000000000"));
    assert_false(uuid_is_valid("g0000000-0000-0000-0000-000000000000"));
    assert_false(uuid_is_valid(NULL));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(id_cases) + 4];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(id_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(id_cases[i].name, check_id, &id_cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("text beyond the limit is no ID", check_too_long);
    tests[n++] =
        (struct CMUnitTest){ .name = "types match in any letter case", .test_func = check_type };
    tests[n++] = (struct CMUnitTest){ .name = "the parent is the outer resource or group",
                                      .test_func = check_parent };
    tests[n++] =
        (struct CMUnitTest){ .name = "UUIDs have five groups of digits", .test_func = check_uuid };
    return _cmocka_run_group_tests("resource_id", tests, n, NULL, NULL);
}

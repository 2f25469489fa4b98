#include <string.h>

#include "pkg/azure/azure.h"
#include "test/unit/support/test.h"

#define CLUSTER \
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.RedHatOpenShift/openShiftClusters/c"

static void check_parts(void **state)
{
    (void)state;
    struct arm_id id;

    assert_int_equal(arm_id_parse("/SUBSCRIPTIONS/s/resourcegroups/g/providers/Microsoft.Network/"
                                  "virtualNetworks/v/subnets/n",
                                  &id, NULL),
                     0);

    assert_string_equal(id.subscription_id, "s");
    assert_string_equal(id.resource_group, "g");
    assert_string_equal(id.provider, "Microsoft.Network");
    assert_string_equal(id.type, "subnets");
    assert_string_equal(id.name, "n");
    arm_id_release(&id);
}

static void check_group(void **state)
{
    (void)state;
    struct arm_id id;

    assert_int_equal(arm_id_parse("/subscriptions/s/resourceGroups/g", &id, NULL), 0);

    assert_string_equal(id.resource_group, "g");
    assert_null(id.name);
    arm_id_release(&id);
}

static void check_bad(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "subscriptions/s",
                                       "/subscriptions",
                                       "/subscriptions/",
                                       "/subscriptions/s/g/h",
                                       "/subscriptions/s/resourceGroups/g/providers/P",
                                       "/subscriptions//resourceGroups/g",
                                       CLUSTER "/" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct arm_id id;
        cleanup_error struct error *err = NULL;
        assert_int_equal(arm_id_parse(bad[i], &id, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

static void check_parent(void **state)
{
    (void)state;
    cleanup_free char *parent = arm_id_give_parent("/a/b/virtualNetworks/v/subnets/n");
    cleanup_free char *none = arm_id_give_parent("/a");

    assert_string_equal(parent, "/a/b/virtualNetworks/v");
    assert_string_equal(none, "");
}

static void check_last(void **state)
{
    (void)state;
    assert_string_equal(arm_id_last(CLUSTER), strrchr(CLUSTER, '/') + 1);
    assert_string_equal(arm_id_last("x"), "x");
    assert_string_equal(arm_id_last("/x/"), "");
    assert_null(arm_id_last(NULL));
}

static void check_named(void **state)
{
    (void)state;
    cleanup_json json *list = json_make("[{'n':1},{'name':'a'},{'name':'b','n':2}]");
    assert_int_equal(json_path_int(arm_find_named(list, "B"), "n", 0), 2);
    assert_null(arm_find_named(list, "c"));
    assert_null(arm_find_named(NULL, "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an ID gives its parts, letter case of keywords ignored", check_parts),
        CASE("a resource group's ID has no provider", check_group),
        CASE("what is no ID is refused", check_bad),
        CASE("the parent is the ID without the last two segments", check_parent),
        CASE("the last segment is what a resource is called", check_last),
        CASE("members of a resource are found by name, in any letter case", check_named),
    };
    return RUN_CASES("id", tests);
}

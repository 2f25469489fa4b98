#include "hack/devcloud/azure/role_definitions.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_same(void **state)
{
    (void)state;

    assert_true(role_is_same("/a/roleDefinitions/X", "/b/c/roleDefinitions/x"));
    assert_true(role_is_same("x", "/a/x"));
    assert_false(role_is_same("/a/x", "/a/y"));
    assert_false(role_is_same(NULL, NULL));
}

static void check_table(void **state)
{
    (void)state;
    cleanup_json json *empty = json_make("{'subscription':'S','resources':{}}");
    struct azure_sim sim = { .state = empty };

    cleanup_json json *all = role_give_all(&sim);

    assert_true(json_len(all) >= 6);
    for (size_t i = 0; i < json_len(all); i++) {
        const json *role = json_at(all, i);
        assert_true(role_exists(&sim, json_path_str(role, "id")));
        assert_true(json_len(json_path(role, "properties.permissions[0].actions")) > 0);
        assert_string_equal(json_path_str(role, "properties.type"), "BuiltInRole");
    }
    assert_false(role_exists(&sim, "/x/none"));
    assert_null(role_give_one(&sim, "none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("IDs of any scope name one role", check_same),
        CASE("every role of the table can be found", check_table),
    };
    return RUN_CASES("role_definitions", tests);
}

#include "hack/generate/swagger.h"
#include "test/unit/support/test.h"

static void parameters_are_required_text(void **state)
{
    (void)state;
    cleanup_json json *types = swagger_give_common("v3");
    static const char *const names[][3] = {
        { "ApiVersionParameter", "api-version", "query" },
        { "SubscriptionIdParameter", "subscriptionId", "path" },
        { "ResourceGroupNameParameter", "resourceGroupName", "path" },
        { "LocationParameter", "location", "path" },
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const json *p = json_get(json_get(types, "parameters"), names[i][0]);
        assert_string_equal(json_path_str(p, "name"), names[i][1]);
        assert_string_equal(json_path_str(p, "in"), names[i][2]);
        assert_string_equal(json_path_str(p, "type"), "string");
        assert_true(json_path_bool(p, "required", false));
    }
}

static void the_first_set_knows_no_system_data(void **state)
{
    (void)state;
    cleanup_json json *first = swagger_give_common("v1"), *second = swagger_give_common("v2");

    assert_false(json_path_has(first, "definitions.systemData"));
    assert_false(json_path_has(first, "definitions.Resource.properties.systemData"));
    assert_true(json_path_has(second, "definitions.systemData.properties.lastModifiedByType"));
    assert_true(json_path_has(second, "definitions.Resource.properties.systemData"));
}

static void tracked_resources_need_a_location(void **state)
{
    (void)state;
    cleanup_json json *types = swagger_give_common("v6");

    assert_string_equal(json_path_str(types, "definitions.TrackedResource.required[0]"),
                        "location");
    assert_string_equal(json_path_str(types, "definitions.ProxyResource.allOf[0].$ref"),
                        "#/definitions/Resource");
}

static void identities_are_a_map(void **state)
{
    (void)state;
    cleanup_json json *types = swagger_give_managed_identity();

    assert_string_equal(
        json_path_str(types, "definitions.UserAssignedIdentities.additionalProperties.$ref"),
        "#/definitions/UserAssignedIdentity");
    assert_int_equal(json_len(json_path(types, "definitions.ManagedServiceIdentityType.enum")), 4);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("parameters are required text", parameters_are_required_text),
        CASE("the first set knows no system data", the_first_set_knows_no_system_data),
        CASE("tracked resources need a location", tracked_resources_need_a_location),
        CASE("identities are a map", identities_are_a_map),
    };
    return RUN_CASES("swagger_common", tests);
}

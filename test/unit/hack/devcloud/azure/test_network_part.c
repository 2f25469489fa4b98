#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

#define LB "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/loadBalancers/lb"

static void check_find(void **state)
{
    (void)state;
    cleanup_json json *tree =
        json_make("{'resources':{'/subscriptions/s/resourcegroups/g/providers/microsoft.network/"
                  "loadbalancers/lb':{'id':'" LB "','properties':{'backendAddressPools':[{'id':'" LB
                  "/backendAddressPools/P','name':'P'}]}}}}");
    struct azure_sim sim = { .state = tree };

    const json *pool = network_find_part(&sim, LB "/BackendAddressPools/p");

    assert_string_equal(json_path_str(pool, "name"), "P");
    assert_null(network_find_part(&sim, LB "/backendAddressPools/q"));
    assert_null(network_find_part(&sim, LB));
    assert_null(network_find_part(&sim, LB "x/backendAddressPools/p"));
    assert_null(network_find_part(&sim, "garbage"));
}

static void check_guid(void **state)
{
    (void)state;
    struct azure_sim sim = { .cfg.rng = rng_system() };
    cleanup_json json *fresh = json_make("{'properties':{}}");
    cleanup_json json *old = json_make("{'properties':{'resourceGuid':'mine'}}");

    network_add_guid(&sim, fresh);
    network_add_guid(&sim, old);

    assert_int_equal(json_str_len(json_path(fresh, "properties.resourceGuid")), UUID_LEN);
    assert_string_equal(json_path_str(old, "properties.resourceGuid"), "mine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("parts are found by their IDs in any letter case", check_find),
        CASE("a resource has one GUID", check_guid),
    };
    return RUN_CASES("network_part", tests);
}

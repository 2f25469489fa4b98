/* Whole ways are in test_balancer_ssh.c. */
#include <string.h>

#include "rp/cluster/ssh_way.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/fake_arm.h"

#define NETWORK RIG_GROUP "/providers/Microsoft.Network"
#define INTERFACE NETWORK "/networkInterfaces/i"
#define POOLS "properties.ipConfigurations[0].properties.loadBalancerBackendAddressPools"
static const struct ssh_way way = { "/b", "x", 2199 };

static void what_is_missing_is_added_once(void **state)
{
    (void)state;
    cleanup_json json *balancer = json_make("{'properties':{}}");

    assert_int_equal(ssh_way_add(balancer, &way, NULL), 0);
    assert_int_equal(ssh_way_add(balancer, &way, NULL), 0);

    const json *rules = json_path(balancer, "properties.loadBalancingRules");
    assert_int_equal(json_len(rules), 1);
    assert_int_equal(json_path_int(rules, "[0].properties.frontendPort", 0), 2199);
    assert_int_equal(json_path_int(rules, "[0].properties.backendPort", 0), 22);
    assert_string_equal(json_path_str(rules, "[0].properties.backendAddressPool.id"),
                        "/b/backendAddressPools/x");
    assert_int_equal(json_len(json_path(balancer, "properties.probes")), 1);
    assert_int_equal(json_len(json_path(balancer, "properties.backendAddressPools")), 1);
}

static void what_is_no_balancer_is_refused(void **state)
{
    (void)state;
    cleanup_json json *moon = json_make("{'name':'moon'}");
    cleanup_error struct error *err = NULL;

    assert_int_equal(ssh_way_add(moon, &way, &err), -1);

    assert_non_null(strstr(error_text(err), "no properties"));
}

static void a_machine_joins_beside_its_other_pools(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    struct arm *arm;
    cluster_rig_open(&r, "{'infraId':'a-12345'}", NULL, 0);
    fake_arm_use(&a, &r);
    fake_arm_add(&a, INTERFACE,
                 "{'properties':{'ipConfigurations':[{'properties':{"
                 "'loadBalancerBackendAddressPools':[{'id':'/b/backendAddressPools/y'}]}}]}}");
    assert_int_equal(cluster_arm(r.c, &r.ctx, AS_FIRST_PARTY, &arm, NULL), 0);

    assert_int_equal(ssh_way_join(arm, &r.ctx, &way, INTERFACE, NULL), 0);
    assert_int_equal(ssh_way_join(arm, &r.ctx, &way, INTERFACE, NULL), 0);

    const json *pools = json_path(fake_arm_get(&a, INTERFACE), POOLS);
    assert_int_equal(json_len(pools), 2);
    assert_string_equal(json_path_str(pools, "[0].id"), "/b/backendAddressPools/y");
    assert_string_equal(json_path_str(pools, "[1].id"), "/b/backendAddressPools/x");
    assert_int_equal(a.writes.len, 1);
    cluster_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is missing is added once", what_is_missing_is_added_once),
        CASE("what is no balancer is refused", what_is_no_balancer_is_refused),
        CASE("a machine joins beside its other pools", a_machine_joins_beside_its_other_pools),
    };
    return RUN_CASES("ssh_way", tests);
}

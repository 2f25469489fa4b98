#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/balancer_zones.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/fake_arm.h"

#define NETWORK RIG_GROUP "/providers/Microsoft.Network"
#define BALANCER NETWORK "/loadBalancers/a-12345-internal"
#define BALANCER_V1 BALANCER "-lb"
#define SERVICE NETWORK "/privateLinkServices/a-12345-pls"
#define BASIC "'infraId':'a-12345','masterProfile':{'vmSize':'M','subnetId':'/subnet'}"
#define ZONES ",'zones':['1','2','3']"
#define FRONTEND_ID(balancer) balancer "/frontendIPConfigurations/internal-lb-ip-v4"
#define RULE(balancer, name) \
    "{'name':'" name \
    "','properties':{'frontendIPConfiguration':{'id':'" FRONTEND_ID(balancer) "'}}}"
#define OLDER(balancer) \
    "{'properties':{'frontendIPConfigurations':[{'name':'internal-lb-ip-v4','properties':{" \
    "'privateIPAddress':'10.0.0.4','privateIPAllocationMethod':'Dynamic'}}]," \
    "'loadBalancingRules':[" RULE(balancer, "api-internal-v4") "," RULE(balancer, "sint-v4") "]}}"
#define SERVING(balancer) \
    "{'properties':{'loadBalancerFrontendIpConfigurations':[{'id':'" FRONTEND_ID(balancer) "'}]}}"
#define WRITES_LEN 6

static void open_older(struct cluster_rig *r, struct fake_arm *a)
{
    cluster_rig_open(r, "{" BASIC ZONES "}", NULL, 0);
    fake_arm_use(a, r);
    fake_arm_add(a, BALANCER, OLDER(BALANCER));
    fake_arm_add(a, SERVICE, SERVING(BALANCER));
}

static void assert_migrated(const struct fake_arm *a, const char *balancer_id)
{
    const json *balancer = fake_arm_get(a, balancer_id);
    const json *frontends = json_path(balancer, "properties.frontendIPConfigurations");
    const json *rules = json_path(balancer, "properties.loadBalancingRules");
    cleanup_free char *id = xasprintf("%s/frontendIPConfigurations/internal-lb-ip-v4", balancer_id);
    assert_int_equal(json_len(frontends), 1);
    assert_string_equal(json_path_str(frontends, "[0].name"), "internal-lb-ip-v4");
    assert_string_equal(json_path_str(frontends, "[0].properties.privateIPAddress"), "10.0.0.4");
    assert_string_equal(json_path_str(frontends, "[0].properties.privateIPAllocationMethod"),
                        "Static");
    assert_string_equal(json_path_str(frontends, "[0].properties.subnet.id"), "/subnet");
    assert_int_equal(json_len(json_path(frontends, "[0].zones")), 3);
    assert_int_equal(json_len(rules), 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(
            json_path_str(json_at(rules, i), "properties.frontendIPConfiguration.id"), id);
    assert_string_equal(json_path_str(fake_arm_get(a, SERVICE),
                                      "properties.loadBalancerFrontendIpConfigurations[0].id"),
                        id);
}

static void the_frontend_gets_zones_and_keeps_its_address(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_older(&r, &a);

    run_step(&r, cluster_migrate_balancer_zones);

    cleanup_free char *writes = fake_arm_give_writes(&a);
    assert_string_equal(writes, "PUT a-12345-internal\nPUT a-12345-pls\nPUT a-12345-internal\n"
                                "PUT a-12345-internal\nPUT a-12345-pls\nPUT a-12345-internal");
    assert_migrated(&a, BALANCER);
    cluster_rig_assert(&r, "apiserverProfile.intIp", "10.0.0.4");
    run_step(&r, cluster_migrate_balancer_zones);
    assert_int_equal(a.writes.len, WRITES_LEN);
    cluster_rig_close(&r);
}

static void it_can_be_cut_off_anywhere(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < WRITES_LEN; cut++) {
        struct cluster_rig r;
        cleanup_fake_arm struct fake_arm a;
        open_older(&r, &a);
        a.refuse = cut;
        error_free(fail_step(&r, cluster_migrate_balancer_zones));
        a.refuse = 0;
        assert_int_equal(
            json_len(json_path(fake_arm_get(&a, BALANCER), "properties.loadBalancingRules")), 2);
        cluster_rig_reopen(&r);

        run_step(&r, cluster_migrate_balancer_zones);

        assert_migrated(&a, BALANCER);
        assert_int_equal(a.writes.len, WRITES_LEN);
        cluster_rig_close(&r);
    }
}

static void the_first_layout_has_its_own_name_for_it(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    cluster_rig_open(&r, "{'architectureVersion':0," BASIC ZONES "}", NULL, 0);
    fake_arm_use(&a, &r);
    fake_arm_add(&a, BALANCER_V1, OLDER(BALANCER_V1));
    fake_arm_add(&a, SERVICE, SERVING(BALANCER_V1));

    run_step(&r, cluster_migrate_balancer_zones);

    assert_migrated(&a, BALANCER_V1);
    cluster_rig_close(&r);
}

static void a_region_without_zones_changes_nothing(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    cluster_rig_open(&r, "{'machineZones':{'masters':[],'workers':[]},'zones':[]," BASIC "}", NULL,
                     0);
    fake_arm_use(&a, &r);

    run_step(&r, cluster_migrate_balancer_zones);

    assert_int_equal(a.writes.len, 0);
    cluster_rig_close(&r);
}

static void a_frontend_of_others_is_an_error(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    cluster_rig_open(&r, "{" BASIC ZONES "}", NULL, 0);
    fake_arm_use(&a, &r);
    fake_arm_add(&a, BALANCER, "{'properties':{'frontendIPConfigurations':[{'name':'x'}]}}");
    fake_arm_add(&a, SERVICE, SERVING(BALANCER));

    cleanup_error struct error *err = fail_step(&r, cluster_migrate_balancer_zones);

    assert_non_null(strstr(error_text(err), "it has no frontend internal-lb-ip-v4"));
    cluster_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the frontend gets zones and keeps its address",
             the_frontend_gets_zones_and_keeps_its_address),
        CASE("it can be cut off anywhere", it_can_be_cut_off_anywhere),
        CASE("the first layout has a name of its own for it",
             the_first_layout_has_its_own_name_for_it),
        CASE("a region without zones changes nothing", a_region_without_zones_changes_nothing),
        CASE("a frontend of others is an error", a_frontend_of_others_is_an_error),
    };
    return RUN_CASES("balancer_zones", tests);
}

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
#define IN(balancer, name) balancer "/frontendIPConfigurations/" name
#define FRONTEND_ID(balancer) IN(balancer, "internal-lb-ip-v4")
#define RULE(balancer, name, frontend) \
    "{'name':'" name \
    "','properties':{'frontendIPConfiguration':{'id':'" IN(balancer, frontend) "'}}}"
/* Azure gives names in another letter case at times. An internal Service of the cluster has the first frontend and rule. */
#define SERVICE_FRONTEND "{'name':'a-service','properties':{'privateIPAddress':'10.0.0.9'}}"
#define OLDER(balancer) \
    "{'properties':{'frontendIPConfigurations':[" SERVICE_FRONTEND \
    ",{'name':'internal-lb-ip-v4','properties':{" \
    "'privateIPAddress':'10.0.0.4','privateIPAllocationMethod':'Dynamic'}}]," \
    "'loadBalancingRules':[" RULE(balancer, "a-service-443", "a-service") "," RULE( \
        balancer, "api-internal-v4", "internal-lb-ip-v4") "," RULE(balancer, "sint-v4", \
                                                                   "INTERNAL-lb-ip-v4") "]}}"
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

static void assert_leads(const json *rule, const char *balancer_id, const char *frontend)
{
    cleanup_free char *id = xasprintf("%s/frontendIPConfigurations/%s", balancer_id, frontend);
    assert_string_equal(json_path_str(rule, "properties.frontendIPConfiguration.id"), id);
}

static void assert_migrated(const struct fake_arm *a, const char *balancer_id)
{
    const json *balancer = fake_arm_get(a, balancer_id);
    const json *frontends = json_path(balancer, "properties.frontendIPConfigurations");
    const json *rules = json_path(balancer, "properties.loadBalancingRules");
    cleanup_free char *id = xasprintf("%s/frontendIPConfigurations/internal-lb-ip-v4", balancer_id);
    cleanup_free char *foreign = json_give_sorted(json_at(frontends, 0));
    assert_int_equal(json_len(frontends), 2);
    assert_string_equal(foreign, "{\"name\":\"a-service\",\"properties\":{"
                                 "\"privateIPAddress\":\"10.0.0.9\"}}");
    assert_string_equal(json_path_str(frontends, "[1].name"), "internal-lb-ip-v4");
    assert_string_equal(json_path_str(frontends, "[1].properties.privateIPAddress"), "10.0.0.4");
    assert_string_equal(json_path_str(frontends, "[1].properties.privateIPAllocationMethod"),
                        "Static");
    assert_string_equal(json_path_str(frontends, "[1].properties.subnet.id"), "/subnet");
    assert_int_equal(json_len(json_path(frontends, "[1].zones")), 3);
    assert_int_equal(json_len(rules), 3);
    assert_leads(json_at(rules, 0), balancer_id, "a-service");
    assert_leads(json_at(rules, 1), balancer_id, "internal-lb-ip-v4");
    assert_leads(json_at(rules, 2), balancer_id, "internal-lb-ip-v4");
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

/* Before a write, or behind it: then its answer is lost. */
static void cut_off(size_t refuse, size_t lose)
{
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_older(&r, &a);
    a.refuse = refuse;
    a.lose = lose;
    error_free(fail_step(&r, cluster_migrate_balancer_zones));
    a.refuse = a.lose = 0;
    assert_int_equal(
        json_len(json_path(fake_arm_get(&a, BALANCER), "properties.loadBalancingRules")), 3);
    cluster_rig_reopen(&r);

    run_step(&r, cluster_migrate_balancer_zones);

    assert_migrated(&a, BALANCER);
    assert_int_equal(a.writes.len, WRITES_LEN);
    cluster_rig_close(&r);
}

static void it_can_be_cut_off_anywhere(void **state)
{
    (void)state;
    for (size_t taken = 1; taken < WRITES_LEN; taken++)
        cut_off(taken, 0);
    for (size_t write = 1; write <= WRITES_LEN; write++)
        cut_off(0, write);
}

/* ---- others write, too ---- */

static void touch(struct fake_arm *a)
{
    cleanup_free char *etag = xasprintf("theirs-%lld", (long long)++a->etag);
    json *frontends = json_path(fake_arm_get(a, BALANCER), "properties.frontendIPConfigurations");
    json_append(frontends, rig_tree("{'name':'another'}"));
    assert_int_equal(json_set_str(fake_arm_get(a, BALANCER), "etag", etag, NULL), 0);
}

static void what_others_change_in_between_is_kept(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_older(&r, &a);
    a.before_write = touch;

    run_step(&r, cluster_migrate_balancer_zones);

    const json *balancer = fake_arm_get(&a, BALANCER);
    const json *frontends = json_path(balancer, "properties.frontendIPConfigurations");
    assert_non_null(arm_find_named(frontends, "another"));
    assert_int_equal(json_len(frontends), 3);
    assert_int_equal(a.writes.len, WRITES_LEN);
    cluster_rig_close(&r);
}

static void touch_always(struct fake_arm *a)
{
    touch(a);
    a->before_write = touch_always;
}

static void who_changes_it_all_the_time_ends_it(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_older(&r, &a);
    a.before_write = touch_always;

    cleanup_error struct error *err = fail_step(&r, cluster_migrate_balancer_zones);

    assert_true(error_is(err, ERR_PRECONDITION));
    assert_int_equal(a.writes.len, 0);
    /* Those that were there, and one more of each of five tries. */
    assert_int_equal(
        json_len(json_path(fake_arm_get(&a, BALANCER), "properties.frontendIPConfigurations")), 7);
    cluster_rig_close(&r);
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
        CASE("what others change in between is kept", what_others_change_in_between_is_kept),
        CASE("who changes it all the time ends it", who_changes_it_all_the_time_ends_it),
        CASE("the first layout has a name of its own for it",
             the_first_layout_has_its_own_name_for_it),
        CASE("a region without zones changes nothing", a_region_without_zones_changes_nothing),
        CASE("a frontend of others is an error", a_frontend_of_others_is_an_error),
    };
    return RUN_CASES("balancer_zones", tests);
}

#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/balancer_ssh.h"
#include "rp/cluster/template.h"
#include "rp/cluster/template_values.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/fake_arm.h"

#define NETWORK RIG_GROUP "/providers/Microsoft.Network"
#define BALANCER NETWORK "/loadBalancers/a-12345-internal"
#define INTERFACE(name) NETWORK "/networkInterfaces/" name
#define POOL(balancer, name) balancer "/backendAddressPools/" name
#define BARE \
    "{'properties':{'frontendIPConfigurations':[{'name':'internal-lb-ip-v4'}]," \
    "'backendAddressPools':[{'name':'a-12345'}],'probes':[{'name':'sint-probe'}]}}"
#define ADDRESS "{'properties':{'ipConfigurations':[{'name':'pipConfig','properties':{}}]}}"
#define IN_POOL(id) \
    "{'properties':{'ipConfigurations':[{'properties':{'loadBalancerBackendAddressPools':[{" \
    "'id':'" id "'}]}}]}}"
#define POOLS "properties.ipConfigurations[0].properties.loadBalancerBackendAddressPools"

static void open_rig(struct cluster_rig *r, struct fake_arm *a, const char *properties)
{
    cluster_rig_open(r, properties, NULL, 0);
    fake_arm_use(a, r);
    fake_arm_add(a, INTERFACE("a-12345-master0-nic"), ADDRESS);
}

static const json *list_of(const struct fake_arm *a, const char *id, const char *collection)
{
    return json_get(json_get(fake_arm_get(a, id), "properties"), collection);
}

/* As the base template makes them, but for how it writes references. */
static void the_balancer_gets_what_new_ones_have(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a, "{'infraId':'a-12345'}");
    fake_arm_add(&a, BALANCER, BARE);

    run_step(&r, cluster_ensure_balancer_ssh);

    static const struct strv none = STRV_INIT;
    const struct template_base base = { &none, "", NULL };
    cleanup_json json *values = template_give_base_values(r.c, &base);
    cleanup_json json *template = NULL;
    assert_int_equal(template_make(TEMPLATE_V2_BASE, values, &template, NULL), 0);
    const json *wanted =
        json_get(arm_find_named(json_get(template, "resources"), "a-12345-internal"), "properties");
    for (int i = 0; i < 3; i++) {
        cleanup_free char *name = xasprintf("ssh-%d", i);
        json *rule = json_get(arm_find_named(list_of(&a, BALANCER, "loadBalancingRules"), name),
                              "properties");
        json *model =
            json_get(arm_find_named(json_get(wanted, "loadBalancingRules"), name), "properties");
        static const char *const plain[] = { "protocol",
                                             "frontendPort",
                                             "backendPort",
                                             "idleTimeoutInMinutes",
                                             "disableOutboundSnat",
                                             "loadDistribution" };
        for (size_t k = 0; k < ARRAY_LEN(plain); k++)
            assert_true(json_equal(json_get(rule, plain[k]), json_get(model, plain[k])));
        cleanup_free char *pool = xasprintf(POOL(BALANCER, "%s"), name);
        assert_string_equal(json_path_str(rule, "backendAddressPool.id"), pool);
        assert_non_null(arm_find_named(list_of(&a, BALANCER, "backendAddressPools"), name));
    }
    assert_true(json_equal(arm_find_named(list_of(&a, BALANCER, "probes"), "ssh"),
                           arm_find_named(json_get(wanted, "probes"), "ssh")));
    assert_non_null(arm_find_named(list_of(&a, BALANCER, "probes"), "sint-probe"));
    cluster_rig_close(&r);
}

static void masters_join_their_pools(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a, "{'infraId':'a-12345'}");
    fake_arm_add(&a, BALANCER, BARE);
    fake_arm_add(&a, INTERFACE("a-12345-master-x7kq2-1-nic"), IN_POOL(POOL(BALANCER, "a-12345")));
    fake_arm_add(&a, INTERFACE("a-12345-master2-nic"), IN_POOL(POOL(BALANCER, "SSH-2")));
    fake_arm_add(&a, INTERFACE("a-12345-worker-eastus1-0-nic"), ADDRESS);
    fake_arm_add(&a, INTERFACE("a-12345-bootstrap-nic"), ADDRESS);

    run_step(&r, cluster_ensure_balancer_ssh);

    cleanup_free char *writes = fake_arm_give_writes(&a);
    assert_string_equal(
        json_path_str(fake_arm_get(&a, INTERFACE("a-12345-master0-nic")), POOLS "[0].id"),
        POOL(BALANCER, "ssh-0"));
    const json *replaced = fake_arm_get(&a, INTERFACE("a-12345-master-x7kq2-1-nic"));
    assert_string_equal(json_path_str(replaced, POOLS "[0].id"), POOL(BALANCER, "a-12345"));
    assert_string_equal(json_path_str(replaced, POOLS "[1].id"), POOL(BALANCER, "ssh-1"));
    assert_int_equal(a.writes.len, 3);
    assert_null(strstr(writes, "worker"));
    assert_null(strstr(writes, "bootstrap"));
    run_step(&r, cluster_ensure_balancer_ssh);
    assert_int_equal(a.writes.len, 3);
    cluster_rig_close(&r);
}

static void the_first_layout_gets_them_too(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a, "{'infraId':'a-12345','architectureVersion':0}");
    fake_arm_add(&a, BALANCER "-lb", BARE);

    run_step(&r, cluster_ensure_balancer_ssh);

    assert_int_equal(json_len(list_of(&a, BALANCER "-lb", "loadBalancingRules")), 3);
    assert_string_equal(
        json_path_str(fake_arm_get(&a, INTERFACE("a-12345-master0-nic")), POOLS "[0].id"),
        POOL(BALANCER "-lb", "ssh-0"));
    cluster_rig_close(&r);
}

static void rules_that_are_there_stay(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    open_rig(&r, &a, "{'infraId':'a-12345'}");
    fake_arm_add(&a, BALANCER,
                 "{'properties':{'probes':[{'name':'ssh','properties':{'port':22,"
                 "'intervalInSeconds':9}}],'loadBalancingRules':[{'name':'ssh-1','x':1}]}}");

    run_step(&r, cluster_ensure_balancer_ssh);

    const json *probe = arm_find_named(list_of(&a, BALANCER, "probes"), "ssh");
    assert_int_equal(json_path_int(probe, "properties.intervalInSeconds", 0), 9);
    assert_int_equal(json_len(list_of(&a, BALANCER, "loadBalancingRules")), 3);
    const json *rule = arm_find_named(list_of(&a, BALANCER, "loadBalancingRules"), "ssh-1");
    assert_int_equal(json_path_int(rule, "x", 0), 1);
    cluster_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the balancer gets what new ones have", the_balancer_gets_what_new_ones_have),
        CASE("masters join their pools", masters_join_their_pools),
        CASE("the first layout gets them, too", the_first_layout_gets_them_too),
        CASE("rules that are there stay", rules_that_are_there_stay),
    };
    return RUN_CASES("balancer_ssh", tests);
}

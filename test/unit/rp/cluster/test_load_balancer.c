#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/load_balancer.h"
#include "rp/cluster/names.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/fake_arm.h"

#define NETWORK RIG_GROUP "/providers/Microsoft.Network"
#define BALANCER NETWORK "/loadBalancers/a-12345"
#define ADDRESS(name) NETWORK "/publicIPAddresses/" name
#define API "a-12345-pip-v4"
#define OLD_1 "11111111-2222-3333-4444-555555555551-outbound-pip-v4"
#define OLD_2 "11111111-2222-3333-4444-555555555552-outbound-pip-v4"
#define PROFILE(api, count) \
    "{'infraId':'a-12345','zones':['1','2'],'apiserverProfile':{'visibility':'" api "'}," \
    "'networkProfile':{'outboundType':'Loadbalancer','loadBalancerProfile':" \
    "{'managedOutboundIps':{'count':" count "}}}}"
#define FRONTEND(name, address, more) \
    "{'name':'" name "','properties':{'publicIPAddress':{'id':'" ADDRESS(address) "'}" more "}}"
#define USED(name) "{'id':'" BALANCER "/frontendIPConfigurations/" name "'}"
#define ROUTER FRONTEND("router", "a-12345-default-v4", ",'loadBalancingRules':[{'id':'r'}]")
#define API_RULE ",'loadBalancingRules':[{'id':'api'}]"
#define WITH(frontends, used) \
    "{'location':'eastus','properties':{'frontendIPConfigurations':[" frontends "]," \
    "'outboundRules':[{'name':'outbound-rule-v4','properties':{'frontendIPConfigurations':[" used \
    "],'protocol':'All'}}],'probes':[{'name':'kept'}]}}"

struct change_case {
    const char *name, *properties, *balancer;
    /* Names of addresses: made before, and afterwards in the outbound rule; #0 is the first that is made new. */
    const char *had, *want;
    const char *want_writes; /* lines; "#N" as above */
    const char *want_frontends;
};

static struct change_case change_cases[] = {
    { "what is as it should be is only written down", PROFILE("Public", "1"),
      WITH(FRONTEND("public-lb-ip-v4", API, API_RULE) "," ROUTER, USED("public-lb-ip-v4")),
      API " a-12345-default-v4", API, "", "public-lb-ip-v4 router" },
    { "a higher count makes addresses, behind that of a public API", PROFILE("Public", "3"),
      WITH(FRONTEND("public-lb-ip-v4", API, API_RULE) "," ROUTER, USED("public-lb-ip-v4")), API,
      API " #1 #2", "PUT #1\nPUT #2\nPUT a-12345", "public-lb-ip-v4 router #1 #2" },
    { "a lower count takes the last away", PROFILE("Public", "2"),
      WITH(FRONTEND("public-lb-ip-v4", API,
                    API_RULE) "," FRONTEND(OLD_1, OLD_1, "") "," FRONTEND(OLD_2, OLD_2, ""),
           USED("public-lb-ip-v4") "," USED(OLD_1) "," USED(OLD_2)),
      API " " OLD_1 " " OLD_2, API " " OLD_1, "PUT a-12345\nDELETE " OLD_2,
      "public-lb-ip-v4 " OLD_1 },
    { "a private API leaves all of them to traffic out", PROFILE("Private", "2"),
      WITH(FRONTEND(OLD_1, OLD_1, ""), USED(OLD_1)), OLD_1, OLD_1 " #0", "PUT #0\nPUT a-12345",
      OLD_1 " #0" },
    { "what serves a rule of another's is left in place", PROFILE("Private", "1"),
      WITH(FRONTEND(OLD_1, OLD_1, "") "," FRONTEND(OLD_2, OLD_2, API_RULE),
           USED(OLD_1) "," USED(OLD_2)),
      OLD_1, OLD_1, "PUT a-12345", OLD_1 " " OLD_2 },
    { "what an earlier try has left over goes", PROFILE("Private", "1"),
      WITH(FRONTEND(OLD_1, OLD_1, ""), USED(OLD_1)), OLD_1 " " OLD_2, OLD_1, "DELETE " OLD_2,
      OLD_1 },
};

/* "#N" by what the service calls that address. Owned by the caller. */
static char *give_expanded(const struct cluster_rig *r, const char *text)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (; *text; text++) {
        if (*text != '#') {
            buf_addc(&b, *text);
            continue;
        }
        cleanup_free char *name = name_give_outbound_ip(r->c, *++text - '0');
        buf_adds(&b, name);
    }
    return buf_give(&b);
}

/* The names of what a list of {"id"} leads to, or of the list's elements. */
static char *give_names(const json *list)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < json_len(list); i++) {
        const char *id = json_path_str(json_at(list, i), "id");
        buf_addf(&b, "%s%s", i ? " " : "",
                 id ? strrchr(id, '/') + 1 : json_path_str(json_at(list, i), "name"));
    }
    return buf_give(&b);
}

static void add_addresses(struct fake_arm *a, const char *names)
{
    cleanup_strv struct strv all = STRV_INIT;
    strv_split(&all, names, " ", false);
    for (size_t i = 0; i < all.len; i++) {
        cleanup_free char *id = xasprintf("%s/publicIPAddresses/%s", NETWORK, all.v[i]);
        fake_arm_add(a, id, "{'location':'eastus'}");
    }
}

static void check_change(void **state)
{
    const struct change_case *c = *state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    cluster_rig_open(&r, c->properties, NULL, 0);
    fake_arm_use(&a, &r);
    fake_arm_add(&a, BALANCER, c->balancer);
    add_addresses(&a, c->had);

    run_step(&r, cluster_reconcile_outbound_ips);

    cleanup_free char *writes = fake_arm_give_writes(&a);
    cleanup_free char *want_writes = give_expanded(&r, c->want_writes);
    assert_string_equal(writes, want_writes);
    cleanup_free char *want = give_expanded(&r, c->want);
    cleanup_free char *effective = give_names(
        json_path(r.c->doc, PROPERTIES "networkProfile.loadBalancerProfile.effectiveOutboundIps"));
    assert_string_equal(effective, want);
    const json *balancer = fake_arm_get(&a, BALANCER);
    cleanup_free char *frontends =
        give_names(json_path(balancer, "properties.frontendIPConfigurations"));
    cleanup_free char *want_frontends = give_expanded(&r, c->want_frontends);
    assert_string_equal(frontends, want_frontends);
    assert_int_equal(
        json_len(
            json_path(balancer, "properties.outboundRules[0].properties.frontendIPConfigurations")),
        json_len(json_path(r.c->doc,
                           PROPERTIES "networkProfile.loadBalancerProfile.effectiveOutboundIps")));
    assert_string_equal(json_path_str(balancer, "properties.probes[0].name"), "kept");
    cluster_rig_close(&r);
}

static void addresses_are_in_the_zones_of_the_cluster(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    cluster_rig_open(&r, PROFILE("Private", "2"), NULL, 0);
    fake_arm_use(&a, &r);
    fake_arm_add(&a, BALANCER, WITH(FRONTEND(OLD_1, OLD_1, ""), USED(OLD_1)));

    run_step(&r, cluster_reconcile_outbound_ips);

    cleanup_free char *name = name_give_outbound_ip(r.c, 0);
    cleanup_free char *id = xasprintf("%s/publicIPAddresses/%s", NETWORK, name);
    cleanup_free char *text = json_give_text(json_get(fake_arm_get(&a, id), "zones"));
    assert_string_equal(text, "[\"1\",\"2\"]");
    assert_string_equal(json_path_str(fake_arm_get(&a, id), "sku.name"), "Standard");
    cluster_rig_close(&r);
}

/* The cluster gave a service an address meanwhile. */
static void change_meanwhile(struct fake_arm *a)
{
    fake_arm_add(a, BALANCER,
                 WITH(FRONTEND(OLD_1, OLD_1, "") "," FRONTEND(OLD_2, OLD_2, "") "," ROUTER,
                      USED(OLD_1) "," USED(OLD_2)));
}

static void nothing_that_others_write_is_lost(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    cluster_rig_open(&r, PROFILE("Private", "1"), NULL, 0);
    fake_arm_use(&a, &r);
    fake_arm_add(&a, BALANCER,
                 WITH(FRONTEND(OLD_1, OLD_1, "") "," FRONTEND(OLD_2, OLD_2, ""),
                      USED(OLD_1) "," USED(OLD_2)));
    add_addresses(&a, OLD_1 " " OLD_2);
    a.before_write = change_meanwhile;

    run_step(&r, cluster_reconcile_outbound_ips);

    cleanup_free char *frontends =
        give_names(json_path(fake_arm_get(&a, BALANCER), "properties.frontendIPConfigurations"));
    assert_string_equal(frontends, OLD_1 " router");
    cluster_rig_close(&r);
}

/* Cut off behind each write, another process goes on. */
static void it_can_be_cut_off_anywhere(void **state)
{
    (void)state;
    for (size_t cut = 1; cut <= 3; cut++) {
        struct cluster_rig r;
        cleanup_fake_arm struct fake_arm a;
        cluster_rig_open(&r, PROFILE("Private", "3"), NULL, 0);
        fake_arm_use(&a, &r);
        fake_arm_add(&a, BALANCER, WITH(FRONTEND(OLD_1, OLD_1, ""), USED(OLD_1)));
        a.refuse = cut;
        if (cut < 3)
            error_free(fail_step(&r, cluster_reconcile_outbound_ips));
        a.refuse = 0;
        cluster_rig_reopen(&r);

        run_step(&r, cluster_reconcile_outbound_ips);

        const json *effective = json_path(
            r.c->doc, PROPERTIES "networkProfile.loadBalancerProfile.effectiveOutboundIps");
        assert_int_equal(json_len(effective), 3);
        assert_int_equal(json_len(a.resources), 3); /* OLD_1 was never an object here */
        cluster_rig_close(&r);
    }
}

static void clusters_without_such_a_load_balancer_are_left_alone(void **state)
{
    (void)state;
    static const char *const properties[] = {
        "{'infraId':'a-12345','architectureVersion':0}",
        "{'infraId':'a-12345','networkProfile':{'outboundType':'UserDefinedRouting'}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
        struct cluster_rig r;
        cluster_rig_open(&r, properties[i], NULL, 0);
        run_step(&r, cluster_reconcile_outbound_ips);
        cluster_rig_close(&r);
    }
}

static void a_load_balancer_of_others_is_an_error(void **state)
{
    (void)state;
    struct cluster_rig r;
    cleanup_fake_arm struct fake_arm a;
    cluster_rig_open(&r, PROFILE("Private", "1"), NULL, 0);
    fake_arm_use(&a, &r);
    fake_arm_add(&a, BALANCER, "{'properties':{'outboundRules':[]}}");

    cleanup_error struct error *err = fail_step(&r, cluster_reconcile_outbound_ips);

    assert_non_null(strstr(error_text(err), "it has no outbound rule outbound-rule-v4"));
    cluster_rig_close(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(change_cases) + 5] = {
        CASE("addresses are in the zones of the cluster",
             addresses_are_in_the_zones_of_the_cluster),
        CASE("nothing that others write is lost", nothing_that_others_write_is_lost),
        CASE("it can be cut off anywhere", it_can_be_cut_off_anywhere),
        CASE("clusters without such a load balancer are left alone",
             clusters_without_such_a_load_balancer_are_left_alone),
        CASE("a load balancer of others is an error", a_load_balancer_of_others_is_an_error),
    };
    for (size_t i = 0; i < ARRAY_LEN(change_cases); i++)
        tests[5 + i] = (struct CMUnitTest){ change_cases[i].name, check_change,
                                            .initial_state = &change_cases[i] };
    return RUN_CASES("load_balancer", tests);
}

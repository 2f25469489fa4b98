#include <string.h>

#include "rp/cluster/router_ip.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define PROFILES(domain) \
    "{'clusterProfile':{'domain':'" domain \
    "'},'ingressProfiles':[{'name':'default','ip':'9.9.9.9'}]}"
#define ROUTER(status) \
    "{'apiVersion':'v1','kind':'Service','metadata':{'name':'router-default','namespace':" \
    "'openshift-ingress'},'status':{" status "}}"
#define ADDRESS "'loadBalancer':{'ingress':[{'ip':'1.2.3.4'}]}"

static void the_zone_and_the_document_have_the_routers_address(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .status = 404, .reply = "{\"error\":{\"code\":\"NotFound\",\"message\":\"none\"}}" },
        { .status = 201, .reply = "{}" },
    };
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r, PROFILES("a"), NULL, script, ARRAY_LEN(script));
    fake_cluster_add(&r.inside, ROUTER(ADDRESS));

    inside_rig_must(&r, cluster_update_router_ip);

    const char *put = r.outer.transport.requests.v[2];
    assert_non_null(strstr(put, "/dnsZones/" RIG_ZONE "/A/*.apps.a?"));
    assert_non_null(strstr(put, "1.2.3.4"));
    cluster_rig_assert(&r.outer, "ingressProfiles[0].ip", "1.2.3.4");
}

static void domains_of_customers_have_no_record_of_ours(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, PROFILES("own.example.org"));
    fake_cluster_add(&r.inside, ROUTER(ADDRESS));

    inside_rig_must(&r, cluster_update_router_ip);

    cluster_rig_assert(&r.outer, "ingressProfiles[0].ip", "1.2.3.4");
}

static void a_router_without_address_changes_nothing(void **state)
{
    (void)state;
    static const char *const routers[] = { NULL, ROUTER(""), ROUTER("'loadBalancer':{}") };
    for (size_t i = 0; i < ARRAY_LEN(routers); i++) {
        cleanup_inside_rig struct inside_rig r;
        cleanup_error struct error *err = NULL;
        inside_rig_open(&r, PROFILES("a"));
        if (routers[i])
            fake_cluster_add(&r.inside, routers[i]);

        assert_int_equal(cluster_update_router_ip(r.c, r.ctx, &err), -1);

        assert_non_null(strstr(error_text(err), "router"));
        cluster_rig_assert(&r.outer, "ingressProfiles[0].ip", "9.9.9.9");
    }
}

/* ---- while a cluster is made ---- */

#define SUBNET \
    "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/w"
#define V2(visibility) \
    "{'infraId':'a-12345','clusterProfile':{'domain':'own.example.org'}," \
    "'apiserverProfile':{'intIp':'10.0.0.4'},'workerProfiles':[{'subnetId':'" SUBNET "'}]," \
    "'ingressProfiles':[{'name':'default','ip':'10.0.1.30','visibility':'" visibility "'}]}"
#define ASKS(ip, status) \
    "{'apiVersion':'v1','kind':'Service','metadata':{'name':'router-default','namespace':" \
    "'openshift-ingress'},'spec':{'loadBalancerIP':'" ip "'},'status':{" status "}}"
#define HAS(id, ip) "{\"id\":\"" id "\",\"properties\":{\"privateIPAddress\":\"" ip "\"}}"
#define SUBNET_WITH(configs) \
    { \
        .reply = \
            "{\"properties\":{\"addressPrefix\":\"10.0.1.0/27\",\"ipConfigurations\":[" configs \
            "]}}" \
    }
#define OURS \
    RIG_GROUP "/providers/microsoft.network/loadbalancers/A-12345-Internal/" \
              "frontendIPConfigurations/router"
#define CLUSTER_OBJECT \
    "{'apiVersion':'aro.openshift.io/v1alpha1','kind':'Cluster','metadata':{'name':'cluster'}," \
    "'spec':{'ingressIP':'10.0.1.30'}}"

static const char *asked(struct inside_rig *r)
{
    return inside_rig_text(r, &GVR_SERVICES, "openshift-ingress", "router-default",
                           "spec.loadBalancerIP");
}

static void the_chosen_address(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, V2("Private"));
    fake_cluster_add(&r.inside,
                     ASKS("10.0.1.30", "'loadBalancer':{'ingress':[{'ip':'10.0.1.30'}]}"));

    assert_true(inside_rig_look(&r, cluster_router_has_address));

    assert_int_equal(r.inside.writes.len, 0);
}

/* The cloud is about to move it. */
static void another_than_it_asks_for(void **state)
{
    (void)state;
    static const struct script_step script[] = { RIG_TOKEN_STEP, SUBNET_WITH("") };
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r, V2("Private"), NULL, script, ARRAY_LEN(script));
    fake_cluster_add(&r.inside,
                     ASKS("10.0.1.30", "'loadBalancer':{'ingress':[{'ip':'10.0.1.4'}]}"));

    assert_false(inside_rig_look(&r, cluster_router_has_address));

    cluster_rig_assert(&r.outer, "ingressProfiles[0].ip", "10.0.1.30");
    assert_int_equal(r.inside.writes.len, 0);
}

static void an_address_that_is_taken(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP, SUBNET_WITH(HAS("/nic/x", "10.0.1.30")),
        SUBNET_WITH(HAS("/nic/x", "10.0.1.30")), /* which is free is another question */
    };
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r, V2("Private"), NULL, script, ARRAY_LEN(script));
    fake_cluster_add(&r.inside, ASKS("10.0.1.30", ""));
    fake_cluster_add(&r.inside, CLUSTER_OBJECT);

    assert_false(inside_rig_look(&r, cluster_router_has_address));

    cluster_rig_assert(&r.outer, "ingressProfiles[0].ip", "10.0.1.29");
    assert_string_equal(asked(&r), "10.0.1.29");
    assert_string_equal(inside_rig_text(&r, &GVR_CLUSTERS, NULL, "cluster", "spec.ingressIP"),
                        "10.0.1.29");
    assert_non_null(inside_rig_text(&r, &GVR_MACHINECONFIGS, NULL, "99-master-aro-dns",
                                    "spec.config.storage.files[0].contents.source"));
    assert_non_null(fake_cluster_get(&r.inside, &GVR_MACHINECONFIGS, NULL, "99-worker-aro-dns"));
}

/* The document had it already. */
static void a_look_that_was_cut_short(void **state)
{
    (void)state;
    static const struct script_step script[] = { RIG_TOKEN_STEP, SUBNET_WITH("") };
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r, V2("Private"), NULL, script, ARRAY_LEN(script));
    fake_cluster_add(&r.inside, ASKS("10.0.1.31", ""));
    fake_cluster_add(&r.inside, CLUSTER_OBJECT);

    assert_false(inside_rig_look(&r, cluster_router_has_address));

    assert_string_equal(asked(&r), "10.0.1.30");
}

static void on_its_way(void **state)
{
    (void)state;
    static const struct script_step script[] = { RIG_TOKEN_STEP,
                                                 SUBNET_WITH(HAS(OURS, "10.0.1.30")) };
    cleanup_inside_rig struct inside_rig r, public;
    inside_rig_open_env(&r, V2("Private"), NULL, script, ARRAY_LEN(script));
    fake_cluster_add(&r.inside, ASKS("10.0.1.30", ""));
    inside_rig_open(&public, V2("Public"));
    fake_cluster_add(&public.inside, ASKS("10.0.1.30", ""));

    assert_false(inside_rig_look(&r, cluster_router_has_address));
    assert_false(inside_rig_look(&public, cluster_router_has_address));

    assert_int_equal(r.inside.writes.len, 0);
    assert_int_equal(public.inside.writes.len, 0);
}

static void not_yet(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    bool held = true;
    inside_rig_open(&r, V2("Private"));

    assert_int_equal(cluster_router_has_address(r.c, r.ctx, &held, &err), -1);

    assert_true(error_is_retriable(err));
    assert_false(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the zone and the document have the router's address",
             the_zone_and_the_document_have_the_routers_address),
        CASE("domains of customers have no record of ours",
             domains_of_customers_have_no_record_of_ours),
        CASE("a router without an address changes nothing",
             a_router_without_address_changes_nothing),
        CASE("a new router with its chosen address is fine", the_chosen_address),
        CASE("one that has not moved to it yet is waited for", another_than_it_asks_for),
        CASE("an address that somebody took is replaced everywhere", an_address_that_is_taken),
        CASE("a look that was cut short is completed", a_look_that_was_cut_short),
        CASE("one that is on its way is waited for", on_its_way),
        CASE("a router that is not there yet is waited for", not_yet),
    };
    return RUN_CASES("router_ip", tests);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the zone and the document have the router's address",
             the_zone_and_the_document_have_the_routers_address),
        CASE("domains of customers have no record of ours",
             domains_of_customers_have_no_record_of_ours),
        CASE("a router without an address changes nothing",
             a_router_without_address_changes_nothing),
    };
    return RUN_CASES("router_ip", tests);
}

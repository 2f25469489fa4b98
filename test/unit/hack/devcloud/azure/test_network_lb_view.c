#include "hack/devcloud/azure/network_kinds.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

static void check_users(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", LB, LB_BODY, NULL);
    static const char *const nics[] = { CLUSTER_NICS "/a", CLUSTER_NICS "/b" };
    for (size_t i = 0; i < ARRAY_LEN(nics); i++)
        assert_int_equal(
            compute_call(
                &r, "PUT", nics[i],
                NIC_IN(MASTER_SUBNET, ",'loadBalancerBackendAddressPools':[{'id':'" LB_POOL "'}]"),
                NULL),
            201);
    compute_call(&r, "PUT", CLUSTER_NICS "/c", NIC_IN(MASTER_SUBNET, ""), NULL);
    cleanup_reply struct rig_reply reply = { 0 };

    compute_call(&r, "GET", LB, NULL, &reply);

    const json *pool = json_path(reply.body, "properties.backendAddressPools[0].properties");
    assert_int_equal(json_len(json_get(pool, "backendIPConfigurations")), 2);
    assert_string_equal(json_path_str(pool, "backendIPConfigurations[1].id"),
                        CLUSTER_NICS "/b/ipConfigurations/pipConfig");
    assert_string_equal(json_path_str(pool, "loadBalancerBackendAddresses[0].name"), "apipConfig");
    assert_string_equal(json_path_str(pool, "loadBalancingRules[0].id"),
                        LB "/loadBalancingRules/r");
    static const char *const others[] = { "frontendIPConfigurations", "probes" };
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        cleanup_free char *path =
            xasprintf("properties.%s[0].properties.loadBalancingRules[0].id", others[i]);
        assert_string_equal(json_path_str(reply.body, path), LB "/loadBalancingRules/r");
    }
    compute_call(&r, "DELETE", CLUSTER_NICS "/a", NULL, NULL);
    assert_text(&r, LB,
                "properties.backendAddressPools[0].properties.backendIPConfigurations[0].id",
                CLUSTER_NICS "/b/ipConfigurations/pipConfig");
}

static void check_outbound(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_json json *body = NULL;
    cleanup_free char *text = rig_give_json(LB_BODY);
    assert_int_equal(json_parse(text, strlen(text), &body, NULL), 0);
    json_path_put(body, "properties.outboundRules",
                  json_make("[{'name':'o','properties':{'protocol':'All',"
                            "'frontendIPConfigurations':[{'id':%s}],'backendAddressPool':{'id':%s}"
                            "}}]",
                            LB_FRONTEND, LB_POOL),
                  NULL);
    cleanup_free char *wire = json_give_text(body);

    assert_int_equal(rig_send(&r, "PUT", LB COMPUTE_VERSION, "application/json", wire, NULL), 201);

    assert_text(&r, LB, "properties.frontendIPConfigurations[0].properties.outboundRules[0].id",
                LB "/outboundRules/o");
    assert_text(&r, LB, "properties.backendAddressPools[0].properties.outboundRules[0].id",
                LB "/outboundRules/o");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("parts show their rules, pools their members", check_users),
        CASE("outbound rules show up on all their frontends", check_outbound),
    };
    return RUN_CASES("network_lb_view", tests);
}

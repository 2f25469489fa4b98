#include "hack/devcloud/azure/network_kinds.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define FRONTEND(properties) \
    "{'location':'eastus','properties':{'frontendIPConfigurations':[{'name':'f','properties':" \
    "{" properties "}}]}}"
#define IN_SUBNET "'subnet':{'id':'" MASTER_SUBNET "'}"
#define RULE(name, frontend, port) \
    "{'name':'" name "','properties':{'protocol':'Tcp','frontendPort':" port \
    ",'frontendIPConfiguration':{'id':'" frontend "'}}}"
#define WITH_RULES(rules) \
    "{'location':'eastus','properties':{'frontendIPConfigurations':[{'name':'f','properties':" \
    "{" IN_SUBNET "}}],'loadBalancingRules':[" rules "]}}"

static void check_parts(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    assert_int_equal(compute_call(&r, "PUT", LB, LB_BODY, NULL), 201);

    static const char *const texts[][2] = {
        { "properties.frontendIPConfigurations[0].id", LB_FRONTEND },
        { "properties.frontendIPConfigurations[0].properties.privateIPAddress", "10.0.0.4" },
        { "properties.frontendIPConfigurations[0].properties.provisioningState", "Succeeded" },
        { "properties.backendAddressPools[0].id", LB_POOL },
        { "properties.probes[0].type", "Microsoft.Network/loadBalancers/probes" },
        { "properties.loadBalancingRules[0].id", LB "/loadBalancingRules/r" },
        { "sku.name", "Standard" },
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_text(&r, LB, texts[i][0], texts[i][1]);
    cleanup_reply struct rig_reply reply = { 0 };
    compute_call(&r, "GET", LB, NULL, &reply);
    assert_int_equal(json_len(json_path(reply.body, "properties.outboundRules")), 0);
    assert_true(json_is_array(json_path(reply.body, "properties.outboundRules")));
}

/* Its parts can be read by themselves. */
static void check_part(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", LB, LB_BODY, NULL);

    assert_text(&r, LB_POOL, "id", LB_POOL);
    rig_refused(&r, "GET", LB "/backendAddressPools/none" COMPUTE_VERSION, NULL, 404, "NotFound");
}

/* What a GET shows can be put back as it is. */
static void check_round(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", LB, LB_BODY, NULL);
    cleanup_reply struct rig_reply first = { 0 }, second = { 0 };
    compute_call(&r, "GET", LB, NULL, &first);
    cleanup_free char *text = json_give_text(first.body);

    assert_int_equal(rig_send(&r, "PUT", LB COMPUTE_VERSION, "application/json", text, NULL), 200);

    compute_call(&r, "GET", LB, NULL, &second);
    json *a = json_path(first.body, "properties.frontendIPConfigurations[0].properties");
    json *b = json_path(second.body, "properties.frontendIPConfigurations[0].properties");
    assert_true(json_equal(a, b));
    assert_int_equal(json_len(json_get(b, "loadBalancingRules")), 1);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *body, *code;
    } rows[] = {
        { FRONTEND(""), "InvalidRequestFormat" },
        { FRONTEND("'subnet':{'id':'" RIG_VNET "/subnets/none'}"), "InvalidResourceReference" },
        { FRONTEND("'publicIPAddress':{'id':'" CLUSTER_NETWORK "/publicIPAddresses/none'}"),
          "InvalidResourceReference" },
        { "{'location':'eastus','properties':{'probes':[{}]}}", "InvalidRequestFormat" },
        { WITH_RULES(RULE("a", LB "/frontendIPConfigurations/g", "1")),
          "InvalidResourceReference" },
        { WITH_RULES(RULE("a", LBS "/other/frontendIPConfigurations/f", "1")),
          "InvalidResourceReference" },
        { WITH_RULES(RULE("a", LB_FRONTEND, "1") "," RULE("b", LB_FRONTEND, "1")),
          "RulesUseSameFrontendPortProtocolAndIPConfig" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        compute_refused(&r, "PUT", LB, rows[i].body, 400, rows[i].code);
    assert_int_equal(
        compute_call(&r, "PUT", LB,
                     WITH_RULES(RULE("a", LB_FRONTEND, "1") "," RULE("b", LB_FRONTEND, "2")), NULL),
        201);
}

static void check_in_use(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", LB, LB_BODY, NULL);
    compute_call(&r, "PUT", SERVICE, SERVICE_BODY(SELF), NULL);
    compute_call(&r, "PUT", CLUSTER_NICS "/n",
                 NIC_IN(MASTER_SUBNET, ",'loadBalancerBackendAddressPools':[{'id':'" LB_POOL "'}]"),
                 NULL);

    compute_refused(&r, "DELETE", LB, NULL, 400, "CannotDeleteLoadBalancerWithPrivateLinkService");
    compute_refused(&r, "PUT", LB, "{'location':'eastus','properties':{}}", 400,
                    "InUseFrontendIPConfigurationCannotBeDeleted");
    compute_refused(&r, "PUT", LB, FRONTEND(IN_SUBNET), 400,
                    "InUseBackendAddressPoolCannotBeDeleted");
    compute_call(&r, "DELETE", SERVICE, NULL, NULL);
    assert_int_equal(compute_call(&r, "DELETE", LB, NULL, NULL), 202);
    cleanup_reply struct rig_reply reply = { 0 };
    compute_call(&r, "GET", CLUSTER_NICS "/n", NULL, &reply);
    json *pools = json_path(reply.body, "properties.ipConfigurations[0].properties."
                                        "loadBalancerBackendAddressPools");
    assert_int_equal(json_len(pools), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a part can be read by itself", check_part),
        CASE("parts get IDs, frontends addresses", check_parts),
        CASE("what is read can be written back", check_round),
        CASE("false references and clashing rules are refused", check_refusals),
        CASE("a balancer in use stays, and leaves no interface in its pools", check_in_use),
    };
    return RUN_CASES("network_lb", tests);
}

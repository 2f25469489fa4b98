#include "hack/devcloud/azure/machines.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define KEY(type, name) \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/aro-cluster/providers/" \
    "microsoft.network/" type "/" name
#define RP_KEY \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/net-rg/providers/" \
    "microsoft.network/"
#define FAKE_NIC_KEY RP_KEY "networkinterfaces/n"
#define FAKE_NIC "'ipConfigurations':[{'properties':{'privateIPAddress':'127.64.0.4'}}]"
#define FAKE_ENDPOINT_KEY RP_KEY "privateendpoints/pe"
#define FAKE_ENDPOINT \
    "'provisioningState':'Succeeded','networkInterfaces':[{'id':'" FAKE_NIC_KEY "'}]," \
    "'manualPrivateLinkServiceConnections':[{'properties':{" \
    "'privateLinkServiceId':'" CLUSTER_NETWORK "/privateLinkServices/s'," \
    "'privateLinkServiceConnectionState':{'status':'Approved'}}}]"
#define OBJECT(key, type, properties) \
    "'" key "':{'id':'" key "','name':'x','type':'Microsoft.Network/" type \
    "','properties':{" properties "}}"

static void check_frontends(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(
        &r, "{'resources':{" OBJECT(
                KEY("publicipaddresses", "p"), "publicIPAddresses",
                "'ipAddress':'127.128.0.9'") "," OBJECT(KEY("loadbalancers", "lb"), "loadBalancers",
                                                        "'frontendIPConfigurations':[{'name':'in','"
                                                        "id':'F1','properties':{"
                                                        "'privateIPAddress':'10.0.0.4'}},{'name':'"
                                                        "out','id':'F2','properties':{"
                                                        "'publicIPAddress':{'id':'" KEY(
                                                            "publicipaddresses",
                                                            "p") "'}}},"
                                                                 "{'name':'none','id':'F3','"
                                                                 "properties':{}}],"
                                                                 "'loadBalancingRules':[{'"
                                                                 "properties':{'frontendPort':6443,"
                                                                 "'frontendIPConfiguration':{'id':'"
                                                                 "f1'}}}]") "}}");

    cleanup_json json *found = machines_give_frontends(r.sim, CLUSTER_GROUP);
    cleanup_json json *elsewhere =
        machines_give_frontends(r.sim, RIG_SUBSCRIPTION "/resourceGroups/net-rg");

    cleanup_free char *text = json_give_text(found);
    assert_string_equal(text,
                        "[{\"loadBalancer\":\"x\",\"frontend\":\"in\",\"address\":\"10.0.0.4\","
                        "\"public\":false,\"ports\":[6443]},{\"loadBalancer\":\"x\","
                        "\"frontend\":\"out\",\"address\":\"127.128.0.9\",\"public\":true,"
                        "\"ports\":[]}]");
    assert_int_equal(json_len(elsewhere), 0);
}

static void check_endpoints(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'resources':{" OBJECT(FAKE_NIC_KEY, "networkInterfaces", FAKE_NIC) "}}");
    rig_patch(&r,
              "{'resources':{" OBJECT(FAKE_ENDPOINT_KEY, "privateEndpoints", FAKE_ENDPOINT) "}}");

    cleanup_json json *found = machines_give_endpoints(r.sim, CLUSTER_GROUP);
    cleanup_json json *elsewhere =
        machines_give_endpoints(r.sim, RIG_SUBSCRIPTION "/resourceGroups/net-rg");

    assert_int_equal(json_len(found), 1);
    assert_string_equal(json_path_str(found, "[0].address"), "127.64.0.4");
    assert_string_equal(json_path_str(found, "[0].service"),
                        CLUSTER_NETWORK "/privateLinkServices/s");
    assert_string_equal(json_path_str(found, "[0].status"), "Approved");
    assert_int_equal(json_len(elsewhere), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("frontends have private or public addresses, and ports", check_frontends),
        CASE("endpoints elsewhere lead to a group's services", check_endpoints),
    };
    return RUN_CASES("machines_address", tests);
}

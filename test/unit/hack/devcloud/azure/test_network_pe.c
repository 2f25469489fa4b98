#include "hack/devcloud/azure/machines.h"
#include "hack/devcloud/azure/network_kinds.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define STATE \
    "properties.manualPrivateLinkServiceConnections[0].properties." \
    "privateLinkServiceConnectionState.status"

static void check_made(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_ENDPOINT(&r, SELF);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(
        rig_call(&r, "GET", ENDPOINT RIG_VERSION "&$expand=networkInterfaces", NULL, &reply), 200);

    assert_string_equal(json_path_str(reply.body,
                                      "properties.networkInterfaces[0].properties."
                                      "ipConfigurations[0].properties.privateIPAddress"),
                        "127.64.0.4");
    assert_text(&r, ENDPOINT, STATE, "Approved");
    assert_text(&r, ENDPOINT, "properties.networkInterfaces[0].name", NULL);
    assert_text(&r, ENDPOINT_SUBNET, "properties.privateEndpoints[0].id", ENDPOINT);
    cleanup_json json *found = machines_give_endpoints(r.sim, CLUSTER_GROUP);
    assert_string_equal(json_path_str(found, "[0].address"), "127.64.0.4");
}

static void check_pending(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_ENDPOINT(&r, "'99999999-0000-0000-0000-000000000000'");

    assert_text(&r, ENDPOINT, STATE, "Pending");
    assert_text(&r, ENDPOINT, "properties.provisioningState", "Succeeded");
}

static void check_again(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_ENDPOINT(&r, SELF);
    cleanup_free char *nic = compute_give_text(&r, ENDPOINT, "properties.networkInterfaces[0].id");
    static const char link[] = "properties.privateEndpointConnections[0].properties.linkIdentifier";
    cleanup_free char *number = compute_give_text(&r, SERVICE, link);

    assert_int_equal(compute_call(&r, "PUT", ENDPOINT, ENDPOINT_BODY, NULL), 200);

    assert_text(&r, ENDPOINT, "properties.networkInterfaces[0].id", nic);
    assert_text(&r, SERVICE, link, number);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_refused(&r, "PUT", ENDPOINT, ENDPOINT_BODY, 400, "InvalidResourceReference");
    MAKE_ENDPOINT(&r, SELF);
    static const struct {
        const char *body, *code;
    } rows[] = {
        { "{'location':'eastus','properties':{}}", "InvalidRequestFormat" },
        { "{'location':'eastus','properties':{'subnet':{'id':'" ENDPOINT_SUBNET "'}}}",
          "InvalidRequestFormat" },
        { "{'location':'eastus','properties':{'subnet':{'id':'" WORKER_SUBNET "'}}}",
          "PrivateEndpointSubnetCannotBeChanged" },
        { "{'location':'eastus','properties':{'subnet':{'id':'" ENDPOINT_SUBNET
          "'},'manualPrivateLinkServiceConnections':[{'name':'c'}]}}",
          "InvalidRequestFormat" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        compute_refused(&r, "PUT", ENDPOINT, rows[i].body, 400, rows[i].code);
    rig_call(&r, "PUT", ENDPOINT_SUBNET RIG_VERSION,
             "{'properties':{'addressPrefix':'127.64.0.0/10'}}", NULL);
    compute_refused(&r, "PUT", ENDPOINT, ENDPOINT_BODY, 400,
                    "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an endpoint gets an address of its network, and a connection", check_made),
        CASE("a service that does not trust the subscription is asked first", check_pending),
        CASE("an endpoint put again keeps interface and link", check_again),
        CASE("an endpoint needs a service and a subnet without policies", check_refusals),
    };
    return RUN_CASES("network_pe", tests);
}

#include "hack/devcloud/azure/network_kinds.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

static void check_made(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", LB, LB_BODY, NULL);

    assert_int_equal(compute_call(&r, "PUT", SERVICE, SERVICE_BODY(SELF), NULL), 201);

    cleanup_free char *alias = compute_give_text(&r, SERVICE, "properties.alias");
    assert_true(str_starts(alias, "s."));
    assert_true(str_ends(alias, ".eastus.azure.privatelinkservice"));
    compute_call(&r, "PUT", SERVICE, SERVICE_BODY(""), NULL);
    assert_text(&r, SERVICE, "properties.alias", alias);
    cleanup_free char *nic = compute_give_text(&r, SERVICE, "properties.networkInterfaces[0].id");
    assert_text(&r, nic, "properties.ipConfigurations[0].properties.privateIPAddress", "10.0.0.5");
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_refused(&r, "PUT", SERVICE, SERVICE_BODY(SELF), 400, "InvalidResourceReference");
    compute_call(&r, "PUT", LB, LB_BODY, NULL);
    compute_call(&r, "PUT", SERVICE, SERVICE_BODY(SELF), NULL);

    compute_refused(&r, "PUT", CLUSTER_NETWORK "/privateLinkServices/other", SERVICE_BODY(SELF),
                    400, "FrontendIPConfigurationInUseByPrivateLinkService");
    compute_refused(&r, "PUT", SERVICE, "{'location':'eastus','properties':{}}", 400,
                    "InvalidRequestFormat");
    rig_call(&r, "PUT", MASTER_SUBNET RIG_VERSION, "{'properties':{'addressPrefix':'10.0.0.0/23'}}",
             NULL);
    compute_refused(&r, "PUT", SERVICE, SERVICE_BODY(SELF), 400,
                    "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled");
}

static void check_connections(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_ENDPOINT(&r, SELF);
    cleanup_reply struct rig_reply reply = { 0 };

    compute_call(&r, "GET", SERVICE, NULL, &reply);

    const json *one = json_path(reply.body, "properties.privateEndpointConnections[0]");
    assert_true(str_starts(json_path_str(one, "name"), "pe."));
    assert_string_equal(json_path_str(one, "properties.privateEndpoint.id"), ENDPOINT);
    assert_string_equal(json_path_str(one, "properties.privateLinkServiceConnectionState.status"),
                        "Approved");
    long long number;
    assert_true(str_to_int(json_path_str(one, "properties.linkIdentifier"), 1, INT64_MAX, &number));
    compute_refused(&r, "DELETE", SERVICE, NULL, 400,
                    "PrivateLinkServiceWithPrivateEndpointConnectionsCannotBeDeleted");
    compute_call(&r, "DELETE", ENDPOINT, NULL, NULL);
    assert_int_equal(compute_call(&r, "DELETE", SERVICE, NULL, NULL), 202);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a service has an alias and an interface", check_made),
        CASE("a service needs a frontend of its own and a subnet without policies", check_refusals),
        CASE("a service shows its connections, and stays while it has any", check_connections),
    };
    return RUN_CASES("network_pls", tests);
}

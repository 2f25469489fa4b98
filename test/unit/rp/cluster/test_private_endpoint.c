#include <string.h>

#include "rp/cluster/private_endpoint.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define URL \
    RIG_ARM RIG_SERVICE \
        "/providers/Microsoft.Network/privateEndpoints/rp-pe-id-a?api-version=2020-08-01"
#define PUT_REQUEST \
    REQUEST_BODY( \
        "PUT", URL, "", \
        "{\"location\":\"eastus\",\"properties\":{\"subnet\":{\"id\":\"" RIG_SERVICE \
        "/providers/Microsoft.Network/virtualNetworks/rp-pe-vnet-001/subnets/rp-pe-subnet\"}," \
        "\"manualPrivateLinkServiceConnections\":[{\"name\":\"rp-plsconnection\",\"properties\":" \
        "{\"privateLinkServiceId\":\"" RIG_GROUP \
        "/providers/Microsoft.Network/privateLinkServices/a-12345-pls\"}}]}}")
#define ENDPOINT(status) \
    "{\"properties\":{\"manualPrivateLinkServiceConnections\":[{\"properties\":" \
    "{\"privateLinkServiceConnectionState\":{\"status\":\"" status "\"}}}]}}"

static void check_create(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = PUT_REQUEST,
          .status = 201,
          .headers = "Azure-AsyncOperation: " RIG_ARM "/op",
          .reply = "{}" },
        { .reply = "{\"status\":\"Succeeded\"}" },
        { .request = REQUEST("GET", URL), .reply = ENDPOINT("Approved") },
        { .request = REQUEST("GET", URL "&$expand=networkInterfaces"),
          .reply = "{\"properties\":{\"networkInterfaces\":[{\"properties\":{\"ipConfigurations\":["
                   "{\"properties\":"
                   "{\"privateIPAddress\":\"10.9.0.4\"}}]}}]}}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'infraId':'a-12345'}", script, ARRAY_LEN(script));

    run_step(&r, cluster_create_private_endpoint);

    cluster_rig_assert(&r, "networkProfile.privateEndpointIp", "10.9.0.4");
    cluster_rig_close(&r);
}

static void check_pending(void **state)
{
    (void)state;
    static const struct script_step script[] = { RIG_TOKEN_STEP, { .reply = ENDPOINT("Pending") } };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'infraId':'a-12345'}", script, ARRAY_LEN(script));

    cleanup_error struct error *err = fail_step(&r, cluster_create_private_endpoint);

    assert_non_null(strstr(error_text(err), "rp-pe-id-a: its connection is Pending"));
    cluster_rig_assert(&r, "networkProfile.privateEndpointIp", NULL);
    cluster_rig_close(&r);
}

static void check_delete(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("DELETE", URL), .status = 202, .headers = "Location: " RIG_ARM "/op" },
        { .status = 204 },
        { .request = REQUEST("DELETE", URL), .status = 204 },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    run_step(&r, cluster_delete_private_endpoint);
    run_step(&r, cluster_delete_private_endpoint);

    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("an endpoint is made, and its address kept", check_create),
        CASE("an endpoint that nobody approved is an error", check_pending),
        CASE("an endpoint is deleted, also again", check_delete),
    };
    return RUN_CASES("private_endpoint", tests);
}

#include <string.h>

#include "pkg/database/published.h"
#include "rp/cluster/gateway.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define SERVICE \
    RIG_ARM "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/gwy/providers/" \
            "Microsoft.Network/privateLinkServices/gateway-pls-001"
#define ENDPOINT RIG_GROUP "/providers/Microsoft.Network/privateEndpoints/a-12345-pe"
#define CONNECTION(endpoint, status) \
    "{\"name\":\"c1\",\"properties\":{\"privateEndpoint\":{\"id\":\"" endpoint \
    "\"},\"linkIdentifier\":\"536870913\",\"privateLinkServiceConnectionState\":{\"status\":" \
    "\"" status "\"}}}"
#define SERVICE_REPLY(connections) \
    "{\"properties\":{\"privateEndpointConnections\":[" connections "]}}"
#define INTERFACE \
    { \
        .request = \
            REQUEST("GET", RIG_ARM ENDPOINT "?api-version=2020-08-01&$expand=networkInterfaces"), \
        .reply = \
            "{\"properties\":{\"networkInterfaces\":[{\"properties\":{\"ipConfigurations\":[{" \
            "\"properties\":{\"privateIPAddress\":\"10.0.0.9\"}}]}}]}}" \
    }
#define PROPERTIES_JSON \
    "{'infraId':'a-12345','storageSuffix':'abcde','imageRegistryStorageAccountName':'iabcde'}"
static const char *const env[] = { "GATEWAY_RESOURCEGROUP=gwy", NULL };

static char *give_owner(struct cluster_rig *r)
{
    cleanup_document struct document d = { 0 };
    if (published_get(&r->ctx, r->db.db, PUBLISHED_GATEWAY, "536870913", &d, NULL) < 0)
        return NULL;
    const char *owner = json_path_str(d.tree, "gateway.id");
    return owner ? strdup(owner) : NULL;
}

static void check_ensure(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", SERVICE "?api-version=2020-08-01"),
          .reply =
              SERVICE_REPLY(CONNECTION("/other", "Pending") "," CONNECTION(ENDPOINT, "Pending")) },
        { .request = REQUEST_BODY(
              "PUT", SERVICE "/privateEndpointConnections/c1?api-version=2020-08-01", "",
              "{\"properties\":{\"privateLinkServiceConnectionState\":{\"status\":"
              "\"Approved\",\"description\":\"Approved\"}}}"),
          .reply = "{}" },
        RIG_TOKEN_STEP,
        INTERFACE,
        /* again: approved, recorded */
        { .reply = SERVICE_REPLY(CONNECTION(ENDPOINT, "Approved")) },
        INTERFACE,
    };
    struct cluster_rig r;
    cluster_rig_open_env(&r, PROPERTIES_JSON, env, script, ARRAY_LEN(script));

    run_step(&r, cluster_ensure_gateway);
    run_step(&r, cluster_ensure_gateway);

    cleanup_free char *owner = give_owner(&r);
    assert_string_equal(owner, RIG_KEY("A"));
    cluster_rig_assert(&r, "networkProfile.gatewayPrivateLinkId", "536870913");
    cluster_rig_assert(&r, "networkProfile.gatewayPrivateEndpointIp", "10.0.0.9");
    cluster_rig_close(&r);
}

static void put_record_of(struct cluster_rig *r, const char *link, const char *owner)
{
    json *tree = json_make("{'id':%s,'gateway':{'id':%s}}", link, owner);
    assert_int_equal(published_create(&r->ctx, r->db.db, PUBLISHED_GATEWAY, tree, NULL, NULL), 0);
}

static void put_record(struct cluster_rig *r, const char *owner)
{
    put_record_of(r, "536870913", owner);
}

/* Links' IDs are used again: until the gateway has forgotten the last owner, traffic would be theirs. */
static void check_taken(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = SERVICE_REPLY(CONNECTION(ENDPOINT, "Approved")) },
        RIG_TOKEN_STEP,
        INTERFACE,
    };
    struct cluster_rig r;
    cluster_rig_open_env(&r, PROPERTIES_JSON, env, script, ARRAY_LEN(script));
    put_record(&r, "/subscriptions/other");

    cleanup_error struct error *err = fail_step(&r, cluster_ensure_gateway);

    assert_non_null(strstr(error_text(err), "still belongs to /subscriptions/other"));
    cluster_rig_close(&r);
}

/* ---- mended ---- */

#define ENDPOINT_IS(status_, reply_) \
    { \
        .request = REQUEST("GET", RIG_ARM ENDPOINT "?api-version=2020-08-01"), .status = status_, \
        .reply = reply_ \
    }
#define GATEWAY_ON \
    "{'infraId':'a-12345','storageSuffix':'abcde','imageRegistryStorageAccountName':'iabcde'," \
    "'masterProfile':{'subnetId':'/subnet'},'featureProfile':{'gatewayEnabled':true}," \
    "'networkProfile':{'gatewayPrivateLinkId':'7'}}"

#define MADE_ANEW \
    { \
        .request = REQUEST_BODY( \
            "PUT", RIG_ARM ENDPOINT "?api-version=2020-08-01", "", \
            "{\"location\":\"eastus\",\"properties\":{\"subnet\":{\"id\":\"/subnet\"}," \
            "\"manualPrivateLinkServiceConnections\":[{\"name\":\"gateway-plsconnection\"," \
            "\"properties\":{\"privateLinkServiceId\":\"/subscriptions/" \
            "11111111-1111-1111-1111-111111111111/resourceGroups/gwy/providers/" \
            "Microsoft.Network/privateLinkServices/gateway-pls-001\"}}]}}"), \
        .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" \
    }
#define SERVICE_HAS(connections) \
    { \
        .request = REQUEST("GET", SERVICE "?api-version=2020-08-01"), \
        .reply = SERVICE_REPLY(connections) \
    }
#define DELETED \
    { \
        .request = REQUEST("DELETE", RIG_ARM ENDPOINT "?api-version=2020-08-01"), .status = 204 \
    }

/* Its link is another one then, and the former number is for anybody. */
static void check_mended(const struct script_step *script, size_t len, const char *told)
{
    struct cluster_rig r;
    cleanup_document struct document former = { 0 };
    cluster_rig_open_env(&r, GATEWAY_ON, env, script, len);
    put_record_of(&r, "7", RIG_KEY("a"));

    run_step(&r, cluster_mend_gateway);

    cleanup_free char *owner = give_owner(&r);
    assert_string_equal(owner, RIG_KEY("A"));
    cluster_rig_assert(&r, "networkProfile.gatewayPrivateLinkId", "536870913");
    assert_true(published_get(&r.ctx, r.db.db, PUBLISHED_GATEWAY, "7", &former, NULL) < 0 ||
                json_path_bool(former.tree, "gateway.deleting", false));
    assert_true(log_capture_has(&r.capture, told));
    cluster_rig_close(&r);
}

static void check_lost_endpoint(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        ENDPOINT_IS(404, "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"x\"}}"),
        MADE_ANEW,
        RIG_TOKEN_STEP,
        SERVICE_HAS(CONNECTION(ENDPOINT, "Approved")),
        INTERFACE,
    };
    check_mended(script, ARRAY_LEN(script), "making the endpoint a-12345-pe");
}

static void check_failed_endpoint(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP, ENDPOINT_IS(200, "{\"properties\":{\"provisioningState\":\"Failed\"}}"),
        DELETED,        MADE_ANEW,
        RIG_TOKEN_STEP, SERVICE_HAS(CONNECTION(ENDPOINT, "Approved")),
        INTERFACE,
    };
    check_mended(script, ARRAY_LEN(script), "it has failed");
}

static void check_cut_endpoint(void **state)
{
    (void)state;
    static const struct {
        const char *connections, *told;
    } cases[] = {
        { SERVICE_REPLY(CONNECTION(ENDPOINT, "Disconnected")), "its connection was cut" },
        { SERVICE_REPLY(CONNECTION(ENDPOINT, "Rejected")), "its connection was rejected" },
        { SERVICE_REPLY(CONNECTION("/other", "Approved")), "the gateway knows of no connection" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct script_step script[] = {
            RIG_TOKEN_STEP,
            ENDPOINT_IS(200, "{\"properties\":{\"provisioningState\":\"Succeeded\"}}"),
            RIG_TOKEN_STEP,
            { .reply = cases[i].connections },
            DELETED,
            MADE_ANEW,
            SERVICE_HAS(CONNECTION(ENDPOINT, "Approved")),
            INTERFACE,
        };
        check_mended(script, ARRAY_LEN(script), cases[i].told);
    }
}

static void check_kept_endpoint(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        ENDPOINT_IS(200, "{\"properties\":{}}"),
        RIG_TOKEN_STEP,
        SERVICE_HAS(CONNECTION(ENDPOINT, "Approved")),
        SERVICE_HAS(CONNECTION(ENDPOINT, "Approved")),
        INTERFACE,
    };
    struct cluster_rig r;
    cluster_rig_open_env(&r, GATEWAY_ON, env, script, ARRAY_LEN(script));
    put_record_of(&r, "7", "/subscriptions/other");

    run_step(&r, cluster_mend_gateway);

    cleanup_document struct document other = { 0 };
    assert_int_equal(published_get(&r.ctx, r.db.db, PUBLISHED_GATEWAY, "7", &other, NULL), 0);
    assert_false(json_path_bool(other.tree, "gateway.deleting", false));
    cluster_rig_assert(&r, "networkProfile.gatewayPrivateEndpointIp", "10.0.0.9");
    cluster_rig_close(&r);
}

static void check_unconnected(void **state)
{
    (void)state;
    static const struct script_step script[] = { RIG_TOKEN_STEP, { .reply = SERVICE_REPLY("") } };
    struct cluster_rig r;
    cluster_rig_open_env(&r, PROPERTIES_JSON, env, script, ARRAY_LEN(script));

    cleanup_error struct error *err = fail_step(&r, cluster_ensure_gateway);

    assert_non_null(strstr(error_text(err), "is not connected"));
    cluster_rig_close(&r);
}

#define LINKED "{'networkProfile':{'gatewayPrivateLinkId':'536870913'}}"

static void check_delete(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open_env(&r, LINKED, env, NULL, 0);
    put_record(&r, RIG_KEY("A"));

    run_step(&r, cluster_delete_gateway);
    assert_null(give_owner(&r));
    run_step(&r, cluster_delete_gateway);

    cluster_rig_close(&r);
}

static void check_delete_other(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open_env(&r, LINKED, env, NULL, 0);
    put_record(&r, "/subscriptions/other");

    run_step(&r, cluster_delete_gateway);

    cleanup_free char *owner = give_owner(&r);
    assert_string_equal(owner, "/subscriptions/other");
    cluster_rig_close(&r);
}

static void check_never_linked(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open_env(&r, "{}", env, NULL, 0);

    run_step(&r, cluster_delete_gateway);

    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a link is approved and recorded, once", check_ensure),
        CASE("a link that still belongs to somebody is refused", check_taken),
        CASE("an endpoint that is gone is made again, and its former link forgotten",
             check_lost_endpoint),
        CASE("an endpoint that has failed is made anew", check_failed_endpoint),
        CASE("an endpoint whose connection is cut, rejected or gone is made anew",
             check_cut_endpoint),
        CASE("an endpoint that is there stays, and so do links of others", check_kept_endpoint),
        CASE("an endpoint that has not arrived is told", check_unconnected),
        CASE("a link is withdrawn, and forgotten by the time it ends", check_delete),
        CASE("somebody else's link stays", check_delete_other),
        CASE("a cluster without a link needs nothing", check_never_linked),
    };
    return RUN_CASES("gateway", tests);
}

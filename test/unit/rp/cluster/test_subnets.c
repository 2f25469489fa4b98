#include <string.h>

#include "rp/cluster/subnets.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define SUBNET(name) \
    "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/" \
    "subnets/" name
#define URL(name) RIG_ARM SUBNET(name) "?api-version=2020-08-01"
#define SUBNETS \
    "'infraId':'a-12345','masterProfile':{'subnetId':'" SUBNET( \
        "m") "'}," \
             "'workerProfiles':[{'subnetId':'" SUBNET("w") "'},{'subnetId':'" SUBNET("W") "'}]"
#define BODY(properties) \
    "{\"etag\":\"e1\",\"properties\":{\"addressPrefix\":\"10.0.0.0/24\"" properties "}}"
#define PUT(name, body) REQUEST_BODY("PUT", URL(name), "If-Match: e1\n", body)
#define ENDPOINT(service, state) "{\"service\":\"" service "\",\"locations\":[\"*\"]" state "}"
#define REGISTRY "Microsoft.ContainerRegistry"
#define STORAGE "Microsoft.Storage"
#define SUCCEEDED ",\"provisioningState\":\"Succeeded\""

static void check_endpoints(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", URL("m")), .reply = BODY("") },
        { .request = PUT("m", BODY(",\"serviceEndpoints\":[" ENDPOINT(REGISTRY, "") "," ENDPOINT(
                                  STORAGE, "") "]")),
          .reply = "{}" },
        /* a half one is made whole, a foreign one stays */
        { .request = REQUEST("GET", URL("w")),
          .reply = BODY(",\"serviceEndpoints\":[" ENDPOINT(
              "microsoft.containerregistry",
              SUCCEEDED) "," ENDPOINT(STORAGE,
                                      ",\"provisioningState\":\"Failed\"") "," ENDPOINT("Microsoft."
                                                                                        "Sql",
                                                                                        "") "]") },
        { .request = PUT(
              "w", BODY(",\"serviceEndpoints\":[" ENDPOINT(
                       "microsoft.containerregistry",
                       SUCCEEDED) "," ENDPOINT(STORAGE, "") "," ENDPOINT("Microsoft.Sql", "") "]")),
          .reply = "{}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{" SUBNETS "}", script, ARRAY_LEN(script));

    run_step(&r, cluster_ensure_service_endpoints);

    cluster_rig_close(&r);
}

static void check_endpoints_there(void **state)
{
    (void)state;
    static const char both[] = BODY(",\"serviceEndpoints\":[" ENDPOINT(
        REGISTRY, SUCCEEDED) "," ENDPOINT(STORAGE, SUCCEEDED) "]");
    static const struct script_step script[] = { RIG_TOKEN_STEP,
                                                 { .reply = both },
                                                 { .reply = both } };
    struct cluster_rig r;
    cluster_rig_open(&r, "{" SUBNETS "}", script, ARRAY_LEN(script));

    run_step(&r, cluster_ensure_service_endpoints);

    cluster_rig_close(&r);
}

/* ---- gone ---- */

#define GONE ARM_ERROR(404, "NotFound", "Subnet was not found.")
#define DONE \
    { \
        .reply = BODY(",\"serviceEndpoints\":[" ENDPOINT(REGISTRY, SUCCEEDED) "," ENDPOINT( \
            STORAGE, SUCCEEDED) "]") \
    }

static int list_storage(void *arg, const struct opctx *ctx, struct error **err)
{
    cleanup_strv struct strv found = STRV_INIT;
    if (subnets_list_storage(arg, ctx, &found, err) < 0)
        return -1;
    assert_int_equal(found.len, 1);
    assert_string_equal(found.v[0], SUBNET("m"));
    return 0;
}

static int (*const looks[])(void *, const struct opctx *,
                            struct error **) = { cluster_ensure_service_endpoints, list_storage };

static void check_worker_subnet_gone(void **state)
{
    (void)state;
    static const struct script_step script[] = { RIG_TOKEN_STEP, DONE, GONE };
    for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
        struct cluster_rig r;
        cluster_rig_open(&r, "{" SUBNETS "}", script, ARRAY_LEN(script));
        r.c->job.operation = CLUSTER_ADMIN_UPDATE;

        run_step(&r, looks[i]);

        assert_true(log_capture_has(&r.capture, "is passed over: " SUBNET("w")));
        cluster_rig_close(&r);
    }
}

static void check_subnet_refused(void **state)
{
    (void)state;
    static const struct {
        enum cluster_operation operation;
        struct script_step masters, workers;
        const char *text;
    } cases[] = {
        { CLUSTER_ADMIN_UPDATE, GONE, DONE, "the subnet of the masters is gone" },
        { CLUSTER_ADMIN_UPDATE, DONE, ARM_ERROR(403, "AuthorizationFailed", "no"), "no" },
        { CLUSTER_INSTALL, DONE, GONE, "the subnet of the workers is gone" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(looks); i++) {
        const size_t n = i / ARRAY_LEN(looks);
        const struct script_step script[] = { RIG_TOKEN_STEP, cases[n].masters, cases[n].workers };
        struct cluster_rig r;
        cluster_rig_open(&r, "{" SUBNETS "}", script,
                         cases[n].masters.status == 404 ? 2 : ARRAY_LEN(script));
        r.c->job.operation = cases[n].operation;

        cleanup_error struct error *err = fail_step(&r, looks[i % ARRAY_LEN(looks)]);

        assert_non_null(strstr(error_text(err), cases[n].text));
        assert_false(log_capture_has(&r.capture, "is passed over"));
        cluster_rig_close(&r);
    }
}

static void check_gateway(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{'featureProfile':{'gatewayEnabled':true}," SUBNETS "}", NULL, 0);

    run_step(&r, cluster_ensure_service_endpoints);

    cluster_rig_close(&r);
}

/* The customer changed the subnet between our look and our write: nothing of that is lost. */
static void check_race(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = BODY("") },
        ARM_ERROR(412, "PreconditionFailed", "changed"),
        { .reply = "{\"etag\":\"e2\",\"properties\":{\"routeTable\":{\"id\":\"r\"},"
                   "\"privateEndpointNetworkPolicies\":\"Disabled\"}}" },
        { .request = REQUEST_BODY("PUT", URL("m"), "If-Match: e2\n",
                                  "{\"etag\":\"e2\",\"properties\":{\"routeTable\":{\"id\":\"r\"},"
                                  "\"privateEndpointNetworkPolicies\":\"Disabled\","
                                  "\"privateLinkServiceNetworkPolicies\":\"Disabled\"}}"),
          .reply = "{}" },
        /* again: nothing to write */
        { .reply =
              "{\"etag\":\"e3\",\"properties\":{\"privateEndpointNetworkPolicies\":\"Disabled\","
              "\"privateLinkServiceNetworkPolicies\":\"Disabled\"}}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{" SUBNETS "}", script, ARRAY_LEN(script));

    run_step(&r, cluster_set_master_subnet_policies);
    run_step(&r, cluster_set_master_subnet_policies);

    cluster_rig_close(&r);
}

#define NSG(name) RIG_GROUP "/providers/Microsoft.Network/networkSecurityGroups/a-12345" name
#define WITH_NSG(name) BODY(",\"networkSecurityGroup\":{\"id\":\"" NSG(name) "\"}")

static void check_attach(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", URL("m")), .reply = BODY("") },
        /* made a moment ago, not known everywhere */
        ARM_ERROR(400, "InvalidResourceReference",
                  "Resource x/networkSecurityGroups/n referenced by resource y was not found."),
        { .reply = BODY("") },
        { .request = PUT("m", WITH_NSG("-nsg")), .reply = "{}" },
        { .request = REQUEST("GET", URL("w")), .reply = WITH_NSG("-NSG") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{" SUBNETS "}", script, ARRAY_LEN(script));

    run_step(&r, cluster_attach_nsgs);

    cluster_rig_close(&r);
}

static void check_attach_v1(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = BODY("") },
        { .request = PUT("m", WITH_NSG("-controlplane-nsg")), .reply = "{}" },
        { .reply = BODY("") },
        { .request = PUT("w", WITH_NSG("-node-nsg")), .reply = "{}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'architectureVersion':0," SUBNETS "}", script, ARRAY_LEN(script));

    run_step(&r, cluster_attach_nsgs);

    cluster_rig_close(&r);
}

static void check_attach_other(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = BODY(",\"networkSecurityGroup\":{\"id\":\"/other\"}") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{" SUBNETS "}", script, ARRAY_LEN(script));

    cleanup_error struct error *err = fail_step(&r, cluster_attach_nsgs);

    assert_string_equal(error_get_code(err), "InvalidLinkedVNet");
    assert_non_null(strstr(error_text(err), SUBNET("m")));
    cluster_rig_close(&r);
}

static void check_preconfigured(void **state)
{
    (void)state;
    struct cluster_rig r;
    cluster_rig_open(&r, "{'networkProfile':{'preconfiguredNSG':'Enabled'}," SUBNETS "}", NULL, 0);

    run_step(&r, cluster_attach_nsgs);

    cluster_rig_close(&r);
}

static void check_detach(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = WITH_NSG("-nsg") },
        { .request = PUT("m", BODY("")), .reply = "{}" },
        { .reply = BODY(",\"networkSecurityGroup\":{\"id\":\"/other\"}") },
        ARM_ERROR(404, "NotFound", "gone"),
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{" SUBNETS "}", script, ARRAY_LEN(script));

    for (int i = 0; i < 3; i++)
        assert_int_equal(subnet_detach_nsg(r.c, &r.ctx, SUBNET("m"), NSG("-nsg"), NULL), 0);

    cluster_rig_close(&r);
}

static void check_storage(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = "{\"properties\":{\"serviceEndpoints\":[{\"service\":\"Microsoft.Storage\","
                   "\"locations\":[\"westus\",\"EastUS\"]}]}}" },
        { .reply = "{\"properties\":{\"serviceEndpoints\":[{\"service\":\"Microsoft.Storage\","
                   "\"locations\":[\"westus\"]}]}}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{" SUBNETS "}", script, ARRAY_LEN(script));
    cleanup_strv struct strv found = STRV_INIT;

    assert_int_equal(subnets_list_storage(r.c, &r.ctx, &found, NULL), 0);

    assert_int_equal(found.len, 1);
    assert_string_equal(found.v[0], SUBNET("m"));
    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("missing endpoints are added, others stay", check_endpoints),
        CASE("endpoints that are there are left alone", check_endpoints_there),
        CASE("a subnet of workers that is gone is passed over", check_worker_subnet_gone),
        CASE("other errors end it, and so does a creation or the masters' subnet",
             check_subnet_refused),
        CASE("behind the gateway no endpoints are needed", check_gateway),
        CASE("policies are switched off, whoever else writes", check_race),
        CASE("our network security group is attached, once it is known", check_attach),
        CASE("the first layout has a group for each kind of machine", check_attach_v1),
        CASE("somebody else's network security group is refused", check_attach_other),
        CASE("the customer's own network security groups stay", check_preconfigured),
        CASE("only our network security group is detached", check_detach),
        CASE("subnets that reach storage are told apart by region", check_storage),
    };
    return RUN_CASES("subnets", tests);
}

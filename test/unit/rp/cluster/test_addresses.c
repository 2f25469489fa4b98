#include <string.h>

#include "rp/cluster/addresses.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define NETWORK(type, name) \
    RIG_ARM RIG_GROUP "/providers/Microsoft.Network/" type "/" name "?api-version=2020-08-01"
#define SUBNET \
    "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/w"
#define INTERNAL(ip) \
    "{\"properties\":{\"frontendIPConfigurations\":[" FRONTEND( \
        "a-service", "10.0.0.99") "," FRONTEND("internal-lb-ip-v4", ip) "]}}"
#define FRONTEND(name, ip) \
    "{\"name\":\"" name "\",\"properties\":{\"privateIPAddress\":\"" ip "\"}}"
#define PUBLIC(ip) "{\"properties\":{\"ipAddress\":\"" ip "\"}}"
#define RECORD \
    "{\"etag\":\"e1\",\"properties\":{\"TTL\":300,\"metadata\":{\"resourceId\":\"" RIG_KEY( \
        "A") "\"}}}"

static void check_public(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", NETWORK("loadBalancers", "a-12345-internal")),
          .reply = INTERNAL("10.0.0.5") },
        { .request = REQUEST("GET", NETWORK("publicIPAddresses", "a-12345-pip-v4")),
          .reply = PUBLIC("203.0.113.7") },
        RIG_TOKEN_STEP, /* of the service, for its zone */
        { .reply = RECORD },
        { .reply = "{}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'infraId':'a-12345','apiserverProfile':{'visibility':'Public'}}", script,
                     ARRAY_LEN(script));

    run_step(&r, cluster_update_api_ip);

    assert_non_null(strstr(r.transport.requests.v[5], "203.0.113.7"));
    cluster_rig_assert(&r, "apiserverProfile.ip", "203.0.113.7");
    cluster_rig_assert(&r, "apiserverProfile.intIp", "10.0.0.5");
    cluster_rig_close(&r);
}

static void check_private_v1(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", NETWORK("loadBalancers", "a-12345-internal-lb")),
          .reply = INTERNAL("10.0.0.5") },
    };
    struct cluster_rig r;
    cluster_rig_open(
        &r,
        "{'architectureVersion':0,'infraId':'a-12345','clusterProfile':{'domain':'a.example.org'},"
        "'apiserverProfile':{'visibility':'Private'}}",
        script, ARRAY_LEN(script));

    run_step(&r, cluster_update_api_ip);

    cluster_rig_assert(&r, "apiserverProfile.ip", "10.0.0.5");
    cluster_rig_close(&r);
}

static void check_older_document(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", NETWORK("loadBalancers", "a-12345-internal-lb")),
          .reply = INTERNAL("10.0.0.5") },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'architectureVersion':0,'infraId':'a-12345'}", script,
                     ARRAY_LEN(script));

    run_step(&r, cluster_ensure_internal_ip);
    run_step(&r, cluster_ensure_internal_ip); /* asks nobody */

    cluster_rig_assert(&r, "apiserverProfile.intIp", "10.0.0.5");
    cluster_rig_close(&r);
}

static void check_no_address(void **state)
{
    (void)state;
    static const struct {
        const char *reply, *want;
    } rows[] = {
        { "{\"properties\":{}}", "a-12345-internal: it has no frontend internal-lb-ip-v4" },
        { "{\"properties\":{\"frontendIPConfigurations\":[" FRONTEND("a-service", "10.0.0.9") "]}}",
          "a-12345-internal: it has no frontend internal-lb-ip-v4" },
        { "{\"properties\":{\"frontendIPConfigurations\":[{\"name\":\"internal-lb-ip-v4\"}]}}",
          "properties.privateIPAddress" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct script_step script[] = { RIG_TOKEN_STEP, { .reply = rows[i].reply } };
        struct cluster_rig r;
        cluster_rig_open(&r, "{'infraId':'a-12345'}", script, ARRAY_LEN(script));

        cleanup_error struct error *err = fail_step(&r, cluster_update_api_ip);

        assert_non_null(strstr(error_text(err), rows[i].want));
        cluster_rig_close(&r);
    }
}

static void check_public_router(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST("GET", NETWORK("publicIPAddresses", "a-12345-default-v4")),
          .reply = PUBLIC("203.0.113.8") },
        RIG_TOKEN_STEP,
        ARM_ERROR(404, "NotFound", "gone"),
        { .reply = "{}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'infraId':'a-12345','ingressProfiles':[{'visibility':'Public'}]}",
                     script, ARRAY_LEN(script));

    run_step(&r, cluster_create_router_ip_early);

    cluster_rig_assert(&r, "ingressProfiles[0].ip", "203.0.113.8");
    assert_non_null(strstr(r.transport.requests.v[4], "/A/*.apps.a"));
    cluster_rig_close(&r);
}

/* An address that was chosen is kept: machines may know it. */
static void check_private_router(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request =
              REQUEST("GET", RIG_ARM SUBNET "?api-version=2020-08-01&$expand=ipConfigurations"),
          .reply = "{\"properties\":{\"addressPrefixes\":[\"10.0.1.0/"
                   "27\"],\"ipConfigurations\":[{\"properties\":"
                   "{\"privateIPAddress\":\"10.0.1.30\"}},{\"id\":\"x\"}]}}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r,
                     "{'infraId':'a-12345','clusterProfile':{'domain':'a.example.org'},'"
                     "workerProfiles':[{'subnetId':'" SUBNET
                     "'}],'ingressProfiles':[{'visibility':'Private'}]}",
                     script, ARRAY_LEN(script));

    run_step(&r, cluster_create_router_ip_early);
    cluster_rig_assert(&r, "ingressProfiles[0].ip", "10.0.1.29");
    run_step(&r, cluster_create_router_ip_early);

    cluster_rig_assert(&r, "ingressProfiles[0].ip", "10.0.1.29");
    cluster_rig_close(&r);
}

struct free_case {
    const char *name, *prefix, *used, *want;
};
static struct free_case frees[] = {
    { "the last address but one", "10.0.0.0/24", "", "10.0.0.254" },
    { "below those that are used", "10.0.0.0/24", "10.0.0.254 10.0.0.253", "10.0.0.252" },
    { "the reserved ones stay", "10.0.0.0/29", "10.0.0.6 10.0.0.5", "10.0.0.4" },
    { "none is left", "10.0.0.0/29", "10.0.0.6 10.0.0.5 10.0.0.4", NULL },
    { "a range whose text begins within it", "10.0.0.17/28", "", "10.0.0.30" },
    { "a range at the very end", "255.255.255.248/29", "", "255.255.255.254" },
    { "a range at the very beginning", "0.0.0.0/29", "0.0.0.6 0.0.0.5 0.0.0.4", NULL },
    { "a single address", "10.0.0.1/32", "", NULL },
    { "no range", "10.0.0.1", "", NULL },
    { "no text", NULL, "", NULL },
};

static void check_free(void **state)
{
    const struct free_case *c = *state;
    cleanup_strv struct strv used = STRV_INIT;
    strv_split(&used, c->used, " ", false);

    cleanup_free char *got = address_give_highest_free(c->prefix, &used);

    if (c->want)
        assert_string_equal(got, c->want);
    else
        assert_null(got);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        CASE("a public API is at its public address", check_public),
        CASE("a private API is at the internal load balancer", check_private_v1),
        CASE("an older document learns where the API is inside", check_older_document),
        CASE("a load balancer without an address is told", check_no_address),
        CASE("a public router gets the address that waits for it", check_public_router),
        CASE("a private router gets a free address, and keeps it", check_private_router),
    };
    struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(frees)];
    memcpy(tests, plain, sizeof(plain));
    for (size_t i = 0; i < ARRAY_LEN(frees); i++)
        tests[ARRAY_LEN(plain) + i] =
            (struct CMUnitTest)CASE_OF(frees[i].name, check_free, &frees[i]);
    return RUN_CASES("addresses", tests);
}

#include <string.h>

#include "rp/validate/dynamic.h"
#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define TOKEN(client, audience) \
    "POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token\n" \
    "Content-Type: application/x-www-form-urlencoded\nAccept: application/json\n\n" \
    "grant_type=client_credentials&client_id=" client "&scope=https%3A%2F%2F" audience \
    "%2F%2F.default&client_secret=secret"
#define GIVES_TOKEN \
    .reply = "{\"token_type\":\"Bearer\",\"expires_in\":3599," \
             "\"access_token\":\"e30.eyJvaWQiOiJjIn0.c2ln\"}"
#define TOKENS \
    { .request = TOKEN("app", "management.azure.com"), GIVES_TOKEN }, \
        { .request = TOKEN("app", "graph.microsoft.com"), GIVES_TOKEN }, \
    { \
        .request = TOKEN("first-party", "management.azure.com"), GIVES_TOKEN \
    }
#define MAY(who, id) \
    { \
        .request = PERMISSIONS(who, id), .reply = ALLOWS(ALL) \
    }
#define MAY_NETWORKS \
    MAY("cluster", VNET), MAY("provider", VNET), MAY("cluster", MASTERS), MAY("cluster", WORKERS), \
        MAY("provider", MASTERS), MAY("provider", WORKERS)
#define HAS_NETWORK(masters, workers) \
    { \
        .request = NETWORK("cluster", VNET), .reply = VNET_REPLY(masters, workers) \
    }
#define ROUTES "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/routeTables/r"
#define NAT "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/natGateways/n"
#define REFERS(member, id) ",\"" member "\":{\"id\":\"" id "\"}"
#define NSG \
    REFERS("networkSecurityGroup", GROUP "/providers/Microsoft.Network/" \
                                         "networkSecurityGroups/x-abcde-nsg")
#define REGISTRY \
    ",\"serviceEndpoints\":[{\"service\":\"Microsoft.ContainerRegistry\"," \
    "\"provisioningState\":\"Succeeded\"}]"
#define PRIVATE ",\"privateLinkServiceNetworkPolicies\":\"Disabled\""
#define PROVIDER_IS(name, state) \
    { \
        .request = ASKS("cluster", "/subscriptions/s/providers/" name "?api-version=2021-04-01"), \
        .reply = "{\"registrationState\":\"" state "\"}" \
    }
#define USAGES(ns, version) \
    { \
        .request = ASKS("cluster", "/subscriptions/s/providers/" ns \
                                   "/locations/EastUS/usages?api-version=" version), \
        .reply = "{\"value\":[]}" \
    }
#define SCRIPT_MAX 20

struct run_case {
    const char *name, *properties;
    struct script_step script[SCRIPT_MAX];
    struct refusal want;
};
static struct run_case cases[] = {
    { "a new cluster's tokens, permissions and networks are looked at, in this order",
      "{}",
      { TOKENS, MAY_NETWORKS, HAS_NETWORK("", "") },
      { 0 } },
    { "what hangs on its subnets is looked at as both, before the subnets themselves",
      "{}",
      { TOKENS, MAY_NETWORKS,
        HAS_NETWORK(REFERS("routeTable", ROUTES) REFERS("natGateway", NAT),
                    ",\"provisioningState\":\"Updating\""),
        MAY("cluster", ROUTES), MAY("provider", ROUTES), MAY("cluster", NAT),
        MAY("provider", NAT) },
      { "InvalidLinkedVNet", "properties.workerProfiles[0].subnetId",
        "The provided subnet '" WORKERS "' is not in a Succeeded state" } },
    { "one of the first layout needs what its customer prepares, and room",
      "{'architectureVersion':0}",
      { TOKENS, MAY("cluster", VNET), MAY("provider", VNET),
        HAS_NETWORK(PRIVATE REGISTRY, REGISTRY),
        PROVIDER_IS("Microsoft.Authorization", "Registered"),
        PROVIDER_IS("Microsoft.Compute", "Registered"),
        PROVIDER_IS("Microsoft.Network", "Registered"),
        PROVIDER_IS("Microsoft.Storage", "Registered"), USAGES("Microsoft.Compute", "2020-06-01"),
        USAGES("Microsoft.Network", "2020-08-01") },
      { 0 } },
    { "an existing one of it does not",
      "{'architectureVersion':0,'provisioningState':'Updating','networkProfile':"
      "{'preconfiguredNSG':'Enabled'}}",
      { TOKENS, MAY("cluster", VNET), MAY("provider", VNET), HAS_NETWORK(NSG, NSG),
        MAY("cluster", GROUP "/providers/Microsoft.Network/networkSecurityGroups/x-abcde-nsg"),
        MAY("provider", GROUP "/providers/Microsoft.Network/networkSecurityGroups/x-abcde-nsg") },
      { 0 } },
    { "an existing cluster's outbound addresses are looked at",
      "{'provisioningState':'Updating'}",
      { TOKENS,
        MAY_NETWORKS,
        HAS_NETWORK(NSG, NSG),
        { .request = NETWORK("provider", GROUP "/providers/Microsoft.Network/loadBalancers/x-abcde/"
                                               "backendAddressPools/x-abcde"),
          .reply = "{}" } },
      { 0 } },
    { "the first refusal ends it",
      "{}",
      { TOKENS,
        MAY("cluster", VNET),
        MAY("provider", VNET),
        { .request = PERMISSIONS("cluster", MASTERS), REFUSES(404, "NotFound") } },
      { "InvalidLinkedSubnet", "properties.masterProfile.subnetId",
        "The subnet '" MASTERS "' could not be found." } },
};

static size_t len_of(const struct script_step *script)
{
    size_t len = 0;
    while (len < SCRIPT_MAX && script[len].request)
        len++;
    return len;
}

static void check(void **state)
{
    const struct run_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, c->properties, c->script, len_of(c->script));

    int result = dynamic_validate(&r.cfg, &r.ctx, &err);

    validate_rig_assert(result, err, &c->want);
}

static const json *find_no_role_set(void *arg, const char *minor)
{
    (void)arg;
    (void)minor;
    return NULL;
}

static void without_a_service_principal_the_identities_come_first(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        { .request = TOKEN("first-party", "management.azure.com"), GIVES_TOKEN },
        { .request = ASKS("provider", "/subscriptions/s/providers/Microsoft.Authorization/"
                                      "roleDefinitions/ef318e2a-8334-4a05-9e4a-295a196c6a6e"
                                      "?api-version=2018-01-01-preview"),
          .reply = "{\"properties\":{\"permissions\":[{\"actions\":[\"a\"]}]}}" },
    };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r,
                      "{'clusterProfile':{'version':'4.14.1'},'platformWorkloadIdentityProfile':{"
                      "'platformWorkloadIdentities':{}}}",
                      script, ARRAY_LEN(script));
    json_put(r.cluster, "managedServiceIdentity",
             json_make("{'userAssignedIdentities':{'/i':{'principalId':'o'}}}"));
    r.cfg.find_role_set = find_no_role_set;

    assert_int_equal(dynamic_validate(&r.cfg, &r.ctx, &err), -1);

    assert_string_equal(error_get_code(err), "InvalidParameter");
    assert_non_null(strstr(error_text(err), "4.14"));
}

static void a_cluster_without_subnets_is_refused(void **state)
{
    (void)state;
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, "{}", NULL, 0);
    cleanup_json json *bare = json_make("{'properties':{'masterProfile':{}}}");
    r.cfg.cluster = bare;

    assert_int_equal(dynamic_validate(&r.cfg, &r.ctx, &err), -1);

    assert_string_equal(error_text(err),
                        "properties.masterProfile.subnetId: subnetId: missing or not a string");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("without a service principal the identities come first",
                                without_a_service_principal_the_identities_come_first);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE("a cluster without subnets is refused",
                                                          a_cluster_without_subnets_is_refused);
    return RUN_CASES("validation of a cluster", tests);
}

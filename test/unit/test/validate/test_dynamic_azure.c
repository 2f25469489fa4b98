/* Validation of a cluster against the simulated Azure: over HTTPS, with tokens that it signs and permissions that it knows. */
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/validate/dynamic.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define PROVIDER "f1dd0a37-89c6-4e07-bcd1-ffd3d43d8875"
#define LOWER_VNET \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/net-rg/providers/" \
    "microsoft.network/virtualnetworks/dev-vnet"
#define MASTERS RIG_VNET "/subnets/master"
#define WORKERS RIG_VNET "/subnets/worker"
#define SUBNET_STATE(name, more) \
    "'" LOWER_VNET "/subnets/" name "':{'properties':{'networkSecurityGroup':null" more "}}"
#define NETWORK_STATE(masters, workers) \
    "{'resources':{" SUBNET_STATE("master", masters) "," SUBNET_STATE("worker", workers) "}}"
#define LIMIT(application, actions) \
    "{'applications':{'" application "':{'permissions':{'default':[{'actions':[" actions "]}]}}}}"
#define PERMISSIONS_FAULT(status, body) \
    "[{'method':'GET','host':'management.azure.com','path':'*/dev-vnet/providers/" \
    "microsoft.authorization/permissions','times':1,'status':" status ",'body':" body "}]"

struct principal {
    struct azure_credential credential; /* constants but the secret: never released */
    struct azure_tokens *tokens;
    struct arm *arm;
};

struct azure {
    struct rig sim;
    struct http_peer *peer; /* to any name, at the simulator's port */
    struct principal provider, service;
    json *cluster;
    struct dynamic_validation cfg;
};

static char tenant[] = RIG_TENANT, provider_id[] = PROVIDER, service_id[] = RIG_APPLICATION;

static void open_principal(struct azure *a, struct principal *p, char *client_id,
                           const char *secret)
{
    const struct azure_cloud *cloud = azure_cloud_find("AzurePublicCloud");
    p->credential =
        (struct azure_credential){ .type = AZURE_CLIENT_SECRET,
                                   .tenant_id = tenant,
                                   .client_id = client_id,
                                   .client_secret = secret_new(secret, strlen(secret)) };
    const struct azure_tokens_config tokens = { http_peer_transport(a->peer), cloud, &p->credential,
                                                clock_system(), rng_system() };
    p->tokens = azure_tokens_new(&tokens);
    const struct arm_config arm = { .transport = http_peer_transport(a->peer),
                                    .tokens = p->tokens,
                                    .cloud = cloud,
                                    .user_agent = "test",
                                    .clock = clock_system(),
                                    .rng = rng_system() };
    p->arm = arm_new(&arm);
}

static void close_principal(struct principal *p)
{
    arm_free(p->arm);
    azure_tokens_free(p->tokens);
    secret_unref(p->credential.client_secret);
}

static void open_azure(struct azure *a, int layout)
{
    memset(a, 0, sizeof(*a));
    rig_open(&a->sim);
    rig_patch(&a->sim, NETWORK_STATE("", ""));
    rig_patch(&a->sim, "{'applications':{'" PROVIDER "':{'secret':'first-party'}}}");
    const struct http_peer_config peer = { .ca_pem = azure_sim_ca_pem(a->sim.sim),
                                           .dial_address = a->sim.host };
    assert_int_equal(http_peer_new(a->sim.client, &peer, &a->peer, NULL), 0);
    open_principal(a, &a->provider, provider_id, "first-party");
    open_principal(a, &a->service, service_id, "dummy-client-secret");
    a->cluster = json_make(
        "{'location':'eastus','properties':{'architectureVersion':%d,'provisioningState':"
        "'Creating','clusterProfile':{'resourceGroupId':'" RIG_SUBSCRIPTION
        "/resourceGroups/aro-new'},'networkProfile':{'podCidr':'10.128.0.0/14','serviceCidr':"
        "'172.30.0.0/16'},'masterProfile':{'subnetId':'" MASTERS "','vmSize':'Standard_D8s_v3'},"
        "'workerProfiles':[{'subnetId':'" WORKERS "','vmSize':'Standard_D4s_v3','count':3}]}}",
        layout);
    a->cfg = (struct dynamic_validation){
        .cluster = a->cluster,
        .subscription_id = strrchr(RIG_SUBSCRIPTION, '/') + 1,
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .provider = { a->provider.arm, a->provider.tokens, provider_id },
        .service = { a->service.arm, a->service.tokens, service_id },
        .intervals = { .access_poll_ms = 1, .token_poll_ms = 1 },
    };
}

static void close_azure(struct azure *a)
{
    close_principal(&a->provider);
    close_principal(&a->service);
    http_peer_unref(a->peer);
    json_free(a->cluster);
    rig_close(&a->sim);
}
#define cleanup_azure CLEANUP_WITH(close_azure)

struct azure_case {
    const char *name;
    int layout;
    const char *state, *faults;   /* NULL: as it is */
    const char *want_code, *want; /* NULL: passes */
};
static struct azure_case cases[] = {
    { "a new cluster passes", 1, NULL, NULL, NULL, NULL },
    { "so does one of the first layout", 0, NULL, NULL, NULL, NULL },
    { "a secret that is not the application's is refused", 1,
      "{'applications':{'" RIG_APPLICATION "':{'secret':'another'}}}", NULL,
      "InvalidServicePrincipalCredentials",
      "The provided service principal credentials are invalid: AADSTS7000215: " },
    { "an application that may change applications is refused", 1,
      "{'applications':{'" RIG_APPLICATION "':{'graphRoles':['Application.ReadWrite.OwnedBy']}}}",
      NULL, "InvalidServicePrincipalCredentials",
      "The provided service principal must not have the Application.ReadWrite.OwnedBy "
      "permission." },
    { "a service principal without roles is refused", 1, LIMIT(RIG_APPLICATION, "'*/read'"), NULL,
      "InvalidServicePrincipalPermissions",
      "The cluster service principal (Application ID: " RIG_APPLICATION
      ") does not have Network Contributor role on vnet '" RIG_VNET "'." },
    { "a provider that may only read lacks the subnets", 1, LIMIT(PROVIDER, "'*/read'"), NULL,
      "InvalidResourceProviderPermissions",
      "The resource provider service principal (Application ID: " PROVIDER
      ") does not have Network Contributor role on subnet '" MASTERS "'." },
    { "a network that is gone is refused", 1, "{'resources':{'" LOWER_VNET "':null}}", NULL,
      "InvalidLinkedVNet", "The vnet '" RIG_VNET "' could not be found." },
    { "a network elsewhere is refused", 1, "{'resources':{'" LOWER_VNET "':{'location':'moon'}}}",
      NULL, "InvalidLinkedVNet",
      "The vnet location 'moon' must match the cluster location 'eastus'." },
    { "a security group of the customer's is refused", 1,
      NETWORK_STATE("", ",'networkSecurityGroup':{'id':'" RIG_NSGS "/foreign-nsg'}"), NULL,
      "InvalidLinkedVNet",
      "The provided subnet '" WORKERS
      "' is invalid: must not have a network security group attached." },
    { "a subnet that is too small is refused", 1,
      NETWORK_STATE("", ",'addressPrefix':'10.0.2.0/28'"), NULL, "InvalidLinkedVNet",
      "The provided subnet '" WORKERS "' is invalid: must be /27 or larger." },
    { "the first layout needs its endpoints", 0, NETWORK_STATE(",'serviceEndpoints':[]", ""), NULL,
      "InvalidLinkedVNet",
      "The provided subnet '" MASTERS
      "' is invalid: must have Microsoft.ContainerRegistry serviceEndpoint." },
    { "the first layout needs a provider", 0,
      "{'registrations':{'microsoft.storage':'NotRegistered'}}", NULL,
      "ResourceProviderNotRegistered",
      "The resource provider 'Microsoft.Storage' is not registered." },
    { "the first layout needs cores", 0, "{'usages':{'cores':{'currentValue':961}}}", NULL,
      "ResourceQuotaExceeded",
      "Resource quota of cores exceeded. Maximum allowed: 1000, Current in use: 961, Additional "
      "requested: 40." },
    { "what Azure cannot answer at once is asked again", 1, NULL, PERMISSIONS_FAULT("503", "{}"),
      NULL, NULL },
};

static void check(void **state)
{
    const struct azure_case *c = *state;
    cleanup_azure struct azure a;
    cleanup_error struct error *err = NULL;
    open_azure(&a, c->layout);
    if (c->state)
        rig_patch(&a.sim, c->state);
    if (c->faults)
        rig_faults(&a.sim, c->faults);

    int result = dynamic_validate(&a.cfg, &a.sim.ctx, &err);

    if (!c->want && result < 0)
        fail_msg("%s", error_text(err));
    assert_int_equal(result, c->want ? -1 : 0);
    if (!c->want)
        return;
    if (strncmp(error_text(err), c->want, strlen(c->want)) != 0)
        fail_msg("'%s' does not begin with '%s'", error_text(err), c->want);
    assert_string_equal(error_get_code(err), c->want_code);
}

/* The first list of permissions is of before a role was given. */
static void a_role_that_spreads_is_waited_for(void **state)
{
    (void)state;
    cleanup_azure struct azure a;
    cleanup_error struct error *err = NULL;
    open_azure(&a, 1);
    rig_faults(&a.sim, PERMISSIONS_FAULT("200", "{'value':[]}"));
    a.cfg.intervals.access_timeout_ms = 10000;

    if (dynamic_validate(&a.cfg, &a.sim.ctx, &err) < 0)
        fail_msg("%s", error_text(err));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("a role that spreads is waited for",
                                                      a_role_that_spreads_is_waited_for);
    return RUN_CASES("validation against the simulated Azure", tests);
}

#include "hack/devcloud/up/first_user.h"

#include "hack/devcloud/azure/azure.h"
#include "hack/devcloud/up/variables.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUBSCRIPTION "/subscriptions/" AZURE_SIM_SUBSCRIPTION
#define GROUP(name) SUBSCRIPTION "/resourceGroups/" name, "2021-04-01", GROUP_BODY, GROUP_STATE
#define GROUP_BODY "{\"location\":\"" VARIABLES_LOCATION "\"}"
#define GROUP_STATE "properties.provisioningState", "Succeeded"
#define SUBNET(name, prefix) \
    "{\"name\":\"" name "\",\"properties\":{\"addressPrefix\":\"" prefix "\"}}"

/* What `az aro create` gives the resource provider on the network of a cluster. */
#define NETWORK(group, name) \
    SUBSCRIPTION "/resourceGroups/" group "/providers/Microsoft.Network/virtualNetworks/" name
#define TRUST(group, name) \
    NETWORK(group, name) \
    "/providers/Microsoft.Authorization/roleAssignments/4d97b98b-0000-4000-8000-00000000000a", \
        "2022-04-01", TRUST_BODY, "properties.principalId", AZURE_SIM_PROVIDER_OBJECT
#define TRUST_BODY \
    "{\"properties\":{\"principalId\":\"" AZURE_SIM_PROVIDER_OBJECT \
    "\",\"principalType\":\"ServicePrincipal\",\"roleDefinitionId\":\"" SUBSCRIPTION \
    "/providers/Microsoft.Authorization/roleDefinitions/" AZURE_SIM_NETWORK_CONTRIBUTOR "\"}}"

static const struct wish {
    const char *path, *api_version;
    const char *body;        /* of a PUT; NULL: POST path/register */
    const char *state, *end; /* what is said where, once it is done */
} wishes[] = {
    { GROUP(VARIABLES_NETWORK_GROUP) },
    { GROUP(VARIABLES_CLUSTER) },
    { GROUP(VARIABLES_RP_GROUP) },
    { GROUP(VARIABLES_DOMAIN_GROUP) },
    { NETWORK(VARIABLES_NETWORK_GROUP, "vnet"), "2022-07-01",
      "{\"location\":\"" VARIABLES_LOCATION
      "\",\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/22\"]},"
      "\"subnets\":[" SUBNET("master", "10.0.0.0/23") "," SUBNET("worker", "10.0.2.0/23") "]}}",
      "properties.provisioningState", "Succeeded" },
    /* Where the first quick start's cluster is put, whose request names no subnets. */
    { NETWORK(VARIABLES_CLUSTER, VARIABLES_CLUSTER_NETWORK), "2022-07-01",
      "{\"location\":\"" VARIABLES_LOCATION
      "\",\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.0.4.0/22\"]},"
      "\"subnets\":[" SUBNET(VARIABLES_CLUSTER "-master", "10.0.4.0/23") "," SUBNET(
          VARIABLES_CLUSTER "-worker", "10.0.6.0/23") "]}}",
      "properties.provisioningState", "Succeeded" },
    { TRUST(VARIABLES_NETWORK_GROUP, "vnet") },
    { TRUST(VARIABLES_CLUSTER, VARIABLES_CLUSTER_NETWORK) },
    { SUBSCRIPTION "/providers/Microsoft.RedHatOpenShift", "2021-04-01", NULL, "registrationState",
      "Registered" },
};

/* Writes take their time; what is read then tells when it is over. */
static int await(const struct cloud_user *u, const struct wish *w, const struct user_question *read,
                 struct error **err)
{
    for (;;) {
        cleanup_json json *found = NULL;
        if (user_ask(u, read, &found, err) < 0)
            return -1;
        if (str_eq(json_path_str(found, w->state), w->end))
            return 0;
        if (u->pause(u->arg, err) < 0)
            return error_wrap(err, "waiting for %s", w->path);
    }
}

static int fulfil(const struct cloud_user *u, const struct wish *w, const char *token,
                  struct error **err)
{
    cleanup_free char *url = xasprintf("%s%s%s?api-version=%s", u->azure_url, w->path,
                                       w->body ? "" : "/register", w->api_version);
    cleanup_free char *there =
        xasprintf("%s%s?api-version=%s", u->azure_url, w->path, w->api_version);
    const struct user_question write = { w->body ? "PUT" : "POST", url, token, "application/json",
                                         w->body };
    const struct user_question read = { "GET", there, token, NULL, NULL };
    cleanup_json json *reply = NULL;
    if (user_ask(u, &write, &reply, err) < 0)
        return -1;
    return await(u, w, &read, err);
}

int first_user_prepare(const struct cloud_user *u, struct error **err)
{
    cleanup_free char *token = NULL;
    if (user_sign_in(u, &token, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
        if (fulfil(u, &wishes[i], token, err) < 0)
            return -1;
    return 0;
}

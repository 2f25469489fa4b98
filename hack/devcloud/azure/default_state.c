#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUBSCRIPTION AZURE_SIM_SUBSCRIPTION
#define NETWORK "/subscriptions/" SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.Network/"
#define CLUSTER_GROUP \
    "/subscriptions/" SUBSCRIPTION "/resourceGroups/aro-cluster/providers/Microsoft.Network/"
#define INFRA "aro-x7k2p"
#define LOCATION "eastus"

int azure_state_check(const json *state, struct error **err)
{
    static const char *const texts[] = { "tenant", "subscription", "location" };
    static const char *const tables[] = { "applications", "permissions", "resources" };
    const char *text;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (json_need_str(state, texts[i], &text, err) < 0)
            return -1;
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (!json_is_object(json_get(state, tables[i])))
            return error_set(err, ERR_INVALID, "%s: missing or not an object", tables[i]);
    for (struct json_iter it = json_each(json_get(state, "applications")); json_next(&it);)
        if (!json_is_object(it.value))
            return error_set(err, ERR_INVALID, "applications: %s is not an object", it.key);
    for (struct json_iter it = json_each(json_get(state, "resources")); json_next(&it);)
        if (!json_is_object(it.value) || json_need_str(it.value, "id", &text, NULL) < 0 ||
            json_need_str(it.value, "name", &text, NULL) < 0 ||
            !json_is_object(json_get(it.value, "properties")))
            return error_set(err, ERR_INVALID,
                             "resources: %s is not an object with id, name and properties", it.key);
    return 0;
}

static void put(json *resources, const char *id, const char *type, json *properties)
{
    const char *name = strrchr(id, '/') + 1;
    cleanup_free char *key = str_give_lower(id);
    json_put(resources, key,
             json_make("{'id':%s,'name':%s,'type':%s,'etag':'W/"
                       "\"00000000-0000-4000-8000-000000000001\"','properties':%j}",
                       id, name, type, properties));
    if (!strstr(id, "/subnets/")) /* a subnet is where its network is */
        json_put(json_get(resources, key), "location", json_new_str(LOCATION));
}

static json *give_subnet(const char *prefix, const char *nsg)
{
    return json_make(
        "{'provisioningState':'Succeeded','addressPrefix':%s,'networkSecurityGroup':{'id':%s},"
        "'serviceEndpoints':[{'provisioningState':'Succeeded','service':'Microsoft."
        "ContainerRegistry','locations':['*']},"
        "{'provisioningState':'Succeeded','service':'Microsoft.Storage','locations':['*']}],"
        "'delegations':[],'privateEndpointNetworkPolicies':'Disabled','"
        "privateLinkServiceNetworkPolicies':'Disabled'}",
        prefix, nsg);
}

static json *give_nsg(void)
{
    return json_make("{'provisioningState':'Succeeded','securityRules':[]}");
}

static void put_group(json *resources, const char *name)
{
    cleanup_free char *id = xasprintf("/subscriptions/" SUBSCRIPTION "/resourceGroups/%s", name);
    cleanup_free char *key = str_give_lower(id);
    json_put(resources, key,
             json_make("{'id':%s,'name':%s,'type':'Microsoft.Resources/resourceGroups',"
                       "'location':%s,'properties':{'provisioningState':'Succeeded'}}",
                       id, name, LOCATION));
}

/* A network with one subnet, from which storage accounts are reached. */
static void put_network(json *resources, const char *group, const char *network, const char *subnet,
                        const char *range)
{
    cleanup_free char *vnet =
        xasprintf("/subscriptions/" SUBSCRIPTION "/resourceGroups/%s/providers"
                  "/Microsoft.Network/virtualNetworks/%s",
                  group, network);
    cleanup_free char *id = xasprintf("%s/subnets/%s", vnet, subnet);
    put(resources, vnet, "Microsoft.Network/virtualNetworks",
        json_make("{'provisioningState':'Succeeded','addressSpace':{'addressPrefixes':[%s]}}",
                  range));
    put(resources, id, "Microsoft.Network/virtualNetworks/subnets",
        json_make("{'provisioningState':'Succeeded','addressPrefix':%s,'delegations':[],"
                  "'serviceEndpoints':[{'service':'Microsoft.Storage','locations':['*'],"
                  "'provisioningState':'Succeeded'}],"
                  "'privateEndpointNetworkPolicies':'Disabled',"
                  "'privateLinkServiceNetworkPolicies':'Enabled'}",
                  range));
}

void azure_sim_put_service(json *state, const struct azure_sim_service *s)
{
    json *r = json_get(state, "resources");
    cleanup_free char *zone =
        xasprintf("/subscriptions/" SUBSCRIPTION "/resourceGroups/%s/providers"
                  "/Microsoft.Network/dnszones/%s",
                  s->domain_group, s->domain);
    cleanup_free char *key = str_give_lower(zone);
    put_group(r, s->group);
    put_group(r, s->domain_group);
    put_network(r, s->group, "rp-pe-vnet-001", "rp-pe-subnet",
                s->endpoints ? s->endpoints : "127.64.0.0/10");
    put_network(r, s->group, "rp-vnet", "rp-subnet", "10.1.0.0/24");
    put(r, zone, "Microsoft.Network/dnszones", json_make("{}"));
    json_put(json_get(r, key), "location", json_new_str("global"));
    if (s->public_addresses)
        json_put(state, "public_addresses", json_new_str(s->public_addresses));
}

void azure_sim_put_role(json *state, const char *scope, const char *role, const char *principal)
{
    cleanup_free char *id =
        xasprintf("%s/providers/Microsoft.Authorization/roleAssignments/%s", scope, role);
    cleanup_free char *key = str_give_lower(id);
    cleanup_free char *definition =
        xasprintf("/subscriptions/" SUBSCRIPTION "/providers/Microsoft.Authorization/"
                  "roleDefinitions/%s",
                  role);
    json_put(json_get(state, "resources"), key,
             json_make("{'id':%s,'name':%s,'type':'Microsoft.Authorization/roleAssignments',"
                       "'properties':{'roleDefinitionId':%s,'principalId':%s,"
                       "'principalType':'ServicePrincipal','scope':%s}}",
                       id, role, definition, principal, scope));
}

static json *give_resources(void)
{
    json *r = json_new_object();
    put_group(r, "net-rg");
    put_group(r, "aro-cluster");
    put(r, NETWORK "virtualNetworks/dev-vnet", "Microsoft.Network/virtualNetworks",
        json_make("{'provisioningState':'Succeeded','addressSpace':{'addressPrefixes':['10.0.0.0/"
                  "22']}}"));
    put(r, NETWORK "virtualNetworks/dev-vnet/subnets/master",
        "Microsoft.Network/virtualNetworks/subnets",
        give_subnet("10.0.0.0/23", CLUSTER_GROUP "networkSecurityGroups/" INFRA "-nsg"));
    put(r, NETWORK "virtualNetworks/dev-vnet/subnets/worker",
        "Microsoft.Network/virtualNetworks/subnets",
        give_subnet("10.0.2.0/23", CLUSTER_GROUP "networkSecurityGroups/" INFRA "-nsg"));
    put(r, CLUSTER_GROUP "networkSecurityGroups/" INFRA "-nsg",
        "Microsoft.Network/networkSecurityGroups", give_nsg());
    put(r, CLUSTER_GROUP "networkSecurityGroups/" INFRA "-node-nsg",
        "Microsoft.Network/networkSecurityGroups", give_nsg());
    put(r, CLUSTER_GROUP "networkSecurityGroups/" INFRA "-controlplane-nsg",
        "Microsoft.Network/networkSecurityGroups", give_nsg());
    put(r, NETWORK "networkSecurityGroups/foreign-nsg", "Microsoft.Network/networkSecurityGroups",
        give_nsg());
    return r;
}

json *azure_sim_give_default_state(void)
{
    json *state =
        json_make("{'tenant':'" AZURE_SIM_TENANT "','subscription':%s,'location':%s,"
                  "'applications':{'" AZURE_SIM_APPLICATION "':{'objectId':'33333333-3333-3333-"
                  "3333-333333333333',"
                  "'secret':'dummy-client-secret','graphRoles':[]},"
                  "'" AZURE_SIM_PROVIDER "':{'objectId':'" AZURE_SIM_PROVIDER_OBJECT "',"
                  "'displayName':'Azure Red Hat OpenShift RP','graphRoles':[]}},"
                  "'permissions':{'default':[{'actions':['*'],'notActions':[]}]},"
                  "'resources':%j,'operation_ms':200,'retry_after_s':1}",
                  SUBSCRIPTION, LOCATION, give_resources());
    static const struct azure_sim_service service = { .group = "rp",
                                                      .domain_group = "dns",
                                                      .domain = "aro.example" };
    azure_sim_put_service(state, &service);
    return state;
}

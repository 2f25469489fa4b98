#include "hack/devcloud/azure/azure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUBSCRIPTION "00000000-0000-0000-0000-000000000000"
#define NETWORK "/subscriptions/" SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.Network/"
#define CLUSTER_GROUP \
    "/subscriptions/" SUBSCRIPTION "/resourceGroups/aro-cluster/providers/Microsoft.Network/"
#define INFRA "aro-x7k2p"

static void put(json *resources, const char *id, const char *type, json *properties)
{
    const char *name = strrchr(id, '/') + 1;
    cleanup_free char *key = str_give_lower(id);
    json_put(resources, key,
             json_make("{'id':%s,'name':%s,'type':%s,'etag':'W/"
                       "\"00000000-0000-4000-8000-000000000001\"','properties':%j}",
                       id, name, type, properties));
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
    return json_make(
        "{'provisioningState':'Succeeded','securityRules':[],'defaultSecurityRules':[]}");
}

static json *give_resources(void)
{
    json *r = json_new_object();
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
    return json_make(
        "{'tenant':'22222222-2222-2222-2222-222222222222','subscription':%s,'location':'eastus',"
        "'applications':{'11111111-1111-1111-1111-111111111111':{'objectId':'33333333-3333-3333-"
        "3333-333333333333',"
        "'secret':'dummy-client-secret','graphRoles':[]}},"
        "'permissions':{'default':[{'actions':['*'],'notActions':[]}]},"
        "'resources':%j,'operation_ms':200,'retry_after_s':1}",
        SUBSCRIPTION, give_resources());
}

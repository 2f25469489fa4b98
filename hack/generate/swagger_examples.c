/* An example of each operation: one cluster, as each version shows it. */
#include <string.h>

#include "hack/generate/swagger.h"
#include "pkg/api/model.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUBSCRIPTION "00000000-0000-0000-0000-000000000000"
#define GROUPS "/subscriptions/" SUBSCRIPTION "/resourceGroups/"
#define VNET GROUPS "vnetResourceGroup/providers/Microsoft.Network/virtualNetworks/vnet/subnets/"
#define IDENTITIES \
    GROUPS "resourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"

static json *give_machines(const char *size, const char *subnet)
{
    cleanup_free char *id = xasprintf("%s%s", VNET, subnet);
    return json_make("{'vmSize':%s,'subnetId':%s,'encryptionAtHost':'Enabled'}", size, id);
}

static json *give_workers(void)
{
    json *workers = give_machines("Standard_D4s_v3", "workerSubnet");
    json_put(workers, "name", json_new_str("worker"));
    json_put(workers, "diskSizeGB", json_new_int(128));
    json_put(workers, "count", json_new_int(3));
    return json_make("[%j]", workers);
}

static void add_identities(json *internal)
{
    json *properties = json_get(internal, "properties");
    json *operators = json_new_object(), *assigned = json_new_object();
    json_put(operators, "ingress",
             json_make("{'resourceId':%s,'clientId':%s,'objectId':%s}", IDENTITIES "ingress",
                       "11111111-1111-1111-1111-111111111111",
                       "22222222-2222-2222-2222-222222222222"));
    json_put(assigned, IDENTITIES "cluster",
             json_make("{'clientId':%s,'principalId':%s}", "33333333-3333-3333-3333-333333333333",
                       "44444444-4444-4444-4444-444444444444"));
    json_put(properties, "platformWorkloadIdentityProfile",
             json_make("{'upgradeableTo':'4.15.0','platformWorkloadIdentities':%j}", operators));
    json_put(internal, "managedServiceIdentity",
             json_make("{'type':'UserAssigned','userAssignedIdentities':%j}", assigned));
}

static json *give_properties(void)
{
    json *cluster = json_make("{'pullSecret':%s,'domain':'cluster','version':'4.14.16',"
                              "'resourceGroupId':%s,'fipsValidatedModules':'Enabled',"
                              "'oidcIssuer':%s}",
                              "{\"auths\":{\"registry.example.com\":{\"auth\":\"\"}}}",
                              GROUPS "clusterResourceGroup", "https://oidc.example.com/cluster");
    json *network = json_make("{'podCidr':'10.128.0.0/14','serviceCidr':'172.30.0.0/16',"
                              "'softwareDefinedNetwork':'OVNKubernetes',"
                              "'outboundType':'Loadbalancer','preconfiguredNSG':'Disabled',"
                              "'loadBalancerProfile':{'managedOutboundIps':{'count':1},"
                              "'effectiveOutboundIps':[{'id':%s}]}}",
                              GROUPS "clusterResourceGroup/providers/Microsoft.Network/"
                                     "publicIPAddresses/outbound");
    return json_make(
        "{'provisioningState':'Succeeded','clusterProfile':%j,'consoleProfile':{'url':%s},"
        "'networkProfile':%j,'masterProfile':%j,'workerProfiles':%j,'workerProfilesStatus':%j,"
        "'apiserverProfile':{'visibility':'Public','url':%s,'ip':'203.0.113.1'},"
        "'ingressProfiles':[{'name':'default','visibility':'Public','ip':'203.0.113.2'}]}",
        cluster, "https://console-openshift-console.apps.cluster.location.aroapp.io/", network,
        give_machines("Standard_D8s_v3", "masterSubnet"), give_workers(), give_workers(),
        "https://api.cluster.location.aroapp.io:6443/");
}

static json *give_internal(const struct api_version *v)
{
    json *internal = json_make(
        "{'id':%s,'name':'resourceName','type':%s,'location':'location','tags':{'key':'value'},"
        "'systemData':{'createdBy':'user@example.com','createdByType':'User',"
        "'createdAt':'2024-01-02T03:04:05Z','lastModifiedBy':'user@example.com',"
        "'lastModifiedByType':'User','lastModifiedAt':'2024-01-02T03:04:05Z'},'properties':%j}",
        GROUPS "resourceGroup/providers/" API_NAMESPACE "/" API_CLUSTER_TYPE "/resourceName",
        API_NAMESPACE "/" API_CLUSTER_TYPE, give_properties());
    if (v->bit & V_FROM(V_J))
        add_identities(internal);
    else
        json_put(json_get(internal, "properties"), "servicePrincipalProfile",
                 json_make("{'clientId':'clientId','clientSecret':'clientSecret'}"));
    return internal;
}

/* Secrets of examples are not sealed. */
static int open_plain(void *arg, const char *sealed, struct secret **ret, struct error **err)
{
    (void)arg;
    (void)err;
    *ret = secret_new(sealed, strlen(sealed));
    return 0;
}

static json *give_cluster(const struct api_version *v, bool secrets)
{
    const struct api_sealer sealer = { .open = open_plain };
    cleanup_json json *internal = give_internal(v);
    json *ext = NULL;
    if (api_cluster_to_external(v, internal, secrets ? &sealer : NULL, &ext, NULL) < 0)
        return json_new_object(); /* plain secrets always open */
    return ext;
}

/* ---- requests ---- */

static json *give_request(const struct api_version *v, bool is_update)
{
    json *ext = give_cluster(v, true);
    static const char *const not_written[] = {
        "id",
        "name",
        "type",
        "systemData",
        "properties.provisioningState",
        "properties.consoleProfile",
        "properties.apiserverProfile.url",
        "properties.apiserverProfile.ip",
        "properties.ingressProfiles[0].ip",
    };
    api_cluster_drop_read_only(v, ext);
    for (size_t i = 0; i < ARRAY_LEN(not_written); i++)
        (void)json_path_del(ext, not_written[i]);
    if (!is_update)
        return ext;
    json *update = json_make("{'tags':{'key':'value'}}");
    static const char *const changes[] = { "identity", "properties.servicePrincipalProfile",
                                           "properties.platformWorkloadIdentityProfile" };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        if (json_path(ext, changes[i]))
            (void)json_path_put(update, changes[i], json_give_copy(json_path(ext, changes[i])),
                                NULL);
    json_free(ext);
    return update;
}

/* ---- replies ---- */

static json *give_version(const struct api_version *v)
{
    cleanup_json json *internal =
        json_make("{'id':%s,'name':'4.14.16','type':%s,'properties':{'version':'4.14.16'}}",
                  "/subscriptions/" SUBSCRIPTION "/providers/" API_NAMESPACE
                  "/locations/location/openshiftversions/4.14.16",
                  API_NAMESPACE "/locations/openshiftversions");
    return api_openshift_version_to_external(v, internal);
}

static json *give_role_set(const struct api_version *v)
{
    cleanup_json json *internal = json_make(
        "{'id':%s,'name':'4.14','type':%s,'properties':{'openShiftVersion':'4.14',"
        "'platformWorkloadIdentityRoles':[{'operatorName':'ingress','roleDefinitionName':%s,"
        "'roleDefinitionId':%s}]}}",
        "/subscriptions/" SUBSCRIPTION "/providers/" API_NAMESPACE
        "/locations/location/platformworkloadidentityrolesets/4.14",
        API_NAMESPACE "/locations/platformworkloadidentityrolesets",
        "Azure Red Hat OpenShift Cluster Ingress Operator",
        "/providers/Microsoft.Authorization/roleDefinitions/00000000-0000-0000-0000-000000000001");
    return api_role_set_to_external(v, internal);
}

static json *give_body(const struct api_version *v, const char *definition)
{
    if (str_eq(definition, "OperationList"))
        return api_operations_list();
    if (str_eq(definition, "OpenShiftVersion"))
        return give_version(v);
    if (str_eq(definition, "OpenShiftVersionList"))
        return json_make("{'value':[%j]}", give_version(v));
    if (str_eq(definition, "PlatformWorkloadIdentityRoleSet"))
        return give_role_set(v);
    if (str_eq(definition, "PlatformWorkloadIdentityRoleSetList"))
        return json_make("{'value':[%j]}", give_role_set(v));
    if (str_eq(definition, "OpenShiftClusterList"))
        return json_make("{'value':[%j]}", give_cluster(v, false));
    if (str_eq(definition, "OpenShiftClusterCredentials"))
        return json_make("{'kubeadminUsername':'kubeadmin','kubeadminPassword':'password'}");
    if (str_eq(definition, "OpenShiftClusterAdminKubeconfig"))
        return json_make("{'kubeconfig':%s}", "YXBpVmVyc2lvbjogdjEKa2luZDogQ29uZmlnCg==");
    return give_cluster(v, false);
}

json *swagger_give_example(const struct api_version *v, const struct swagger_operation *op)
{
    json *parameters = json_make("{'api-version':%s}", v->name), *responses = json_new_object();
    if (op->flags & SWAGGER_SUBSCRIPTION)
        json_put(parameters, "subscriptionId", json_new_str(SUBSCRIPTION));
    if (op->flags & SWAGGER_LOCATION)
        json_put(parameters, "location", json_new_str("location"));
    if (op->flags & SWAGGER_GROUP)
        json_put(parameters, "resourceGroupName", json_new_str("resourceGroup"));
    if (op->flags & SWAGGER_NAME)
        json_put(parameters, "resourceName", json_new_str("resourceName"));
    if (op->selector)
        json_put(parameters, op->selector,
                 json_new_str(str_eq(op->selector, "openShiftVersion") ? "4.14.16" : "4.14"));
    if (op->request)
        json_put(parameters, "parameters", give_request(v, op->verb == SWAGGER_PATCH));
    if (op->reply)
        json_put(responses, "200", json_make("{'body':%j}", give_body(v, op->reply)));
    if (op->reply && (op->flags & SWAGGER_CREATES))
        json_put(responses, "201", json_make("{'body':%j}", give_body(v, op->reply)));
    if (!op->reply) {
        json_put(responses, "202", json_new_object());
        json_put(responses, "204", json_new_object());
    }
    return json_make("{'parameters':%j,'responses':%j}", parameters, responses);
}

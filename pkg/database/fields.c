#include "pkg/database/fields.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- the tables ---- */

const char *const fields_sealed[] = {
    "properties.clusterProfile.pullSecret",
    "properties.clusterProfile.boundServiceAccountSigningKey",
    "properties.servicePrincipalProfile.clientSecret",
    "properties.sshKey",
    "properties.adminKubeconfig",
    "properties.aroServiceKubeconfig",
    "properties.aroSREKubeconfig",
    "properties.userAdminKubeconfig",
    "properties.kubeadminPassword",
    "properties.registryProfiles.*.password",
    NULL,
};

#define LEASE_FIELDS "leaseOwner", "leaseExpires"
#define CORRELATION_FIELDS \
    "correlationData.correlationId", "correlationData.clientRequestId", \
        "correlationData.operationID", "correlationData.requestID", \
        "correlationData.clientPrincipalName", "correlationData.requestTime", "correlationData"
/* The members of a worker profile, and of the list that holds such. */
#define WORKER_FIELDS(list) \
    list ".*.name", list ".*.vmSize", list ".*.diskSizeGB", list ".*.subnetId", list ".*.count", \
        list ".*.encryptionAtHost", list ".*.diskEncryptionSetId", list
#define CLUSTER "openShiftCluster."
#define PROPERTIES CLUSTER "properties."

/* The insides of an object stand before the object, so that one that has become empty goes, too. `install.phase` is not
 * here: it is always written. */
#define CLUSTER_FIELDS \
    CLUSTER "systemData.createdBy", CLUSTER "systemData.createdByType", \
        CLUSTER "systemData.createdAt", CLUSTER "systemData.lastModifiedBy", \
        CLUSTER "systemData.lastModifiedByType", CLUSTER "systemData.lastModifiedAt", \
        CLUSTER "systemData", CLUSTER "tags", CLUSTER "id", CLUSTER "name", CLUSTER "type", \
        CLUSTER "location", PROPERTIES "architectureVersion", PROPERTIES "provisioningState", \
        PROPERTIES "lastProvisioningState", PROPERTIES "failedProvisioningState", \
        PROPERTIES "lastAdminUpdateError", PROPERTIES "maintenanceTask", \
        PROPERTIES "maintenanceState", PROPERTIES "operatorFlags", PROPERTIES "operatorVersion", \
        PROPERTIES "zones", PROPERTIES "createdAt", PROPERTIES "createdBy", \
        PROPERTIES "provisionedBy", PROPERTIES "clusterProfile.pullSecret", \
        PROPERTIES "clusterProfile.domain", PROPERTIES "clusterProfile.version", \
        PROPERTIES "clusterProfile.resourceGroupId", \
        PROPERTIES "clusterProfile.fipsValidatedModules", PROPERTIES "clusterProfile.oidcIssuer", \
        PROPERTIES "clusterProfile.boundServiceAccountSigningKey", \
        PROPERTIES "featureProfile.gatewayEnabled", PROPERTIES "consoleProfile.url", \
        PROPERTIES "servicePrincipalProfile.clientId", \
        PROPERTIES "servicePrincipalProfile.clientSecret", \
        PROPERTIES "servicePrincipalProfile.spObjectId", \
        PROPERTIES "platformWorkloadIdentityProfile.upgradeableTo", \
        PROPERTIES "platformWorkloadIdentityProfile.platformWorkloadIdentities", \
        PROPERTIES "networkProfile.podCidr", PROPERTIES "networkProfile.serviceCidr", \
        PROPERTIES "networkProfile.softwareDefinedNetwork", PROPERTIES "networkProfile.mtuSize", \
        PROPERTIES "networkProfile.outboundType", PROPERTIES "networkProfile.privateEndpointIp", \
        PROPERTIES "networkProfile.gatewayPrivateEndpointIp", \
        PROPERTIES "networkProfile.gatewayPrivateLinkId", \
        PROPERTIES "networkProfile.preconfiguredNSG", \
        PROPERTIES "networkProfile.loadBalancerProfile.effectiveOutboundIps", \
        PROPERTIES "networkProfile.loadBalancerProfile.outboundIps", \
        PROPERTIES "networkProfile.loadBalancerProfile.outboundIpPrefixes", \
        PROPERTIES "networkProfile.loadBalancerProfile.allocatedOutboundPorts", \
        PROPERTIES "masterProfile.vmSize", PROPERTIES "masterProfile.subnetId", \
        PROPERTIES "masterProfile.encryptionAtHost", \
        PROPERTIES "masterProfile.diskEncryptionSetId", \
        WORKER_FIELDS(PROPERTIES "workerProfiles"), \
        WORKER_FIELDS(PROPERTIES "workerProfilesStatus"), \
        PROPERTIES "apiserverProfile.visibility", PROPERTIES "apiserverProfile.url", \
        PROPERTIES "apiserverProfile.ip", PROPERTIES "apiserverProfile.intIp", \
        PROPERTIES "ingressProfiles.*.name", PROPERTIES "ingressProfiles.*.visibility", \
        PROPERTIES "ingressProfiles.*.ip", PROPERTIES "ingressProfiles", PROPERTIES "install.now", \
        PROPERTIES "install", PROPERTIES "storageSuffix", \
        PROPERTIES "imageRegistryStorageAccountName", PROPERTIES "infraId", PROPERTIES "sshKey", \
        PROPERTIES "adminKubeconfig", PROPERTIES "aroServiceKubeconfig", \
        PROPERTIES "aroSREKubeconfig", PROPERTIES "userAdminKubeconfig", \
        PROPERTIES "kubeadminPassword", PROPERTIES "registryProfiles.*.name", \
        PROPERTIES "registryProfiles.*.username", PROPERTIES "registryProfiles.*.password", \
        PROPERTIES "registryProfiles.*.issueDate", PROPERTIES "registryProfiles", \
        PROPERTIES "hiveProfile.namespace", PROPERTIES "hiveProfile.createdByHive"

static const char *const clusters[] = {
    LEASE_FIELDS,   "bucket",           "dequeues",
    "clientIdKey",  "asyncOperationId", "clusterResourceGroupIdKey",
    CLUSTER_FIELDS, CORRELATION_FIELDS, NULL,
};
static const char *const asyncoperations[] = {
    "asyncOperation.initialStatus",
    "asyncOperation.status",
    "asyncOperation.startTime",
    "asyncOperation.endTime",
    "asyncOperation.error.target",
    "asyncOperation.error.details",
    "asyncOperation.error",
    "openShiftClusterKey",
    CLUSTER_FIELDS,
    "openShiftCluster",
    NULL,
};
static const char *const subscriptions[] = {
    LEASE_FIELDS,
    "dequeues",
    "deleting",
    "subscription.state",
    "subscription.properties.tenantId",
    "subscription.properties.accountOwner.email",
    "subscription.properties.registeredFeatures",
    NULL,
};
static const char *const billing[] = {
    "infraId",
    "billing.creationTime",
    "billing.deletionTime",
    "billing.lastBillingTime",
    "billing.location",
    "billing.tenantID",
    NULL,
};
static const char *const pool_workers[] = { LEASE_FIELDS, "poolWorker.buckets", NULL };
static const char *const portal[] = { "portal.ssh.authenticated", "portal.kubeconfig.elevated",
                                      NULL };
static const char *const gateway[] = { "gateway.deleting", "gateway.storageSuffix",
                                       "gateway.imageRegistryStorageAccountName", NULL };
static const char *const openshift_versions[] = {
    "openShiftVersion.deleting",
    "openShiftVersion.properties.installerPullspec",
    "openShiftVersion.properties.enabled",
    "openShiftVersion.properties.default",
    NULL,
};
static const char *const role_sets[] = { "platformWorkloadIdentityRoleSet.deleting", NULL };
static const char *const manifests[] = {
    LEASE_FIELDS,
    "dequeues",
    "maintenanceManifest.statusText",
    "maintenanceManifest.createdBySchedule",
    "maintenanceManifest.priority",
    "maintenanceManifest.runAfter",
    "maintenanceManifest.runBefore",
    NULL,
};
static const char *const schedules[] = { LEASE_FIELDS, "maintenanceSchedule.lookForwardCount",
                                         "maintenanceSchedule.scheduleAcross",
                                         "maintenanceSchedule.selectors", NULL };

const char *const *const fields_zero[COLLECTIONS] = {
    [COLL_OPENSHIFT_CLUSTERS] = clusters,
    [COLL_ASYNC_OPERATIONS] = asyncoperations,
    [COLL_SUBSCRIPTIONS] = subscriptions,
    [COLL_BILLING] = billing,
    [COLL_POOL_WORKERS] = pool_workers,
    [COLL_PORTAL] = portal,
    [COLL_GATEWAY] = gateway,
    [COLL_OPENSHIFT_VERSIONS] = openshift_versions,
    [COLL_ROLE_SETS] = role_sets,
    [COLL_MAINTENANCE_MANIFESTS] = manifests,
    [COLL_MAINTENANCE_SCHEDULES] = schedules,
};

/* ---- the visitor ---- */

#define SEGMENT_MAX 64

struct visit {
    fields_visit fn;
    void *arg;
};

static int each_below(json *parent, const char *pattern, const struct visit *v, struct error **err);

/* One member: the place that the pattern means, or on the way there. */
static int each_member(json *parent, const char *key, json *value, const char *rest,
                       const struct visit *v, struct error **err)
{
    return rest ? each_below(value, rest, v, err) : v->fn(parent, key, value, v->arg, err);
}

static int each_star(json *parent, const char *rest, const struct visit *v, struct error **err)
{
    for (struct json_iter it = json_each(parent); json_next(&it);)
        if (each_member(parent, it.key, it.value, rest, v, err) < 0)
            return -1;
    if (!json_is_array(parent) || !rest)
        return 0; /* an item alone has no key: no pattern means one */
    for (size_t i = 0; i < json_len(parent); i++)
        if (each_below(json_at(parent, i), rest, v, err) < 0)
            return -1;
    return 0;
}

static int each_below(json *parent, const char *pattern, const struct visit *v, struct error **err)
{
    const char *dot = strchr(pattern, '.');
    const char *rest = dot ? dot + 1 : NULL;
    size_t len = dot ? (size_t)(dot - pattern) : strlen(pattern);
    if (len == 1 && *pattern == '*')
        return each_star(parent, rest, v, err);
    char key[SEGMENT_MAX];
    if (len >= sizeof(key))
        abort(); /* patterns are constants of this program */
    memcpy(key, pattern, len);
    key[len] = '\0';
    if (!json_is_object(parent) || !json_has(parent, key))
        return 0;
    return each_member(parent, key, json_get(parent, key), rest, v, err);
}

int fields_each(json *tree, const char *pattern, fields_visit fn, void *arg, struct error **err)
{
    const struct visit v = { fn, arg };
    return each_below(tree, pattern, &v, err);
}

/* ---- dropping ---- */

static int drop_zero(json *parent, const char *key, json *value, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    if (json_is_zero(value))
        (void)json_del(parent, key);
    return 0;
}

void fields_drop_zero(enum collection coll, json *tree)
{
    for (const char *const *pattern = fields_zero[coll]; *pattern; pattern++)
        (void)fields_each(tree, *pattern, drop_zero, NULL, NULL);
}

static int drop(json *parent, const char *key, json *value, void *arg, struct error **err)
{
    (void)value;
    (void)arg;
    (void)err;
    (void)json_del(parent, key);
    return 0;
}

void fields_drop_sealed(json *cluster)
{
    for (const char *const *pattern = fields_sealed; *pattern; pattern++)
        (void)fields_each(cluster, *pattern, drop, NULL, NULL);
}

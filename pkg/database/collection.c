#include "pkg/database/collection.h"

#include "pkg/database/store.h"

#define WEEK_S (7 * 24 * 60 * 60)

const struct collection_desc collections[COLLECTIONS] = {
    [COLL_OPENSHIFT_CLUSTERS] = {
        .name = "OpenShiftClusters",
        .partition_key = "partitionKey",
        .unique_keys = { "key", "clusterResourceGroupIdKey", "clientIdKey" },
        .ttl_s = TTL_OFF,
        .triggers = TRIGGER_RENEW_LEASE,
        .doc = "Clusters; the partition is the subscription.",
    },
    [COLL_ASYNC_OPERATIONS] = {
        .name = "AsyncOperations",
        .partition_key = "id",
        .ttl_s = WEEK_S,
        .doc = "Records of asynchronous operations, kept for a week.",
    },
    [COLL_SUBSCRIPTIONS] = {
        .name = "Subscriptions",
        .partition_key = "id",
        .ttl_s = TTL_OFF,
        .triggers = TRIGGER_RENEW_LEASE | TRIGGER_RETRY_LATER,
        .doc = "Azure subscriptions as ARM announced them.",
    },
    [COLL_BILLING] = {
        .name = "Billing",
        .partition_key = "id",
        .ttl_s = TTL_OFF,
        .triggers = TRIGGER_CREATION_TIME | TRIGGER_DELETION_TIME,
        .doc = "What the billing service reads: when a cluster came and went.",
    },
    [COLL_POOL_WORKERS] = {
        .name = "PoolWorkers",
        .partition_key = "workerType",
        .ttl_s = TTL_OWN,
        .triggers = TRIGGER_RENEW_LEASE,
        .doc = "Masters and workers of pools that share buckets out among them.",
    },
    [COLL_PORTAL] = {
        .name = "Portal",
        .partition_key = "id",
        .ttl_s = TTL_OWN,
        .doc = "Short-lived sessions of the admin portal.",
    },
    [COLL_GATEWAY] = {
        .name = "Gateway",
        .partition_key = "id",
        .ttl_s = TTL_OWN,
        .doc = "Links of clusters to the gateway.",
    },
    [COLL_OPENSHIFT_VERSIONS] = {
        .name = "OpenShiftVersions",
        .partition_key = "id",
        .ttl_s = TTL_OWN,
        .doc = "Versions of OpenShift that can be installed.",
    },
    [COLL_ROLE_SETS] = {
        .name = "PlatformWorkloadIdentityRoleSets",
        .partition_key = "id",
        .ttl_s = TTL_OWN,
        .doc = "Roles of the platform's workload identities, by OpenShift version.",
    },
    [COLL_MAINTENANCE_MANIFESTS] = {
        .name = "MaintenanceManifests",
        .partition_key = "clusterResourceID",
        .ttl_s = TTL_OWN,
        .triggers = TRIGGER_RENEW_LEASE,
        .doc = "Maintenance tasks to be run on one cluster.",
    },
    [COLL_MAINTENANCE_SCHEDULES] = {
        .name = "MaintenanceSchedules",
        .partition_key = "id",
        .ttl_s = TTL_OWN,
        .triggers = TRIGGER_RENEW_LEASE,
        .doc = "Schedules that make maintenance manifests.",
    },
};

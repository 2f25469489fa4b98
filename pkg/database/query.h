/*
 * query.h - the named queries. Each driver has its own text for them; what they mean stands here.
 *
 * EXP: (leaseExpires ?? 0) < now, by the server's clock. State comparisons are exact. "part.": needs a partition (P), takes
 * one or all (*), always asks all (-).
 * Order: queries marked `oldest` begin with the document whose last write is longest ago where the driver can
 * (a document that is written between two pages may then come again); all others come in an order of the
 * driver's own.
 * Source: Azure/ARO-RP, pkg/database.
 */
#ifndef PKG_DATABASE_QUERY_H
#define PKG_DATABASE_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/database/collection.h"

#define QUERY_ARGS_MAX 2

enum query {
    /* Every document of store_query.coll. part. *; no args. */
    QUERY_ALL,

    /* ---- COLL_OPENSHIFT_CLUSTERS; "state" = openShiftCluster.properties.provisioningState ---- */
    /* state in Creating, Deleting, Updating, AdminUpdating, and EXP. part. -; oldest; no args. Counted, it is the
     * length of the queue. */
    QUERY_CLUSTERS_DEQUEUE,
    /* key = args[0] (a lower-case resource ID). part. P */
    QUERY_CLUSTERS_BY_KEY,
    /* key begins with args[0], byte by byte. part. P */
    QUERY_CLUSTERS_BY_PREFIX,
    /* clientIdKey = args[0]. part. * */
    QUERY_CLUSTERS_BY_CLIENT_ID,
    /* clusterResourceGroupIdKey = args[0]. part. * */
    QUERY_CLUSTERS_BY_RESOURCE_GROUP,
    /* state neither Creating nor Deleting. part. -. Bodies have id, key and bucket only (each where it is there). */
    QUERY_CLUSTERS_FOR_MAINTENANCE,

    /* ---- COLL_SUBSCRIPTIONS ---- */
    /* deleting is true, and EXP. part. -; oldest */
    QUERY_SUBSCRIPTIONS_DEQUEUE,

    /* ---- COLL_POOL_WORKERS; the partition is the workerType ---- */
    /* The master's document (id = partition) when EXP. part. P */
    QUERY_POOL_FREE_MASTER,
    /* All others of the type (id != partition): the workers, for those that died expire. part. P */
    QUERY_POOL_WORKERS,

    /* ---- COLL_MAINTENANCE_MANIFESTS; the partition is the clusterResourceID; "state" = maintenanceManifest.state,
     * runAfter = maintenanceManifest.runAfter (seconds) ---- */
    /* state in Pending, InProgress, and EXP, and (runAfter ?? 0) < now. part. *. InProgress with an expired lease was
     * left by a crash. */
    QUERY_MANIFESTS_DUE,
    /* The clusters that have a manifest of QUERY_MANIFESTS_DUE, each once. part. -. Such a doc has the partition and the
     * body {"clusterResourceID":"..."}, id and etag "". Not to be counted. */
    QUERY_MANIFESTS_DUE_CLUSTERS,
    /* Every manifest of a cluster. part. P */
    QUERY_MANIFESTS_OF_CLUSTER,
    /* state = Pending, and EXP. part. * */
    QUERY_MANIFESTS_QUEUED,
    /* state = Pending, maintenanceManifest.createdBySchedule = args[0], runAfter > now. part. * */
    QUERY_MANIFESTS_FUTURE,

    /* ---- COLL_MAINTENANCE_SCHEDULES ---- */
    /* maintenanceSchedule.state in Enabled, Processing. part. - */
    QUERY_SCHEDULES_VALID,

    QUERIES
};

enum query_partition { PARTITION_NEEDED, PARTITION_OPTIONAL, PARTITION_NONE };

struct query_desc {
    const char *name;     /* for messages and continuations */
    enum collection coll; /* COLLECTIONS: any */
    enum query_partition partition;
    size_t args; /* how many */
    bool not_counted;
};

extern const struct query_desc queries[QUERIES];

#endif

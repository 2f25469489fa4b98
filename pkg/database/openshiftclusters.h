/*
 * openshiftclusters.h - documents of clusters (COLL_OPENSHIFT_CLUSTERS).
 *
 * A key is the resource ID of the cluster in lower case,
 * "/subscriptions/S/resourcegroups/G/providers/microsoft.redhatopenshift/openshiftclusters/N"; its partition is S. The `id`
 * of the document is random: a cluster that is created anew under its name is another document.
 * Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/openshiftclusters.go.
 */
#ifndef PKG_DATABASE_OPENSHIFTCLUSTERS_H
#define PKG_DATABASE_OPENSHIFTCLUSTERS_H

#include "pkg/database/database.h"

#define OPENSHIFTCLUSTERS_BUCKETS 256
/* Member of the document: the number of workers that was last carried out. The backend writes it when it has done so; the
 * frontend beside a request for another number, in a document that has none yet. */
#define OPENSHIFTCLUSTERS_SCALED_WORKERS "scaledWorkers"
/* The number that the backend is scaling to: there while a scaling runs, and after one that failed. */
#define OPENSHIFTCLUSTERS_SCALING_TO "scalingTo"

/*
 * tree is consumed: `key`, `clusterResourceGroupIdKey`, `clientIdKey` (all lower case) and `openShiftCluster`. Where absent
 * are made: `id`, `partitionKey` from the key, `bucket` at random. ret may be NULL.
 * ERR_PRECONDITION: name, managed resource group or identity is taken in the subscription; find_by_client_id and
 * find_by_resource_group tell which.
 */
int openshiftclusters_create(const struct opctx *ctx, struct database *db, json *tree,
                             struct document *ret, struct error **err);
int openshiftclusters_get(const struct opctx *ctx, struct database *db, const char *key,
                          struct document *ret, struct error **err);
/* The same, but ret stays empty (tree NULL) when the document still has this etag; NULL: never. */
int openshiftclusters_get_changed(const struct opctx *ctx, struct database *db, const char *key,
                                  const char *etag, struct document *ret, struct error **err);
/* Whoever has the lease; ret may be NULL. */
int openshiftclusters_patch(const struct opctx *ctx, struct database *db, const char *key,
                            document_mutate mutate, void *arg, struct document *ret,
                            struct error **err);
int openshiftclusters_patch_with_lease(const struct opctx *ctx, struct database *db,
                                       const char *key, const char *lease, document_mutate mutate,
                                       void *arg, struct document *ret, struct error **err);
/* Renews: 60 s from now. ret may be NULL. */
int openshiftclusters_lease(const struct opctx *ctx, struct database *db, const char *key,
                            const char *lease, struct document *ret, struct error **err);
/* The cluster with an operation to do (Creating, Updating, AdminUpdating, Deleting) and no running lease whose last write is
 * longest ago. ret->tree NULL (and *ret_lease NULL): there is none. */
int openshiftclusters_dequeue(const struct opctx *ctx, struct database *db, char **ret_lease,
                              struct document *ret, struct error **err);

struct cluster_end {
    /* NULL: both states stay as they are, for somebody else to go on (a hand-over). */
    const char *provisioning_state;
    const char *failed_provisioning_state; /* NULL or "": none */
    const char *admin_update_error;        /* NULL: stays; "": none */
};
/*
 * The lease ends: nobody has it. `dequeues` starts anew unless the state is Failed. A terminal state (Succeeded, Failed)
 * takes admin_update_error and ends the operation: correlationData, lastProvisioningState, asyncOperationId,
 * maintenanceTask and operationOutcome (what the backend keeps of its end) go. Any other state hands the operation over
 * to the next who dequeues, and keeps them.
 * ret may be NULL.
 */
int openshiftclusters_end_lease(const struct opctx *ctx, struct database *db, const char *key,
                                const char *lease, const struct cluster_end *end,
                                struct document *ret, struct error **err);
/* The document as it was read, or ERR_PRECONDITION. */
int openshiftclusters_delete(const struct opctx *ctx, struct database *db, const struct document *d,
                             struct error **err);

/* ---- several ---- (page 0: the store's choice; continuation NULL: the first page) */
/* Of one subscription, whose keys begin with prefix ("/subscriptions/S/resourcegroups/G/"; it may end anywhere behind
 * "/subscriptions/S/"). */
int openshiftclusters_list(const struct opctx *ctx, struct database *db, const char *prefix,
                           size_t page, const char *continuation, struct document_page *ret,
                           struct error **err);
int openshiftclusters_list_all(const struct opctx *ctx, struct database *db, size_t page,
                               const char *continuation, struct document_page *ret,
                               struct error **err);
/* `id`, `key` and `bucket` of all that are neither Creating nor Deleting; no etags to write with. */
int openshiftclusters_list_for_maintenance(const struct opctx *ctx, struct database *db,
                                           size_t page, const char *continuation,
                                           struct document_page *ret, struct error **err);
/* Of a subscription (NULL: of all), first page; both ids in lower case. */
int openshiftclusters_find_by_client_id(const struct opctx *ctx, struct database *db,
                                        const char *subscription, const char *client_id,
                                        struct document_page *ret, struct error **err);
int openshiftclusters_find_by_resource_group(const struct opctx *ctx, struct database *db,
                                             const char *subscription,
                                             const char *resource_group_id,
                                             struct document_page *ret, struct error **err);
/* How many a dequeue could choose from. */
int openshiftclusters_queue_length(const struct opctx *ctx, struct database *db, int64_t *ret,
                                   struct error **err);
/* Latest states since a position (NULL: all there are); ret->next is the next position, also of an empty page. Deleted
 * documents do not come. */
int openshiftclusters_changes(const struct opctx *ctx, struct database *db, const char *position,
                              size_t max, struct document_page *ret, struct error **err);

#endif

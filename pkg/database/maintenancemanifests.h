/*
 * maintenancemanifests.h - maintenance tasks to be run on one cluster (COLL_MAINTENANCE_MANIFESTS). A manifest is found by
 * its cluster and its id.
 * Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/mimo_maintenancemanifests.go.
 */
#ifndef PKG_DATABASE_MAINTENANCEMANIFESTS_H
#define PKG_DATABASE_MAINTENANCEMANIFESTS_H

#include "pkg/database/database.h"

/* Where a manifest is. */
struct manifest_key {
    const char *cluster; /* its partition: the resource ID in lower case */
    const char *id;
};

/* tree is consumed: `clusterResourceID` and `maintenanceManifest`; without an `id` one is made. ERR_PRECONDITION: the id is
 * taken, which is fine for a schedule that derives ids. ret may be NULL, here and below (but in get and take). */
int maintenancemanifests_create(const struct opctx *ctx, struct database *db, json *tree,
                                struct document *ret, struct error **err);
int maintenancemanifests_get(const struct opctx *ctx, struct database *db,
                             const struct manifest_key *key, struct document *ret,
                             struct error **err);
int maintenancemanifests_patch(const struct opctx *ctx, struct database *db,
                               const struct manifest_key *key, document_mutate mutate, void *arg,
                               struct document *ret, struct error **err);
/*
 * Takes it: InProgress, one more of `dequeues`, a new lease. Only if it is Pending, or was left InProgress by somebody whose
 * lease has run out. ERR_CONFLICT: it is not to be had (any more).
 */
int maintenancemanifests_take(const struct opctx *ctx, struct database *db,
                              const struct manifest_key *key, char **ret_lease,
                              struct document *ret, struct error **err);
/* Also renews the lease; mutate may be NULL. */
int maintenancemanifests_patch_with_lease(const struct opctx *ctx, struct database *db,
                                          const struct manifest_key *key, const char *lease,
                                          document_mutate mutate, void *arg, struct document *ret,
                                          struct error **err);
/* The lease ends with a state and a text (NULL: none). `dequeues` starts anew unless the state is Pending. */
int maintenancemanifests_end_lease(const struct opctx *ctx, struct database *db,
                                   const struct manifest_key *key, const char *lease,
                                   const char *state, const char *status_text, struct document *ret,
                                   struct error **err);
int maintenancemanifests_delete(const struct opctx *ctx, struct database *db,
                                const struct manifest_key *key, struct error **err);

enum manifests {
    MANIFESTS_OF_CLUSTER, /* all of one */
    MANIFESTS_DUE,        /* that may be taken now; of one cluster, or of all (NULL) */
    MANIFESTS_DUE_CLUSTERS, /* cluster NULL: the clusters that have such; documents with `clusterResourceID` alone */
    MANIFESTS_QUEUED, /* that wait, whenever for; of one, or of all */
    MANIFESTS_FUTURE, /* of a schedule, whose time is not yet; of one, or of all */
};
struct manifest_query {
    enum manifests which;
    const char *cluster;
    const char *schedule; /* the id, for MANIFESTS_FUTURE only */
    size_t page;          /* 0: the store's choice */
    const char *continuation;
};
int maintenancemanifests_list(const struct opctx *ctx, struct database *db,
                              const struct manifest_query *q, struct document_page *ret,
                              struct error **err);
/* How many MANIFESTS_QUEUED there are, of all clusters. */
int maintenancemanifests_queue_length(const struct opctx *ctx, struct database *db, int64_t *ret,
                                      struct error **err);

#endif

/*
 * asyncoperations.h - records of asynchronous operations (COLL_ASYNC_OPERATIONS), which the store forgets after 7 days.
 *
 * A record may hold a snapshot of its cluster (`openShiftCluster`); sealed values are taken out of it with each write,
 * whoever makes it. Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/asyncoperations.go.
 */
#ifndef PKG_DATABASE_ASYNCOPERATIONS_H
#define PKG_DATABASE_ASYNCOPERATIONS_H

#include "pkg/database/database.h"

/* An operation that begins: what its record says until it ends. */
struct asyncoperation_begin {
    const char *id, *key; /* of the operation, of its cluster */
    const char *subscription_id, *location;
    const char *status;     /* the cluster's provisioningState */
    const char *start_time; /* RFC 3339; NULL: not known */
};
/* Its record, owned by the caller. */
json *asyncoperations_make(const struct asyncoperation_begin *b);
/* tree is consumed; without an `id` one is made. ERR_PRECONDITION: the id is taken. ret may be NULL. */
int asyncoperations_create(const struct opctx *ctx, struct database *db, json *tree,
                           struct document *ret, struct error **err);
int asyncoperations_get(const struct opctx *ctx, struct database *db, const char *id,
                        struct document *ret, struct error **err);
int asyncoperations_patch(const struct opctx *ctx, struct database *db, const char *id,
                          document_mutate mutate, void *arg, struct document *ret,
                          struct error **err);
/* For mutators: the snapshot becomes a copy of cluster (the member `openShiftCluster` of its document), without secrets. */
void asyncoperations_put_snapshot(json *tree, const json *cluster);

#endif

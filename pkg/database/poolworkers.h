/*
 * poolworkers.h - workers of one kind that share buckets out among them (COLL_POOL_WORKERS).
 *
 * type is the partition: "monitor", "mimo-actuator", "mimo-scheduler". One master document of each type (its id is the type)
 * says who has which bucket; whoever holds its lease writes it. Each worker has a document of its own, which
 * expires unless it is renewed. Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/poolworkers.go.
 */
#ifndef PKG_DATABASE_POOLWORKERS_H
#define PKG_DATABASE_POOLWORKERS_H

#include "pkg/database/database.h"

/* Makes the master document, unless it is there. */
int poolworkers_ensure_master(const struct opctx *ctx, struct database *db, const char *type,
                              struct error **err);
int poolworkers_get_master(const struct opctx *ctx, struct database *db, const char *type,
                           struct document *ret, struct error **err);
/* Takes the master's lease if nobody has it; *ret_lease NULL: somebody has. */
int poolworkers_try_master(const struct opctx *ctx, struct database *db, const char *type,
                           char **ret_lease, struct error **err);
/* Writes the master document and renews its lease. ret may be NULL. */
int poolworkers_patch_master(const struct opctx *ctx, struct database *db, const char *type,
                             const char *lease, document_mutate mutate, void *arg,
                             struct document *ret, struct error **err);
/* Says that worker id is alive for ttl_s more seconds, whatever its document was: the one write without an etag. */
int poolworkers_heartbeat(const struct opctx *ctx, struct database *db, const char *type,
                          const char *id, int64_t ttl_s, struct error **err);
/* The living workers; not the master's document. */
int poolworkers_list(const struct opctx *ctx, struct database *db, const char *type, size_t page,
                     const char *continuation, struct document_page *ret, struct error **err);
/* The worker leaves, so that its buckets move at once. ERR_NOT_FOUND: it is gone. */
int poolworkers_delete(const struct opctx *ctx, struct database *db, const char *type,
                       const char *id, struct error **err);

#endif

/*
 * billing.h - what the billing service reads (COLL_BILLING): when a cluster came and when it went. The id is that of the
 * cluster's document. Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/billing.go.
 */
#ifndef PKG_DATABASE_BILLING_H
#define PKG_DATABASE_BILLING_H

#include "pkg/database/database.h"

/* tree is consumed: `id`, `key`, `clusterResourceGroupIDKey`, `infraId` and `billing` with `location` and `tenantID`.
 * `billing.creationTime` becomes the server's time unless it is set. ERR_EXISTS: it is there already, which is fine for
 * who wants it to be. ret may be NULL, here and below (but in get). */
int billing_create(const struct opctx *ctx, struct database *db, json *tree, struct document *ret,
                   struct error **err);
int billing_get(const struct opctx *ctx, struct database *db, const char *id, struct document *ret,
                struct error **err);
int billing_patch(const struct opctx *ctx, struct database *db, const char *id,
                  document_mutate mutate, void *arg, struct document *ret, struct error **err);
/* `billing.deletionTime` becomes the server's time; the first call decides. ERR_NOT_FOUND: there never was one. */
int billing_mark_deleted(const struct opctx *ctx, struct database *db, const char *id,
                         struct document *ret, struct error **err);
/* Whatever its etag is. */
int billing_delete(const struct opctx *ctx, struct database *db, const char *id,
                   struct error **err);
int billing_list(const struct opctx *ctx, struct database *db, size_t page,
                 const char *continuation, struct document_page *ret, struct error **err);

#endif

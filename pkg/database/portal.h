/*
 * portal.h - short-lived sessions of the admin portal (COLL_PORTAL). The id of a document is the secret that a client shows:
 * a lower-case UUID; it stands in no error. Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/portal.go.
 */
#ifndef PKG_DATABASE_PORTAL_H
#define PKG_DATABASE_PORTAL_H

#include "pkg/database/database.h"

/* tree is consumed: `portal`, and `ttl` in seconds; `id` is made, and is ret's. ERR_INVALID without a ttl: such a secret
 * would never end. */
int portal_create(const struct opctx *ctx, struct database *db, json *tree, struct document *ret,
                  struct error **err);
/* Whatever a client shows: what is no such secret is ERR_NOT_FOUND. */
int portal_get(const struct opctx *ctx, struct database *db, const char *secret_id,
               struct document *ret, struct error **err);
/* A mutator that refuses what was used already makes a secret one that is used once, however many try. ret may be NULL. */
int portal_patch(const struct opctx *ctx, struct database *db, const char *secret_id,
                 document_mutate mutate, void *arg, struct document *ret, struct error **err);

#endif

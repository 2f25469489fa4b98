/*
 * gateway.h - links of clusters to the gateway (COLL_GATEWAY). The id is that of the private link.
 *
 * A link that goes is first marked (`gateway.deleting`), so that change feeds see it go.
 * Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/gateway.go.
 */
#ifndef PKG_DATABASE_GATEWAY_H
#define PKG_DATABASE_GATEWAY_H

#include "pkg/database/database.h"

/* tree is consumed: `id` and `gateway`. ERR_EXISTS: it is there already. ret may be NULL, here and below (but in get). */
int gateway_create(const struct opctx *ctx, struct database *db, json *tree, struct document *ret,
                   struct error **err);
int gateway_get(const struct opctx *ctx, struct database *db, const char *id, struct document *ret,
                struct error **err);
int gateway_patch(const struct opctx *ctx, struct database *db, const char *id,
                  document_mutate mutate, void *arg, struct document *ret, struct error **err);
/* Marks it; the store forgets it a minute later. */
int gateway_withdraw(const struct opctx *ctx, struct database *db, const char *id,
                     struct document *ret, struct error **err);
/* At once, whatever its etag is. */
int gateway_delete(const struct opctx *ctx, struct database *db, const char *id,
                   struct error **err);
int gateway_list(const struct opctx *ctx, struct database *db, size_t page,
                 const char *continuation, struct document_page *ret, struct error **err);
/* Latest states since a position (NULL: all there are); ret->next is the next position, also of an empty page. */
int gateway_changes(const struct opctx *ctx, struct database *db, const char *position, size_t max,
                    struct document_page *ret, struct error **err);

#endif

/*
 * rolesets.h - roles of the platform's workload identities, by version of OpenShift (COLL_ROLE_SETS).
 *
 * A set that is withdrawn is first marked (`platformWorkloadIdentityRoleSet.deleting`, a `ttl` of a minute), so that change
 * feeds see it go. Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/platformworkloadidentityrolesets.go.
 */
#ifndef PKG_DATABASE_ROLESETS_H
#define PKG_DATABASE_ROLESETS_H

#include "pkg/database/database.h"

/* tree is consumed; without an `id` one is made. ERR_EXISTS: the id is taken. ret may be NULL, here and in patch. */
int rolesets_create(const struct opctx *ctx, struct database *db, json *tree, struct document *ret,
                    struct error **err);
int rolesets_get(const struct opctx *ctx, struct database *db, const char *id, struct document *ret,
                 struct error **err);
int rolesets_patch(const struct opctx *ctx, struct database *db, const char *id,
                   document_mutate mutate, void *arg, struct document *ret, struct error **err);
/* Marks it; the store forgets it a minute later. ret may be NULL. */
int rolesets_withdraw(const struct opctx *ctx, struct database *db, const char *id,
                      struct document *ret, struct error **err);
/* At once, whatever its etag is. */
int rolesets_delete(const struct opctx *ctx, struct database *db, const char *id,
                    struct error **err);
int rolesets_list(const struct opctx *ctx, struct database *db, size_t page,
                  const char *continuation, struct document_page *ret, struct error **err);
/* Latest states since a position (NULL: all there are); ret->next is the next position, also of an empty page. */
int rolesets_changes(const struct opctx *ctx, struct database *db, const char *position, size_t max,
                     struct document_page *ret, struct error **err);

#endif

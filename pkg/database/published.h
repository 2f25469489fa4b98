/*
 * published.h - documents that other processes follow through change feeds: OpenShift versions, role sets, links to the
 * gateway. Each is found by its id.
 *
 * Change feeds do not see deletes, so what goes is first withdrawn: marked `deleting` in its object, with a `ttl` of a minute.
 * Errors, ownership, threads: database.h. ret may be NULL but in get, list and changes.
 * Source: Azure/ARO-RP, pkg/database/{openshiftversions,platformworkloadidentityrolesets,gateway}.go.
 */
#ifndef PKG_DATABASE_PUBLISHED_H
#define PKG_DATABASE_PUBLISHED_H

#include "pkg/database/database.h"

enum published {
    PUBLISHED_VERSIONS,  /* COLL_OPENSHIFT_VERSIONS */
    PUBLISHED_ROLE_SETS, /* COLL_ROLE_SETS */
    PUBLISHED_GATEWAY,   /* COLL_GATEWAY; the id is that of the private link */
    PUBLISHED_COUNT
};

/* The member of a document that holds its object: "openShiftVersion". Static. */
const char *published_member(enum published kind);

/* tree is consumed. Without an `id` one is made, but for the gateway: ERR_INVALID. ERR_EXISTS: the id is taken. */
int published_create(const struct opctx *ctx, struct database *db, enum published kind, json *tree,
                     struct document *ret, struct error **err);
int published_get(const struct opctx *ctx, struct database *db, enum published kind, const char *id,
                  struct document *ret, struct error **err);
int published_patch(const struct opctx *ctx, struct database *db, enum published kind,
                    const char *id, document_mutate mutate, void *arg, struct document *ret,
                    struct error **err);
/* Marks it; the store forgets it a minute later. */
int published_withdraw(const struct opctx *ctx, struct database *db, enum published kind,
                       const char *id, struct document *ret, struct error **err);
/* At once, whatever its etag is. */
int published_delete(const struct opctx *ctx, struct database *db, enum published kind,
                     const char *id, struct error **err);
int published_list(const struct opctx *ctx, struct database *db, enum published kind, size_t page,
                   const char *continuation, struct document_page *ret, struct error **err);
/* Latest states since a position (NULL: all there are); ret->next is the next position, also of an empty page. */
int published_changes(const struct opctx *ctx, struct database *db, enum published kind,
                      const char *position, size_t max, struct document_page *ret,
                      struct error **err);

#endif

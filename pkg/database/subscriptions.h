/*
 * subscriptions.h - documents of subscriptions (COLL_SUBSCRIPTIONS). The id is the subscription's, in lower case.
 * Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/subscriptions.go.
 */
#ifndef PKG_DATABASE_SUBSCRIPTIONS_H
#define PKG_DATABASE_SUBSCRIPTIONS_H

#include <stdbool.h>

#include "pkg/database/database.h"

/* tree is consumed. ERR_PRECONDITION: it is there already. ret may be NULL, here and below (but in get and dequeue). */
int subscriptions_create(const struct opctx *ctx, struct database *db, json *tree,
                         struct document *ret, struct error **err);
int subscriptions_get(const struct opctx *ctx, struct database *db, const char *id,
                      struct document *ret, struct error **err);
int subscriptions_patch(const struct opctx *ctx, struct database *db, const char *id,
                        document_mutate mutate, void *arg, struct document *ret,
                        struct error **err);
int subscriptions_patch_with_lease(const struct opctx *ctx, struct database *db, const char *id,
                                   const char *lease, document_mutate mutate, void *arg,
                                   struct document *ret, struct error **err);
/* Renews: 60 s from now. */
int subscriptions_lease(const struct opctx *ctx, struct database *db, const char *id,
                        const char *lease, struct document *ret, struct error **err);
/* The oldest with `deleting` and no running lease; ret->tree NULL: there is none. */
int subscriptions_dequeue(const struct opctx *ctx, struct database *db, char **ret_lease,
                          struct document *ret, struct error **err);
/*
 * The lease ends: nobody has it. done: `deleting` ends. retry_later: the document sleeps for 600 s. Either way `dequeues`
 * starts anew; with neither the next dequeue may come at once, and counts.
 */
int subscriptions_end_lease(const struct opctx *ctx, struct database *db, const char *id,
                            const char *lease, bool done, bool retry_later, struct document *ret,
                            struct error **err);
/* Latest states since a position (NULL: all there are); ret->next is the next position, also of an empty page. */
int subscriptions_changes(const struct opctx *ctx, struct database *db, const char *position,
                          size_t max, struct document_page *ret, struct error **err);

#endif

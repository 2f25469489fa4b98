/*
 * Leases and dequeues.
 *
 * Every backend asks the same query and so sees the same documents in the same order, the oldest first. All begin with the
 * first, so that none is left lying; who loses it goes on somewhere else in the page, at random, instead of racing
 * for the second, the third and so on against those who lost with it.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/documents.h"

/* Enough to choose from; more would be read for nothing. */
#define DEQUEUE_PAGE 20

bool document_has_lease(const json *tree, const char *lease)
{
    return lease && *lease && str_eq(document_str(tree, "leaseOwner"), lease);
}

void lease_clear(json *tree)
{
    (void)json_del(tree, "leaseOwner");
    (void)json_del(tree, "leaseExpires");
}

/* What says that this document was not to be had, and nothing about the next one. */
static bool concerns_one_document(const struct error *e)
{
    switch (error_kind(e)) {
    case ERR_PRECONDITION: /* another was first */
    case ERR_NOT_FOUND:    /* it is gone */
    case ERR_TOO_LARGE:
    case ERR_INVALID:
    case ERR_EXISTS:
        return true;
    default:
        return str_eq(error_get_code(e), DATABASE_CORRUPT);
    }
}

int documents_claim(const struct opctx *ctx, struct database *db, enum collection coll,
                    struct document *d, bool uncounted, char **ret_lease, struct document *ret,
                    struct error **err)
{
    char lease[UUID_LEN + 1];
    rng_uuid(ctx->rng, lease);
    json_put(d->tree, "leaseOwner", json_new_str(lease));
    if (!uncounted) {
        int64_t dequeues = json_path_int(d->tree, "dequeues", 0);
        json_put(d->tree, "dequeues", json_new_int(dequeues < INT64_MAX ? dequeues + 1 : dequeues));
    }
    if (documents_replace(ctx, db, coll, d, TRIGGER_RENEW_LEASE, ret, err) < 0)
        return -1;
    *ret_lease = xstrdup(lease);
    return 0;
}

/* Takes a candidate; consumes it. */
static int claim_one(const struct opctx *ctx, struct database *db,
                     const struct documents_dequeue *q, struct doc *candidate, char **ret_lease,
                     struct document *ret, struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (document_take(candidate, &d, err) < 0)
        return -1;
    return documents_claim(ctx, db, queries[q->query->query].coll, &d, q->uncounted, ret_lease, ret,
                           err);
}

/* 1 = took one, 0 = none of the page was to be had. */
static int claim_from_page(const struct opctx *ctx, struct database *db,
                           const struct documents_dequeue *q, struct doc_page *page,
                           char **ret_lease, struct document *ret, struct error **err)
{
    size_t rest = page->len > 1 ? page->len - 1 : 1;
    size_t offset = rng_below(ctx->rng, rest);
    for (size_t i = 0; i < page->len; i++) {
        cleanup_error struct error *why = NULL;
        size_t at = i == 0 ? 0 : 1 + (i - 1 + offset) % rest;
        if (claim_one(ctx, db, q, &page->docs[at], ret_lease, ret, &why) == 0)
            return 1;
        if (!concerns_one_document(why))
            return error_move(err, &why);
    }
    return 0;
}

int documents_dequeue(const struct opctx *ctx, struct database *db,
                      const struct documents_dequeue *q, char **ret_lease, struct document *ret,
                      struct error **err)
{
    struct store_query at = *q->query;
    cleanup_free char *next = NULL;
    at.page = DEQUEUE_PAGE;
    do {
        cleanup_doc_page struct doc_page page = { 0 };
        at.continuation = next;
        if (store_query(ctx, db->store, &at, &page, err) < 0)
            return -1;
        int took = claim_from_page(ctx, db, q, &page, ret_lease, ret, err);
        if (took)
            return took < 0 ? -1 : 0;
        free(next);
        next = take(page.next);
    } while (next);
    *ret = (struct document){ 0 };
    *ret_lease = NULL;
    return 0;
}

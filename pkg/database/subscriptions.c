#include "pkg/database/subscriptions.h"

#include "pkg/database/documents.h"

int subscriptions_create(const struct opctx *ctx, struct database *db, json *tree,
                         struct document *ret, struct error **err)
{
    cleanup_json json *owned = tree;
    if (check_lower("id", document_str(owned, "id"), err) < 0)
        return error_wrap(err, "Subscriptions");
    return documents_create_once(ctx, db, COLL_SUBSCRIPTIONS, take(owned), 0, ret, err);
}

int subscriptions_get(const struct opctx *ctx, struct database *db, const char *id,
                      struct document *ret, struct error **err)
{
    return documents_get(ctx, db, COLL_SUBSCRIPTIONS, id, id, ret, err);
}

/* p comes without where the document is. */
static int patch(const struct opctx *ctx, struct database *db, const char *id,
                 struct documents_patch *p, struct document *ret, struct error **err)
{
    p->coll = COLL_SUBSCRIPTIONS;
    p->partition = p->id = id;
    return documents_patch(ctx, db, p, ret, err);
}

int subscriptions_patch(const struct opctx *ctx, struct database *db, const char *id,
                        document_mutate mutate, void *arg, struct document *ret, struct error **err)
{
    struct documents_patch p = { .mutate = mutate, .arg = arg };
    return patch(ctx, db, id, &p, ret, err);
}

int subscriptions_patch_with_lease(const struct opctx *ctx, struct database *db, const char *id,
                                   const char *lease, document_mutate mutate, void *arg,
                                   struct document *ret, struct error **err)
{
    struct documents_patch p = {
        .lease = lease, .needs_lease = true, .mutate = mutate, .arg = arg
    };
    return patch(ctx, db, id, &p, ret, err);
}

int subscriptions_lease(const struct opctx *ctx, struct database *db, const char *id,
                        const char *lease, struct document *ret, struct error **err)
{
    struct documents_patch p = { .lease = lease,
                                 .needs_lease = true,
                                 .triggers = TRIGGER_RENEW_LEASE };
    return patch(ctx, db, id, &p, ret, err);
}

int subscriptions_dequeue(const struct opctx *ctx, struct database *db, char **ret_lease,
                          struct document *ret, struct error **err)
{
    const struct store_query q = { .query = QUERY_SUBSCRIPTIONS_DEQUEUE };
    return documents_dequeue(ctx, db, &(struct documents_dequeue){ .query = &q }, ret_lease, ret,
                             err);
}

struct end {
    bool done, retry_later;
};

static int end_lease(json *tree, void *arg, struct error **err)
{
    const struct end *end = arg;
    (void)err;
    if (end->done)
        (void)json_del(tree, "deleting");
    if (end->done || end->retry_later)
        (void)json_del(tree, "dequeues");
    lease_clear(tree);
    return 0;
}

int subscriptions_end_lease(const struct opctx *ctx, struct database *db, const char *id,
                            const char *lease, bool done, bool retry_later, struct document *ret,
                            struct error **err)
{
    struct end end = { done, retry_later };
    struct documents_patch p = { .lease = lease,
                                 .needs_lease = true,
                                 .triggers = retry_later ? TRIGGER_RETRY_LATER : 0,
                                 .mutate = end_lease,
                                 .arg = &end };
    return patch(ctx, db, id, &p, ret, err);
}

int subscriptions_changes(const struct opctx *ctx, struct database *db, const char *position,
                          size_t max, struct document_page *ret, struct error **err)
{
    return documents_changes(ctx, db, COLL_SUBSCRIPTIONS, position, max, ret, err);
}

#include "pkg/database/poolworkers.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/database/documents.h"

int poolworkers_ensure_master(const struct opctx *ctx, struct database *db, const char *type,
                              struct error **err)
{
    cleanup_error struct error *why = NULL;
    json *tree = json_make("{'id':%s,'workerType':%s,'poolWorker':{}}", type, type);
    if (documents_create(ctx, db, COLL_POOL_WORKERS, tree, 0, NULL, &why) == 0 ||
        error_is(why, ERR_EXISTS))
        return 0;
    return error_move(err, &why);
}

int poolworkers_get_master(const struct opctx *ctx, struct database *db, const char *type,
                           struct document *ret, struct error **err)
{
    return documents_get(ctx, db, COLL_POOL_WORKERS, type, type, ret, err);
}

int poolworkers_try_master(const struct opctx *ctx, struct database *db, const char *type,
                           char **ret_lease, struct error **err)
{
    const struct store_query q = { .query = QUERY_POOL_FREE_MASTER, .partition = type };
    const struct documents_dequeue dequeue = { .query = &q, .uncounted = true };
    cleanup_document struct document d = { 0 };
    return documents_dequeue(ctx, db, &dequeue, ret_lease, &d, err);
}

int poolworkers_patch_master(const struct opctx *ctx, struct database *db, const char *type,
                             const char *lease, document_mutate mutate, void *arg,
                             struct document *ret, struct error **err)
{
    const struct documents_patch p = { .coll = COLL_POOL_WORKERS,
                                       .partition = type,
                                       .id = type,
                                       .lease = lease,
                                       .needs_lease = true,
                                       .triggers = TRIGGER_RENEW_LEASE,
                                       .mutate = mutate,
                                       .arg = arg };
    return documents_patch(ctx, db, &p, ret, err);
}

int poolworkers_heartbeat(const struct opctx *ctx, struct database *db, const char *type,
                          const char *id, int64_t ttl_s, struct error **err)
{
    cleanup_error struct error *why = NULL;
    cleanup_document struct document d = {
        .tree = json_make("{'id':%s,'workerType':%s,'ttl':%ld}", id, type, ttl_s),
        .etag = xstrdup(STORE_ANY_ETAG),
    };
    if (documents_replace(ctx, db, COLL_POOL_WORKERS, &d, 0, NULL, &why) == 0)
        return 0;
    if (!error_is(why, ERR_NOT_FOUND))
        return error_move(err, &why);
    return documents_create(ctx, db, COLL_POOL_WORKERS, take(d.tree), 0, NULL, err);
}

int poolworkers_list(const struct opctx *ctx, struct database *db, const char *type, size_t page,
                     const char *continuation, struct document_page *ret, struct error **err)
{
    const struct store_query q = {
        .query = QUERY_POOL_WORKERS, .partition = type, .page = page, .continuation = continuation
    };
    return documents_page(ctx, db, &q, ret, err);
}

int poolworkers_delete(const struct opctx *ctx, struct database *db, const char *type,
                       const char *id, struct error **err)
{
    if (check_lower("id", id, err) < 0)
        return error_wrap(err, "PoolWorkers");
    return store_delete(ctx, db->store, COLL_POOL_WORKERS, type, id, STORE_ANY_ETAG, err);
}

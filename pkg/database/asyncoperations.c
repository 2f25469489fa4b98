#include "pkg/database/asyncoperations.h"

#include "pkg/api/api.h"
#include "pkg/base/mem.h"
#include "pkg/database/documents.h"
#include "pkg/database/fields.h"

json *asyncoperations_make(const struct asyncoperation_begin *b)
{
    cleanup_free char *path =
        api_async_operation_give_path(b->subscription_id, b->location, "operationsstatus", b->id);
    json *record = json_make("{'id':%s,'openShiftClusterKey':%s,'asyncOperation':{'id':%s,"
                             "'name':%s,'initialStatus':%s,'status':%s}}",
                             b->id, b->key, path, b->id, b->status, b->status);
    if (b->start_time)
        json_put(json_get(record, "asyncOperation"), "startTime", json_new_str(b->start_time));
    return record;
}

int asyncoperations_create(const struct opctx *ctx, struct database *db, json *tree,
                           struct document *ret, struct error **err)
{
    return documents_create_once(ctx, db, COLL_ASYNC_OPERATIONS, tree, 0, ret, err);
}

int asyncoperations_get(const struct opctx *ctx, struct database *db, const char *id,
                        struct document *ret, struct error **err)
{
    return documents_get(ctx, db, COLL_ASYNC_OPERATIONS, id, id, ret, err);
}

int asyncoperations_patch(const struct opctx *ctx, struct database *db, const char *id,
                          document_mutate mutate, void *arg, struct document *ret,
                          struct error **err)
{
    return documents_patch_by_id(ctx, db, COLL_ASYNC_OPERATIONS, id, mutate, arg, ret, err);
}

void asyncoperations_put_snapshot(json *tree, const json *cluster)
{
    json *copy = json_give_copy(cluster);
    fields_drop_sealed(copy);
    json_put(tree, "openShiftCluster", copy);
}

#include "pkg/database/asyncoperations.h"

#include "pkg/database/documents.h"
#include "pkg/database/fields.h"

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

int asyncoperations_delete(const struct opctx *ctx, struct database *db, const char *id,
                           struct error **err)
{
    return documents_delete_by_id(ctx, db, COLL_ASYNC_OPERATIONS, id, err);
}

void asyncoperations_put_snapshot(json *tree, const json *cluster)
{
    json *copy = json_give_copy(cluster);
    fields_drop_sealed(copy);
    json_put(tree, "openShiftCluster", copy);
}

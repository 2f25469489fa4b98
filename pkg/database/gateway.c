#include "pkg/database/gateway.h"

#include "pkg/database/documents.h"

int gateway_create(const struct opctx *ctx, struct database *db, json *tree, struct document *ret,
                   struct error **err)
{
    cleanup_json json *owned = tree;
    if (check_lower("id", document_str(owned, "id"), err) < 0)
        return error_wrap(err, "Gateway");
    return documents_create(ctx, db, COLL_GATEWAY, take(owned), 0, ret, err);
}

int gateway_get(const struct opctx *ctx, struct database *db, const char *id, struct document *ret,
                struct error **err)
{
    return documents_get(ctx, db, COLL_GATEWAY, id, id, ret, err);
}

int gateway_patch(const struct opctx *ctx, struct database *db, const char *id,
                  document_mutate mutate, void *arg, struct document *ret, struct error **err)
{
    return documents_patch_by_id(ctx, db, COLL_GATEWAY, id, mutate, arg, ret, err);
}

int gateway_withdraw(const struct opctx *ctx, struct database *db, const char *id,
                     struct document *ret, struct error **err)
{
    return documents_withdraw(ctx, db, COLL_GATEWAY, id, "gateway", ret, err);
}

int gateway_delete(const struct opctx *ctx, struct database *db, const char *id, struct error **err)
{
    return documents_delete_by_id(ctx, db, COLL_GATEWAY, id, err);
}

int gateway_list(const struct opctx *ctx, struct database *db, size_t page,
                 const char *continuation, struct document_page *ret, struct error **err)
{
    return documents_list(ctx, db, COLL_GATEWAY, page, continuation, ret, err);
}

int gateway_changes(const struct opctx *ctx, struct database *db, const char *position, size_t max,
                    struct document_page *ret, struct error **err)
{
    return documents_changes(ctx, db, COLL_GATEWAY, position, max, ret, err);
}

#include "pkg/database/billing.h"

#include "pkg/database/documents.h"

int billing_create(const struct opctx *ctx, struct database *db, json *tree, struct document *ret,
                   struct error **err)
{
    cleanup_json json *owned = tree;
    if (check_lower("id", document_str(owned, "id"), err) < 0 ||
        check_lower("key", document_str(owned, "key"), err) < 0)
        return error_wrap(err, "Billing");
    return documents_create(ctx, db, COLL_BILLING, take(owned), TRIGGER_CREATION_TIME, ret, err);
}

int billing_get(const struct opctx *ctx, struct database *db, const char *id, struct document *ret,
                struct error **err)
{
    return documents_get(ctx, db, COLL_BILLING, id, id, ret, err);
}

int billing_patch(const struct opctx *ctx, struct database *db, const char *id,
                  document_mutate mutate, void *arg, struct document *ret, struct error **err)
{
    return documents_patch_by_id(ctx, db, COLL_BILLING, id, mutate, arg, ret, err);
}

int billing_mark_deleted(const struct opctx *ctx, struct database *db, const char *id,
                         struct document *ret, struct error **err)
{
    const struct documents_patch p = {
        .coll = COLL_BILLING, .partition = id, .id = id, .triggers = TRIGGER_DELETION_TIME
    };
    return documents_patch(ctx, db, &p, ret, err);
}

int billing_delete(const struct opctx *ctx, struct database *db, const char *id, struct error **err)
{
    return documents_delete_by_id(ctx, db, COLL_BILLING, id, err);
}

int billing_list(const struct opctx *ctx, struct database *db, size_t page,
                 const char *continuation, struct document_page *ret, struct error **err)
{
    return documents_list(ctx, db, COLL_BILLING, page, continuation, ret, err);
}

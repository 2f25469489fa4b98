#include "pkg/database/rolesets.h"

#include "pkg/database/documents.h"

int rolesets_create(const struct opctx *ctx, struct database *db, json *tree, struct document *ret,
                    struct error **err)
{
    return documents_create(ctx, db, COLL_ROLE_SETS, tree, 0, ret, err);
}

int rolesets_get(const struct opctx *ctx, struct database *db, const char *id, struct document *ret,
                 struct error **err)
{
    return documents_get(ctx, db, COLL_ROLE_SETS, id, id, ret, err);
}

int rolesets_patch(const struct opctx *ctx, struct database *db, const char *id,
                   document_mutate mutate, void *arg, struct document *ret, struct error **err)
{
    return documents_patch_by_id(ctx, db, COLL_ROLE_SETS, id, mutate, arg, ret, err);
}

int rolesets_withdraw(const struct opctx *ctx, struct database *db, const char *id,
                      struct document *ret, struct error **err)
{
    return documents_withdraw(ctx, db, COLL_ROLE_SETS, id, "platformWorkloadIdentityRoleSet", ret,
                              err);
}

int rolesets_delete(const struct opctx *ctx, struct database *db, const char *id,
                    struct error **err)
{
    return documents_delete_by_id(ctx, db, COLL_ROLE_SETS, id, err);
}

int rolesets_list(const struct opctx *ctx, struct database *db, size_t page,
                  const char *continuation, struct document_page *ret, struct error **err)
{
    return documents_list(ctx, db, COLL_ROLE_SETS, page, continuation, ret, err);
}

int rolesets_changes(const struct opctx *ctx, struct database *db, const char *position, size_t max,
                     struct document_page *ret, struct error **err)
{
    return documents_changes(ctx, db, COLL_ROLE_SETS, position, max, ret, err);
}

#include "pkg/database/openshiftversions.h"

#include "pkg/database/documents.h"

int openshiftversions_create(const struct opctx *ctx, struct database *db, json *tree,
                             struct document *ret, struct error **err)
{
    return documents_create(ctx, db, COLL_OPENSHIFT_VERSIONS, tree, 0, ret, err);
}

int openshiftversions_get(const struct opctx *ctx, struct database *db, const char *id,
                          struct document *ret, struct error **err)
{
    return documents_get(ctx, db, COLL_OPENSHIFT_VERSIONS, id, id, ret, err);
}

int openshiftversions_patch(const struct opctx *ctx, struct database *db, const char *id,
                            document_mutate mutate, void *arg, struct document *ret,
                            struct error **err)
{
    return documents_patch_by_id(ctx, db, COLL_OPENSHIFT_VERSIONS, id, mutate, arg, ret, err);
}

int openshiftversions_withdraw(const struct opctx *ctx, struct database *db, const char *id,
                               struct document *ret, struct error **err)
{
    return documents_withdraw(ctx, db, COLL_OPENSHIFT_VERSIONS, id, "openShiftVersion", ret, err);
}

int openshiftversions_delete(const struct opctx *ctx, struct database *db, const char *id,
                             struct error **err)
{
    return documents_delete_by_id(ctx, db, COLL_OPENSHIFT_VERSIONS, id, err);
}

int openshiftversions_list(const struct opctx *ctx, struct database *db, size_t page,
                           const char *continuation, struct document_page *ret, struct error **err)
{
    return documents_list(ctx, db, COLL_OPENSHIFT_VERSIONS, page, continuation, ret, err);
}

int openshiftversions_changes(const struct opctx *ctx, struct database *db, const char *position,
                              size_t max, struct document_page *ret, struct error **err)
{
    return documents_changes(ctx, db, COLL_OPENSHIFT_VERSIONS, position, max, ret, err);
}

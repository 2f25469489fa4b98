#include "pkg/database/maintenanceschedules.h"

#include "pkg/database/documents.h"

int maintenanceschedules_create(const struct opctx *ctx, struct database *db, json *tree,
                                struct document *ret, struct error **err)
{
    return documents_create_once(ctx, db, COLL_MAINTENANCE_SCHEDULES, tree, 0, ret, err);
}

int maintenanceschedules_get(const struct opctx *ctx, struct database *db, const char *id,
                             struct document *ret, struct error **err)
{
    return documents_get(ctx, db, COLL_MAINTENANCE_SCHEDULES, id, id, ret, err);
}

int maintenanceschedules_patch(const struct opctx *ctx, struct database *db, const char *id,
                               document_mutate mutate, void *arg, struct document *ret,
                               struct error **err)
{
    return documents_patch_by_id(ctx, db, COLL_MAINTENANCE_SCHEDULES, id, mutate, arg, ret, err);
}

int maintenanceschedules_list(const struct opctx *ctx, struct database *db, size_t page,
                              const char *continuation, struct document_page *ret,
                              struct error **err)
{
    return documents_list(ctx, db, COLL_MAINTENANCE_SCHEDULES, page, continuation, ret, err);
}

int maintenanceschedules_list_valid(const struct opctx *ctx, struct database *db, size_t page,
                                    const char *continuation, struct document_page *ret,
                                    struct error **err)
{
    const struct store_query q = { .query = QUERY_SCHEDULES_VALID,
                                   .page = page,
                                   .continuation = continuation };
    return documents_page(ctx, db, &q, ret, err);
}

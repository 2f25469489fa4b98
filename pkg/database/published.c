#include "pkg/database/published.h"

#include "pkg/database/documents.h"

static const struct {
    enum collection coll;
    const char *member;
    bool is_named; /* ids mean something outside and are never made up */
} kinds[PUBLISHED_COUNT] = {
    [PUBLISHED_VERSIONS] = { COLL_OPENSHIFT_VERSIONS, "openShiftVersion", false },
    [PUBLISHED_ROLE_SETS] = { COLL_ROLE_SETS, "platformWorkloadIdentityRoleSet", false },
    [PUBLISHED_GATEWAY] = { COLL_GATEWAY, "gateway", true },
};

const char *published_member(enum published kind)
{
    return kinds[kind].member;
}

int published_create(const struct opctx *ctx, struct database *db, enum published kind, json *tree,
                     struct document *ret, struct error **err)
{
    cleanup_json json *owned = tree;
    if (kinds[kind].is_named && check_lower("id", document_str(owned, "id"), err) < 0)
        return error_wrap(err, "%s", collections[kinds[kind].coll].name);
    return documents_create(ctx, db, kinds[kind].coll, take(owned), 0, ret, err);
}

int published_get(const struct opctx *ctx, struct database *db, enum published kind, const char *id,
                  struct document *ret, struct error **err)
{
    return documents_get(ctx, db, kinds[kind].coll, id, id, ret, err);
}

int published_patch(const struct opctx *ctx, struct database *db, enum published kind,
                    const char *id, document_mutate mutate, void *arg, struct document *ret,
                    struct error **err)
{
    return documents_patch_by_id(ctx, db, kinds[kind].coll, id, mutate, arg, ret, err);
}

int published_withdraw(const struct opctx *ctx, struct database *db, enum published kind,
                       const char *id, struct document *ret, struct error **err)
{
    return documents_withdraw(ctx, db, kinds[kind].coll, id, kinds[kind].member, ret, err);
}

int published_delete(const struct opctx *ctx, struct database *db, enum published kind,
                     const char *id, struct error **err)
{
    return documents_delete_by_id(ctx, db, kinds[kind].coll, id, err);
}

int published_list(const struct opctx *ctx, struct database *db, enum published kind, size_t page,
                   const char *continuation, struct document_page *ret, struct error **err)
{
    return documents_list(ctx, db, kinds[kind].coll, page, continuation, ret, err);
}

int published_changes(const struct opctx *ctx, struct database *db, enum published kind,
                      const char *position, size_t max, struct document_page *ret,
                      struct error **err)
{
    return documents_changes(ctx, db, kinds[kind].coll, position, max, ret, err);
}

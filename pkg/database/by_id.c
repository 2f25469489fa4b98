#include <stdio.h>

#include "pkg/database/documents.h"

/* How long a withdrawn document is still there, for change feeds to see it go. */
#define WITHDRAWN_TTL_S 60

int documents_patch_by_id(const struct opctx *ctx, struct database *db, enum collection coll,
                          const char *id, document_mutate mutate, void *arg, struct document *ret,
                          struct error **err)
{
    const struct documents_patch p = {
        .coll = coll, .partition = id, .id = id, .mutate = mutate, .arg = arg
    };
    return documents_patch(ctx, db, &p, ret, err);
}

int documents_delete_by_id(const struct opctx *ctx, struct database *db, enum collection coll,
                           const char *id, struct error **err)
{
    if (check_lower("id", id, err) < 0)
        return error_wrap(err, "%s", collections[coll].name);
    return store_delete(ctx, db->store, coll, id, id, STORE_ANY_ETAG, err);
}

static int withdraw(json *tree, void *arg, struct error **err)
{
    const char *member = arg;
    json *object = json_get(tree, member);
    if (!json_is_object(object))
        return error_set(err, ERR_INTERNAL, "the document has no object %s", member);
    json_put(object, "deleting", json_new_bool(true));
    json_put(tree, "ttl", json_new_int(WITHDRAWN_TTL_S));
    return 0;
}

int documents_withdraw(const struct opctx *ctx, struct database *db, enum collection coll,
                       const char *id, const char *member, struct document *ret, struct error **err)
{
    char name[64];
    (void)snprintf(name, sizeof(name), "%s", member);
    return documents_patch_by_id(ctx, db, coll, id, withdraw, name, ret, err);
}

int documents_list(const struct opctx *ctx, struct database *db, enum collection coll, size_t page,
                   const char *continuation, struct document_page *ret, struct error **err)
{
    const struct store_query q = {
        .query = QUERY_ALL, .coll = coll, .page = page, .continuation = continuation
    };
    return documents_page(ctx, db, &q, ret, err);
}

#include "pkg/database/portal.h"

#include <string.h>

#include "pkg/database/documents.h"

int portal_create(const struct opctx *ctx, struct database *db, json *tree, struct document *ret,
                  struct error **err)
{
    cleanup_json json *owned = tree;
    if (json_path_int(owned, "ttl", 0) <= 0)
        return error_set(err, ERR_INVALID, "Portal: the document has no ttl");
    (void)json_del(owned, "id");
    return documents_create_once(ctx, db, COLL_PORTAL, take(owned), 0, ret, err);
}

static int check_secret_id(const char *id, struct error **err)
{
    if (id && strlen(id) == UUID_LEN && strspn(id, "0123456789abcdef-") == UUID_LEN)
        return 0;
    return error_set(err, ERR_NOT_FOUND, "Portal: no such document");
}

int portal_get(const struct opctx *ctx, struct database *db, const char *secret_id,
               struct document *ret, struct error **err)
{
    return check_secret_id(secret_id, err) < 0
               ? -1
               : documents_get(ctx, db, COLL_PORTAL, secret_id, secret_id, ret, err);
}

int portal_patch(const struct opctx *ctx, struct database *db, const char *secret_id,
                 document_mutate mutate, void *arg, struct document *ret, struct error **err)
{
    return check_secret_id(secret_id, err) < 0
               ? -1
               : documents_patch_by_id(ctx, db, COLL_PORTAL, secret_id, mutate, arg, ret, err);
}

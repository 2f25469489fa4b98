/* Status, written by controllers beside what callers write. */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"

int sets_row_keep(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                  const struct api_type *type, const char *uid, struct error **err)
{
    if (st->dialect == SQL_SQLITE) /* which has one writer */
        return 0;
    cleanup_free char *text =
        xasprintf("SELECT 1 FROM %s WHERE uid = $1 FOR KEY SHARE", type->plural);
    const struct sql_param param = sql_text(uid);
    int64_t is_there;
    return sets_number(ctx, c, text, &param, 1, &is_there, err);
}

int sets_status_put(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                    const struct api_type *type, const char *nspace, const char *name,
                    sets_status_edit edit, void *arg, struct sets_changes *ch, bool *ret_changed,
                    struct error **err)
{
    cleanup_row struct sets_row row = { 0 };
    cleanup_json json *object = NULL;
    if (sets_row_find(ctx, st, c, type, nspace, name, true, &row, err) < 0 ||
        sets_row_give_object(type, &row, &object, err) < 0)
        return -1;
    const json *old = json_get(object, "status");
    cleanup_json json *status = old ? json_give_copy(old) : json_new_object();
    edit(status, object, arg);
    bool changed = old ? !json_equal(old, status) : json_len(status) > 0;
    if (ret_changed)
        *ret_changed = changed;
    if (!changed)
        return 0;
    json_put(object, "status", take(status));
    cleanup_free char *data = sets_give_data(object);
    cleanup_free char *text = xasprintf("UPDATE %s SET data = $1 WHERE uid = $2", type->plural);
    const struct sql_param params[] = { sql_text(data), sql_text(row.uid) };
    sets_changes_add(ch, type, "MODIFIED", take(object), row.labels, row.labels);
    ch->v[ch->len - 1].status_only = true;
    return sql_exec(ctx, c, text, params, ARRAY_LEN(params), NULL, err);
}

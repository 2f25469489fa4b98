#include "rp/syncsets/store/quota.h"

#include <inttypes.h>
#include <string.h>

#include "pkg/base/mem.h"

json *sets_give_quotas(void)
{
    return json_make("{'maxClusters':%d,'maxSets':%d,'maxSetBytes':%d}", QUOTA_CLUSTERS, QUOTA_SETS,
                     QUOTA_SET_BYTES);
}

static int64_t limit_of(const struct sets_row *nspace, const char *path, int64_t dflt)
{
    cleanup_json json *data = NULL;
    if (nspace->data && json_parse_object(nspace->data, strlen(nspace->data), &data, NULL) < 0)
        return 0;
    return json_path_int(data, path, dflt);
}

static int refuse(struct error **err, const char *nspace, int64_t limit, const char *what)
{
    (void)error_set(err, ERR_FORBIDDEN, "namespace \"%s\" may hold %" PRId64 " %s, and no more",
                    nspace, limit, what);
    error_code(err, "QuotaExceeded");
    return -1;
}

static int check_number(const struct opctx *ctx, struct sql *c, const struct sets_write *w,
                        const struct sets_row *nspace, struct error **err)
{
    bool is_cluster = w->type->id == TYPE_CLUSTERS;
    int64_t n, limit = is_cluster ? limit_of(nspace, "spec.maxClusters", QUOTA_CLUSTERS)
                                  : limit_of(nspace, "spec.maxSets", QUOTA_SETS);
    const struct sql_param name = sql_text(w->nspace);
    if (sets_number(ctx, c,
                    is_cluster ? "SELECT count(*) FROM clusters WHERE namespace = $1"
                               : "SELECT count(*) FROM syncsets WHERE namespace = $1",
                    &name, 1, &n, err) < 0)
        return -1;
    return n < limit ? 0 : refuse(err, w->nspace, limit, w->type->plural);
}

/* uid: of the set that becomes so large; "": it is new. */
static int check_bytes(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                       const struct sets_write *w, const struct sets_row *nspace, const char *uid,
                       size_t bytes, struct error **err)
{
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = "SELECT coalesce(sum(length(CAST(data AS BLOB))), 0) FROM syncsets WHERE "
                       "namespace = $1 AND uid <> $2",
        [SQL_POSTGRESQL] = "SELECT coalesce(sum(octet_length(data::text)), 0)::bigint FROM syncsets"
                           " WHERE namespace = $1 AND uid <> $2",
    };
    const struct sql_param params[] = { sql_text(w->nspace), sql_text(uid) };
    int64_t others, limit = limit_of(nspace, "spec.maxSetBytes", QUOTA_SET_BYTES);
    if (sets_number(ctx, c, texts[st->dialect], params, ARRAY_LEN(params), &others, err) < 0)
        return -1;
    return others + (int64_t)bytes <= limit ? 0
                                            : refuse(err, w->nspace, limit, "bytes of syncsets");
}

int sets_check_quotas(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      const struct sets_write *w, const struct sets_row *nspace, struct error **err)
{
    if (w->type->id == TYPE_CLUSTERS)
        return check_number(ctx, c, w, nspace, err);
    if (w->type->id != TYPE_SYNCSETS)
        return 0;
    if (check_number(ctx, c, w, nspace, err) < 0)
        return -1;
    cleanup_free char *data = sets_give_data(w->object);
    return check_bytes(ctx, st, c, w, nspace, "", strlen(data), err);
}

int sets_check_growth(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      const struct sets_write *w, const json *old, const json *made,
                      struct error **err)
{
    cleanup_row struct sets_row nspace = { 0 };
    if (w->type->id != TYPE_SYNCSETS)
        return 0;
    cleanup_free char *before = sets_give_data(old), *data = sets_give_data(made);
    if (strlen(data) <= strlen(before))
        return 0;
    if (sets_row_find(ctx, st, c, &api_types[TYPE_NAMESPACES], "", w->nspace, true, &nspace, err) <
        0)
        return -1;
    return check_bytes(ctx, st, c, w, &nspace, json_path_str(old, "metadata.uid"), strlen(data),
                       err);
}

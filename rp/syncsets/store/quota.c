#include "rp/syncsets/store/quota.h"

#include <inttypes.h>
#include <string.h>

#include "pkg/base/mem.h"

json *sets_give_quotas(void)
{
    return json_make("{'maxClusters':%d,'maxSets':%d,'maxSecrets':%d,'maxSetBytes':%d}",
                     QUOTA_CLUSTERS, QUOTA_SETS, QUOTA_SECRETS, QUOTA_SET_BYTES);
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

int sets_check_number(const struct opctx *ctx, struct sql *c, const struct sets_write *w,
                      const struct sets_row *nspace, struct error **err)
{
    static const struct {
        const char *path, *text;
        int64_t dflt;
    } limits[API_TYPES] = {
        [TYPE_CLUSTERS] = { "spec.maxClusters",
                            "SELECT count(*) FROM clusters WHERE namespace = $1", QUOTA_CLUSTERS },
        [TYPE_SYNCSETS] = { "spec.maxSets", "SELECT count(*) FROM syncsets WHERE namespace = $1",
                            QUOTA_SETS },
        [TYPE_SECRETS] = { "spec.maxSecrets", "SELECT count(*) FROM secrets WHERE namespace = $1",
                           QUOTA_SECRETS },
    };
    enum api_type_id id = w->type->id;
    const struct sql_param name = sql_text(w->nspace);
    int64_t n;
    if (!limits[id].path)
        return 0;
    int64_t limit = limit_of(nspace, limits[id].path, limits[id].dflt);
    if (sets_number(ctx, c, limits[id].text, &name, 1, &n, err) < 0)
        return -1;
    return n < limit ? 0 : refuse(err, w->nspace, limit, w->type->plural);
}

/* What the sets of the namespace come to ("": SelectorSyncSets), this transaction's among them. The database counts them itself
 * (schema/0007), and whoever writes here has the row until the commit, so that nobody else can have counted meanwhile. */
static int read_bytes(const struct opctx *ctx, struct sql *c, const char *nspace, int64_t *ret,
                      struct error **err)
{
    const struct sql_param name = sql_text(nspace);
    return sets_number(ctx, c, "SELECT bytes FROM set_bytes WHERE namespace = $1", &name, 1, ret,
                       err);
}

static int check_selector_bytes(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                                struct error **err)
{
    int64_t bytes, limit = st->cfg.selector_set_bytes;
    if (!limit)
        limit = QUOTA_SELECTOR_SET_BYTES;
    if (read_bytes(ctx, c, "", &bytes, err) < 0)
        return -1;
    if (bytes <= limit)
        return 0;
    (void)error_set(err, ERR_FORBIDDEN,
                    "all selectorsyncsets together may come to %" PRId64 " bytes, and no more",
                    limit);
    error_code(err, "QuotaExceeded");
    return -1;
}

int sets_check_bytes(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                     const struct sets_write *w, const struct sets_row *nspace, struct error **err)
{
    cleanup_row struct sets_row found = { 0 };
    int64_t bytes;
    if (w->type->id == TYPE_SELECTORSYNCSETS)
        return check_selector_bytes(ctx, st, c, err);
    if (w->type->id != TYPE_SYNCSETS)
        return 0;
    if (!nspace && sets_row_find(ctx, st, c, &api_types[TYPE_NAMESPACES], "", w->nspace, false,
                                 &found, err) < 0)
        return -1;
    int64_t limit = limit_of(nspace ? nspace : &found, "spec.maxSetBytes", QUOTA_SET_BYTES);
    if (read_bytes(ctx, c, w->nspace, &bytes, err) < 0)
        return -1;
    return bytes <= limit ? 0 : refuse(err, w->nspace, limit, "bytes of syncsets");
}

int sets_check_growth(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      const struct sets_write *w, const json *old, const json *made,
                      struct error **err)
{
    if (!w->type->is_set)
        return 0;
    cleanup_free char *before = sets_give_data(old), *data = sets_give_data(made);
    return strlen(data) > strlen(before) ? sets_check_bytes(ctx, st, c, w, NULL, err) : 0;
}

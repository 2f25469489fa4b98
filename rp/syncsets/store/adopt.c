#include "rp/syncsets/store/adopt.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"

int adopt_is_prototype(const struct opctx *ctx, struct sql *c, bool *ret, struct error **err)
{
    int64_t n;
    if (sets_number(ctx, c,
                    "SELECT count(*) FROM goose_db_version WHERE version_id = " PROTOTYPE_VERSION,
                    NULL, 0, &n, err) < 0)
        return -1;
    *ret = n > 0;
    return 0;
}

int adopt_set_aside(const struct opctx *ctx, struct sql *c, const struct keyring *keys,
                    struct error **err)
{
    if (!keys)
        return error_set(err, ERR_INVALID,
                         "the prototype's kubeconfigs are in the clear: set "
                         "SYNCSETS_ENCRYPTION_KEYS to take them over");
    return sql_script(ctx, c,
                      "ALTER TABLE clusters RENAME TO prototype_clusters;"
                      "ALTER TABLE syncsets RENAME TO prototype_syncsets;",
                      err);
}

struct row {
    char *nspace, *name, *data;
};
struct rows {
    struct row *v;
    size_t len;
};
static void rows_release(struct rows *r)
{
    for (size_t i = 0; i < r->len; i++) {
        free(r->v[i].nspace);
        free(r->v[i].name);
        secret_free_text(r->v[i].data);
    }
    free(r->v);
}
#define cleanup_old_rows CLEANUP_WITH(rows_release)

static int read_rows(const struct opctx *ctx, struct sql *c, const char *text, struct rows *ret,
                     struct error **err)
{
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, text, NULL, 0, &rows, err) < 0)
        return -1;
    int status;
    while ((status = sql_next(&rows, err)) > 0) {
        ret->v = xreallocarray(ret->v, ret->len + 1, sizeof(*ret->v));
        ret->v[ret->len++] = (struct row){ xstrdup(sql_row_text(&rows, 0, NULL)),
                                           xstrdup(sql_row_text(&rows, 1, NULL)),
                                           xstrdup(sql_row_text(&rows, 2, NULL)) };
    }
    return status;
}

/* The prototype's data has the fields beside one another; what it says of name and namespace, the columns say, too. */
static int take_row(const struct opctx *ctx, struct sql *c, struct sets_store *st,
                    const struct api_type *type, const struct row *r, struct error **err)
{
    json *body = NULL;
    json *object = NULL;
    if (json_parse_object(r->data, strlen(r->data), &body, err) < 0)
        return -1;
    (void)json_del(body, "name");
    (void)json_del(body, "namespace");
    (void)json_del(body, "id");
    if (type->id == TYPE_SYNCSETS && !json_has(body, "spec")) {
        json *spec = json_make("{'clusterDeploymentRefs':[]}");
        for (struct json_iter it = json_each(body); json_next(&it);)
            json_put(spec, it.key, json_ref(it.value));
        json_free(body);
        body = json_make("{'spec':%j}", spec);
    }
    if (api_decode(type, r->nspace, r->name, body, &object, err) < 0)
        return -1;
    cleanup_json_wiped json *secrets = api_take_secrets(type, object);
    const struct sets_write w = { .type = type,
                                  .nspace = r->nspace,
                                  .name = r->name,
                                  .object = object,
                                  .secrets = secrets,
                                  .actor = "migration" };
    int status = sets_create_within(ctx, st, c, &w, NULL, err);
    json_free(object);
    return status;
}

static int take_table(const struct opctx *ctx, struct sql *c, struct sets_store *st,
                      enum api_type_id id, const char *text, struct error **err)
{
    cleanup_old_rows struct rows rows = { 0 };
    if (read_rows(ctx, c, text, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < rows.len; i++)
        if (take_row(ctx, c, st, &api_types[id], &rows.v[i], err) < 0)
            return error_wrap(err, "taking over %s %s/%s", api_types[id].plural, rows.v[i].nspace,
                              rows.v[i].name);
    return 0;
}

int adopt_take_over(const struct opctx *ctx, struct sql *c, struct sql_db *db,
                    const struct keyring *keys, struct error **err)
{
    const struct sets_store_config cfg = { .db = db, .keys = keys };
    cleanup_sets_store struct sets_store *st = sets_store_new(&cfg);
    if (take_table(ctx, c, st, TYPE_CLUSTERS,
                   "SELECT namespace, name, data FROM prototype_clusters ORDER BY id", err) < 0 ||
        take_table(ctx, c, st, TYPE_SYNCSETS,
                   "SELECT namespace, name, data FROM prototype_syncsets ORDER BY id", err) < 0)
        return -1;
    return sql_script(ctx, c,
                      "DROP TABLE prototype_clusters; DROP TABLE prototype_syncsets; DROP TABLE "
                      "goose_db_version;",
                      err);
}

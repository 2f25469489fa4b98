#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"

struct sets_store *sets_store_new(const struct sets_store_config *cfg)
{
    struct sets_store *st = xnew(struct sets_store);
    st->cfg = *cfg;
    st->dialect = sql_dialect(cfg->db);
    return st;
}

void sets_store_free(struct sets_store *st)
{
    free(st);
}

struct sql_db *sets_store_db(struct sets_store *st)
{
    return st->cfg.db;
}

int64_t sets_now_s(const struct opctx *ctx)
{
    return clock_wall_ns(ctx->clock) / NS_PER_S;
}

int sets_number(const struct opctx *ctx, struct sql *c, const char *text,
                const struct sql_param *params, size_t n, int64_t *ret, struct error **err)
{
    cleanup_sql_rows struct sql_rows rows = { 0 };
    *ret = 0;
    if (sql_query(ctx, c, text, params, n, &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status > 0)
        *ret = sql_row_int(&rows, 0);
    return status < 0 ? -1 : 0;
}

int sets_target(struct error **err, const struct api_type *type, const char *name)
{
    cleanup_free char *target = xasprintf("%s/%s", type->plural, name);
    error_target(err, target);
    return -1;
}

int sets_row_find(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                  const struct api_type *type, const char *nspace, const char *name,
                  bool for_update, struct sets_row *ret, struct error **err)
{
    cleanup_free char *columns = sets_give_columns(type);
    cleanup_free char *text =
        xasprintf("SELECT %s FROM %s o WHERE o.namespace = $1 AND o.name = $2%s", columns,
                  type->plural, for_update && st->dialect == SQL_POSTGRESQL ? " FOR UPDATE" : "");
    const struct sql_param params[] = { sql_text(nspace), sql_text(name) };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, text, params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status < 0)
        return -1;
    if (status == 0) {
        (void)error_set(err, ERR_NOT_FOUND, "%s \"%s\" not found", type->plural, name);
        return sets_target(err, type, name);
    }
    sets_row_read(type, &rows, ret);
    return 0;
}

int sets_get(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
             const char *nspace, const char *name, json **ret, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    cleanup_row struct sets_row row = { 0 };
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        sets_row_find(ctx, st, c, type, nspace, name, false, &row, err) < 0)
        return -1;
    return sets_row_give_object(type, &row, ret, err);
}

int sets_reveal(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
                const char *nspace, const char *name, json **ret, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    cleanup_row struct sets_row row = { 0 };
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0 ||
        sets_row_find(ctx, st, c, type, nspace, name, false, &row, err) < 0)
        return -1;
    return sets_open(st, type, &row, ret, err);
}

int sets_revision(const struct opctx *ctx, struct sets_store *st, int64_t *ret, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0)
        return -1;
    return sets_number(ctx, c, "SELECT last FROM revision WHERE type = ''", NULL, 0, ret, err);
}

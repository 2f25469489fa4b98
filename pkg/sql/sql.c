#include "pkg/sql/sql.h"

#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/sql/sql_impl.h"

struct sql_param sql_int(int64_t v)
{
    return (struct sql_param){ .type = SQL_INT, .number = v };
}

struct sql_param sql_text_n(const char *s, size_t len)
{
    return (struct sql_param){ .type = s ? SQL_TEXT : SQL_NULL, .text = s, .len = len };
}

struct sql_param sql_text(const char *s)
{
    return sql_text_n(s, s ? strlen(s) : 0);
}

int sql_query(const struct opctx *ctx, struct sql *c, const char *text,
              const struct sql_param *params, size_t n, struct sql_rows *ret, struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    if (n > SQL_PARAMS_MAX)
        return error_set(err, ERR_INTERNAL, "a statement with %zu parameters", n);
    struct sql_rows rows = { .c = c, .ctx = ctx };
    if (c->db->ops->query(ctx, c, text, params, n, &rows, err) < 0)
        return -1;
    *ret = rows;
    return 0;
}

int sql_next(struct sql_rows *rows, struct error **err)
{
    return rows->c->db->ops->next(rows, err);
}

void sql_rows_end(struct sql_rows *rows)
{
    rows->c->db->ops->rows_end(rows);
    *rows = (struct sql_rows){ 0 };
}

int64_t sql_row_int(const struct sql_rows *rows, int column)
{
    return rows->c->db->ops->row_int(rows, column);
}

bool sql_row_is_null(const struct sql_rows *rows, int column)
{
    return rows->c->db->ops->row_is_null(rows, column);
}

const char *sql_row_text(const struct sql_rows *rows, int column, size_t *ret_len)
{
    size_t len;
    return rows->c->db->ops->row_text(rows, column, ret_len ? ret_len : &len);
}

int sql_exec(const struct opctx *ctx, struct sql *c, const char *text,
             const struct sql_param *params, size_t n, int64_t *ret_changed, struct error **err)
{
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, text, params, n, &rows, err) < 0)
        return -1;
    int status;
    while ((status = sql_next(&rows, err)) > 0)
        ; /* rows that nobody asked for */
    if (status == 0 && ret_changed)
        *ret_changed = c->db->ops->changed(&rows);
    return status;
}

int sql_script(const struct opctx *ctx, struct sql *c, const char *text, struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    return c->db->ops->script(ctx, c, text, err);
}

int sql_begin(const struct opctx *ctx, struct sql *c, struct error **err)
{
    if (c->in_transaction)
        return error_set(err, ERR_INTERNAL, "a transaction within a transaction");
    c->is_unknown = false;
    if (opctx_check(ctx, err) < 0 || c->db->ops->begin(ctx, c, err) < 0)
        return error_wrap(err, "beginning a transaction");
    c->in_transaction = true;
    return 0;
}

int sql_commit(const struct opctx *ctx, struct sql *c, struct error **err)
{
    if (!c->in_transaction)
        return error_set(err, ERR_INTERNAL, "a commit without a transaction");
    /* From here the context cannot end it any more: the server is asked in any case. */
    if (c->db->ops->commit(ctx, c, err) == 0) {
        c->in_transaction = false;
        return 0;
    }
    sql_rollback(c);
    return error_wrap(err, "committing a transaction");
}

void sql_rollback(struct sql *c)
{
    if (!c->in_transaction)
        return;
    c->in_transaction = false;
    if (c->db->ops->rollback(c) < 0)
        c->is_broken = true;
}

bool sql_is_unknown(const struct sql *c)
{
    return c->is_unknown;
}

void sql_abandon(struct sql *c)
{
    c->is_abandoned = true;
}

bool sql_is_broken(const struct sql *c)
{
    return c->is_broken;
}

int sql_listen(const struct opctx *ctx, struct sql *c, const char *channel, struct error **err)
{
    const struct sql_ops *ops = c->db->ops;
    if (!ops->listen)
        return error_set(err, ERR_UNSUPPORTED, "the database sends no notifications");
    return ops->listen(ctx, c, channel, err);
}

int sql_notified(const struct opctx *ctx, struct sql *c, char **ret, struct error **err)
{
    const struct sql_ops *ops = c->db->ops;
    if (!ops->notified)
        return error_set(err, ERR_UNSUPPORTED, "the database sends no notifications");
    return ops->notified(ctx, c, ret, err);
}

enum sql_dialect sql_dialect(const struct sql_db *db)
{
    return db->dialect;
}

bool sql_dsn_dialect(const char *dsn, enum sql_dialect *ret)
{
    static const struct {
        const char *prefix;
        enum sql_dialect dialect;
    } schemes[] = { { "sqlite:", SQL_SQLITE },
                    { "postgresql://", SQL_POSTGRESQL },
                    { "postgres://", SQL_POSTGRESQL } };
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (dsn && str_starts(dsn, schemes[i].prefix)) {
            *ret = schemes[i].dialect;
            return true;
        }
    }
    if (!dsn || !strchr(dsn, '='))
        return false;
    *ret = SQL_POSTGRESQL;
    return true;
}

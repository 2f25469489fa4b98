#include "pkg/sql/sql_impl.h"

/* PostgreSQL: two sessions that create one table collide even with IF NOT EXISTS, so they take turns. SQLite's
 * transaction does that by itself. The number is that of this lock, and of nothing else in the database. */
static const char *const lock_texts[SQL_DIALECTS] = {
    [SQL_SQLITE] = "SELECT 1",
    [SQL_POSTGRESQL] = "SELECT pg_advisory_xact_lock(4702111234474983745)",
};

static int read_version(const struct opctx *ctx, struct sql *c, const struct sql_schema *schema,
                        size_t *ret, struct error **err)
{
    const struct sql_param name = sql_text(schema->name);
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, "SELECT version FROM schema_versions WHERE name = $1", &name, 1, &rows,
                  err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status < 0)
        return -1;
    *ret = status ? (size_t)sql_row_int(&rows, 0) : 0;
    return 0;
}

static int write_version(const struct opctx *ctx, struct sql *c, const struct sql_schema *schema,
                         size_t version, struct error **err)
{
    const struct sql_param params[] = { sql_text(schema->name), sql_int((int64_t)version) };
    return sql_exec(ctx, c,
                    "INSERT INTO schema_versions (name, version) VALUES ($1, $2)"
                    " ON CONFLICT (name) DO UPDATE SET version = excluded.version",
                    params, ARRAY_LEN(params), NULL, err);
}

static int step_up(const struct opctx *ctx, struct sql *c, const struct sql_schema *schema,
                   size_t from, size_t to, struct error **err)
{
    for (size_t i = from; i < to; i++)
        if (sql_script(ctx, c, schema->migrations[i].up[sql_dialect(c->db)], err) < 0)
            return error_wrap(err, "migration %zu up (%s)", i + 1, schema->migrations[i].name);
    return from < to ? write_version(ctx, c, schema, to, err) : 0;
}

static int step_down(const struct opctx *ctx, struct sql *c, const struct sql_schema *schema,
                     size_t from, size_t to, struct error **err)
{
    if (from > to && from > schema->len)
        return error_set(err, ERR_UNSUPPORTED,
                         "the database is at version %zu, this program knows %zu: go down with the "
                         "program that went up",
                         from, schema->len);
    for (size_t i = from; i > to; i--)
        if (sql_script(ctx, c, schema->migrations[i - 1].down[sql_dialect(c->db)], err) < 0)
            return error_wrap(err, "migration %zu down (%s)", i, schema->migrations[i - 1].name);
    return from > to ? write_version(ctx, c, schema, to, err) : 0;
}

typedef int step_fn(const struct opctx *ctx, struct sql *c, const struct sql_schema *schema,
                    size_t from, size_t to, struct error **err);

static int migrate(const struct opctx *ctx, struct sql_db *db, const struct sql_schema *schema,
                   size_t to, step_fn *step, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    size_t from;
    if (sql_acquire(ctx, db, SQL_WRITE, &c, err) < 0 || sql_begin(ctx, c, err) < 0 ||
        sql_exec(ctx, c, lock_texts[db->dialect], NULL, 0, NULL, err) < 0 ||
        sql_script(ctx, c,
                   "CREATE TABLE IF NOT EXISTS schema_versions"
                   " (name TEXT PRIMARY KEY, version BIGINT NOT NULL)",
                   err) < 0 ||
        read_version(ctx, c, schema, &from, err) < 0 || step(ctx, c, schema, from, to, err) < 0 ||
        sql_commit(ctx, c, err) < 0)
        return error_wrap(err, "schema %s", schema->name);
    return 0;
}

int sql_migrate_up(const struct opctx *ctx, struct sql_db *db, const struct sql_schema *schema,
                   size_t version, struct error **err)
{
    return migrate(ctx, db, schema, version < schema->len ? version : schema->len, step_up, err);
}

int sql_migrate_down(const struct opctx *ctx, struct sql_db *db, const struct sql_schema *schema,
                     size_t version, struct error **err)
{
    return migrate(ctx, db, schema, version, step_down, err);
}

/* Asks nothing to change, but makes the table if there is none. */
static int only_read(const struct opctx *ctx, struct sql *c, const struct sql_schema *schema,
                     size_t from, size_t to, struct error **err)
{
    (void)ctx;
    (void)c;
    (void)schema;
    (void)from;
    (void)to;
    (void)err;
    return 0;
}

int sql_schema_version(const struct opctx *ctx, struct sql_db *db, const struct sql_schema *schema,
                       size_t *ret, struct error **err)
{
    if (migrate(ctx, db, schema, 0, only_read, err) < 0)
        return -1;
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, db, SQL_READ, &c, err) < 0)
        return -1;
    return read_version(ctx, c, schema, ret, err);
}

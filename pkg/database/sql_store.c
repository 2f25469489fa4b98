#include "pkg/database/sql_store.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/database/sql_schema.h"

/* Requests at a time; the listener of PostgreSQL takes one of them. */
#define CONNECTIONS 9

const char *const sql_store_now[SQL_DIALECTS] = {
    [SQL_SQLITE] = NOW_SQLITE,
    [SQL_POSTGRESQL] = NOW_POSTGRESQL,
};

void sql_store_read(const struct sql_rows *rows, struct doc *ret)
{
    size_t len;
    ret->id = xstrdup(sql_row_text(rows, 0, NULL));
    ret->partition = xstrdup(sql_row_text(rows, 1, NULL));
    ret->etag = xstrdup(sql_row_text(rows, 2, NULL));
    ret->ts_s = sql_row_int(rows, 3);
    const char *body = sql_row_text(rows, 4, &len);
    ret->body = xmemdup(body, len);
    ret->body_len = len;
}

int sql_store_number(const struct opctx *ctx, struct sql *c, const char *text,
                     const struct sql_param *params, size_t n, int64_t dflt, int64_t *ret,
                     struct error **err)
{
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_query(ctx, c, text, params, n, &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status < 0)
        return -1;
    *ret = status ? sql_row_int(&rows, 0) : dflt;
    /* A statement that writes ends with its last row. */
    while (status > 0)
        status = sql_next(&rows, err);
    return status;
}

static int get(const struct opctx *ctx, struct store *s, enum collection coll,
               const char *partition, const char *id, struct doc *ret, struct error **err)
{
#define GET(NOW) \
    "SELECT " DOC_COLUMNS " FROM documents AS d WHERE d.coll = $1 AND d.part = $2 AND d.id = $3" \
    " AND (d.expires_s IS NULL OR d.expires_s > " NOW ")"
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = GET(NOW_SQLITE),
        [SQL_POSTGRESQL] = GET(NOW_POSTGRESQL),
    };
#undef GET
    struct sql_store *st = sql_store_of(s);
    const struct sql_param params[] = { sql_text(collections[coll].name), sql_text(partition),
                                        sql_text(id) };
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    if (sql_acquire(ctx, st->db, SQL_READ, &c, err) < 0 ||
        sql_query(ctx, c, texts[st->dialect], params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status == 0)
        return error_set(err, ERR_NOT_FOUND, "there is no such document");
    if (status > 0)
        sql_store_read(&rows, ret);
    return status < 0 ? -1 : 0;
}

static int now_s(const struct opctx *ctx, struct store *s, int64_t *ret, struct error **err)
{
    struct sql_store *st = sql_store_of(s);
    cleanup_free char *text = xasprintf("SELECT %s", sql_store_now[st->dialect]);
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, st->db, SQL_READ, &c, err) < 0)
        return -1;
    return sql_store_number(ctx, c, text, NULL, 0, 0, ret, err);
}

static void close_store(struct store *s)
{
    struct sql_store *st = sql_store_of(s);
    sql_listener_stop(st->listener);
    sql_close(st->db);
    store_release(&st->base);
    free(st);
}

static const struct store_ops ops[SQL_DIALECTS] = {
#define OPS(NAME) \
    { \
        .name = (NAME), .create = sql_store_create, .get = get, .replace = sql_store_replace, \
        .remove = sql_store_remove, .query = sql_store_query, .count = sql_store_count, \
        .changes = sql_store_changes, .now_s = now_s, .close = close_store, \
    }
    [SQL_SQLITE] = OPS("sqlite"),
    [SQL_POSTGRESQL] = OPS("postgresql"),
#undef OPS
};

/* The counter of each collection, from which its writes take their places. */
static int add_counters(const struct opctx *ctx, struct sql_db *db, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(ctx, db, SQL_WRITE, &c, err) < 0 || sql_begin(ctx, c, err) < 0)
        return -1;
    for (size_t i = 0; i < COLLECTIONS; i++) {
        const struct sql_param name = sql_text(collections[i].name);
        if (sql_exec(
                ctx, c,
                "INSERT INTO counters (coll, lsn) VALUES ($1, 0) ON CONFLICT (coll) DO NOTHING",
                &name, 1, NULL, err) < 0)
            return -1;
    }
    return sql_commit(ctx, c, err);
}

int sql_store_new(const struct opctx *ctx, struct sql_db *db, struct store **ret,
                  struct error **err)
{
    if (sql_migrate_up(ctx, db, &documents_schema, SQL_LATEST, err) < 0 ||
        add_counters(ctx, db, err) < 0) {
        sql_close(db);
        return error_wrap(err, "preparing the tables of documents");
    }
    struct sql_store *st = xnew(struct sql_store);
    st->db = db;
    st->dialect = sql_dialect(db);
    st->rng = ctx->rng ? ctx->rng : rng_system();
    store_init(&st->base, &ops[st->dialect]);
    if (st->dialect == SQL_POSTGRESQL && sql_listener_start(st, &st->listener, err) < 0) {
        close_store(&st->base);
        return -1;
    }
    *ret = &st->base;
    return 0;
}

/* Plans are kept with the connection, and one that reads a small table as a whole, or sorts what it found there, would still
 * do so when the table has grown; each of our statements has an index that gives its rows in their order. */
static const char session_text[] = "SET enable_seqscan = off;"
                                   "SET enable_bitmapscan = off;"
                                   "SET jit = off";

static int open_dialect(const struct opctx *ctx, const char *dsn, enum sql_dialect want,
                        const char *form, struct store **ret, struct error **err)
{
    enum sql_dialect dialect;
    if (!sql_dsn_dialect(dsn, &dialect) || dialect != want)
        return error_set(err, ERR_INVALID, "the document store is given as %s", form);
    struct sql_db *db;
    const struct sql_config cfg = {
        .dsn = dsn, .clock = ctx->clock, .connections = CONNECTIONS, .session = session_text
    };
    if (sql_open(ctx, &cfg, &db, err) < 0)
        return -1;
    return sql_store_new(ctx, db, ret, err);
}

int store_open_sqlite(const struct opctx *ctx, const char *dsn, struct store **ret,
                      struct error **err)
{
    return open_dialect(ctx, dsn, SQL_SQLITE, "sqlite:PATH or sqlite::memory:", ret, err);
}

int store_open_postgresql(const struct opctx *ctx, const char *dsn, struct store **ret,
                          struct error **err)
{
    return open_dialect(ctx, dsn, SQL_POSTGRESQL, "postgresql://USER@HOST/DATABASE", ret, err);
}

/*
 * Writes. Each is one transaction:
 *
 *     begin; read the server's clock; let what expired make way; the write itself; commit
 *
 * The write itself takes the collection's counter (PostgreSQL: in the same statement, the last of the transaction;
 * SQLite: just before, there is one writer anyhow). The lock on that row makes the writes of a collection commit in the
 * order of their numbers, which the change feed relies on; being taken last, it is held for the commit alone.
 * A write that meets no row asks, before it rolls back, whether the document is there: that tells 404 from 412.
 */
#include "pkg/base/mem.h"
#include "pkg/database/sql_columns.h"
#include "pkg/database/sql_store.h"

enum verb { VERB_CREATE, VERB_REPLACE, VERB_DELETE, VERBS };

struct write {
    enum verb verb;
    enum collection coll;
    const char *partition, *id;
    const char *etag;            /* that it must have; NULL: any */
    const struct doc_write *doc; /* NULL for deletes */
    const struct store_leases *leases;
    char token[UUID_LEN + 1]; /* of this write: the new etag */
};

/* What one attempt makes of it. */
struct attempt {
    int64_t now_s;
    struct buf body;
    struct sql_columns columns;
};

static void attempt_release(struct attempt *a)
{
    buf_release(&a->body);
    sql_columns_release(&a->columns);
}

/* ---- statements ---- */

/* $1 coll $2 part $3 id $4 etag $5 now $6 expires $7-9 unique $10 lease $11 state $12 run_after $13 schedule $14 body
 * $15 the etag that it must have */
#define COUNT_SQLITE "WITH c AS (SELECT lsn FROM counters WHERE coll = $1) "
#define COUNT_POSTGRESQL \
    "WITH c AS (UPDATE counters SET lsn = lsn + 1 WHERE coll = $1" \
    " RETURNING lsn, pg_notify('" SQL_STORE_CHANNEL "', coll))," \
    " w AS (INSERT INTO writes (token, ts_s, fence) VALUES ($4, $5, 0)) "
#define CREATE \
    "INSERT INTO documents (coll, part, id, etag, ts_s, expires_s, unique1, unique2, unique3," \
    " lease_s, state, run_after_s, schedule, body, lsn)" \
    " SELECT $1, $2, $3, $4, $5, CAST($6 AS BIGINT), $7, $8, $9, CAST($10 AS BIGINT), $11," \
    " CAST($12 AS BIGINT), $13, $14, c.lsn FROM c"
#define REPLACE \
    "UPDATE documents SET etag = $4, ts_s = $5, expires_s = $6, unique1 = $7, unique2 = $8," \
    " unique3 = $9, lease_s = $10, state = $11, run_after_s = $12, schedule = $13, body = $14," \
    " lsn = c.lsn FROM c WHERE coll = $1 AND part = $2 AND id = $3" \
    " AND (expires_s IS NULL OR expires_s > $5)"
#define ETAG_15 " AND etag = $15"
/* $1 coll $2 part $3 id $4 token $5 now $6 the etag that it must have */
#define TOKEN_SQLITE "WITH w AS (SELECT $4 AS token) "
#define TOKEN_POSTGRESQL "WITH w AS (INSERT INTO writes (token, ts_s, fence) VALUES ($4, $5, 0)) "
#define DELETE \
    "DELETE FROM documents WHERE coll = $1 AND part = $2 AND id = $3" \
    " AND (expires_s IS NULL OR expires_s > $5)"
#define ETAG_6 " AND etag = $6"

/* Without and with an etag to compare. */
static const char *const texts[VERBS][SQL_DIALECTS][2] = {
    [VERB_CREATE] = { [SQL_SQLITE] = { COUNT_SQLITE CREATE, NULL },
                      [SQL_POSTGRESQL] = { COUNT_POSTGRESQL CREATE, NULL } },
    [VERB_REPLACE] = { [SQL_SQLITE] = { COUNT_SQLITE REPLACE, COUNT_SQLITE REPLACE ETAG_15 },
                       [SQL_POSTGRESQL] = { COUNT_POSTGRESQL REPLACE,
                                            COUNT_POSTGRESQL REPLACE ETAG_15 } },
    [VERB_DELETE] = { [SQL_SQLITE] = { TOKEN_SQLITE DELETE, TOKEN_SQLITE DELETE ETAG_6 },
                      [SQL_POSTGRESQL] = { TOKEN_POSTGRESQL DELETE,
                                           TOKEN_POSTGRESQL DELETE ETAG_6 } },
};

#define PARAMS_COMMON 5
#define PARAMS_MAX 15

/* Fills p for texts above; returns how many. */
static size_t list_params(const struct write *w, const struct attempt *a, struct sql_param *p)
{
    const struct sql_columns *col = &a->columns;
    size_t n = 0;
    p[n++] = sql_text(collections[w->coll].name);
    p[n++] = sql_text(w->partition);
    p[n++] = sql_text(w->id);
    p[n++] = sql_text(w->token);
    p[n++] = sql_int(a->now_s);
    if (w->verb != VERB_DELETE) {
        p[n++] = col->ttl_s < 0 ? sql_text(NULL) : sql_int(a->now_s + col->ttl_s);
        for (size_t i = 0; i < UNIQUE_KEYS_MAX; i++)
            p[n++] = sql_text(col->unique[i]);
        p[n++] = sql_int(col->lease_s);
        p[n++] = sql_text(col->state);
        p[n++] = sql_int(col->run_after_s);
        p[n++] = sql_text(col->schedule);
        p[n++] = sql_text_n(buf_str(&a->body), a->body.len);
    }
    if (w->etag)
        p[n++] = sql_text(w->etag);
    return n;
}

/* ---- steps ---- */

static int read_clock(const struct opctx *ctx, struct sql *c, enum sql_dialect dialect,
                      int64_t *ret, struct error **err)
{
    static const char *const clocks[SQL_DIALECTS] = {
        [SQL_SQLITE] = "UPDATE host_clock SET now_s = max(now_s, host_now_s()) RETURNING now_s",
        [SQL_POSTGRESQL] = "SELECT " NOW_POSTGRESQL,
    };
    return sql_store_number(ctx, c, clocks[dialect], NULL, 0, 0, ret, err);
}

/* Expired documents hold neither their ids nor their unique keys. */
static int purge(const struct opctx *ctx, struct sql *c, const struct write *w,
                 const struct attempt *a, struct error **err)
{
    if (collections[w->coll].ttl_s == TTL_OFF || w->verb == VERB_DELETE)
        return 0;
    const struct sql_param params[] = { sql_text(collections[w->coll].name), sql_text(w->partition),
                                        sql_int(a->now_s) };
    return sql_exec(ctx, c,
                    "DELETE FROM documents WHERE coll = $1 AND part = $2 AND expires_s <= $3",
                    params, ARRAY_LEN(params), NULL, err);
}

static int bump_counter(const struct opctx *ctx, struct sql *c, const struct write *w,
                        enum sql_dialect dialect, struct error **err)
{
    if (dialect != SQL_SQLITE || w->verb == VERB_DELETE)
        return 0;
    const struct sql_param name = sql_text(collections[w->coll].name);
    return sql_exec(ctx, c, "UPDATE counters SET lsn = lsn + 1 WHERE coll = $1", &name, 1, NULL,
                    err);
}

/* Why no row was met, in the transaction that met none. Always -1. */
static int tell_why(const struct opctx *ctx, struct sql *c, const struct write *w,
                    const struct attempt *a, struct error **err)
{
    const struct sql_param params[] = { sql_text(collections[w->coll].name), sql_text(w->partition),
                                        sql_text(w->id), sql_int(a->now_s) };
    int64_t is_there;
    if (sql_store_number(ctx, c,
                         "SELECT 1 FROM documents WHERE coll = $1 AND part = $2 AND id = $3"
                         " AND (expires_s IS NULL OR expires_s > $4)",
                         params, ARRAY_LEN(params), 0, &is_there, err) < 0)
        return -1;
    if (is_there)
        return error_set(err, ERR_PRECONDITION, "somebody else has changed the document");
    return error_set(err, ERR_NOT_FOUND, "there is no such document");
}

/* The body as it will be stored, and what stands in columns. */
static int prepare(const struct write *w, struct attempt *a, struct error **err)
{
    if (!w->doc)
        return 0;
    const struct body_edits edits = { w->doc->triggers, a->now_s, w->leases };
    buf_init(&a->body, STORE_BODY_MAX_BYTES);
    if (body_prepare(w->doc->body, w->doc->body_len, &edits, &a->body, err) < 0 ||
        buf_check(&a->body, err) < 0)
        return -1;
    return sql_columns_read(w->coll, buf_str(&a->body), a->body.len, &a->columns, err);
}

static int run(const struct opctx *ctx, struct sql *c, enum sql_dialect dialect,
               const struct write *w, struct attempt *a, struct error **err)
{
    if (sql_begin(ctx, c, err) < 0 || read_clock(ctx, c, dialect, &a->now_s, err) < 0 ||
        prepare(w, a, err) < 0 || purge(ctx, c, w, a, err) < 0 ||
        bump_counter(ctx, c, w, dialect, err) < 0)
        return -1;
    struct sql_param params[PARAMS_MAX];
    size_t n = list_params(w, a, params);
    int64_t changed;
    if (sql_exec(ctx, c, texts[w->verb][dialect][w->etag != NULL], params, n, &changed, err) < 0)
        return -1;
    if (changed == 0)
        return tell_why(ctx, c, w, a, err);
    return sql_commit(ctx, c, err);
}

static void give_doc(const struct write *w, struct attempt *a, struct doc *ret)
{
    *ret = (struct doc){
        .id = xstrdup(w->id),
        .partition = xstrdup(w->partition),
        .etag = xstrdup(w->token),
        .ts_s = a->now_s,
        .body_len = a->body.len,
    };
    ret->body = buf_give(&a->body);
}

/* ---- the whole ---- */

/* Removes what expired, now and then; that it is invisible does not depend on it. */
#define SWEEP_EVERY_S 30
#define TOKENS_KEPT_S 3600
static void sweep(const struct opctx *ctx, struct sql_store *st, struct sql *c, int64_t now_s)
{
    long long before = atomic_load(&st->swept_s);
    if (now_s - before < SWEEP_EVERY_S ||
        !atomic_compare_exchange_strong(&st->swept_s, &before, now_s))
        return;
    const struct sql_param now = sql_int(now_s), old = sql_int(now_s - TOKENS_KEPT_S);
    (void)sql_exec(ctx, c, "DELETE FROM documents WHERE expires_s <= $1", &now, 1, NULL, NULL);
    if (st->dialect == SQL_POSTGRESQL)
        (void)sql_exec(ctx, c, "DELETE FROM writes WHERE ts_s < $1", &old, 1, NULL, NULL);
}

/* One attempt, under a token of its own. *ret_again: it did not happen and may be tried once more. */
static int try_write(const struct opctx *ctx, struct sql_store *st, struct write *w,
                     struct attempt *a, bool *ret_again, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    rng_uuid(st->rng, w->token);
    struct error *why = NULL;
    if (sql_acquire(ctx, st->db, SQL_WRITE, &c, &why) < 0) {
        *ret_again = error_is(why, ERR_UNAVAILABLE);
        return error_move(err, &why);
    }
    if (run(ctx, c, st->dialect, w, a, &why) == 0) {
        sweep(ctx, st, c, a->now_s);
        return 0;
    }
    bool is_unknown = sql_is_unknown(c);
    *ret_again = sql_is_broken(c) || error_is(why, ERR_CONFLICT);
    sql_release(take(c));
    if (!is_unknown)
        return error_move(err, &why);

    error_free(why);
    bool happened;
    if (sql_outcome_find(ctx, st, w->token, &happened, err) < 0) {
        *ret_again = false;
        return -1;
    }
    return happened ? 0 : error_set(err, ERR_UNAVAILABLE, "the database went away during a commit");
}

#define TRIES 5
#define PAUSE_MS 50

/* Deadlocks are not the caller's affair. */
static int give_up(struct error **why, struct error **err)
{
    if (!error_is(*why, ERR_CONFLICT))
        return error_move(err, why);
    int status = error_set(err, ERR_UNAVAILABLE, "the database refuses: %s", error_text(*why));
    error_clear(why);
    return status;
}

static int do_write(const struct opctx *ctx, struct store *s, struct write *w, struct doc *ret,
                    struct error **err)
{
    struct sql_store *st = sql_store_of(s);
    w->leases = &s->leases;
    for (int try = 1;; try++) {
        struct attempt a = { 0 };
        bool again = false;
        struct error *why = NULL;
        int status = try_write(ctx, st, w, &a, &again, &why);
        if (status == 0 && ret)
            give_doc(w, &a, ret);
        attempt_release(&a);
        if (status == 0)
            return 0;
        if (!again || try == TRIES || opctx_sleep_ms(ctx, PAUSE_MS << try, NULL) < 0)
            return give_up(&why, err);
        error_free(why);
    }
}

int sql_store_create(const struct opctx *ctx, struct store *s, enum collection coll,
                     const struct doc_write *w, struct doc *ret, struct error **err)
{
    struct write job = {
        .verb = VERB_CREATE, .coll = coll, .partition = w->partition, .id = w->id, .doc = w
    };
    return do_write(ctx, s, &job, ret, err);
}

int sql_store_replace(const struct opctx *ctx, struct store *s, enum collection coll,
                      const struct doc_write *w, const char *etag, struct doc *ret,
                      struct error **err)
{
    struct write job = { .verb = VERB_REPLACE,
                         .coll = coll,
                         .partition = w->partition,
                         .id = w->id,
                         .etag = etag,
                         .doc = w };
    return do_write(ctx, s, &job, ret, err);
}

int sql_store_remove(const struct opctx *ctx, struct store *s, enum collection coll,
                     const char *partition, const char *id, const char *etag, struct error **err)
{
    struct write job = {
        .verb = VERB_DELETE, .coll = coll, .partition = partition, .id = id, .etag = etag
    };
    return do_write(ctx, s, &job, NULL, err);
}

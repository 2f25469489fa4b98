/*
 * Hints as rows of PostgreSQL. A taker marks a row with the time until which it is his, and the database skips what another
 * session is about to mark; an ack deletes the row.
 *
 * Of a process one thread looks at a time, and the others only once that one found something or somebody told of a new hint:
 * sixteen idle workers ask no more often than one.
 */
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/queue/impl.h"

/* Marks that lapse are told by nobody. */
#define LOOK_NS (5 * NS_PER_S)
#define END_MS 5000

#define NOW "extract(epoch FROM clock_timestamp())::bigint"

struct rows {
    struct monitor monitor;
    bool looking;
    int64_t news;    /* rises with what may be new */
    int64_t idle[2]; /* by fast_only: the news of which nothing is left */
    int64_t look_ns[2];
};

static int rows_open(struct sets_queue *q, struct error **err)
{
    struct rows *w = xnew(struct rows);
    (void)err;
    monitor_init(&w->monitor);
    w->news = 1;
    q->way = w;
    return 0;
}

static void rows_close(struct sets_queue *q)
{
    struct rows *w = q->way;
    monitor_release(&w->monitor);
    free(w);
}

static void rows_woken(struct sets_queue *q)
{
    struct rows *w = q->way;
    pthread_mutex_lock(&w->monitor.mu);
    w->news++;
    monitor_wake(&w->monitor);
    pthread_mutex_unlock(&w->monitor.mu);
}

static int rows_put(const struct opctx *ctx, struct sets_queue *q, const struct sets_hint *h,
                    struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    const struct sql_param params[] = { sql_text(h->uid), sql_int(h->dirty_revision),
                                        sql_int(h->slow) };
    if (sql_acquire(ctx, q->cfg.db, SQL_WRITE, &c, err) < 0)
        return -1;
    return sql_exec(ctx, c,
                    "WITH put AS (INSERT INTO work_hints (cluster_uid, dirty_revision, slow)"
                    " VALUES ($1, $2, $3) RETURNING id)"
                    " SELECT pg_notify('" QUEUE_CHANNEL "', '" QUEUE_PAYLOAD "') FROM put",
                    params, ARRAY_LEN(params), NULL, err);
}

/* ---- taking ---- */

/* 1: there was one. */
static int look(const struct opctx *ctx, struct sets_queue *q, bool fast_only,
                struct sets_delivery *ret, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    const struct sql_param params[] = { sql_int(!fast_only), sql_int(SETS_HINT_LAPSE_S) };
    if (sql_acquire(ctx, q->cfg.db, SQL_WRITE, &c, err) < 0 ||
        sql_query(ctx, c,
                  "UPDATE work_hints SET taken_until = " NOW " + $2, deliveries = deliveries + 1"
                  " WHERE id = (SELECT id FROM work_hints WHERE slow <= $1 AND taken_until < " NOW
                  " ORDER BY slow, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
                  " RETURNING id, cluster_uid, dirty_revision, slow, deliveries",
                  params, ARRAY_LEN(params), &rows, err) < 0)
        return -1;
    int status = sql_next(&rows, err);
    if (status <= 0)
        return status;
    struct sets_delivery d = {
        .hint = { .dirty_revision = sql_row_int(&rows, 2), .slow = sql_row_int(&rows, 3) != 0 },
        .attempts = (unsigned)sql_row_int(&rows, 4),
        .tag_ = (uint64_t)sql_row_int(&rows, 0),
    };
    (void)snprintf(d.hint.uid, sizeof(d.hint.uid), "%s", sql_row_text(&rows, 1, NULL));
    d.dead = d.attempts > SETS_DELIVERIES_MAX;
    *ret = d;
    return 1;
}

static bool may_look(const struct rows *w, const struct opctx *ctx, bool fast_only)
{
    return !w->looking &&
           (w->idle[fast_only] != w->news || clock_mono_ns(ctx->clock) >= w->look_ns[fast_only]);
}

/* The turn to look, with the news that it is about. */
static int await_turn(const struct opctx *ctx, struct rows *w, bool fast_only, int64_t *ret_news,
                      struct error **err)
{
    struct stop_watch watch;
    int status = 0;
    monitor_enter(&w->monitor, ctx, &watch);
    while (!may_look(w, ctx, fast_only)) {
        int64_t until = w->looking ? CLOCK_NEVER : w->look_ns[fast_only];
        if ((status = monitor_wait(&w->monitor, ctx, until, err)) < 0)
            break;
    }
    if (status == 0) {
        w->looking = true;
        *ret_news = w->news;
    }
    monitor_leave(&w->monitor, ctx, &watch);
    return status;
}

static void end_turn(const struct opctx *ctx, struct rows *w, bool fast_only, int64_t news,
                     int status)
{
    pthread_mutex_lock(&w->monitor.mu);
    w->looking = false;
    if (status == 0) {
        w->idle[fast_only] = news;
        w->look_ns[fast_only] = clock_mono_ns(ctx->clock) + LOOK_NS;
    }
    monitor_wake(&w->monitor);
    pthread_mutex_unlock(&w->monitor.mu);
}

static int rows_take(const struct opctx *ctx, struct sets_queue *q, bool fast_only,
                     struct sets_delivery *ret, struct error **err)
{
    struct rows *w = q->way;
    int status = 0;
    while (status == 0) {
        int64_t news = 0;
        if (await_turn(ctx, w, fast_only, &news, err) < 0)
            return -1;
        status = look(ctx, q, fast_only, ret, err);
        end_turn(ctx, w, fast_only, news, status);
    }
    return status < 0 ? -1 : 0;
}

/* ---- ending ---- */

/* Only of this very delivery: one that lapsed may be another's by now. */
static void end(struct sets_queue *q, const char *text, const struct sets_delivery *d)
{
    cleanup_error struct error *err = NULL;
    cleanup_sql struct sql *c = NULL;
    struct opctx root = opctx_root(q->cfg.clock, q->cfg.rng, NULL, q->cfg.log);
    struct opctx ctx = opctx_with_timeout_ms(&root, END_MS);
    const struct sql_param params[] = { sql_int((int64_t)d->tag_), sql_int(d->attempts) };
    if (sql_acquire(&ctx, q->cfg.db, SQL_WRITE, &c, &err) < 0 ||
        sql_exec(&ctx, c, text, params, ARRAY_LEN(params), NULL, &err) < 0)
        log_debug(q->cfg.log, "ending the delivery of a hint: %s", error_text(err));
}

static void rows_ack(struct sets_queue *q, const struct sets_delivery *d)
{
    end(q, "DELETE FROM work_hints WHERE id = $1 AND deliveries = $2", d);
}

static void rows_nack(struct sets_queue *q, const struct sets_delivery *d)
{
    end(q,
        "WITH back AS (UPDATE work_hints SET taken_until = 0 WHERE id = $1 AND deliveries = $2"
        " RETURNING id) SELECT pg_notify('" QUEUE_CHANNEL "', '" QUEUE_PAYLOAD "') FROM back",
        d);
}

const struct queue_ops queue_rows = {
    .open = rows_open,
    .close = rows_close,
    .put = rows_put,
    .fetch = rows_take,
    .ack = rows_ack,
    .nack = rows_nack,
    .woken = rows_woken,
};

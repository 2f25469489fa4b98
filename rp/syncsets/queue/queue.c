#include "rp/syncsets/queue/queue.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/queue/impl.h"
#include "rp/syncsets/store/store.h"

#define LISTEN_PAUSE_MS 1000

static const struct metric_desc redeliveries = {
    .name = "syncsets_redeliveries_total",
    .help = "Hints of work that were delivered again, for their taker died or gave them back.",
    .type = METRIC_COUNTER,
};
static const struct metric_desc dead_letters = {
    .name = "syncsets_dead_letters_total",
    .help = "Hints of work that were delivered as dead, after too many deliveries without an end.",
    .type = METRIC_COUNTER,
};

void queue_count(struct sets_queue *q, const struct sets_delivery *d)
{
    if (d->dead)
        metric_add(q->dead_letters, 1, METRIC_LABELS(NULL));
    else if (d->attempts > 1)
        metric_add(q->redeliveries, 1, METRIC_LABELS(NULL));
}

/* ---- news ---- */

void sets_queue_committed(void *queue)
{
    struct sets_queue *q = queue;
    pthread_mutex_lock(&q->news.mu);
    q->changes++;
    monitor_wake(&q->news);
    pthread_mutex_unlock(&q->news.mu);
}

int sets_queue_wait_change(const struct opctx *ctx, struct sets_queue *q, int64_t *seen,
                           struct error **err)
{
    struct stop_watch watch;
    int status = 0;
    monitor_enter(&q->news, ctx, &watch);
    while (q->changes == *seen && (status = monitor_wait(&q->news, ctx, CLOCK_NEVER, err)) == 0)
        ;
    if (status == 0)
        *seen = q->changes;
    monitor_leave(&q->news, ctx, &watch);
    return status;
}

static void tell(struct sets_queue *q, bool of_work)
{
    if (!of_work)
        sets_queue_committed(q);
    else if (q->ops->woken)
        q->ops->woken(q);
}

static int listen_once(struct sets_queue *q, struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(&q->ctx, q->cfg.db, SQL_READ, &c, err) < 0)
        return -1;
    sql_abandon(c); /* it will listen */
    if (sql_listen(&q->ctx, c, SETS_CHANNEL, err) < 0 ||
        sql_listen(&q->ctx, c, QUEUE_CHANNEL, err) < 0)
        return -1;
    /* Whatever happened while nobody listened. */
    tell(q, false);
    tell(q, true);
    for (;;) {
        cleanup_free char *payload = NULL;
        if (sql_notified(&q->ctx, c, &payload, err) < 0)
            return -1;
        tell(q, str_eq(payload, QUEUE_PAYLOAD));
    }
}

static void listen_on(void *arg)
{
    struct sets_queue *q = arg;
    do {
        cleanup_error struct error *err = NULL;
        if (listen_once(q, &err) < 0 && !stop_is_set(q->stop))
            log_warning(q->cfg.log, "listening for changes: %s", error_text(err));
    } while (opctx_sleep_ms(&q->ctx, LISTEN_PAUSE_MS, NULL) == 0);
}

/* ---- the whole ---- */

int sets_queue_open(const struct sets_queue_config *cfg, struct sets_queue **ret,
                    struct error **err)
{
    bool shared = sql_dialect(cfg->db) == SQL_POSTGRESQL;
    if (cfg->broker && !shared)
        return error_set(err, ERR_INVALID, "a broker needs PostgreSQL beside it");
    struct sets_queue *q = xnew(struct sets_queue);
    q->cfg = *cfg;
    q->stop = stop_new(NULL);
    q->ctx = opctx_root(cfg->clock, cfg->rng, q->stop, cfg->log);
    monitor_init(&q->news);
    q->redeliveries = metrics_family(cfg->metrics, &redeliveries);
    q->dead_letters = metrics_family(cfg->metrics, &dead_letters);
    q->ops = cfg->broker ? &queue_broker : shared ? &queue_rows : &queue_local;
    if (q->ops->open(q, err) < 0) {
        q->ops = NULL;
        sets_queue_close(q);
        return -1;
    }
    q->listens = shared;
    if (shared && thread_start(&q->listener, "queue-listen", listen_on, q, err) < 0) {
        q->listens = false;
        sets_queue_close(q);
        return -1;
    }
    *ret = q;
    return 0;
}

void sets_queue_close(struct sets_queue *q)
{
    if (!q)
        return;
    stop_request(q->stop);
    if (q->listens)
        (void)pthread_join(q->listener, NULL);
    if (q->ops)
        q->ops->close(q);
    monitor_release(&q->news);
    stop_unref(q->stop);
    free(q);
}

int sets_queue_put(const struct opctx *ctx, struct sets_queue *q, const struct sets_hint *h,
                   struct error **err)
{
    if (!h->uid[0] || !memchr(h->uid, 0, sizeof(h->uid)))
        return error_set(err, ERR_INVALID, "a hint of work names no cluster");
    return q->ops->put(ctx, q, h, err);
}

int sets_queue_take(const struct opctx *ctx, struct sets_queue *q, bool fast_only,
                    struct sets_delivery *ret, struct error **err)
{
    if (q->ops->fetch(ctx, q, fast_only, ret, err) < 0)
        return -1;
    queue_count(q, ret);
    return 0;
}

void sets_queue_ack(struct sets_queue *q, const struct sets_delivery *d)
{
    q->ops->ack(q, d);
}

void sets_queue_nack(struct sets_queue *q, const struct sets_delivery *d)
{
    q->ops->nack(q, d);
}

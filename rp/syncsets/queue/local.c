/* Hints within one process. What is taken is the taker's alone: a process that dies takes all of them along. */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/queue/impl.h"
#include "rp/syncsets/queue/line.h"

#define HINTS_MAX 100000

struct local {
    struct monitor monitor;
    struct line line;
};

static int local_open(struct sets_queue *q, struct error **err)
{
    struct local *w = xnew(struct local);
    (void)err;
    monitor_init(&w->monitor);
    line_init(&w->line);
    q->way = w;
    return 0;
}

static void local_close(struct sets_queue *q)
{
    struct local *w = q->way;
    line_clear(&w->line);
    monitor_release(&w->monitor);
    free(w);
}

static int add(struct local *w, const struct sets_delivery *d, struct error **err)
{
    pthread_mutex_lock(&w->monitor.mu);
    bool full = w->line.len >= HINTS_MAX;
    if (!full)
        line_add(&w->line, d);
    monitor_wake(&w->monitor);
    pthread_mutex_unlock(&w->monitor.mu);
    if (!full)
        return 0;
    return error_set(err, ERR_UNAVAILABLE, "%d hints of work wait already: try again later",
                     HINTS_MAX);
}

static int local_put(const struct opctx *ctx, struct sets_queue *q, const struct sets_hint *h,
                     struct error **err)
{
    const struct sets_delivery d = { .hint = *h };
    (void)ctx;
    return add(q->way, &d, err);
}

static int local_take(const struct opctx *ctx, struct sets_queue *q, bool fast_only,
                      struct sets_delivery *ret, struct error **err)
{
    struct local *w = q->way;
    struct stop_watch watch;
    struct sets_delivery d;
    int status = 0;
    monitor_enter(&w->monitor, ctx, &watch);
    while (!line_take(&w->line, fast_only, &d) &&
           (status = monitor_wait(&w->monitor, ctx, CLOCK_NEVER, err)) == 0)
        ;
    monitor_leave(&w->monitor, ctx, &watch);
    if (status < 0)
        return -1;
    d.attempts++;
    d.dead = d.attempts > SETS_DELIVERIES_MAX;
    *ret = d;
    return 0;
}

static void local_ack(struct sets_queue *q, const struct sets_delivery *d)
{
    (void)q;
    (void)d;
}

static void local_nack(struct sets_queue *q, const struct sets_delivery *d)
{
    (void)add(q->way, d, NULL);
}

const struct queue_ops queue_local = {
    .open = local_open,
    .close = local_close,
    .put = local_put,
    .fetch = local_take,
    .ack = local_ack,
    .nack = local_nack,
};

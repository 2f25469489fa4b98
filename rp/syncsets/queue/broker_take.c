/*
 * Hints on their way from the broker. The thread that has the connection keeps as many as there are takers in line, and
 * sends their ends. Ends carry the turn of their connection: what another connection delivered the broker has taken back
 * already.
 *
 * A quorum queue dead-letters what was returned more often than its limit, which is one delivery later than ours: the thread
 * refuses that one, so that it goes there, too.
 */
#include <stdlib.h>

#include "pkg/amqp/keep.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/queue/broker.h"
#include "rp/syncsets/queue/line.h"
#include "rp/syncsets/queue/message.h"

#define DEAD "dead"

struct settled {
    uint64_t tag;
    bool ack;
};

struct broker_taker {
    struct sets_queue *q;
    const struct bus_names *names;
    struct monitor monitor; /* guards what follows */
    struct amqp *c;         /* NULL: none */
    uint64_t turn;          /* of the connection */
    struct line line;
    struct settled *settled; /* not sent yet */
    size_t settled_len, settled_cap;
    pthread_t thread;
};

/* ---- the thread ---- */

static int accept_one(struct broker_taker *t, struct amqp *c, const struct amqp_delivery *m,
                      struct error **err)
{
    struct sets_delivery d = { .attempts = m->earlier + 1,
                               .dead = str_eq(m->consumer, DEAD),
                               .tag_ = m->tag,
                               .turn_ = t->turn };
    cleanup_error struct error *why = NULL;
    if (bus_hint_parse(m->body, m->len, &d.hint, &why) < 0) {
        log_warning(t->q->cfg.log, "%s: dropped", error_text(why));
        return amqp_ack(c, m->tag, err);
    }
    if (!d.dead && m->earlier >= SETS_DELIVERIES_MAX)
        return amqp_nack(c, m->tag, false, err);
    pthread_mutex_lock(&t->monitor.mu);
    line_add(&t->line, &d);
    monitor_wake(&t->monitor);
    pthread_mutex_unlock(&t->monitor.mu);
    return 0;
}

static int send_settled(struct broker_taker *t, struct amqp *c, struct error **err)
{
    pthread_mutex_lock(&t->monitor.mu);
    cleanup_free struct settled *v = take(t->settled);
    size_t n = t->settled_len;
    t->settled_len = t->settled_cap = 0;
    pthread_mutex_unlock(&t->monitor.mu);
    for (size_t i = 0; i < n; i++)
        if ((v[i].ack ? amqp_ack(c, v[i].tag, err) : amqp_nack(c, v[i].tag, true, err)) < 0)
            return -1;
    return 0;
}

static int serve(const struct opctx *ctx, struct broker_taker *t, struct amqp *c,
                 struct error **err)
{
    for (;;) {
        cleanup_delivery struct amqp_delivery m = { 0 };
        int status = amqp_next(ctx, c, &m, err);
        if (status < 0 || (status > 0 && accept_one(t, c, &m, err) < 0) ||
            send_settled(t, c, err) < 0)
            return -1;
    }
}

static int subscribe(struct broker_taker *t, struct amqp *c, struct error **err)
{
    unsigned takers = t->q->cfg.takers, fast_only = t->q->cfg.fast_takers;
    uint16_t all = (uint16_t)(takers < UINT16_MAX ? takers : UINT16_MAX);
    uint16_t slow = (uint16_t)(fast_only < all ? all - fast_only : 1);
    if (bus_declare_work(c, t->names, err) < 0 ||
        amqp_consume(c, t->names->work_fast, "fast", all, err) < 0 ||
        amqp_consume(c, t->names->work_slow, "slow", slow, err) < 0)
        return -1;
    return amqp_consume(c, t->names->work_dead, DEAD, 1, err);
}

static void set_connection(struct broker_taker *t, struct amqp *c)
{
    pthread_mutex_lock(&t->monitor.mu);
    t->c = c;
    t->turn++;
    t->settled_len = 0;
    line_clear(&t->line);
    pthread_mutex_unlock(&t->monitor.mu);
}

static int use(const struct opctx *ctx, struct amqp *c, void *arg, struct error **err)
{
    struct broker_taker *t = arg;
    if (subscribe(t, c, err) < 0)
        return -1;
    set_connection(t, c);
    (void)serve(ctx, t, c, err);
    set_connection(t, NULL);
    return -1;
}

static void run(void *arg)
{
    struct broker_taker *t = arg;
    const struct amqp_keep keep = {
        .cfg = { .address = t->q->cfg.broker, .name = "syncsets hints in" }, .use = use, .arg = t
    };
    amqp_keep(&t->q->ctx, &keep);
}

/* ---- takers ---- */

int broker_taker_take(const struct opctx *ctx, struct broker_taker *t, bool fast_only,
                      struct sets_delivery *ret, struct error **err)
{
    struct stop_watch watch;
    struct sets_delivery d;
    int status = 0;
    monitor_enter(&t->monitor, ctx, &watch);
    while (!line_take(&t->line, fast_only, &d) &&
           (status = monitor_wait(&t->monitor, ctx, CLOCK_NEVER, err)) == 0)
        ;
    monitor_leave(&t->monitor, ctx, &watch);
    if (status == 0)
        *ret = d;
    return status;
}

void broker_taker_settle(struct broker_taker *t, const struct sets_delivery *d, bool ack)
{
    pthread_mutex_lock(&t->monitor.mu);
    if (t->c && d->turn_ == t->turn) {
        if (t->settled_len == t->settled_cap) {
            t->settled_cap = t->settled_cap ? 2 * t->settled_cap : 16;
            t->settled = xreallocarray(t->settled, t->settled_cap, sizeof(*t->settled));
        }
        t->settled[t->settled_len++] = (struct settled){ d->tag_, ack };
        amqp_wake(t->c);
    }
    pthread_mutex_unlock(&t->monitor.mu);
}

int broker_taker_start(struct sets_queue *q, const struct bus_names *names,
                       struct broker_taker **ret, struct error **err)
{
    struct broker_taker *t = xnew(struct broker_taker);
    t->q = q;
    t->names = names;
    line_init(&t->line);
    monitor_init(&t->monitor);
    if (thread_start(&t->thread, "hints-in", run, t, err) < 0) {
        monitor_release(&t->monitor);
        free(t);
        return -1;
    }
    *ret = t;
    return 0;
}

void broker_taker_end(struct broker_taker *t)
{
    (void)pthread_join(t->thread, NULL);
    line_clear(&t->line);
    free(t->settled);
    monitor_release(&t->monitor);
    free(t);
}

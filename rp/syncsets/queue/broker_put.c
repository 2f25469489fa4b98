/*
 * Hints on their way to the broker. Callers leave them with the thread that has the connection, which publishes what there
 * is in one go and tells all of them once the broker confirmed. Without a connection nobody waits for one: hints are cheap to
 * make again.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/amqp/keep.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/queue/broker.h"
#include "rp/syncsets/queue/message.h"

#define CONFIRM_MS 20000

struct request {
    struct sets_hint hint;
    bool done, abandoned; /* abandoned: its caller went, the thread frees it */
    struct error *err;    /* of what is done */
    struct request *next;
};

struct broker_putter {
    struct sets_queue *q;
    const struct bus_names *names;
    struct monitor monitor; /* guards what follows */
    struct amqp *c;         /* NULL: none */
    struct request *first, **end;
    pthread_t thread;
};

/* ---- the thread ---- */

static int publish_all(const struct opctx *ctx, struct broker_putter *p, struct amqp *c,
                       const struct request *first, struct error **err)
{
    size_t returned = 0;
    for (const struct request *r = first; r; r = r->next) {
        cleanup_free char *body = bus_hint_give(&r->hint);
        const struct amqp_message m = { .exchange = p->names->work,
                                        .key = r->hint.slow ? "slow" : "fast",
                                        .body = body,
                                        .len = strlen(body) };
        if (amqp_publish(ctx, c, &m, err) < 0)
            return -1;
    }
    if (amqp_flush(ctx, c, &returned, err) < 0)
        return -1;
    return returned ? error_set(err, ERR_UNAVAILABLE, "no queue took %zu hints", returned) : 0;
}

static struct request *take_requests(struct broker_putter *p)
{
    pthread_mutex_lock(&p->monitor.mu);
    struct request *first = p->first;
    p->first = NULL;
    p->end = &p->first;
    pthread_mutex_unlock(&p->monitor.mu);
    return first;
}

static void finish(struct broker_putter *p, struct request *first, const struct error *why)
{
    pthread_mutex_lock(&p->monitor.mu);
    for (struct request *r = first, *next; r; r = next) {
        next = r->next;
        if (r->abandoned) {
            free(r);
            continue;
        }
        r->err = error_give_copy(why);
        r->done = true;
    }
    monitor_wake(&p->monitor);
    pthread_mutex_unlock(&p->monitor.mu);
}

static int serve(const struct opctx *ctx, struct broker_putter *p, struct amqp *c,
                 struct error **err)
{
    for (;;) {
        struct amqp_delivery none;
        struct error *why = NULL;
        if (amqp_next(ctx, c, &none, err) < 0)
            return -1;
        struct request *first = take_requests(p);
        const struct opctx limited = opctx_with_timeout_ms(ctx, CONFIRM_MS);
        int status = first ? publish_all(&limited, p, c, first, &why) : 0;
        finish(p, first, why);
        if (status < 0)
            return error_move(err, &why);
    }
}

static void set_connection(struct broker_putter *p, struct amqp *c)
{
    pthread_mutex_lock(&p->monitor.mu);
    p->c = c;
    pthread_mutex_unlock(&p->monitor.mu);
}

static int use(const struct opctx *ctx, struct amqp *c, void *arg, struct error **err)
{
    struct broker_putter *p = arg;
    if (bus_declare_work(c, p->names, err) < 0)
        return -1;
    set_connection(p, c);
    (void)serve(ctx, p, c, err);
    set_connection(p, NULL);
    struct error *why = NULL;
    (void)error_set(&why, ERR_UNAVAILABLE, "the connection to the broker was lost");
    finish(p, take_requests(p), why);
    error_free(why);
    return -1;
}

static void run(void *arg)
{
    struct broker_putter *p = arg;
    const struct amqp_keep keep = {
        .cfg = { .address = p->q->cfg.broker, .name = "syncsets hints out" }, .use = use, .arg = p
    };
    amqp_keep(&p->q->ctx, &keep);
}

/* ---- callers ---- */

int broker_putter_put(const struct opctx *ctx, struct broker_putter *p, const struct sets_hint *h,
                      struct error **err)
{
    struct stop_watch watch;
    int status = -1;
    monitor_enter(&p->monitor, ctx, &watch);
    if (!p->c) {
        (void)error_set(err, ERR_UNAVAILABLE, "there is no connection to the broker");
        monitor_leave(&p->monitor, ctx, &watch);
        return -1;
    }
    struct request *r = xnew(struct request);
    r->hint = *h;
    *p->end = r;
    p->end = &r->next;
    amqp_wake(p->c);
    while (!r->done && (status = monitor_wait(&p->monitor, ctx, CLOCK_NEVER, err)) == 0)
        ;
    if (r->done)
        status = r->err ? error_move(err, &r->err) : 0;
    r->abandoned = !r->done;
    if (r->done)
        free(r);
    monitor_leave(&p->monitor, ctx, &watch);
    return status;
}

int broker_putter_start(struct sets_queue *q, const struct bus_names *names,
                        struct broker_putter **ret, struct error **err)
{
    struct broker_putter *p = xnew(struct broker_putter);
    p->q = q;
    p->names = names;
    p->end = &p->first;
    monitor_init(&p->monitor);
    if (thread_start(&p->thread, "hints-out", run, p, err) < 0) {
        monitor_release(&p->monitor);
        free(p);
        return -1;
    }
    *ret = p;
    return 0;
}

void broker_putter_end(struct broker_putter *p)
{
    (void)pthread_join(p->thread, NULL);
    monitor_release(&p->monitor);
    free(p);
}

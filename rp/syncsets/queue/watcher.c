#include "rp/syncsets/queue/watcher.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/amqp/keep.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/queue/topology.h"

#define PREFETCH 200

struct sets_watcher {
    const struct amqp_address *broker;
    struct bus_names names;
    char *queue, *type; /* queue NULL: one of the connection's own */
    struct amqp *c;     /* NULL: to be made */
    unsigned failures;  /* in a row, of making one */
    int64_t last;
    bool is_gap;
    uint64_t given; /* tag of the event that the caller has; 0: none */
    /* The event that told of a gap: judged again once the caller stands somewhere. */
    struct sets_bus_event held;
    uint64_t held_tag; /* 0: none */
};

static void drop_connection(struct sets_watcher *w)
{
    amqp_close(take(w->c));
    sets_bus_event_release(&w->held);
    w->held_tag = w->given = 0;
    /* What a queue of its own would have had is lost; a named one has it, but only for a day. */
    w->is_gap = true;
}

void sets_watcher_close(struct sets_watcher *w)
{
    if (!w)
        return;
    drop_connection(w);
    bus_names_release(&w->names);
    free(w->queue);
    free(w->type);
    free(w);
}

static int connect_once(const struct opctx *ctx, struct sets_watcher *w, struct error **err)
{
    const struct amqp_config cfg = { .address = w->broker, .name = "syncsets watch" };
    cleanup_amqp struct amqp *c = NULL;
    if (amqp_open(ctx, &cfg, &c, err) < 0 ||
        bus_declare_watch(c, &w->names, w->queue, w->type, err) < 0 ||
        amqp_consume(c, w->queue ? w->queue : "", "watch", PREFETCH, err) < 0)
        return -1;
    w->c = take(c);
    return 0;
}

int sets_watcher_open(const struct opctx *ctx, const struct sets_watcher_config *cfg,
                      struct sets_watcher **ret, struct error **err)
{
    const char *prefix = cfg->prefix ? cfg->prefix : BUS_PREFIX;
    if (bus_check_prefix(prefix, err) < 0 ||
        (cfg->consumer && bus_check_prefix(cfg->consumer, err) < 0))
        return error_wrap(err, "names on the bus");
    cleanup_sets_watcher struct sets_watcher *w = xnew(struct sets_watcher);
    w->broker = cfg->broker;
    w->type = xstrdup(cfg->type);
    bus_names_init(&w->names, prefix);
    if (cfg->consumer)
        w->queue = xasprintf("%s.watch.%s.%s", prefix, cfg->consumer, cfg->type);
    if (connect_once(ctx, w, err) < 0)
        return -1;
    w->is_gap = true; /* until the caller stands somewhere */
    *ret = take(w);
    return 0;
}

void sets_watcher_seen(struct sets_watcher *w, int64_t revision)
{
    w->last = revision;
    w->is_gap = false;
}

/* Ends only with a connection, or when there can be none. */
static int reconnect(const struct opctx *ctx, struct sets_watcher *w, struct error **err)
{
    for (;;) {
        struct error *why = NULL;
        if (w->failures && opctx_sleep_ms(ctx, amqp_pause_ms(ctx->rng, w->failures), err) < 0)
            return -1;
        if (connect_once(ctx, w, &why) == 0)
            break;
        w->failures++;
        if (error_is_marked_terminal(why) || opctx_check(ctx, NULL) < 0)
            return error_move(err, &why);
        log_warning(ctx->log, "%s", error_text(why));
        error_free(why);
    }
    w->failures = 0;
    return 0;
}

/* Whether to give it; an event that is not newer is acknowledged at once. */
static int judge(struct sets_watcher *w, const struct sets_bus_event *e, uint64_t tag, bool *ret,
                 struct error **err)
{
    *ret = e->revision > w->last;
    if (!*ret)
        return amqp_ack(w->c, tag, err);
    w->is_gap = e->prev > w->last;
    return 0;
}

static int receive(const struct opctx *ctx, struct sets_watcher *w, struct error **err)
{
    cleanup_delivery struct amqp_delivery d = { 0 };
    cleanup_error struct error *why = NULL;
    int status = amqp_next(ctx, w->c, &d, err);
    if (status <= 0)
        return status;
    if (bus_event_parse(d.body, d.len, &w->held, &why) < 0) {
        log_warning(ctx->log, "%s: dropped", error_text(why));
        return amqp_ack(w->c, d.tag, err);
    }
    w->held_tag = d.tag;
    return 0;
}

/* 1: there is something to tell; 0: again. */
static int step(const struct opctx *ctx, struct sets_watcher *w, struct error **err)
{
    bool is_new = false;
    if (w->given && amqp_ack(w->c, w->given, err) < 0)
        return -1;
    w->given = 0;
    if (w->is_gap)
        return 1;
    if (!w->held_tag && receive(ctx, w, err) < 0)
        return -1;
    if (!w->held_tag)
        return 0;
    if (judge(w, &w->held, w->held_tag, &is_new, err) < 0)
        return -1;
    if (is_new)
        return 1;
    sets_bus_event_release(&w->held);
    w->held_tag = 0;
    return 0;
}

static void tell(struct sets_watcher *w, enum sets_watch_news *ret_news, struct sets_bus_event *ret,
                 int64_t *ret_last)
{
    *ret_last = w->last;
    *ret_news = w->is_gap ? WATCH_GAP : WATCH_EVENT;
    if (w->is_gap)
        return;
    *ret = w->held;
    w->held = (struct sets_bus_event){ 0 };
    w->given = w->held_tag;
    w->held_tag = 0;
    w->last = ret->revision;
}

int sets_watcher_next(const struct opctx *ctx, struct sets_watcher *w,
                      enum sets_watch_news *ret_news, struct sets_bus_event *ret, int64_t *ret_last,
                      struct error **err)
{
    for (;;) {
        struct error *why = NULL;
        if (!w->c && reconnect(ctx, w, err) < 0)
            return -1;
        int status = step(ctx, w, &why);
        if (status > 0) {
            tell(w, ret_news, ret, ret_last);
            return 0;
        }
        if (status == 0)
            continue;
        if (opctx_check(ctx, NULL) < 0)
            return error_move(err, &why);
        log_warning(ctx->log, "%s", error_text(why));
        error_free(why);
        drop_connection(w);
        w->failures++;
    }
}

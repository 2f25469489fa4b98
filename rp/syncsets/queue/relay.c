#include "rp/syncsets/queue/relay.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pkg/amqp/keep.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/queue/message.h"
#include "rp/syncsets/queue/topology.h"
#include "rp/syncsets/store/locks.h"

#define PAGE AMQP_WINDOW
#define LOOK_MS 1000
#define CONFIRM_MS 60000
#define SCRAPE_MS 2000

struct sets_relay {
    struct sets_relay_config cfg;
    struct bus_names names;
    struct stop *stop;
    struct opctx ctx;
    struct metric *lag;
    pthread_t thread;
};

static const struct metric_desc lag_desc = {
    .name = "syncsets_outbox_lag_seconds",
    .help = "Age of the oldest change that was not published on the bus.",
    .type = METRIC_GAUGE,
};

static void collect(void *arg)
{
    struct sets_relay *r = arg;
    const struct opctx ctx = opctx_with_timeout_ms(&r->ctx, SCRAPE_MS);
    int64_t s;
    if (sets_cursor_lag(&ctx, r->cfg.store, "relay", &s, NULL) == 0)
        metric_set(r->lag, (double)s, METRIC_LABELS(NULL));
}

/* ---- leading ---- */

struct term {
    struct sets_relay *r;
    const struct opctx *ctx;
    struct amqp *c;
};

static int publish(void *arg, const struct sets_event *e, struct error **err)
{
    const struct term *t = arg;
    cleanup_buf struct buf body = BUF_INIT(BUS_EVENT_MAX);
    cleanup_free char *key = bus_event_key(e), *id = xasprintf("%" PRId64, e->revision);
    bus_event_write(&body, e);
    const struct amqp_message m = {
        .exchange = t->r->names.events, .key = key, .id = id, .body = body.data, .len = body.len
    };
    return buf_check(&body, err) < 0 ? -1 : amqp_publish(t->ctx, t->c, &m, err);
}

/* All that there is. Events that nobody subscribed to come back, which is fine. */
static int follow(struct term *t, struct error **err)
{
    struct sets_store *st = t->r->cfg.store;
    int64_t at, last;
    if (sets_cursor_get(t->ctx, st, "relay", &at, err) < 0)
        return -1;
    for (;; at = last) {
        const struct opctx ctx = opctx_with_timeout_ms(t->ctx, CONFIRM_MS);
        if (sets_events(&ctx, st, at, PAGE, publish, t, &last, err) < 0)
            return -1;
        if (last == at)
            return 0;
        if (amqp_flush(&ctx, t->c, NULL, err) < 0 ||
            sets_cursor_set(&ctx, st, "relay", last, err) < 0)
            return -1;
    }
}

/* Until a change is told of or LOOK_MS are over. The session that listens is the one with the lock: as long as it lives, so
 * does the leadership. */
static int await_change(const struct term *t, struct sql *session, struct error **err)
{
    const struct opctx turn = opctx_with_timeout_ms(t->ctx, LOOK_MS);
    cleanup_free char *payload = NULL;
    struct error *why = NULL;
    if (sql_notified(&turn, session, &payload, &why) < 0 &&
        (!error_is(why, ERR_TIMEOUT) || sql_is_broken(session)))
        return error_move(err, &why);
    error_free(why);
    return amqp_service(t->c, err);
}

static int lead(struct term *t, struct sql *session, struct error **err)
{
    log_info(t->ctx->log, "this process brings changes to the broker");
    if (sql_listen(t->ctx, session, SETS_CHANNEL, err) < 0)
        return -1;
    for (;;)
        if (follow(t, err) < 0 || await_change(t, session, err) < 0 || opctx_check(t->ctx, err) < 0)
            return -1;
}

static int stand(struct term *t, struct error **err)
{
    cleanup_sql struct sql *session = NULL;
    if (sql_acquire(t->ctx, sets_store_db(t->r->cfg.store), SQL_READ, &session, err) < 0)
        return -1;
    sql_abandon(session); /* its lock must not go back into the pool */
    for (;;) {
        int status = sets_try_lead(t->ctx, session, SETS_LEAD_RELAY, err);
        if (status < 0)
            return -1;
        if (status > 0)
            return lead(t, session, err);
        if (opctx_sleep_ms(t->ctx, LOOK_MS, err) < 0 || amqp_service(t->c, err) < 0)
            return -1;
    }
}

static int use(const struct opctx *ctx, struct amqp *c, void *arg, struct error **err)
{
    struct term t = { .r = arg, .ctx = ctx, .c = c };
    return bus_declare_events(c, &t.r->names, err) < 0 ? -1 : stand(&t, err);
}

/* ---- the whole ---- */

static struct amqp_config connection(const struct sets_relay *r)
{
    return (struct amqp_config){ .address = r->cfg.broker, .name = "syncsets relay" };
}

static void run(void *arg)
{
    struct sets_relay *r = arg;
    const struct amqp_keep keep = { .cfg = connection(r), .use = use, .arg = r };
    amqp_keep(&r->ctx, &keep);
}

static int look_once(struct sets_relay *r, struct error **err)
{
    cleanup_amqp struct amqp *c = NULL;
    struct error *why = NULL;
    const struct amqp_config cfg = connection(r);
    if (amqp_open(&r->ctx, &cfg, &c, &why) == 0 && bus_declare_events(c, &r->names, &why) == 0 &&
        bus_declare_work(c, &r->names, &why) == 0)
        return 0;
    if (error_is_marked_terminal(why))
        return error_move(err, &why);
    log_warning(r->cfg.log, "starting without it: %s", error_text(why));
    error_free(why);
    return 0;
}

static void relay_free(struct sets_relay *r)
{
    bus_names_release(&r->names);
    stop_unref(r->stop);
    free(r);
}

int sets_relay_start(const struct sets_relay_config *cfg, struct sets_relay **ret,
                     struct error **err)
{
    struct sets_relay *r = xnew(struct sets_relay);
    r->cfg = *cfg;
    r->stop = stop_new(NULL);
    r->ctx = opctx_root(cfg->clock, cfg->rng, r->stop, cfg->log);
    bus_names_init(&r->names, cfg->prefix ? cfg->prefix : BUS_PREFIX);
    r->lag = metrics_family(cfg->metrics, &lag_desc);
    if (look_once(r, err) < 0 || thread_start(&r->thread, "relay", run, r, err) < 0) {
        relay_free(r);
        return -1;
    }
    metrics_add_collector(cfg->metrics, collect, r);
    *ret = r;
    return 0;
}

void sets_relay_stop(struct sets_relay *r)
{
    if (!r)
        return;
    metrics_remove_collector(r->cfg.metrics, collect, r);
    stop_request(r->stop);
    (void)pthread_join(r->thread, NULL);
    relay_free(r);
}

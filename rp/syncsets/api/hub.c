/*
 * The log of changes is read once in a process and handed to all watches of it, by one thread.
 *
 * A watch joins at the very revision that the hub has reached: it reads the log by itself until there is no more, and then,
 * under the lock that the hub advances under, either is where the hub is (or ahead, then it skips what it has), or
 * reads on. So nothing is missed and nothing is sent twice. One that there is no room for goes back to reading by itself.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/api/impl.h"

#define PAGE 500
#define POLL_MS 1000
#define BOOKMARK_NS (60 * NS_PER_S)
#define REFRESH_NS (10 * NS_PER_S)
#define COMPACT_NS (60 * NS_PER_S)
#define KEEP_DEFAULT_S 3600
#define AUDIT_KEEP_DEFAULT_S (90 * 86400)
#define AUDIT_ROWS_DEFAULT 10000000

struct sets_hub {
    struct sets_api *api;
    struct stop *stop;
    struct opctx ctx;
    pthread_t thread, listener;
    bool listens;
    pthread_mutex_t mu; /* watches, last */
    struct sets_watch *watches;
    int64_t last;
    struct sets_beginnings *beginnings;
    pthread_mutex_t wake_mu;
    pthread_cond_t wake_cv;
    bool woken;
};

void sets_hub_wake(struct sets_hub *hub)
{
    if (!hub)
        return;
    pthread_mutex_lock(&hub->wake_mu);
    hub->woken = true;
    pthread_cond_broadcast(&hub->wake_cv);
    pthread_mutex_unlock(&hub->wake_mu);
}

static void wait_turn(struct sets_hub *hub)
{
    int64_t until = clock_mono_ns(hub->ctx.clock) + POLL_MS * NS_PER_MS;
    pthread_mutex_lock(&hub->wake_mu);
    while (!hub->woken && clock_wait(hub->ctx.clock, &hub->wake_cv, &hub->wake_mu, until))
        ;
    hub->woken = false;
    pthread_mutex_unlock(&hub->wake_mu);
}

/* ---- watches ---- */

/* Where everybody may call, all callers have the same name. */
static const char *identity(const struct sets_hub *hub, const char *who)
{
    return hub->api->cfg.access ? who : NULL;
}

int sets_hub_admit(struct sets_hub *hub, const char *who, struct error **err)
{
    if (room_enter(hub->api->room, identity(hub, who), err) < 0)
        return -1;
    metric_add(hub->api->watching, 1, METRIC_LABELS(NULL));
    return 0;
}

void sets_hub_dismiss(struct sets_hub *hub, const char *who)
{
    room_leave(hub->api->room, identity(hub, who));
    metric_add(hub->api->watching, -1, METRIC_LABELS(NULL));
}

void sets_hub_take(struct sets_hub *hub, struct sets_watch *w, int64_t from, bool ahead)
{
    sets_beginnings_add(hub->beginnings, w, from, ahead);
}

int64_t sets_hub_last(struct sets_hub *hub)
{
    pthread_mutex_lock(&hub->mu);
    int64_t last = hub->last;
    pthread_mutex_unlock(&hub->mu);
    return last;
}

void sets_hub_let_go(struct sets_hub *hub, struct sets_watch *w)
{
    sets_hub_dismiss(hub, w->who);
    sets_watch_leave(w);
    sets_watch_unref(w);
}

/* With the lock held. */
static bool keep(struct sets_hub *hub, struct sets_watch *w, int64_t now)
{
    if (!sets_watch_may_go_on(w, hub->api->cfg.access, now))
        return false;
    room_settle(w->room, &w->account, sets_watch_queued(w));
    if (w->bookmarks && now >= w->bookmark_ns) {
        w->bookmark_ns = now + BOOKMARK_NS;
        if (w->last < hub->last)
            w->last = hub->last;
        (void)sets_watch_bookmark(w, false); /* without room there is one less */
    }
    return true;
}

static void look_after(struct sets_hub *hub)
{
    int64_t now = clock_mono_ns(hub->ctx.clock);
    pthread_mutex_lock(&hub->mu);
    for (struct sets_watch **at = &hub->watches; *at;) {
        struct sets_watch *w = *at;
        if (keep(hub, w, now)) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        sets_hub_let_go(hub, w);
    }
    pthread_mutex_unlock(&hub->mu);
}

bool sets_hub_join(struct sets_hub *hub, struct sets_watch *w)
{
    pthread_mutex_lock(&hub->mu);
    bool joins = w->last >= hub->last;
    if (joins) {
        w->next = hub->watches;
        hub->watches = w;
    }
    pthread_mutex_unlock(&hub->mu);
    return joins;
}

/* ---- the log ---- */

static int deliver(void *arg, const struct sets_event *e, struct error **err)
{
    struct sets_hub *hub = arg;
    cleanup_told struct sets_told told = { .event = e };
    (void)err;
    pthread_mutex_lock(&hub->mu);
    for (struct sets_watch **at = &hub->watches; *at;) {
        struct sets_watch *w = *at;
        if (sets_watch_event(w, &told) <= 0) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        sets_beginnings_resume(hub->beginnings, w);
    }
    hub->last = e->revision;
    pthread_mutex_unlock(&hub->mu);
    return 0;
}

/* That a stop cut it short is no news. */
static void warn(struct sets_hub *hub, const char *doing, const struct error *err)
{
    if (!error_is(err, ERR_CANCELLED))
        log_warning(hub->api->cfg.log, "%s the log of changes: %s", doing, error_text(err));
}

/* Changes were dropped before they were read here: nobody that follows can be told what they were. */
static void end_all(struct sets_hub *hub, const struct error *why)
{
    int64_t now;
    cleanup_error struct error *err = NULL;
    log_warning(hub->api->cfg.log, "the log of changes was compacted beyond its reader: %s",
                error_text(why));
    if (sets_revision(&hub->ctx, hub->api->store, &now, &err) < 0) {
        warn(hub, "reading", err);
        return;
    }
    pthread_mutex_lock(&hub->mu);
    for (struct sets_watch *w = hub->watches; w; w = w->next) {
        struct error *gone = NULL;
        (void)error_set(&gone, ERR_GONE, "resourceVersion %" PRId64 " is too old: list again",
                        w->last);
        if (!atomic_load(&w->closed))
            sets_watch_fail(w, gone);
        else
            error_free(gone);
    }
    hub->last = now;
    pthread_mutex_unlock(&hub->mu);
}

static void follow(struct sets_hub *hub)
{
    int64_t before, last;
    do {
        cleanup_error struct error *err = NULL;
        before = last = hub->last; /* only this thread moves it */
        if (sets_events(&hub->ctx, hub->api->store, before, PAGE, deliver, hub, &last, &err) == 0)
            continue;
        if (error_is(err, ERR_GONE))
            end_all(hub, err);
        else
            warn(hub, "reading", err);
    } while (last > before);
}

static void compact(struct sets_hub *hub, int64_t *next_ns)
{
    int64_t now = clock_mono_ns(hub->ctx.clock);
    if (now < *next_ns)
        return;
    *next_ns = now + COMPACT_NS;
    cleanup_error struct error *err = NULL;
    int64_t keep_s = hub->api->cfg.event_keep_s;
    /* Where no bus publishes it, the log itself is what was published. */
    if ((!hub->api->cfg.has_relay &&
         sets_cursor_set(&hub->ctx, hub->api->store, "relay", hub->last, &err) < 0) ||
        sets_compact(&hub->ctx, hub->api->store, keep_s ? keep_s : KEEP_DEFAULT_S, &err) < 0)
        warn(hub, "compacting", err);
    error_clear(&err);
    int64_t audit_s = hub->api->cfg.audit_keep_s, rows = hub->api->cfg.audit_rows;
    if (sets_audit_trim(&hub->ctx, hub->api->store, audit_s ? audit_s : AUDIT_KEEP_DEFAULT_S,
                        rows ? rows : AUDIT_ROWS_DEFAULT, NULL, &err) < 0)
        log_warning(hub->api->cfg.log, "trimming the audit: %s", error_text(err));
    error_clear(&err);
    if (hub->api->cfg.access && sets_access_refresh(hub->api->cfg.access, &err) < 0)
        log_warning(hub->api->cfg.log, "%s", error_text(err));
}

static void work(void *arg)
{
    struct sets_hub *hub = arg;
    int64_t compact_ns = clock_mono_ns(hub->ctx.clock) + COMPACT_NS;
    int64_t refresh_ns = 0;
    while (!stop_is_set(hub->stop)) {
        wait_turn(hub);
        follow(hub);
        if (hub->api->cfg.access && clock_mono_ns(hub->ctx.clock) >= refresh_ns) {
            refresh_ns = clock_mono_ns(hub->ctx.clock) + REFRESH_NS;
            (void)sets_access_refresh(hub->api->cfg.access, NULL);
        }
        look_after(hub);
        compact(hub, &compact_ns);
    }
}

/* ---- other processes' changes ---- */

static void listen_once(struct sets_hub *hub)
{
    cleanup_sql struct sql *c = NULL;
    if (sql_acquire(&hub->ctx, hub->api->cfg.db, SQL_READ, &c, NULL) < 0 ||
        sql_listen(&hub->ctx, c, SETS_CHANNEL, NULL) < 0)
        return;
    for (;;) {
        cleanup_free char *payload = NULL;
        sets_hub_wake(hub);
        if (sql_notified(&hub->ctx, c, &payload, NULL) < 0)
            break;
    }
    sql_abandon(c);
}

static void listen_on(void *arg)
{
    struct sets_hub *hub = arg;
    do
        listen_once(hub);
    while (opctx_sleep_ms(&hub->ctx, POLL_MS, NULL) == 0);
}

/* ---- the whole ---- */

static void hub_free(struct sets_hub *hub)
{
    sets_beginnings_stop(hub->beginnings);
    pthread_mutex_destroy(&hub->mu);
    pthread_mutex_destroy(&hub->wake_mu);
    pthread_cond_destroy(&hub->wake_cv);
    stop_unref(hub->stop);
    free(hub);
}

int sets_hub_start(struct sets_api *api, struct sets_hub **ret, struct error **err)
{
    struct sets_hub *hub = xnew(struct sets_hub);
    hub->api = api;
    hub->stop = stop_new(NULL);
    hub->ctx = opctx_root(api->cfg.clock, api->cfg.rng, hub->stop, api->cfg.log);
    mutex_init(&hub->mu);
    mutex_init(&hub->wake_mu);
    clock_cond_init(&hub->wake_cv);
    if (sets_revision(&hub->ctx, api->store, &hub->last, err) < 0 ||
        sets_beginnings_start(api, hub, &hub->ctx, &hub->beginnings, err) < 0 ||
        thread_start(&hub->thread, "syncsets-hub", work, hub, err) < 0) {
        stop_request(hub->stop);
        hub_free(hub);
        return -1;
    }
    hub->listens = sql_dialect(api->cfg.db) == SQL_POSTGRESQL &&
                   thread_start(&hub->listener, "syncsets-listen", listen_on, hub, NULL) == 0;
    *ret = hub;
    return 0;
}

void sets_hub_stop(struct sets_hub *hub)
{
    if (!hub)
        return;
    stop_request(hub->stop);
    sets_hub_wake(hub);
    (void)pthread_join(hub->thread, NULL); /* which hands watches to the beginnings */
    sets_beginnings_stop(take(hub->beginnings));
    if (hub->listens)
        (void)pthread_join(hub->listener, NULL);
    for (struct sets_watch *w = hub->watches, *next; w; w = next) {
        next = w->next;
        sets_hub_let_go(hub, w);
    }
    hub_free(hub);
}

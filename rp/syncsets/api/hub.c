/*
 * The log of changes is read once in a process and handed to all watches of it, by one thread.
 *
 * A watch joins at the very revision that the hub has reached: it reads the log by itself until there is no more, and then,
 * under the lock that the hub advances under, either is where the hub is (or ahead, then it skips what it has), or
 * reads on. So nothing is missed and nothing is sent twice.
 */
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/api/impl.h"

#define PAGE 500
#define POLL_MS 1000
#define BOOKMARK_NS (60 * NS_PER_S)
#define CHECK_NS (10 * NS_PER_S)
#define COMPACT_NS (60 * NS_PER_S)
#define KEEP_DEFAULT_S 3600

struct sets_hub {
    struct sets_api *api;
    struct stop *stop;
    struct opctx ctx;
    pthread_t thread, listener;
    bool listens;
    pthread_mutex_t mu; /* watches, last */
    struct sets_watch *watches;
    size_t len;
    int64_t last;
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

/* ---- watches; with the lock held ---- */

static void let_go(struct sets_watch *w)
{
    http_stream_unref(w->stream);
    sets_watch_unref(w);
}

/* Lost rights end it: whoever has some left comes again and sees what is left to see. */
static bool may_go_on(struct sets_hub *hub, struct sets_watch *w)
{
    struct sets_access *access = hub->api->cfg.access;
    const char *place = w->type->global ? NULL : w->nspace;
    if (w->limited || (!w->nspace && !w->type->global)) {
        cleanup_strv struct strv now = STRV_INIT;
        bool limited = sets_access_namespaces(access, w->who, &now);
        bool same = limited == w->limited && now.len == w->namespaces.len;
        for (size_t i = 0; same && i < now.len; i++)
            same = strv_has(&w->namespaces, now.v[i]);
        return same;
    }
    return sets_access_role(access, w->who, place) >= ROLE_VIEWER;
}

static bool keep(struct sets_hub *hub, struct sets_watch *w, int64_t now)
{
    if (atomic_load(&w->closed) || now >= w->end_ns)
        return false;
    if (now >= w->check_ns) {
        w->check_ns = now + CHECK_NS;
        if (!may_go_on(hub, w))
            return false;
    }
    if (w->bookmarks && now >= w->bookmark_ns) {
        w->bookmark_ns = now + BOOKMARK_NS;
        if (w->last < hub->last)
            w->last = hub->last;
        sets_watch_bookmark(w, false);
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
        hub->len--;
        let_go(w);
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
        hub->len++;
    }
    pthread_mutex_unlock(&hub->mu);
    return joins;
}

size_t sets_hub_len(struct sets_hub *hub)
{
    pthread_mutex_lock(&hub->mu);
    size_t n = hub->len;
    pthread_mutex_unlock(&hub->mu);
    return n;
}

/* ---- the log ---- */

static int deliver(void *arg, const struct sets_event *e, struct error **err)
{
    struct sets_hub *hub = arg;
    (void)err;
    pthread_mutex_lock(&hub->mu);
    for (struct sets_watch *w = hub->watches; w; w = w->next)
        sets_watch_event(w, e);
    hub->last = e->revision;
    pthread_mutex_unlock(&hub->mu);
    return 0;
}

static void follow(struct sets_hub *hub)
{
    int64_t before, last;
    do {
        cleanup_error struct error *err = NULL;
        before = last = hub->last; /* only this thread moves it */
        if (sets_events(&hub->ctx, hub->api->store, NULL, before, PAGE, deliver, hub, &last, &err) <
            0)
            log_warning(hub->api->cfg.log, "reading the log of changes: %s", error_text(err));
    } while (last > before);
    /* Until a bus publishes it, the log itself is what was published. */
    (void)sets_cursor_set(&hub->ctx, hub->api->store, "relay", hub->last, NULL);
}

static void compact(struct sets_hub *hub, int64_t *next_ns)
{
    int64_t now = clock_mono_ns(hub->ctx.clock);
    if (now < *next_ns)
        return;
    *next_ns = now + COMPACT_NS;
    cleanup_error struct error *err = NULL;
    int64_t keep_s = hub->api->cfg.event_keep_s;
    if (sets_compact(&hub->ctx, hub->api->store, keep_s ? keep_s : KEEP_DEFAULT_S, &err) < 0)
        log_warning(hub->api->cfg.log, "compacting the log of changes: %s", error_text(err));
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
            refresh_ns = clock_mono_ns(hub->ctx.clock) + CHECK_NS;
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
        thread_start(&hub->thread, "syncsets-hub", work, hub, err) < 0) {
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
    (void)pthread_join(hub->thread, NULL);
    if (hub->listens)
        (void)pthread_join(hub->listener, NULL);
    for (struct sets_watch *w = hub->watches, *next; w; w = next) {
        next = w->next;
        let_go(w);
    }
    hub_free(hub);
}

/*
 * Is the database there, with the schema that is expected? Asked once a second on a thread of its own: whoever takes all
 * threads of requests must not take the server out of its Service, too.
 */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/api/impl.h"
#include "rp/syncsets/store/migrate.h"

#define LOOK_MS 1000
#define LOOK_TIMEOUT_MS 2000
/* The thread itself may hang, or wait for a connection. */
#define OLD_NS (10 * NS_PER_S)

struct sets_ready {
    struct sets_api *api;
    struct stop *stop;
    struct opctx ctx;
    pthread_t thread;
    pthread_mutex_t mu; /* why, looked_ns */
    struct error *why;  /* NULL: it was ready */
    int64_t looked_ns;
};

static void look(struct sets_ready *r)
{
    const struct opctx soon = opctx_with_timeout_ms(&r->ctx, LOOK_TIMEOUT_MS);
    struct error *why = NULL;
    (void)sets_schema_check(&soon, r->api->cfg.db, &why);
    pthread_mutex_lock(&r->mu);
    error_free(r->why);
    r->why = why;
    r->looked_ns = clock_mono_ns(r->ctx.clock);
    pthread_mutex_unlock(&r->mu);
}

static void work(void *arg)
{
    struct sets_ready *r = arg;
    while (opctx_sleep_ms(&r->ctx, LOOK_MS, NULL) == 0)
        look(r);
}

static void ready_free(struct sets_ready *r)
{
    error_free(r->why);
    stop_unref(r->stop);
    pthread_mutex_destroy(&r->mu);
    free(r);
}

int sets_ready_start(struct sets_api *api, struct sets_ready **ret, struct error **err)
{
    struct sets_ready *r = xnew(struct sets_ready);
    r->api = api;
    r->stop = stop_new(NULL);
    r->ctx = opctx_root(api->cfg.clock, api->cfg.rng, r->stop, api->cfg.log);
    mutex_init(&r->mu);
    look(r); /* so that the first answer is true */
    if (thread_start(&r->thread, "syncsets-ready", work, r, err) < 0) {
        ready_free(r);
        return -1;
    }
    *ret = r;
    return 0;
}

int sets_ready_check(struct sets_ready *r, struct error **err)
{
    int status = 0;
    pthread_mutex_lock(&r->mu);
    int64_t age_ns = clock_mono_ns(r->ctx.clock) - r->looked_ns;
    if (age_ns > OLD_NS)
        status = error_set(err, ERR_UNAVAILABLE, "the database was last heard of %lld s ago",
                           (long long)(age_ns / NS_PER_S));
    else if (r->why)
        status = error_set(err, error_kind(r->why), "%s", error_text(r->why));
    pthread_mutex_unlock(&r->mu);
    return status;
}

void sets_ready_stop(struct sets_ready *r)
{
    if (!r)
        return;
    stop_request(r->stop);
    (void)pthread_join(r->thread, NULL);
    ready_free(r);
}

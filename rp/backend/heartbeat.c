#include "rp/backend/heartbeat.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

struct heartbeat {
    struct heartbeat_config cfg;
    struct opctx work;      /* its stop is ours: the lease is lost */
    struct opctx heartbeat; /* its stop is ours: no more renewals */
    pthread_t thread;
    bool runs;
    atomic_bool lost;
    _Atomic int64_t renewed_ns; /* when the last renewal that succeeded began */
    atomic_uint renewals;
};

const struct opctx *heartbeat_ctx(const struct heartbeat *h)
{
    return &h->work;
}

unsigned heartbeat_renewals(const struct heartbeat *h)
{
    return atomic_load(&h->renewals);
}

static int64_t end_of_trust_ns(const struct heartbeat *h)
{
    return atomic_load(&h->renewed_ns) + h->cfg.trust_ms * NS_PER_MS;
}

bool heartbeat_is_held(const struct heartbeat *h)
{
    return !atomic_load(&h->lost) && clock_mono_ns(h->work.clock) < end_of_trust_ns(h);
}

static bool says_lost(const struct error *e)
{
    return str_eq(error_get_code(e), DATABASE_LOST_LEASE) || error_is(e, ERR_NOT_FOUND);
}

static void give_up(struct heartbeat *h, const char *why)
{
    log_warning(h->work.log, "the lease is lost, ending the work: %s", why);
    atomic_store(&h->lost, true);
    stop_request(h->work.stop);
}

/* Returns how long to wait before the next; -1: there is none. */
static int64_t renew(struct heartbeat *h)
{
    struct opctx ctx = h->heartbeat;
    cleanup_error struct error *e = NULL;
    int64_t began_ns = clock_mono_ns(ctx.clock);
    ctx.deadline_ns = end_of_trust_ns(h);
    if (h->cfg.renew(&ctx, h->cfg.db, h->cfg.key, h->cfg.token, NULL, &e) == 0) {
        atomic_store(&h->renewed_ns, began_ns);
        atomic_fetch_add(&h->renewals, 1);
        return h->cfg.heartbeat_ms;
    }
    if (stop_is_set(h->heartbeat.stop))
        return -1;
    if (says_lost(e)) {
        give_up(h, error_text(e));
        return -1;
    }
    log_warning(ctx.log, "renewing the lease is tried again: %s", error_text(e));
    return h->cfg.retry_ms;
}

static void run(void *arg)
{
    struct heartbeat *h = arg;
    struct waker w;
    waker_init(&w, &h->heartbeat);
    for (int64_t pause_ms; (pause_ms = renew(h)) >= 0;) {
        int64_t next_ns = clock_mono_ns(h->work.clock) + pause_ms * NS_PER_MS;
        int64_t end_ns = end_of_trust_ns(h);
        bool ended = false;
        waker_lock(&w);
        while (!ended && clock_mono_ns(h->work.clock) < (next_ns < end_ns ? next_ns : end_ns))
            ended = waker_wait(&w, next_ns < end_ns ? next_ns : end_ns, NULL) < 0;
        waker_unlock(&w);
        if (ended || stop_is_set(h->heartbeat.stop))
            break;
        if (clock_mono_ns(h->work.clock) >= end_ns) {
            give_up(h, "no renewal succeeded in time");
            break;
        }
    }
    waker_release(&w);
}

int heartbeat_start(const struct opctx *root, const struct heartbeat_config *cfg,
                    struct heartbeat **ret, struct error **err)
{
    struct heartbeat *h = xnew(struct heartbeat);
    h->cfg = *cfg;
    atomic_init(&h->renewed_ns, cfg->since_ns);
    h->work = opctx_root(root->clock, root->rng, stop_new(NULL), root->log);
    h->heartbeat = opctx_root(root->clock, root->rng, stop_new(NULL), root->log);
    if (thread_start(&h->thread, "heartbeat", run, h, err) < 0) {
        heartbeat_free(h);
        return -1;
    }
    h->runs = true;
    *ret = h;
    return 0;
}

void heartbeat_stop(struct heartbeat *h)
{
    if (!h->runs)
        return;
    stop_request(h->heartbeat.stop);
    pthread_join(h->thread, NULL);
    h->runs = false;
}

void heartbeat_free(struct heartbeat *h)
{
    if (!h)
        return;
    heartbeat_stop(h);
    stop_unref(h->work.stop);
    stop_unref(h->heartbeat.stop);
    free(h);
}

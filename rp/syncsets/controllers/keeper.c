#include "rp/syncsets/controllers/keeper.h"

#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define TURN_MS 500
#define RENEW_TIMEOUT_MS 10000

static const struct metric_desc lost_desc = {
    .name = "syncsets_fence_lost_total",
    .help = "Leases on clusters that ran out, or were somebody else's, while this process worked.",
    .type = METRIC_COUNTER,
};

struct keeper {
    struct opctx ctx;
    struct stop *stop;
    struct sets_store *store;
    int64_t lease_s;
    struct metric *lost;
    pthread_t thread;
    pthread_mutex_t mu;
    pthread_cond_t cv; /* a renewal ended */
    struct held *first;
    int64_t turn_ns;
};

/* With the lock held. */
static void schedule(const struct keeper *k, struct held *h)
{
    h->renew_ns = clock_mono_ns(k->ctx.clock) + k->lease_s * NS_PER_S / 4;
}

/* With the lock held. */
static void lose(struct keeper *k, struct held *h)
{
    if (h->lost)
        return;
    h->lost = true;
    metric_add(k->lost, 1, METRIC_LABELS(NULL));
    stop_request(h->stop);
}

/* With the lock held, which it gives up meanwhile; h stays, for its holder waits. */
static void renew(struct keeper *k, struct held *h)
{
    struct lease lease = h->lease;
    cleanup_error struct error *err = NULL;
    h->renewing = true;
    pthread_mutex_unlock(&k->mu);
    const struct opctx soon = opctx_with_timeout_ms(&k->ctx, RENEW_TIMEOUT_MS);
    int status = lease_renew(&soon, k->store, &lease, k->lease_s, &err);
    pthread_mutex_lock(&k->mu);
    h->renewing = false;
    if (status == 0)
        h->lease.until_ns = lease.until_ns;
    schedule(k, h);
    if (status < 0 && error_is(err, ERR_CONFLICT))
        lose(k, h);
    else if (status < 0) /* the database is away: again soon, while the lease stands */
        h->renew_ns = clock_mono_ns(k->ctx.clock) + NS_PER_S;
    pthread_cond_broadcast(&k->cv);
}

static struct held *find_due(struct keeper *k)
{
    int64_t now = clock_mono_ns(k->ctx.clock);
    for (struct held *h = k->first; h; h = h->next) {
        if (!h->lost && h->lease.until_ns <= now)
            lose(k, h);
        if (!h->lost && h->renew_ns <= now)
            return h;
    }
    return NULL;
}

static void run(void *arg)
{
    struct keeper *k = arg;
    struct held *h;
    do {
        pthread_mutex_lock(&k->mu);
        k->turn_ns = clock_mono_ns(k->ctx.clock);
        while (!stop_is_set(k->stop) && (h = find_due(k)) != NULL)
            renew(k, h);
        pthread_mutex_unlock(&k->mu);
    } while (opctx_sleep_ms(&k->ctx, TURN_MS, NULL) == 0);
}

int keeper_start(const struct opctx *ctx, struct sets_store *st, int64_t lease_s,
                 struct metrics *metrics, struct keeper **ret, struct error **err)
{
    struct keeper *k = xnew(struct keeper);
    k->stop = stop_new(ctx->stop); /* no holder waits for a renewal that nobody needs any more */
    k->ctx = opctx_with_stop(ctx, k->stop);
    k->store = st;
    k->lease_s = lease_s;
    k->lost = metrics_family(metrics, &lost_desc);
    k->turn_ns = clock_mono_ns(ctx->clock);
    mutex_init(&k->mu);
    clock_cond_init(&k->cv);
    if (thread_start(&k->thread, "sets-keeper", run, k, err) < 0) {
        stop_unref(k->stop);
        free(k);
        return -1;
    }
    *ret = k;
    return 0;
}

void keeper_stop(struct keeper *k)
{
    if (!k)
        return;
    stop_request(k->stop);
    pthread_join(k->thread, NULL);
    stop_unref(k->stop);
    pthread_mutex_destroy(&k->mu);
    pthread_cond_destroy(&k->cv);
    free(k);
}

void keeper_add(struct keeper *k, struct held *h, const struct lease *lease, struct stop *parent)
{
    *h = (struct held){ .lease = *lease, .stop = stop_new(parent) };
    pthread_mutex_lock(&k->mu);
    schedule(k, h);
    h->next = k->first;
    k->first = h;
    pthread_mutex_unlock(&k->mu);
}

bool keeper_remove(struct keeper *k, struct held *h)
{
    pthread_mutex_lock(&k->mu);
    while (h->renewing)
        pthread_cond_wait(&k->cv, &k->mu);
    for (struct held **at = &k->first; *at; at = &(*at)->next) {
        if (*at == h) {
            *at = h->next;
            break;
        }
    }
    bool lost = h->lost;
    pthread_mutex_unlock(&k->mu);
    stop_unref(take(h->stop));
    return lost;
}

/* Of a short lease most is to be of use. */
static int64_t margin_ns(const struct keeper *k)
{
    int64_t third_ns = k->lease_s * NS_PER_S / 3;
    return third_ns < KEEPER_MARGIN_S * NS_PER_S ? third_ns : KEEPER_MARGIN_S * NS_PER_S;
}

int keeper_check(struct keeper *k, const struct held *h, struct error **err)
{
    pthread_mutex_lock(&k->mu);
    int64_t left_ns = h->lost ? 0 : h->lease.until_ns - clock_mono_ns(k->ctx.clock);
    pthread_mutex_unlock(&k->mu);
    if (left_ns > margin_ns(k))
        return 0;
    (void)error_set(err, ERR_CONFLICT, "the lease on cluster %s has nearly run out", h->lease.uid);
    error_code(err, FENCE_LOST);
    return -1;
}

int64_t keeper_until_ns(struct keeper *k, const struct held *h)
{
    pthread_mutex_lock(&k->mu);
    int64_t until_ns = h->lost ? 0 : h->lease.until_ns;
    pthread_mutex_unlock(&k->mu);
    return until_ns;
}

int64_t keeper_turn_ns(struct keeper *k)
{
    pthread_mutex_lock(&k->mu);
    int64_t turn_ns = k->turn_ns;
    pthread_mutex_unlock(&k->mu);
    return turn_ns;
}

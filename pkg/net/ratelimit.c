#include "pkg/net/ratelimit.h"

#include <pthread.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

/*
 * The bucket is kept as a point in time: when it will have been (or was) empty. Tokens in it now are
 * (now - empty_ns) / interval; taking one moves the point by one interval. No fractions are lost, and a
 * reservation into the future is the same arithmetic.
 */
struct bucket {
    const struct clock *clock;
    double interval_ns; /* of one token; 0: no limit */
    double full_ns;     /* burst * interval */
    pthread_mutex_t mu;
    double empty_ns; /* relative to origin_ns: doubles stay exact to the nanosecond for 100 days */
    int64_t origin_ns;
};

struct bucket *bucket_new(const struct clock *clock, double qps, int burst)
{
    struct bucket *b = xnew(struct bucket);
    b->clock = clock;
    b->interval_ns = qps > 0 ? (double)NS_PER_S / qps : 0;
    b->full_ns = b->interval_ns * (burst > 1 ? burst : 1);
    b->origin_ns = clock_mono_ns(clock);
    b->empty_ns = -b->full_ns;
    mutex_init(&b->mu);
    return b;
}

void bucket_free(struct bucket *b)
{
    if (!b)
        return;
    pthread_mutex_destroy(&b->mu);
    free(b);
}

/* How long until a token is there; takes it unless that is longer than most_ns. With the lock held. */
static int64_t take_locked(struct bucket *b, int64_t most_ns, bool *ret_taken)
{
    double now = (double)(clock_mono_ns(b->clock) - b->origin_ns);
    if (b->empty_ns < now - b->full_ns)
        b->empty_ns = now - b->full_ns;
    double wait = b->empty_ns + b->interval_ns - now;
    int64_t wait_ns = wait > 0 ? (int64_t)wait : 0;
    *ret_taken = wait_ns <= most_ns;
    if (*ret_taken)
        b->empty_ns += b->interval_ns;
    return wait_ns;
}

int64_t bucket_reserve_ns(struct bucket *b)
{
    bool taken;
    pthread_mutex_lock(&b->mu);
    int64_t wait_ns = take_locked(b, CLOCK_NEVER, &taken);
    pthread_mutex_unlock(&b->mu);
    return wait_ns;
}

static void give_back(struct bucket *b)
{
    pthread_mutex_lock(&b->mu);
    b->empty_ns -= b->interval_ns;
    pthread_mutex_unlock(&b->mu);
}

int bucket_take(struct bucket *b, const struct opctx *ctx, int64_t *ret_waited_ms,
                struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    int64_t most_ns = CLOCK_NEVER;
    if (ctx->deadline_ns != CLOCK_NEVER)
        most_ns = ctx->deadline_ns - clock_mono_ns(ctx->clock);

    bool taken;
    pthread_mutex_lock(&b->mu);
    int64_t wait_ns = take_locked(b, most_ns, &taken);
    pthread_mutex_unlock(&b->mu);

    int64_t wait_ms = (wait_ns + NS_PER_MS - 1) / NS_PER_MS;
    if (!taken)
        return error_set(err, ERR_TIMEOUT,
                         "the client's rate limiter would delay the request beyond its deadline");
    if (wait_ms > 0 && opctx_sleep_ms(ctx, wait_ms, err) < 0) {
        give_back(b);
        return error_wrap(err, "waiting for the client's rate limiter");
    }
    if (ret_waited_ms)
        *ret_waited_ms = wait_ms;
    return 0;
}

int64_t backoff_next_ms(struct backoff *b, const struct clock *clock, const struct rng *rng)
{
    int64_t now = clock_mono_ns(clock);
    if (b->reset_after_ms > 0 && now - b->last_ns_ >= b->reset_after_ms * NS_PER_MS)
        b->step_ms_ = 0;
    b->last_ns_ = now;

    double next = b->step_ms_ > 0 ? (double)b->step_ms_ * b->factor : (double)b->base_ms;
    if (next < (double)b->base_ms)
        next = (double)b->base_ms;
    if (b->cap_ms > 0 && next > (double)b->cap_ms)
        next = (double)b->cap_ms;
    b->step_ms_ = (int64_t)next;
    return rng_jitter_ns(rng, b->step_ms_ * NS_PER_MS, b->jitter) / NS_PER_MS;
}

void backoff_reset(struct backoff *b)
{
    b->step_ms_ = 0;
}

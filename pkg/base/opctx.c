#include "pkg/base/opctx.h"

#include <stdlib.h>

#include "pkg/base/thread.h"

struct opctx opctx_root(const struct clock *clock, const struct rng *rng, struct stop *stop,
                        const struct log *log)
{
    return (struct opctx){
        .clock = clock, .rng = rng, .stop = stop, .deadline_ns = CLOCK_NEVER, .log = log
    };
}

static int64_t after_ms(const struct clock *clock, int64_t ms)
{
    int64_t ns;
    if (__builtin_mul_overflow(ms > 0 ? ms : 0, NS_PER_MS, &ns) ||
        __builtin_add_overflow(clock_mono_ns(clock), ns, &ns))
        return CLOCK_NEVER;
    return ns;
}

struct opctx opctx_with_timeout_ms(const struct opctx *parent, int64_t timeout_ms)
{
    struct opctx ctx = *parent;
    int64_t deadline_ns = after_ms(ctx.clock, timeout_ms);
    if (deadline_ns < ctx.deadline_ns)
        ctx.deadline_ns = deadline_ns;
    return ctx;
}

struct opctx opctx_with_stop(const struct opctx *parent, struct stop *stop)
{
    struct opctx ctx = *parent;
    ctx.stop = stop;
    return ctx;
}

struct opctx opctx_with_log(const struct opctx *parent, const struct log *log)
{
    struct opctx ctx = *parent;
    ctx.log = log;
    return ctx;
}

static int fail_timeout(struct error **err)
{
    return error_set(err, ERR_TIMEOUT, "deadline exceeded");
}

int opctx_check(const struct opctx *ctx, struct error **err)
{
    if (stop_is_set(ctx->stop))
        return error_set(err, ERR_CANCELLED, "cancelled");
    if (ctx->deadline_ns != CLOCK_NEVER && clock_mono_ns(ctx->clock) >= ctx->deadline_ns)
        return fail_timeout(err);
    return 0;
}

int64_t opctx_remaining_ms(const struct opctx *ctx)
{
    if (ctx->deadline_ns == CLOCK_NEVER)
        return INT64_MAX;
    int64_t now = clock_mono_ns(ctx->clock);
    if (now >= ctx->deadline_ns)
        return 0;
    int64_t left = ctx->deadline_ns - now;
    /* Rounded up: a caller that polls with the result must not spin through the last millisecond.
     */
    return left / NS_PER_MS + (left % NS_PER_MS != 0);
}

static int sleep_until(struct waker *w, int64_t deadline_ns, struct error **err)
{
    while (clock_mono_ns(w->ctx->clock) < deadline_ns) {
        if (waker_wait(w, deadline_ns, err) < 0)
            return -1;
    }
    return 0;
}

int opctx_sleep_ms(const struct opctx *ctx, int64_t ms, struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    if (ms <= 0)
        return 0;
    int64_t until = after_ms(ctx->clock, ms);
    if (ctx->deadline_ns < until)
        return fail_timeout(err);

    struct waker w;
    waker_init(&w, ctx);
    waker_lock(&w);
    int status = sleep_until(&w, until, err);
    waker_unlock(&w);
    waker_release(&w);
    return status;
}

static void wake(void *arg)
{
    waker_signal(arg);
}

void waker_init(struct waker *w, const struct opctx *ctx)
{
    *w = (struct waker){ .ctx = ctx, .watch_ = { .fn = wake, .arg = w } };
    mutex_init(&w->mu);
    clock_cond_init(&w->cv);
    stop_watch(ctx->stop, &w->watch_);
}

void waker_release(struct waker *w)
{
    stop_unwatch(w->ctx->stop, &w->watch_);
    /* Whoever signalled last may still hold the lock. */
    waker_lock(w);
    waker_unlock(w);
    pthread_cond_destroy(&w->cv);
    pthread_mutex_destroy(&w->mu);
}

void waker_lock(struct waker *w)
{
    pthread_mutex_lock(&w->mu);
}

void waker_unlock(struct waker *w)
{
    pthread_mutex_unlock(&w->mu);
}

void waker_signal(struct waker *w)
{
    waker_lock(w);
    pthread_cond_broadcast(&w->cv);
    waker_unlock(w);
}

int waker_wait(struct waker *w, int64_t deadline_ns, struct error **err)
{
    const struct opctx *ctx = w->ctx;
    if (opctx_check(ctx, err) < 0)
        return -1;
    clock_wait(ctx->clock, &w->cv, &w->mu,
               deadline_ns < ctx->deadline_ns ? deadline_ns : ctx->deadline_ns);
    return opctx_check(ctx, err);
}

#include "pkg/controller/workqueue_limiter.h"

#include <limits.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/controller/workqueue.h"

#define BASE_DELAY_MS 5
#define MAX_DELAY_MS (1000 * 1000)
#define QPS 10
#define BURST 100
/* Nobody has to forget a key that is gone: its count goes when it was not seen for so long. */
#define RETAIN_NS (3600 * NS_PER_S)

struct failure {
    int count;
    int64_t seen_ns;
};

static int64_t ms_to_ns(int64_t ms)
{
    int64_t ns;
    return __builtin_mul_overflow(ms, NS_PER_MS, &ns) ? CLOCK_NEVER : ns;
}

void limiter_init(struct limiter *l, const struct workqueue_config *cfg)
{
    int64_t now = clock_mono_ns(cfg->clock);
    *l = (struct limiter){
        .clock = cfg->clock,
        .base_ns = ms_to_ns(cfg->base_delay_ms > 0 ? cfg->base_delay_ms : BASE_DELAY_MS),
        .max_ns = ms_to_ns(cfg->max_delay_ms > 0 ? cfg->max_delay_ms : MAX_DELAY_MS),
        .qps = cfg->qps != 0 ? cfg->qps : QPS,
        .burst = cfg->burst > 0 ? cfg->burst : BURST,
        .filled_ns = now,
        .failures = map_new(free),
        .swept_ns = now,
    };
    l->tokens = l->burst;
    /* A count must outlive the longest delay that it causes. */
    l->retain_ns = l->max_ns > RETAIN_NS / 2 ? l->max_ns : RETAIN_NS / 2;
    if (__builtin_mul_overflow(l->retain_ns, 2, &l->retain_ns))
        l->retain_ns = CLOCK_NEVER;
}

void limiter_release(struct limiter *l)
{
    map_free(l->failures);
    l->failures = NULL;
}

static bool is_stale(const struct limiter *l, const struct failure *f, int64_t now)
{
    return now - f->seen_ns >= l->retain_ns;
}

static void sweep(struct limiter *l, int64_t now)
{
    if (now - l->swept_ns < l->retain_ns)
        return;
    l->swept_ns = now;
    for (struct map_iter it = { 0 }; map_next(l->failures, &it);) {
        if (is_stale(l, it.value, now))
            map_del(l->failures, it.key);
    }
}

static int64_t key_delay_ns(struct limiter *l, const char *key, int64_t now)
{
    struct failure *f = map_get(l->failures, key);
    if (!f) {
        f = xnew(struct failure);
        map_set(l->failures, key, f);
    } else if (is_stale(l, f, now)) {
        f->count = 0;
    }
    f->seen_ns = now;

    int64_t delay = l->base_ns;
    for (int i = 0; i < f->count && delay < l->max_ns; i++) {
        if (__builtin_mul_overflow(delay, 2, &delay))
            delay = l->max_ns;
    }
    if (f->count < INT_MAX)
        f->count++;
    return delay < l->max_ns ? delay : l->max_ns;
}

static int64_t bucket_delay_ns(struct limiter *l, int64_t now)
{
    if (l->qps <= 0)
        return 0;
    l->tokens += (double)(now - l->filled_ns) * l->qps / (double)NS_PER_S;
    if (l->tokens > l->burst)
        l->tokens = l->burst;
    l->filled_ns = now;
    l->tokens -= 1; /* below zero: reserved from the future */
    if (l->tokens >= 0)
        return 0;
    double delay = -l->tokens / l->qps * (double)NS_PER_S;
    return delay < (double)(INT64_MAX / 2) ? (int64_t)delay : INT64_MAX / 2;
}

int64_t limiter_next_ns(struct limiter *l, const char *key)
{
    int64_t now = clock_mono_ns(l->clock);
    sweep(l, now);
    int64_t key_delay = key_delay_ns(l, key, now);
    int64_t bucket_delay = bucket_delay_ns(l, now);
    return key_delay > bucket_delay ? key_delay : bucket_delay;
}

void limiter_forget(struct limiter *l, const char *key)
{
    map_del(l->failures, key);
}

void limiter_forget_all(struct limiter *l)
{
    map_clear(l->failures);
}

int limiter_failures(const struct limiter *l, const char *key)
{
    const struct failure *f = map_get(l->failures, key);
    return f && !is_stale(l, f, clock_mono_ns(l->clock)) ? f->count : 0;
}

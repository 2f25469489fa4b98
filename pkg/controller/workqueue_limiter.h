/*
 * workqueue_limiter.h - how long a rate-limited add waits: per-key exponential back-off and one
 * token bucket for all, whichever is longer. Private to pkg/controller.
 *
 * Threads: one at a time (the queue's lock).
 */
#ifndef PKG_CONTROLLER_WORKQUEUE_LIMITER_H
#define PKG_CONTROLLER_WORKQUEUE_LIMITER_H

#include "pkg/base/clock.h"
#include "pkg/base/map.h"

struct limiter {
    const struct clock *clock;
    int64_t base_ns, max_ns;
    double qps; /* <= 0: no bucket */
    double burst, tokens;
    int64_t filled_ns;    /* when tokens was right */
    struct map *failures; /* key to struct failure */
    int64_t retain_ns, swept_ns;
};

struct workqueue_config;
void limiter_init(struct limiter *l, const struct workqueue_config *cfg);
void limiter_release(struct limiter *l);
/* Counts one failure of the key and takes one token; the delay before the next run. */
int64_t limiter_next_ns(struct limiter *l, const char *key);
void limiter_forget(struct limiter *l, const char *key);
void limiter_forget_all(struct limiter *l);
int limiter_failures(const struct limiter *l, const char *key);

#endif

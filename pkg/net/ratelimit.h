/* ratelimit.h - token bucket with reservations, and exponential back-off. Threads: safe from any.
 */
#ifndef PKG_NET_RATELIMIT_H
#define PKG_NET_RATELIMIT_H

#include "pkg/base/opctx.h"

struct bucket; /* qps tokens a second, at most burst saved up */

struct bucket *bucket_new(const struct clock *clock, double qps,
                          int burst); /* qps <= 0: never waits */
void bucket_free(struct bucket *b);
/* Takes one token, waiting for it. A context whose deadline is nearer than the wait fails at once
 * (ERR_TIMEOUT) without using a token; a stop while waiting gives the token back. *ret_waited_ms
 * may be NULL. */
int bucket_take(struct bucket *b, const struct opctx *ctx, int64_t *ret_waited_ms,
                struct error **err);
int64_t bucket_reserve_ns(
    struct bucket *b); /* takes one; how long the caller has to wait before using it */

DEFINE_RELEASE(struct bucket *, bucket_free)
#define cleanup_bucket CLEANUP_WITH(bucket_free_slot)

/* Delay sequence base, base*factor, ... capped; each multiplied by (1 + jitter * U). After
 * reset_after without a step it starts again. Owned by one thread. */
struct backoff {
    int64_t base_ms, cap_ms, reset_after_ms; /* reset_after_ms 0 = never */
    double factor, jitter;
    int64_t step_ms_, last_ns_;
};
int64_t backoff_next_ms(struct backoff *b, const struct clock *clock, const struct rng *rng);
void backoff_reset(struct backoff *b);

#endif

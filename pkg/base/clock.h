/*
 * clock.h - time as a dependency. Product code gets `const struct clock *` and never calls the system
 * clock itself, so that tests own time and never sleep.
 *
 * Monotonic time counts suspend too (CLOCK_BOOTTIME): a resumed machine must know that its lease is gone.
 * Wall time is for timestamps written to APIs and credential expiry only.
 */
#ifndef PKG_BASE_CLOCK_H
#define PKG_BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define CLOCK_NEVER INT64_MAX

struct clock {
    int64_t (*mono_ns)(const struct clock *c);
    int64_t (*wall_ns)(const struct clock *c); /* since the epoch */
    /* Waits on cv (created by clock_cond_init) until signalled or until mono deadline; CLOCK_NEVER waits
     * for ever. Returns false when the deadline has passed. Spurious wake-ups are allowed. */
    bool (*wait)(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                 int64_t deadline_ns);
};

const struct clock *clock_system(void);
/* A condition that the system clock's wait understands. */
void clock_cond_init(pthread_cond_t *cv);

static inline int64_t clock_mono_ns(const struct clock *c)
{
    return c->mono_ns(c);
}
static inline int64_t clock_wall_ns(const struct clock *c)
{
    return c->wall_ns(c);
}
static inline bool clock_wait(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                              int64_t deadline_ns)
{
    return c->wait(c, cv, mu, deadline_ns);
}

/* Randomness as a dependency: uniform 64 bits. */
struct rng {
    uint64_t (*next)(const struct rng *r);
};
const struct rng *rng_system(void);
uint64_t rng_below(const struct rng *r, uint64_t bound); /* uniform in [0, bound) */
double rng_unit(const struct rng *r);                    /* uniform in [0, 1) */
/* base * (1 + factor * U), U uniform in [0, 1): the jitter that every back-off uses. */
int64_t rng_jitter_ns(const struct rng *r, int64_t base_ns, double factor);
#define UUID_LEN 36
void rng_uuid(const struct rng *r, char out[UUID_LEN + 1]); /* version 4, lower case */

/* Text forms of wall time. Buffers are always terminated. */
#define TIME_TEXT_MAX 40
void time_rfc3339(int64_t wall_ns, char out[TIME_TEXT_MAX]); /* 2006-01-02T15:04:05Z */
/* 2006-01-02T15:04:05.000000Z */
void time_rfc3339_micro(int64_t wall_ns, char out[TIME_TEXT_MAX]);
/* Mon, 02 Jan 2006 15:04:05 UTC */
void time_rfc1123(int64_t wall_ns, char out[TIME_TEXT_MAX]);
void time_http(int64_t wall_ns, char out[TIME_TEXT_MAX]); /* ... GMT */
/* Whole text, any fraction, Z or offset. Years outside 1678 to 2261 ("0001-...", "9999-...") give
 * INT64_MIN and INT64_MAX. */
bool time_parse_rfc3339(const char *s, int64_t *ret_wall_ns);
bool time_parse_http(const char *s, int64_t *ret_wall_ns); /* IMF-fixdate */

#endif

/*
 * fake_clock.h - a clock that stands still until the test moves it.
 *
 * Threads that wait on it (clock_wait, wakers, opctx_sleep_ms) wake when signalled or when the test
 * moves time to their deadline. A test with threads waits for them with fake_clock_await, moves
 * time, and so on: no sleeping.
 *
 * A test without threads sets auto_advance: each wait with a deadline jumps to it and ends at once.
 * (With threads that would race: time would pass while others are still at work.)
 *
 * Example:  fake_clock_init(&clock);
 *           struct opctx ctx = opctx_root(&clock.base, &rng.base, NULL, NULL);
 *           ... a thread calls opctx_sleep_ms(&ctx, 5000, &err) ...
 *           fake_clock_await(&clock, 1);
 *           fake_clock_advance_ms(&clock, 5000);
 *
 * Threads: safe from any, but do not move time while holding a mutex that a waiter waits with.
 */
#ifndef TEST_UNIT_SUPPORT_FAKE_CLOCK_H
#define TEST_UNIT_SUPPORT_FAKE_CLOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/clock.h"

/* Where fake time begins: 2024-02-03T04:05:06Z, an hour after boot. */
#define FAKE_WALL_NS INT64_C(1706933106000000000)
#define FAKE_MONO_NS (3600 * NS_PER_S)

struct fake_waiter;

struct fake_clock {
    struct clock base;
    atomic_bool auto_advance; /* set by the test, at any time */
    /* The rest is private. */
    struct fake_clock *self;
    pthread_mutex_t mu;
    pthread_cond_t changed;
    int64_t mono_ns, wall_ns;
    struct fake_waiter *waiters;
};

void fake_clock_init(struct fake_clock *c);
void fake_clock_release(struct fake_clock *c); /* nobody may wait any more */

void fake_clock_advance_ns(struct fake_clock *c, int64_t ns); /* both clocks */
void fake_clock_advance_ms(struct fake_clock *c, int64_t ms);
void fake_clock_set_wall_ns(struct fake_clock *c,
                            int64_t wall_ns); /* wall time alone: the clock was set */

/* Blocks until n threads wait, with or without a deadline. Those whose deadline has come do not
 * count; those that were signalled count until they run. */
void fake_clock_await(struct fake_clock *c, size_t n);
/* Blocks until some thread waits with a deadline, moves time to the earliest and returns how far
 * that was. */
int64_t fake_clock_step(struct fake_clock *c);

#endif

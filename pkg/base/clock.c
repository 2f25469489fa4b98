#include "pkg/base/clock.h"

#include <stdlib.h>
#include <time.h>

/*
 * glibc waits on CLOCK_MONOTONIC only, which stands still while the machine sleeps. So no wait is
 * longer than this; its end is a spurious wake-up, after which the caller looks at its deadline
 * again.
 */
#define WAIT_SLICE_NS (10 * NS_PER_S)

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;
    if (clock_gettime(id, &ts) != 0)
        abort(); /* both clocks exist on every supported kernel */
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t system_mono_ns(const struct clock *c)
{
    (void)c;
    return read_clock(CLOCK_BOOTTIME);
}

static int64_t system_wall_ns(const struct clock *c)
{
    (void)c;
    return read_clock(CLOCK_REALTIME);
}

static bool system_wait(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                        int64_t deadline_ns)
{
    if (deadline_ns == CLOCK_NEVER) {
        pthread_cond_wait(cv, mu);
        return true;
    }
    int64_t now = system_mono_ns(c);
    if (now >= deadline_ns)
        return false;
    int64_t left;
    if (__builtin_sub_overflow(deadline_ns, now, &left) || left > WAIT_SLICE_NS)
        left = WAIT_SLICE_NS;

    int64_t until = read_clock(CLOCK_MONOTONIC) + left;
    struct timespec ts = { .tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S };
    pthread_cond_timedwait(cv, mu, &ts);
    return system_mono_ns(c) < deadline_ns;
}

const struct clock *clock_system(void)
{
    static const struct clock system_clock = {
        .mono_ns = system_mono_ns,
        .wall_ns = system_wall_ns,
        .wait = system_wait,
    };
    return &system_clock;
}

void clock_cond_init(pthread_cond_t *cv)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0 ||
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 || pthread_cond_init(cv, &attr) != 0)
        abort(); /* these fail for lack of memory only */
    pthread_condattr_destroy(&attr);
}

#include "hack/devcloud/azure/sim_clock.h"

static const struct sim_clock *self(const struct clock *c)
{
    return (const struct sim_clock *)(const void *)c;
}

static int64_t mono_ns(const struct clock *c)
{
    return clock_mono_ns(self(c)->real) + atomic_load(&self(c)->ahead_ns);
}

static int64_t wall_ns(const struct clock *c)
{
    return clock_wall_ns(self(c)->real) + atomic_load(&self(c)->ahead_ns);
}

static bool wait_until(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                       int64_t deadline_ns)
{
    return clock_wait(self(c)->real, cv, mu,
                      deadline_ns == CLOCK_NEVER ? CLOCK_NEVER
                                                 : deadline_ns - atomic_load(&self(c)->ahead_ns));
}

void sim_clock_init(struct sim_clock *c, const struct clock *real)
{
    c->base = (struct clock){ mono_ns, wall_ns, wait_until };
    c->real = real;
    atomic_init(&c->ahead_ns, 0);
}

void sim_clock_set_ahead_ms(struct sim_clock *c, int64_t ms)
{
    atomic_store(&c->ahead_ns, ms * NS_PER_MS);
}

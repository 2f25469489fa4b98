#include "test/rpcrash/fast_clock.h"

static int64_t mono_ns(const struct clock *c)
{
    const struct fast_clock *f = (const struct fast_clock *)c;
    return f->mono_ns + (clock_mono_ns(clock_system()) - f->mono_ns) * f->speed;
}

static int64_t wall_ns(const struct clock *c)
{
    const struct fast_clock *f = (const struct fast_clock *)c;
    return f->wall_ns + (clock_wall_ns(clock_system()) - f->wall_ns) * f->speed;
}

static bool wait_until(const struct clock *c, pthread_cond_t *cv, pthread_mutex_t *mu,
                       int64_t deadline_ns)
{
    const struct fast_clock *f = (const struct fast_clock *)c;
    if (deadline_ns != CLOCK_NEVER)
        deadline_ns = f->mono_ns + (deadline_ns - f->mono_ns) / f->speed + 1;
    return clock_wait(clock_system(), cv, mu, deadline_ns);
}

void fast_clock_init(struct fast_clock *c, int64_t mono, int64_t wall, int64_t speed)
{
    *c = (struct fast_clock){ { mono_ns, wall_ns, wait_until }, mono, wall, speed };
}

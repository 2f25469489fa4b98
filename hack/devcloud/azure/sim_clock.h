/* sim_clock.h - the simulator's time: another's, and what tests added. */
#ifndef HACK_DEVCLOUD_AZURE_SIM_CLOCK_H
#define HACK_DEVCLOUD_AZURE_SIM_CLOCK_H

#include <stdatomic.h>

#include "pkg/base/clock.h"

struct sim_clock {
    struct clock base;
    const struct clock *real; /* borrowed */
    _Atomic int64_t ahead_ns;
};
void sim_clock_init(struct sim_clock *c, const struct clock *real);
/* From now on that far ahead of the real one, in both its times. Who waits already does not hear of it. */
void sim_clock_set_ahead_ms(struct sim_clock *c, int64_t ms);

#endif

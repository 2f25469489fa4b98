/* fast_clock.h - the system's clock, `speed` times as fast from a moment on that all processes of a run share. Leases of a
 * minute are then a matter of seconds, and every interval keeps its proportion. */
#ifndef TEST_RPCRASH_FAST_CLOCK_H
#define TEST_RPCRASH_FAST_CLOCK_H

#include "pkg/base/clock.h"

struct fast_clock {
    struct clock base;
    int64_t mono_ns, wall_ns; /* of the moment */
    int64_t speed;
};
void fast_clock_init(struct fast_clock *c, int64_t mono_ns, int64_t wall_ns, int64_t speed);

#endif

#include "rp/env/intervals.h"

const struct setting rp_intervals[INTERVALS] = {
#define X(id, var, dflt, min, max, doc) [INTERVAL_##id] = { #id, var, dflt, min, max, doc },
    RP_INTERVALS(X)
#undef X
};

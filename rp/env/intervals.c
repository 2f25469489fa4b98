#include "rp/env/intervals.h"

const struct setting rp_intervals[INTERVALS] = {
#define X(id, var, dflt, min, max, doc) [INTERVAL_##id] = { #id, var, dflt, min, max, doc },
    RP_INTERVALS(X)
#undef X
};

const struct setting rp_limits[LIMITS] = {
#define X(id, var, dflt, min, max, doc) [LIMIT_##id] = { #id, var, dflt, min, max, doc },
    RP_LIMITS(X)
#undef X
};

#include "pkg/net/gather.h"

#define QUICK_WAKES 3 /* one event may come in two pieces, which is no succession */

bool gather_wakes(struct gather *g, int64_t now_ns)
{
    /* A rest pays when it gathers two pieces or more. */
    bool quick = now_ns - g->woken_ns < g->span_ns / 2;
    g->woken_ns = now_ns;
    if (!quick)
        g->quick = 0;
    else if (g->quick < QUICK_WAKES)
        g->quick++;
    return g->quick == QUICK_WAKES;
}

bool gather_rests(struct gather *g, size_t bytes)
{
    if (bytes == 0)
        g->quick = 0;
    return bytes > 0 && bytes <= GATHER_MAX_BYTES;
}

/*
 * gather.h - when input that comes in quick succession is left to gather, so that one wake-up reads several
 * pieces of it. Private to pkg/net.
 *
 * A wake-up costs several times what the reading of a small piece does. So a descriptor whose input wakes us again
 * and again in short order is read to its end and then not looked at for span_ns; as long as each look brings
 * something, it goes on like that. What comes after a quiet time is read at once. Nothing here calls the system:
 * the caller tells the time and does the reading.
 */
#ifndef PKG_NET_GATHER_H
#define PKG_NET_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATHER_MAX_BYTES ((size_t)64 << 10) /* more than that at once needs no gathering */

struct gather {
    int64_t span_ns; /* 0: never */
    /* The rest is private; 0 to begin with. */
    int64_t woken_ns;
    unsigned quick;
};

/* Input woke us at now. True: read, then ask gather_rests. */
bool gather_wakes(struct gather *g, int64_t now_ns);
/* So much was read, after gather_wakes or at the end of a rest. True: rest for span_ns, then read again; false: wait
 * for the next wake-up. */
bool gather_rests(struct gather *g, size_t bytes);

#endif

/*
 * signals.h - the signals that end a process, as stops.
 *
 * SIGTERM and SIGINT are taken by a thread of their own, SIGPIPE is ignored. Call once, before any other thread starts:
 * threads inherit that the signals are blocked.
 */
#ifndef PKG_BASE_SIGNALS_H
#define PKG_BASE_SIGNALS_H

#include <stddef.h>

#include "pkg/base/opctx.h"

enum signals_rest {
    SIGNALS_REST_EXIT, /* whoever asks once more than there are stops gets an end at once, with status 1 */
    SIGNALS_REST_IGNORE, /* for what must not leave anything behind */
};

/* The first signal requests stops[0], the next stops[1], and so on; n at most SIGNALS_STOPS_MAX. The stops are referenced
 * until the process ends. */
#define SIGNALS_STOPS_MAX 2
int signals_start(struct stop *const *stops, size_t n, enum signals_rest rest, struct error **err);

#endif

/* gauge_sink.h - the other end of statsd.h: a socket that a test reads what was sent from. */
#ifndef TEST_UNIT_SUPPORT_PKG_METRICS_GAUGE_SINK_H
#define TEST_UNIT_SUPPORT_PKG_METRICS_GAUGE_SINK_H

#include "pkg/metrics/statsd.h"

struct gauge_sink {
    int fd;
    struct statsd *statsd; /* sends here */
};
void gauge_sink_init(struct gauge_sink *s);
void gauge_sink_release(struct gauge_sink *s);
/* The next line, waiting for it; owned. Fails the test when none comes. */
char *gauge_sink_give_line(struct gauge_sink *s);

#endif

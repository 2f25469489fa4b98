/*
 * statsd.h - gauges, counters and timings to a statsd daemon over a datagram socket. Never blocks; a
 * full or absent socket drops. A daemon that is absent is looked for again after STATSD_LOOK_MS. Lines have the Geneva form
 * {"Metric":"m","Account":"a","Namespace":"n","Dims":{...},"TS":"..."}:value|g. Threads: safe from any.
 */
#ifndef PKG_METRICS_STATSD_H
#define PKG_METRICS_STATSD_H

#include <stddef.h>
#include <stdint.h>

#include "pkg/base/clock.h"
#include "pkg/base/error.h"

#define STATSD_LOOK_MS 1000

struct statsd;
struct statsd_dim {
    const char *key, *value; /* value NULL: "" */
};
struct statsd_config {
    const char *address;          /* "unix:/path", or "host:port", "udp:host:port" (numeric host) */
    const char *account, *nspace; /* NULL: "*", what the daemon is set up for */
    const struct statsd_dim *dims; /* of every metric; copied */
    size_t dims_len;
    const struct clock *clock;
};
int statsd_new(const struct statsd_config *cfg, struct statsd **ret, struct error **err);
void statsd_free(struct statsd *s);
/* NULL s: nothing. A dimension of the same key beats that of the configuration. */
void statsd_gauge(struct statsd *s, const char *metric, int64_t value,
                  const struct statsd_dim *dims, size_t n);
void statsd_float(struct statsd *s, const char *metric, double value, const struct statsd_dim *dims,
                  size_t n);
void statsd_count(struct statsd *s, const char *metric, int64_t by, const struct statsd_dim *dims,
                  size_t n);
void statsd_timing_ms(struct statsd *s, const char *metric, int64_t ms,
                      const struct statsd_dim *dims, size_t n);

#endif

/*
 * statsd.h - gauges, counters and timings to a statsd daemon (UDP host:port or a unix datagram
 * socket path). Never blocks; a full or absent socket drops. Names and JSON dimensions follow the
 * Geneva form
 * {"Metric":"m","Namespace":"n","Dims":{...}}:value|g. Threads: safe from any.
 */
#ifndef PKG_METRICS_STATSD_H
#define PKG_METRICS_STATSD_H

#include <stdint.h>

#include "pkg/base/error.h"

struct statsd;
struct statsd_dim {
    const char *key, *value;
};
/* address: "unix:/path" or "host:port" (numeric host). */
int statsd_new(const char *address, const char *account, const char *nspace, struct statsd **ret,
               struct error **err);
void statsd_free(struct statsd *s);
/* NULL s: nothing. */
void statsd_gauge(struct statsd *s, const char *metric, int64_t value,
                  const struct statsd_dim *dims, size_t n);
void statsd_float(struct statsd *s, const char *metric, double value, const struct statsd_dim *dims,
                  size_t n);

#endif

/* request_metrics.h - what is counted of each attempt (names and buckets as client-go's). Private
 * to pkg/kube. */
#ifndef PKG_KUBE_REQUEST_METRICS_H
#define PKG_KUBE_REQUEST_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "pkg/metrics/metrics.h"

struct request_metrics {
    struct metric *requests, *retries, *duration, *limiter, *dns, *request_size, *response_size,
        *lost;
    char *host; /* label: the API host; never a path */
};
void request_metrics_init(struct request_metrics *m, struct metrics *registry, const char *server);
void request_metrics_release(struct request_metrics *m);

struct request_sample {
    const char *method;
    int status; /* 0: transport failure */
    int attempt;
    bool lost; /* the connection's peer was found dead */
    int64_t duration_ns;
    int64_t dns_ns; /* 0: no name was resolved */
    size_t request_bytes, response_bytes;
};
void request_metrics_add(struct request_metrics *m, const struct request_sample *s);
void request_metrics_add_wait(struct request_metrics *m, const char *method, int64_t waited_ms);

#endif

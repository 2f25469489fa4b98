/*
 * metrics.h - counters, gauges and histograms, written as Prometheus text (format 0.0.4).
 * Threads: every call is safe from any thread. A family lives as long as its registry; series are
 * created on first use and can be removed. At most METRICS_SERIES_MAX series a family: further ones
 * are folded into one with the label values "other", so that nobody can grow us.
 */
#ifndef PKG_METRICS_METRICS_H
#define PKG_METRICS_METRICS_H

#include <stddef.h>

#include "pkg/base/buf.h"

#define METRICS_LABELS_MAX 5
#define METRICS_SERIES_MAX 2000

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_desc {
    const char *name, *help;
    enum metric_type type;
    const char *labels[METRICS_LABELS_MAX]; /* NULL behind the last */
    const double *buckets;                  /* upper bounds, rising, without +Inf */
    size_t buckets_len;
};

struct metrics; /* registry */
struct metric;  /* one family */

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
/* The family of that name: made on the first call, the same one later (a differing description
 * aborts). NULL m gives NULL, and every call below accepts a NULL family as "nobody measures". */
struct metric *metrics_family(struct metrics *m, const struct metric_desc *desc);

/* Label values follow in the order of desc->labels; missing ones are "". */
struct metric_labels {
    const char *v[METRICS_LABELS_MAX];
};
#define METRIC_LABELS(...) ((struct metric_labels){ { __VA_ARGS__ } })
void metric_add(struct metric *f, double by, struct metric_labels labels);
void metric_set(struct metric *f, double value, struct metric_labels labels);
void metric_observe(struct metric *f, double value, struct metric_labels labels);
double
metric_get(struct metric *f,
           struct metric_labels labels); /* counter, gauge; count of a histogram; 0 when absent */
void metric_remove(struct metric *f, struct metric_labels labels);
/* All series of a gauge at once, as somebody counted them: what is not among them goes. n 0: none is left. Of the texts a copy
 * is kept. */
struct metric_value {
    struct metric_labels labels;
    double value;
};
void metric_set_all(struct metric *f, const struct metric_value *all, size_t n);
/* Runs before each write, for gauges that are computed (ages, depths). */
void metrics_add_collector(struct metrics *m, void (*fn)(void *arg), void *arg);
void metrics_remove_collector(struct metrics *m, void (*fn)(void *arg), void *arg);
void metrics_write(struct metrics *m,
                   struct buf *out); /* also process_* (RSS, CPU, fds, start time) */

DEFINE_RELEASE(struct metrics *, metrics_free)
#define cleanup_metrics CLEANUP_WITH(metrics_free_slot)

#endif

/*
 * workqueue_metrics.h - the workqueue_* metric families of one queue. Private to pkg/controller.
 * Threads: one at a time (the queue's lock), but for make and remove.
 */
#ifndef PKG_CONTROLLER_WORKQUEUE_METRICS_H
#define PKG_CONTROLLER_WORKQUEUE_METRICS_H

#include <stdint.h>

#include "pkg/metrics/metrics.h"

/* Priorities are any integers; only so many become label values of their own. */
#define WORKQUEUE_METRICS_PRIORITIES 25

struct workqueue_metrics {
    const char *name; /* borrowed */
    struct metric *depth, *adds, *retries, *queue_duration, *work_duration, *unfinished, *longest;
    int priorities[WORKQUEUE_METRICS_PRIORITIES];
    size_t priorities_len;
};

/* registry may be NULL. All series but the depths exist from here on. */
void workqueue_metrics_init(struct workqueue_metrics *m, struct metrics *registry,
                            const char *name);
void workqueue_metrics_added(struct workqueue_metrics *m, int priority);
void workqueue_metrics_moved(struct workqueue_metrics *m, int from, int to);
void workqueue_metrics_taken(struct workqueue_metrics *m, int priority, int64_t waited_ns);
void workqueue_metrics_done(struct workqueue_metrics *m, int64_t worked_ns);
void workqueue_metrics_retried(struct workqueue_metrics *m);
void workqueue_metrics_running(struct workqueue_metrics *m, int64_t sum_ns, int64_t longest_ns);

#endif

/*
 * controller_metrics.h - the controller_runtime_* metric families of one controller. Private to
 * pkg/controller. Threads: safe from any.
 */
#ifndef PKG_CONTROLLER_CONTROLLER_METRICS_H
#define PKG_CONTROLLER_CONTROLLER_METRICS_H

#include "pkg/metrics/metrics.h"

enum reconcile_outcome {
    OUTCOME_SUCCESS,
    OUTCOME_REQUEUE_AFTER,
    OUTCOME_REQUEUE, /* the peers' dashboards expect the series; nothing here counts it */
    OUTCOME_ERROR,
    RECONCILE_OUTCOMES
};

struct controller_metrics {
    const char *name; /* borrowed */
    struct metric *total, *errors, *terminal_errors, *panics, *timeouts, *time, *max_concurrent,
        *active;
};

/* registry may be NULL. Every series exists from here on. */
void controller_metrics_init(struct controller_metrics *m, struct metrics *registry,
                             const char *name, int max_concurrent);
void controller_metrics_begin(struct controller_metrics *m);
void controller_metrics_end(struct controller_metrics *m, enum reconcile_outcome outcome,
                            int64_t took_ns);
void controller_metrics_terminal(struct controller_metrics *m);
void controller_metrics_timeout(struct controller_metrics *m);

#endif

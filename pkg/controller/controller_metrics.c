#include "pkg/controller/controller_metrics.h"

#include "pkg/base/clock.h"

static const double seconds[] = { 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3,  0.35,
                                  0.4,   0.45, 0.5,   0.6,  0.7, 0.8,  0.9, 1.0,  1.25, 1.5,
                                  1.75,  2.0,  2.5,   3,    3.5, 4,    4.5, 5,    6,    7,
                                  8,     9,    10,    15,   20,  25,   30,  40,   50,   60 };

static const struct metric_desc total_desc = {
    .name = "controller_runtime_reconcile_total",
    .help = "Total number of reconciliations per controller",
    .type = METRIC_COUNTER,
    .labels = { "controller", "result" },
};
static const struct metric_desc errors_desc = {
    .name = "controller_runtime_reconcile_errors_total",
    .help = "Total number of reconciliation errors per controller",
    .type = METRIC_COUNTER,
    .labels = { "controller" },
};
static const struct metric_desc terminal_errors_desc = {
    .name = "controller_runtime_terminal_reconcile_errors_total",
    .help = "Total number of terminal reconciliation errors per controller",
    .type = METRIC_COUNTER,
    .labels = { "controller" },
};
static const struct metric_desc panics_desc = {
    .name = "controller_runtime_reconcile_panics_total",
    .help = "Total number of reconciliation panics per controller",
    .type = METRIC_COUNTER,
    .labels = { "controller" },
};
static const struct metric_desc timeouts_desc = {
    .name = "controller_runtime_reconcile_timeouts_total",
    .help = "Total number of reconciliations that ran into their own deadline per controller",
    .type = METRIC_COUNTER,
    .labels = { "controller" },
};
static const struct metric_desc time_desc = {
    .name = "controller_runtime_reconcile_time_seconds",
    .help = "Length of time per reconciliation per controller",
    .type = METRIC_HISTOGRAM,
    .labels = { "controller" },
    .buckets = seconds,
    .buckets_len = ARRAY_LEN(seconds),
};
static const struct metric_desc max_concurrent_desc = {
    .name = "controller_runtime_max_concurrent_reconciles",
    .help = "Maximum number of concurrent reconciles per controller",
    .type = METRIC_GAUGE,
    .labels = { "controller" },
};
static const struct metric_desc active_desc = {
    .name = "controller_runtime_active_workers",
    .help = "Number of currently used workers per controller",
    .type = METRIC_GAUGE,
    .labels = { "controller" },
};

static const char *const outcome_names[RECONCILE_OUTCOMES] = {
    [OUTCOME_SUCCESS] = "success",
    [OUTCOME_REQUEUE_AFTER] = "requeue_after",
    [OUTCOME_REQUEUE] = "requeue",
    [OUTCOME_ERROR] = "error",
};

void controller_metrics_init(struct controller_metrics *m, struct metrics *registry,
                             const char *name, int max_concurrent)
{
    *m = (struct controller_metrics){
        .name = name,
        .total = metrics_family(registry, &total_desc),
        .errors = metrics_family(registry, &errors_desc),
        .terminal_errors = metrics_family(registry, &terminal_errors_desc),
        .panics = metrics_family(registry, &panics_desc),
        .timeouts = metrics_family(registry, &timeouts_desc),
        .time = metrics_family(registry, &time_desc),
        .max_concurrent = metrics_family(registry, &max_concurrent_desc),
        .active = metrics_family(registry, &active_desc),
    };
    for (size_t i = 0; i < RECONCILE_OUTCOMES; i++)
        metric_add(m->total, 0, METRIC_LABELS(name, outcome_names[i]));
    metric_add(m->errors, 0, METRIC_LABELS(name));
    metric_add(m->terminal_errors, 0, METRIC_LABELS(name));
    metric_add(m->panics, 0, METRIC_LABELS(name));
    metric_add(m->timeouts, 0, METRIC_LABELS(name));
    metric_set(m->max_concurrent, max_concurrent, METRIC_LABELS(name));
    metric_set(m->active, 0, METRIC_LABELS(name));
}

void controller_metrics_begin(struct controller_metrics *m)
{
    metric_add(m->active, 1, METRIC_LABELS(m->name));
}

void controller_metrics_end(struct controller_metrics *m, enum reconcile_outcome outcome,
                            int64_t took_ns)
{
    metric_add(m->active, -1, METRIC_LABELS(m->name));
    metric_observe(m->time, (double)took_ns / (double)NS_PER_S, METRIC_LABELS(m->name));
    metric_add(m->total, 1, METRIC_LABELS(m->name, outcome_names[outcome]));
    if (outcome == OUTCOME_ERROR)
        metric_add(m->errors, 1, METRIC_LABELS(m->name));
}

void controller_metrics_terminal(struct controller_metrics *m)
{
    metric_add(m->terminal_errors, 1, METRIC_LABELS(m->name));
}

void controller_metrics_timeout(struct controller_metrics *m)
{
    metric_add(m->timeouts, 1, METRIC_LABELS(m->name));
}

#include "pkg/controller/workqueue_metrics.h"

#include <stdio.h>

#include "pkg/base/clock.h"

static const double durations[] = {
    1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000
};

#define COMMON_LABELS .labels = { "name", "controller" }

static const struct metric_desc depth_desc = {
    .name = "workqueue_depth",
    .help = "Current depth of workqueue by workqueue and priority",
    .type = METRIC_GAUGE,
    .labels = { "name", "controller", "priority" },
};
static const struct metric_desc adds_desc = {
    .name = "workqueue_adds_total",
    .help = "Total number of adds handled by workqueue",
    .type = METRIC_COUNTER,
    COMMON_LABELS,
};
static const struct metric_desc retries_desc = {
    .name = "workqueue_retries_total",
    .help = "Total number of retries handled by workqueue",
    .type = METRIC_COUNTER,
    COMMON_LABELS,
};
static const struct metric_desc queue_duration_desc = {
    .name = "workqueue_queue_duration_seconds",
    .help = "How long in seconds an item stays in workqueue before being requested",
    .type = METRIC_HISTOGRAM,
    COMMON_LABELS,
    .buckets = durations,
    .buckets_len = ARRAY_LEN(durations),
};
static const struct metric_desc work_duration_desc = {
    .name = "workqueue_work_duration_seconds",
    .help = "How long in seconds processing an item from workqueue takes",
    .type = METRIC_HISTOGRAM,
    COMMON_LABELS,
    .buckets = durations,
    .buckets_len = ARRAY_LEN(durations),
};
static const struct metric_desc unfinished_desc = {
    .name = "workqueue_unfinished_work_seconds",
    .help = "Seconds of work that is in progress and not yet counted by work_duration",
    .type = METRIC_GAUGE,
    COMMON_LABELS,
};
static const struct metric_desc longest_desc = {
    .name = "workqueue_longest_running_processor_seconds",
    .help = "How many seconds the longest running processor has been running",
    .type = METRIC_GAUGE,
    COMMON_LABELS,
};

static struct metric_labels labels(const struct workqueue_metrics *m)
{
    return METRIC_LABELS(m->name, m->name);
}

void workqueue_metrics_init(struct workqueue_metrics *m, struct metrics *registry, const char *name)
{
    *m = (struct workqueue_metrics){
        .name = name,
        .depth = metrics_family(registry, &depth_desc),
        .adds = metrics_family(registry, &adds_desc),
        .retries = metrics_family(registry, &retries_desc),
        .queue_duration = metrics_family(registry, &queue_duration_desc),
        .work_duration = metrics_family(registry, &work_duration_desc),
        .unfinished = metrics_family(registry, &unfinished_desc),
        .longest = metrics_family(registry, &longest_desc),
    };
    metric_add(m->adds, 0, labels(m));
    metric_add(m->retries, 0, labels(m));
    metric_set(m->unfinished, 0, labels(m));
    metric_set(m->longest, 0, labels(m));
}

static bool is_known(struct workqueue_metrics *m, int priority)
{
    for (size_t i = 0; i < m->priorities_len; i++)
        if (m->priorities[i] == priority)
            return true;
    if (m->priorities_len == ARRAY_LEN(m->priorities))
        return false;
    m->priorities[m->priorities_len++] = priority;
    return true;
}

static void change_depth(struct workqueue_metrics *m, int priority, double by)
{
    if (!m->depth)
        return;
    char text[16];
    if (is_known(m, priority))
        (void)snprintf(text, sizeof(text), "%d", priority);
    metric_add(m->depth, by,
               METRIC_LABELS(m->name, m->name,
                             is_known(m, priority) ? text : "exceeded_cardinality_limit"));
}

void workqueue_metrics_added(struct workqueue_metrics *m, int priority)
{
    metric_add(m->adds, 1, labels(m));
    change_depth(m, priority, 1);
}

void workqueue_metrics_moved(struct workqueue_metrics *m, int from, int to)
{
    change_depth(m, from, -1);
    change_depth(m, to, 1);
}

void workqueue_metrics_taken(struct workqueue_metrics *m, int priority, int64_t waited_ns)
{
    change_depth(m, priority, -1);
    metric_observe(m->queue_duration, (double)waited_ns / (double)NS_PER_S, labels(m));
}

void workqueue_metrics_done(struct workqueue_metrics *m, int64_t worked_ns)
{
    metric_observe(m->work_duration, (double)worked_ns / (double)NS_PER_S, labels(m));
}

void workqueue_metrics_retried(struct workqueue_metrics *m)
{
    metric_add(m->retries, 1, labels(m));
}

void workqueue_metrics_running(struct workqueue_metrics *m, int64_t sum_ns, int64_t longest_ns)
{
    metric_set(m->unfinished, (double)sum_ns / (double)NS_PER_S, labels(m));
    metric_set(m->longest, (double)longest_ns / (double)NS_PER_S, labels(m));
}

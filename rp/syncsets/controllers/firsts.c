/* How long it took until sets, and all sets of a cluster, had success there for the first time. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/impl.h"
#include "rp/syncsets/types/conditions.h"

#define ANNOTATION_GROUP "hive.openshift.io/syncset-metrics-group"

static const double set_buckets[] = { 5, 10, 30, 60, 300, 600, 1800, 3600 };
static const double cluster_buckets[] = { 60, 300, 600, 1200, 1800, 2400, 3000, 3600 };

static const struct metric_desc set_desc = {
    .name = "hive_syncset_apply_duration_seconds",
    .help = "Time to the first success of a SyncSet on a cluster.",
    .type = METRIC_HISTOGRAM,
    .labels = { "group" },
    .buckets = set_buckets,
    .buckets_len = ARRAY_LEN(set_buckets),
};
static const struct metric_desc selector_desc = {
    .name = "hive_selectorsyncset_apply_duration_seconds",
    .help = "Time to the first success of a SelectorSyncSet on a cluster that has not had all yet.",
    .type = METRIC_HISTOGRAM,
    .labels = { "name" },
    .buckets = set_buckets,
    .buckets_len = ARRAY_LEN(set_buckets),
};
static const struct metric_desc cluster_desc = {
    .name = "hive_clustersync_first_success_duration_seconds",
    .help = "Time until all sets of a cluster had success once.",
    .type = METRIC_HISTOGRAM,
    .buckets = cluster_buckets,
    .buckets_len = ARRAY_LEN(cluster_buckets),
};

void firsts_init(struct measures *m, struct metrics *metrics)
{
    m->set_first_s = metrics_family(metrics, &set_desc);
    m->selector_first_s = metrics_family(metrics, &selector_desc);
    m->cluster_first_s = metrics_family(metrics, &cluster_desc);
}

/* 0: it has no such time. */
static int64_t time_at_s(const json *object, const char *path)
{
    const char *text = json_path_str(object, path);
    int64_t ns;
    return text && time_parse_rfc3339(text, &ns) ? ns / NS_PER_S : 0;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Since when anything could have had success in the cluster. */
static int64_t cluster_since_s(const json *cluster)
{
    const json *status = json_get(cluster, "status");
    int64_t reachable_s = api_condition_since_ns(status, "Unreachable") / NS_PER_S;
    return later(time_at_s(cluster, "spec.installedTimestamp"), reachable_s);
}

static void observe(struct metric *f, int64_t since_s, int64_t until_s, struct metric_labels labels)
{
    metric_observe(f, (double)later(until_s - since_s, 0), labels); /* clocks of hosts may differ */
}

static void measure_set(const struct job *job, const struct set_state *s, int64_t since_s,
                        bool was_complete)
{
    const struct measures *m = &job->k->measures;
    int64_t from_s = later(since_s, time_at_s(s->set, "metadata.creationTimestamp"));
    if (!s->is_selector) {
        const json *annotations = json_path(s->set, "metadata.annotations");
        const char *group = json_str(json_get(annotations, ANNOTATION_GROUP));
        observe(m->set_first_s, from_s, s->first_success, METRIC_LABELS(group ? group : "none"));
    } else if (!was_complete) {
        observe(m->selector_first_s, from_s, s->first_success, METRIC_LABELS(s->name));
    }
}

void firsts_measure(const struct job *job, bool was_complete, int64_t complete_s)
{
    int64_t since_s = cluster_since_s(job->w.cluster);
    for (size_t i = 0; i < job->w.len; i++)
        if (job->w.sets[i].is_first && job->w.sets[i].set)
            measure_set(job, &job->w.sets[i], since_s, was_complete);
    if (complete_s)
        observe(job->k->measures.cluster_first_s, since_s, complete_s, METRIC_LABELS(NULL));
}

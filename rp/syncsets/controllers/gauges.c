/* What is measured: by the workers as they work, and by the leader with a few statements over all rows. */
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/impl.h"

static const double apply_buckets[] = { 0.5, 1, 3, 5, 10, 20, 30 };
static const double reconcile_buckets[] = { 0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 120 };

static const struct metric_desc reconcile_desc = {
    .name = "hive_controller_reconcile_seconds",
    .help = "Time of work on one cluster.",
    .type = METRIC_HISTOGRAM,
    .labels = { "controller", "outcome" },
    .buckets = reconcile_buckets,
    .buckets_len = ARRAY_LEN(reconcile_buckets),
};
static const struct metric_desc applied_desc = {
    .name = "hive_syncsetinstance_resources_applied_total",
    .help = "Resources and secrets that were applied to clusters.",
    .type = METRIC_COUNTER,
    .labels = { "type", "result" },
};
static const struct metric_desc apply_desc = {
    .name = "hive_syncsetinstance_apply_duration_seconds",
    .help = "Time to apply one set to one cluster.",
    .type = METRIC_HISTOGRAM,
    .labels = { "type", "result" },
    .buckets = apply_buckets,
    .buckets_len = ARRAY_LEN(apply_buckets),
};

void measures_init(struct measures *m, struct metrics *metrics)
{
    *m = (struct measures){ .reconcile_s = metrics_family(metrics, &reconcile_desc),
                            .applied = metrics_family(metrics, &applied_desc),
                            .apply_s = metrics_family(metrics, &apply_desc) };
    firsts_init(m, metrics);
}

/* Numbers of the whole database. */
#define WAITING(now) \
    " FROM cluster_work WHERE due_at <= " now \
    " AND lease_until IS NULL AND (quarantined IS NULL OR quarantined <= " now ")"
#define WORK_DUE(now) "SELECT count(*)" WAITING(now)
#define WORK_OLDEST(now) "SELECT coalesce(" now " - min(due_at), 0)" WAITING(now)
#define WORK_ASIDE(now) "SELECT count(*) FROM cluster_work WHERE quarantined > " now
#define WORK_LEASED(now) "SELECT count(*) FROM cluster_work WHERE lease_until > " now
#define OUTBOX_LAG(now) \
    "SELECT coalesce(" now " - min(created_at), 0) FROM events WHERE revision > (SELECT revision " \
    "FROM cursors WHERE name = 'matcher')"
#define OF_SETS(now) "SELECT count(*) FROM sync_statuses WHERE kind = 'SyncSet'"
#define OF_SETS_FAILING(now) \
    "SELECT count(*) FROM sync_statuses WHERE kind = 'SyncSet' AND coalesce(result, '') <> " \
    "'Success'"
#define PROBES_FAILING(now) "SELECT count(*) FROM cluster_probes WHERE failures > 0"
static const struct {
    struct metric_desc desc;
    const char *texts[SQL_DIALECTS];
} numbers[] = {
#define NUMBER(name_, help_, text) \
    { \
        { .name = name_, .help = help_, .type = METRIC_GAUGE }, WORK_BOTH(text) \
    }
    NUMBER("syncsets_work_due", "Clusters that are due and wait.", WORK_DUE),
    NUMBER("syncsets_work_oldest_seconds", "How long the one that waits longest has been due.",
           WORK_OLDEST),
    NUMBER("syncsets_work_leased", "Clusters that somebody works on.", WORK_LEASED),
    NUMBER("syncsets_work_quarantined", "Clusters that are set aside for a time.", WORK_ASIDE),
    NUMBER("syncsets_matcher_lag_seconds", "Age of the oldest change that was not matched yet.",
           OUTBOX_LAG),
    NUMBER("hive_syncsets_total", "SyncSets on clusters.", OF_SETS),
    NUMBER("hive_syncsets_unapplied_total", "SyncSets on clusters that have not succeeded.",
           OF_SETS_FAILING),
    NUMBER("syncsets_unreachable_clusters", "Clusters that could not be reached.", PROBES_FAILING),
};

static int measure_number(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                          struct metrics *metrics, size_t i, struct error **err)
{
    int64_t n;
    if (sets_number(ctx, c, numbers[i].texts[st->dialect], NULL, 0, &n, err) < 0)
        return -1;
    metric_set(metrics_family(metrics, &numbers[i].desc), (double)n, METRIC_LABELS(NULL));
    return 0;
}

static const struct metric_desc selector_total = {
    .name = "hive_selectorsyncset_clusters_total",
    .help = "Clusters that a SelectorSyncSet applies to.",
    .type = METRIC_GAUGE,
    .labels = { "name" },
};
static const struct metric_desc selector_unapplied = {
    .name = "hive_selectorsyncset_clusters_unapplied_total",
    .help = "Clusters on which a SelectorSyncSet has not succeeded.",
    .type = METRIC_GAUGE,
    .labels = { "name" },
};

/* Series of a family until they replace what was counted before. */
struct counted {
    struct metric_value *all;
    size_t len, cap;
};

static void counted_release(struct counted *k)
{
    for (size_t i = 0; i < k->len; i++)
        for (size_t l = 0; l < METRICS_LABELS_MAX; l++)
            free((void *)(uintptr_t)k->all[i].labels.v[l]);
    free(k->all);
}
#define cleanup_counted CLEANUP_WITH(counted_release)

static void counted_add(struct counted *k, struct metric_labels labels, int64_t value)
{
    if (k->len == k->cap) {
        k->cap = k->cap ? 2 * k->cap : 16;
        k->all = xreallocarray(k->all, k->cap, sizeof(*k->all));
    }
    struct metric_value *v = &k->all[k->len++];
    *v = (struct metric_value){ .value = (double)value };
    for (size_t l = 0; l < METRICS_LABELS_MAX; l++)
        v->labels.v[l] = xstrdup(labels.v[l]);
}

static int measure_selectors(const struct opctx *ctx, struct sql *c, struct metrics *metrics,
                             struct error **err)
{
    cleanup_counted struct counted total = { 0 }, unapplied = { 0 };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c,
                  "SELECT name, count(*), sum(CASE WHEN result = 'Success' THEN 0 ELSE 1 END) FROM "
                  "sync_statuses WHERE kind = 'SelectorSyncSet' GROUP BY name",
                  NULL, 0, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0) {
        const char *name = sql_row_text(&rows, 0, NULL);
        counted_add(&total, METRIC_LABELS(name), sql_row_int(&rows, 1));
        counted_add(&unapplied, METRIC_LABELS(name), sql_row_int(&rows, 2));
    }
    if (status < 0)
        return -1;
    metric_set_all(metrics_family(metrics, &selector_total), total.all, total.len);
    metric_set_all(metrics_family(metrics, &selector_unapplied), unapplied.all, unapplied.len);
    return 0;
}

static const struct metric_desc rollout_paused = {
    .name = "syncsets_rollout_paused",
    .help = "1 for each set whose roll-out waits for somebody who says to go on.",
    .type = METRIC_GAUGE,
    .labels = { "kind", "namespace", "name" },
};
static const struct metric_desc rollout_clusters = {
    .name = "syncsets_rollout_clusters",
    .help =
        "Clusters of sets that are being rolled out, by how the newest generation stands there.",
    .type = METRIC_GAUGE,
    .labels = { "kind", "namespace", "name", "state" },
};

#define SETS_TEXT \
    "(SELECT uid, generation, 'SyncSet' AS kind, namespace, name FROM syncsets UNION ALL SELECT " \
    "uid, generation, 'SelectorSyncSet', namespace, name FROM selectorsyncsets) s"
/* Kind, namespace, name, state, number. A set that has no rows in rollout_clusters is everywhere, or where it can be. */
static const struct {
    const struct metric_desc *desc;
    const char *text;
} of_rollouts[] = {
    { &rollout_paused, "SELECT s.kind, s.namespace, s.name, NULL, 1 FROM rollouts r JOIN " SETS_TEXT
                       " ON s.uid = r.set_uid AND s.generation = r.generation WHERE r.paused = 1" },
    { &rollout_clusters,
      "SELECT s.kind, s.namespace, s.name, CASE r.admitted WHEN 0 THEN 'waiting' ELSE 'in_flight' "
      "END AS state, count(*) FROM rollout_clusters r JOIN " SETS_TEXT
      " ON s.uid = r.set_uid GROUP BY s.kind, s.namespace, s.name, r.admitted"
      " UNION ALL "
      "SELECT s.kind, s.namespace, s.name, CASE t.result WHEN 'Success' THEN 'succeeded' ELSE "
      "'failed' END AS state, count(*) FROM sync_statuses t JOIN " SETS_TEXT
      " ON s.uid = t.syncset_uid AND s.generation = t.observed_generation WHERE t.result IN "
      "('Success', 'Failure') AND t.syncset_uid IN (SELECT set_uid FROM rollout_clusters)"
      " GROUP BY s.kind, s.namespace, s.name, t.result" },
};

static int measure_rollouts(const struct opctx *ctx, struct sql *c, struct metrics *metrics,
                            size_t i, struct error **err)
{
    cleanup_counted struct counted all = { 0 };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int status;
    if (sql_query(ctx, c, of_rollouts[i].text, NULL, 0, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0) {
        cleanup_strv struct strv labels = STRV_INIT;
        for (int k = 0; k < 4; k++)
            strv_add(&labels, sql_row_text(&rows, k, NULL));
        counted_add(&all, METRIC_LABELS(labels.v[0], labels.v[1], labels.v[2], labels.v[3]),
                    sql_row_int(&rows, 4));
    }
    if (status < 0)
        return -1;
    metric_set_all(metrics_family(metrics, of_rollouts[i].desc), all.all, all.len);
    return 0;
}

static const struct metric_desc failing_desc = {
    .name = "hive_clustersync_failing_seconds",
    .help = "For how long sets of a cluster have been failing.",
    .type = METRIC_GAUGE,
    .labels = { "namespaced_name", "unreachable" },
};
static const struct metric_desc paused_desc = {
    .name = "hive_cluster_deployment_syncset_paused",
    .help = "1 for each cluster whose sets are paused.",
    .type = METRIC_GAUGE,
    .labels = { "cluster_deployment", "namespace", "cluster_type" },
};

/* Clusters whose ClusterSync has a condition that is True ($1): namespace, name, since when, whether the cluster is out of
 * reach, its type. */
static const char *const in_condition_texts[SQL_DIALECTS] = {
    [SQL_SQLITE] =
        "SELECT o.namespace, o.name, e.value ->> '$.lastTransitionTime', (SELECT count(*) FROM"
        " json_each(k.data, '$.status.conditions') u WHERE u.value ->> '$.type' = 'Unreachable' AND"
        " u.value ->> '$.status' = 'True'), coalesce(k.labels ->>"
        " '$.\"hive.openshift.io/cluster-type\"', 'unspecified') FROM clustersyncs o JOIN clusters "
        "k"
        " ON k.namespace = o.namespace AND k.name = o.name,"
        " json_each(o.data, '$.status.conditions') e WHERE e.value ->> '$.type' = $1 AND"
        " e.value ->> '$.status' = 'True'",
    [SQL_POSTGRESQL] =
        "SELECT o.namespace, o.name, e ->> 'lastTransitionTime', (SELECT count(*) FROM"
        " jsonb_array_elements(k.data #> '{status,conditions}') u WHERE u ->> 'type' ="
        " 'Unreachable' AND u ->> 'status' = 'True'), coalesce(k.labels ->>"
        " 'hive.openshift.io/cluster-type', 'unspecified') FROM clustersyncs o JOIN clusters k"
        " ON k.namespace = o.namespace AND k.name = o.name,"
        " jsonb_array_elements(o.data #> '{status,conditions}') e WHERE e ->> 'type' = $1 AND"
        " e ->> 'status' = 'True'",
};

static void add_failing(struct counted *all, const struct sql_rows *rows, int64_t now_s)
{
    cleanup_free char *nspace = xstrdup(sql_row_text(rows, 0, NULL));
    cleanup_free char *name = xasprintf("%s/%s", nspace, sql_row_text(rows, 1, NULL));
    bool unreachable = sql_row_int(rows, 3) != 0;
    int64_t since_ns;
    if (time_parse_rfc3339(sql_row_text(rows, 2, NULL), &since_ns))
        counted_add(all, METRIC_LABELS(name, unreachable ? "true" : "false"),
                    now_s - since_ns / NS_PER_S);
}

static void add_paused(struct counted *all, const struct sql_rows *rows, int64_t now_s)
{
    (void)now_s;
    cleanup_free char *nspace = xstrdup(sql_row_text(rows, 0, NULL));
    cleanup_free char *name = xstrdup(sql_row_text(rows, 1, NULL));
    counted_add(all, METRIC_LABELS(name, nspace, sql_row_text(rows, 4, NULL)), 1);
}

static const struct {
    const struct metric_desc *desc;
    const char *condition;
    void (*add)(struct counted *all, const struct sql_rows *rows, int64_t now_s);
} of_clusters[] = {
    { &failing_desc, "Failed", add_failing },
    { &paused_desc, "Paused", add_paused },
};

static int measure_clusters(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                            struct metrics *metrics, size_t i, struct error **err)
{
    const struct sql_param condition = sql_text(of_clusters[i].condition);
    cleanup_counted struct counted all = { 0 };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int64_t now_s;
    int status;
    if (work_now_s(ctx, st, c, &now_s, err) < 0 ||
        sql_query(ctx, c, in_condition_texts[st->dialect], &condition, 1, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0)
        of_clusters[i].add(&all, &rows, now_s);
    if (status < 0)
        return -1;
    metric_set_all(metrics_family(metrics, of_clusters[i].desc), all.all, all.len);
    return 0;
}

static const struct metric_desc expiry_desc = {
    .name = "syncsets_credential_expiry_seconds",
    .help = "Time until the client certificates that end soonest do; negative once they have.",
    .type = METRIC_GAUGE,
    .labels = { "namespaced_name" },
};

/* RFC 3339 in UTC sorts as the times do. More would be folded into one by the registry. */
static const char *const expiry_texts[SQL_DIALECTS] = {
    [SQL_SQLITE] = "SELECT namespace, name, data ->> '$.status.credentialExpiry' AS expiry FROM "
                   "clusters WHERE data ->> '$.status.credentialExpiry' IS NOT NULL"
                   " ORDER BY expiry LIMIT 1000",
    [SQL_POSTGRESQL] =
        "SELECT namespace, name, data #>> '{status,credentialExpiry}' AS expiry FROM "
        "clusters WHERE data #>> '{status,credentialExpiry}' IS NOT NULL"
        " ORDER BY expiry LIMIT 1000",
};

static int measure_expiries(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                            struct metrics *metrics, struct error **err)
{
    cleanup_counted struct counted all = { 0 };
    cleanup_sql_rows struct sql_rows rows = { 0 };
    int64_t now_s;
    int status;
    if (work_now_s(ctx, st, c, &now_s, err) < 0 ||
        sql_query(ctx, c, expiry_texts[st->dialect], NULL, 0, &rows, err) < 0)
        return -1;
    while ((status = sql_next(&rows, err)) > 0) {
        cleanup_free char *nspace = xstrdup(sql_row_text(&rows, 0, NULL));
        cleanup_free char *name = xasprintf("%s/%s", nspace, sql_row_text(&rows, 1, NULL));
        int64_t until_ns;
        if (time_parse_rfc3339(sql_row_text(&rows, 2, NULL), &until_ns))
            counted_add(&all, METRIC_LABELS(name), until_ns / NS_PER_S - now_s);
    }
    if (status < 0)
        return -1;
    metric_set_all(metrics_family(metrics, &expiry_desc), all.all, all.len);
    return 0;
}

void gauges_forget(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        metric_set_all(metrics_family(metrics, &numbers[i].desc), NULL, 0);
    metric_set_all(metrics_family(metrics, &selector_total), NULL, 0);
    metric_set_all(metrics_family(metrics, &selector_unapplied), NULL, 0);
    metric_set_all(metrics_family(metrics, &expiry_desc), NULL, 0);
    for (size_t i = 0; i < ARRAY_LEN(of_clusters); i++)
        metric_set_all(metrics_family(metrics, of_clusters[i].desc), NULL, 0);
    for (size_t i = 0; i < ARRAY_LEN(of_rollouts); i++)
        metric_set_all(metrics_family(metrics, of_rollouts[i].desc), NULL, 0);
}

int gauges_measure(const struct opctx *ctx, struct sets_store *st, struct metrics *metrics,
                   struct error **err)
{
    cleanup_sql struct sql *c = NULL;
    if (!metrics)
        return 0;
    if (sql_acquire(ctx, st->cfg.db, SQL_READ, &c, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (measure_number(ctx, st, c, metrics, i, err) < 0)
            return -1;
    for (size_t i = 0; i < ARRAY_LEN(of_clusters); i++)
        if (measure_clusters(ctx, st, c, metrics, i, err) < 0)
            return -1;
    for (size_t i = 0; i < ARRAY_LEN(of_rollouts); i++)
        if (measure_rollouts(ctx, c, metrics, i, err) < 0)
            return -1;
    return measure_expiries(ctx, st, c, metrics, err) < 0 ? -1
                                                          : measure_selectors(ctx, c, metrics, err);
}

#include "rp/backend/metrics.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/maintenancemanifests.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/backend/outcome.h"

#define PROPERTIES "openShiftCluster.properties."

void metrics_workers(const struct backend_config *cfg, size_t workers)
{
    statsd_gauge(cfg->statsd, "backend.openshiftcluster.workers.count", (int64_t)workers, NULL, 0);
    statsd_gauge(cfg->statsd, "backend.subscriptions.workers.count", (int64_t)workers, NULL, 0);
}

/* ---- clusters ---- */

static const char *operation_type(const char *state)
{
    static const char *const table[][2] = {
        { "Creating", "Create" },
        { "Updating", "Update" },
        { "AdminUpdating", "AdminUpdate" },
        { "Deleting", "Delete" },
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (str_eq(state, table[i][0]))
            return table[i][1];
    return "unknown";
}

static const char *identity_kind(const json *cluster)
{
    return json_path(cluster, PROPERTIES "platformWorkloadIdentityProfile") ? "WorkloadIdentity"
                                                                            : "ServicePrincipal";
}

static void log_result(const struct log *log, const json *cluster, const json *outcome,
                       const char *old_state)
{
    const struct log kind = log_with(log, "LOGKIND", "asyncqos");
    const struct log result = log_with(&kind, "resultType", json_path_str(outcome, "resultType"));
    const struct log operation = log_with(&result, "operationType", operation_type(old_state));
    const struct log identity = log_with(&operation, "clusterIdentity", identity_kind(cluster));
    const struct log details =
        log_with(&identity, "errorDetails", json_path_str(outcome, "errorDetails"));
    log_info(&details, "long running operation result: %s", json_path_str(outcome, "status"));
}

void metrics_cluster(const struct backend_config *cfg, const struct log *log, const json *cluster)
{
    const json *outcome = outcome_of(cluster);
    const char *old_state = json_path_str(cluster, PROPERTIES "provisioningState");
    log_result(log, cluster, outcome, old_state);
    const struct statsd_dim dims[] = {
        { "oldProvisioningState", old_state },
        { "newProvisioningState", json_path_str(outcome, "status") },
    };
    const char *requested = json_path_str(cluster, "correlationData.requestTime");
    int64_t since_ns;
    statsd_gauge(cfg->statsd, "backend.openshiftcluster.count", 1, dims, ARRAY_LEN(dims));
    if (requested && time_parse_rfc3339(requested, &since_ns))
        statsd_gauge(cfg->statsd, "backend.openshiftcluster.duration",
                     (clock_wall_ns(cfg->clock) - since_ns) / NS_PER_MS, dims, ARRAY_LEN(dims));
}

/* ---- steps ---- */

#define STEPS "backend.openshiftcluster.%s"

static int64_t to_seconds(int64_t ms)
{
    return (ms + 500) / 1000;
}

/* A gauge keeps its last value: a row that is repeated (apiServersReady) would hide the one before it. */
static bool sum_if_first(const struct step *steps, const int64_t *took_ms, size_t len, size_t at,
                         int64_t *ret_ms)
{
    *ret_ms = 0;
    for (size_t i = 0; i < len; i++) {
        if (steps[i].kind != steps[at].kind || !str_eq(steps[i].name, steps[at].name))
            continue;
        if (i < at)
            return false;
        *ret_ms += took_ms[i];
    }
    return true;
}

void metrics_steps(const struct backend_config *cfg, enum cluster_operation operation,
                   const struct step *steps, const int64_t *took_ms, size_t len)
{
    const char *word = cluster_operation_words[operation];
    cleanup_free char *total = xasprintf(STEPS ".duration.total.seconds", word);
    int64_t total_ms = 0, step_ms;
    for (size_t i = 0; i < len; i++) {
        total_ms += took_ms[i];
        if (!sum_if_first(steps, took_ms, len, i, &step_ms))
            continue;
        cleanup_free char *step = step_give_metric(&steps[i]);
        cleanup_free char *metric = xasprintf(STEPS ".%s.duration.seconds", word, step);
        statsd_gauge(cfg->statsd, metric, to_seconds(step_ms), NULL, 0);
    }
    statsd_gauge(cfg->statsd, total, to_seconds(total_ms), NULL, 0);
}

/* ---- subscriptions and queues ---- */

void metrics_subscription(const struct backend_config *cfg, const char *state, int64_t took_ms)
{
    const struct statsd_dim dim = { "state", state };
    statsd_gauge(cfg->statsd, "backend.subscriptions.count", 1, &dim, 1);
    statsd_gauge(cfg->statsd, "backend.subscriptions.duration", took_ms, &dim, 1);
}

void metrics_queues(const struct backend_config *cfg, const struct opctx *ctx)
{
    static const struct {
        const char *metric;
        int (*length)(const struct opctx *ctx, struct database *db, int64_t *ret,
                      struct error **err);
    } queues[] = {
        { "database.openshiftclusters.queue.length", openshiftclusters_queue_length },
        { "database.maintenancemanifests.queue.length", maintenancemanifests_queue_length },
    };
    for (size_t i = 0; i < ARRAY_LEN(queues); i++) {
        cleanup_error struct error *e = NULL;
        int64_t length;
        if (queues[i].length(ctx, cfg->db, &length, &e) == 0)
            statsd_gauge(cfg->statsd, queues[i].metric, length, NULL, 0);
        else if (!error_is(e, ERR_CANCELLED))
            log_warning(ctx->log, "measuring %s: %s", queues[i].metric, error_text(e));
    }
}

#include "rp/syncsets/remote/requests.h"

#include <stdio.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define REMOTE "true"
#define STATUS_TEXT_MAX 64

static const double seconds[] = { .05, .1, .5, 1, 5, 10, 30, 60, 120 };

static const struct metric_desc all_desc = {
    .name = "hive_kube_client_requests_total",
    .help = "Requests to clusters that were answered.",
    .type = METRIC_COUNTER,
    .labels = { "controller", "method", "resource", "remote", "status" },
};
static const struct metric_desc seconds_desc = {
    .name = "hive_kube_client_request_seconds",
    .help = "How long requests to clusters took that were answered.",
    .type = METRIC_HISTOGRAM,
    .labels = { "controller", "method", "resource", "remote", "status" },
    .buckets = seconds,
    .buckets_len = ARRAY_LEN(seconds),
};
static const struct metric_desc cancelled_desc = {
    .name = "hive_kube_client_requests_cancelled_total",
    .help = "Requests to clusters whose answer was waited for no longer.",
    .type = METRIC_COUNTER,
    .labels = { "controller", "method", "resource", "remote" },
};

void remote_requests_init(struct remote_requests *q, struct metrics *metrics)
{
    *q = (struct remote_requests){
        .all = metrics_family(metrics, &all_desc),
        .seconds = metrics_family(metrics, &seconds_desc),
        .cancelled = metrics_family(metrics, &cancelled_desc),
    };
}

/* "/api/V/..." has no group, "/apis/G/V/..." has one: where what is behind the version begins. */
static size_t find_rest(const struct strv *parts, const char **ret_group)
{
    bool core = parts->len > 2 && str_eq(parts->v[0], "api");
    bool grouped = parts->len > 3 && str_eq(parts->v[0], "apis");
    *ret_group = grouped ? parts->v[1] : "core";
    return core ? 2 : grouped ? 3 : 0;
}

/* Of namespaces themselves, not of what is in one. */
static bool is_of_namespace(const char *part)
{
    return str_eq(part, "status") || str_eq(part, "finalize");
}

/* "apps/v1/deployments" of "/apis/apps/v1/namespaces/a/deployments/b"; "": the path is of no resource. Never a name, of which
 * there is no end. */
static char *give_resource(const char *path)
{
    cleanup_strv struct strv parts = STRV_INIT;
    const char *group;
    strv_split(&parts, path, "/", false);
    size_t at = find_rest(&parts, &group);
    if (!at)
        return xstrdup("");
    bool inside = parts.len > at + 2 && str_eq(parts.v[at], "namespaces") &&
                  !is_of_namespace(parts.v[at + 2]);
    return xasprintf("%s/%s/%s", group, parts.v[at - 1], parts.v[inside ? at + 2 : at]);
}

void remote_requests_add(const struct remote_requests *q, const char *controller,
                         const struct kube_attempt *a)
{
    cleanup_free char *resource = give_resource(a->path);
    if (a->given_up)
        metric_add(q->cancelled, 1, METRIC_LABELS(controller, a->method, resource, REMOTE));
    if (!a->status || !*resource)
        return;
    char status[STATUS_TEXT_MAX];
    (void)snprintf(status, sizeof(status), "%d %s", a->status, http_reason(a->status));
    const struct metric_labels labels =
        METRIC_LABELS(controller, a->method, resource, REMOTE, status);
    metric_add(q->all, 1, labels);
    metric_observe(q->seconds, (double)a->duration_ns / (double)NS_PER_S, labels);
}

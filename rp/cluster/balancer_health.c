#include "rp/cluster/balancer_health.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"

#define BALANCERS "Microsoft.Network/loadBalancers"
/* Each machine and port is a series of its own. */
#define QUERY \
    "metricnames=DipAvailability&aggregation=average&interval=PT1M&" \
    "$filter=BackendIPAddress%20eq%20'*'%20and%20BackendPort%20eq%20'*'"
#define SERIES_MAX 32

/* What comes behind the infra ID, by layout. */
static const char *const suffixes[][2] = {
    [LAYOUT_V1] = { "-internal-lb", "-public-lb" },
    [LAYOUT_V2] = { "-internal", "" },
};

static const char *dimension(const json *series, const char *name)
{
    const json *all = json_get(series, "metadatavalues");
    for (size_t i = 0; i < json_len(all); i++)
        if (str_eq_nocase(json_path_str(json_at(all, i), "name.value"), name))
            return json_path_str(json_at(all, i), "value");
    return NULL;
}

/* The newest minute that has a value. NULL: none has. */
static const json *find_newest(const json *series)
{
    json *minutes = json_get(series, "data");
    for (size_t i = json_len(minutes); i-- > 0;)
        if (json_path(json_at(minutes, i), "average"))
            return json_at(minutes, i);
    return NULL;
}

static void write_series(const struct opctx *ctx, const char *balancer, const json *series)
{
    const char *address = dimension(series, "BackendIPAddress");
    const char *port = dimension(series, "BackendPort");
    const json *newest = find_newest(series);
    const char *at = json_path_str(newest, "timeStamp");
    if (!address || !newest)
        return;
    log_info(ctx->log, "after the failure: %s: %s:%s answered %d%% of the probes at %s", balancer,
             address, port ? port : "?", (int)json_number(json_path(newest, "average"), 0),
             at ? at : "an unknown time");
}

static int write_balancer(const struct cluster *c, struct arm *arm, const struct opctx *ctx,
                          const char *balancer, struct error **err)
{
    cleanup_free char *id = name_give_resource_id(c, BALANCERS, balancer);
    cleanup_free char *path = xasprintf("%s/providers/Microsoft.Insights/metrics", id);
    const struct arm_call call = {
        .method = "GET", .path = path, .api_version = API_VERSION_METRICS, .query = QUERY
    };
    cleanup_json json *metrics = NULL;
    if (arm_send(arm, ctx, &call, &metrics, err) < 0)
        return -1;
    json *all = json_path(metrics, "value[0].timeseries");
    if (json_len(all) == 0)
        log_info(ctx->log, "after the failure: %s: it probed no machine", balancer);
    for (size_t i = 0; i < json_len(all) && i < SERIES_MAX; i++)
        write_series(ctx, balancer, json_at(all, i));
    return 0;
}

void balancer_health_write(struct cluster *c, const struct opctx *ctx)
{
    cleanup_error struct error *no_arm = NULL;
    struct arm *arm;
    if (!*cluster_text_or_empty(c, "infraId"))
        return;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, &no_arm) < 0) {
        log_info(ctx->log, "after the failure: no load balancers: %s", error_text(no_arm));
        return;
    }
    const char *const *names = suffixes[cluster_layout(c)];
    for (size_t i = 0; i < ARRAY_LEN(suffixes[0]) && opctx_check(ctx, NULL) == 0; i++) {
        cleanup_free char *balancer = name_give(c, names[i]);
        cleanup_error struct error *e = NULL;
        if (write_balancer(c, arm, ctx, balancer, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
            log_info(ctx->log, "after the failure: no health of %s: %s", balancer, error_text(e));
    }
}

#include "rp/cluster/failure_log.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/balancer_health.h"
#include "rp/cluster/bootstrap_log.h"
#include "rp/cluster/console_log.h"

#define TIME_MS 30000
#define LINE_MAX ((size_t)8 << 10)

/* The kinds that tell why a cluster does not come up, and what is shown of each object beside its conditions. */
static const struct {
    const struct gvr *gvr;
    const char *nspace;
    const char *paths[3];
} kinds[] = {
    { &GVR_CLUSTERVERSIONS, NULL, { "status.desired.version", "status.history[0].state" } },
    { &GVR_CLUSTEROPERATORS, NULL, { NULL } },
    { &GVR_NODES, NULL, { "status.nodeInfo.kubeletVersion" } },
    { &GVR_INGRESSCONTROLLERS, "openshift-ingress-operator", { "status.domain" } },
    { &GVR_MACHINES, "openshift-machine-api", { "status.phase", "status.errorMessage" } },
};

/* A condition of the kind that everything is fine says nothing. */
static bool is_usual(const char *type, const char *status)
{
    static const char *const good[] = { "Available", "Upgradeable", "Ready", "Admitted",
                                        "DeploymentAvailable" };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (str_eq(type, good[i]))
            return str_eq(status, "True");
    return str_eq(status, "False");
}

static void add_conditions(struct buf *b, const json *object)
{
    json *all = json_path(object, "status.conditions");
    for (size_t i = 0; i < json_len(all); i++) {
        const char *type = json_path_str(json_at(all, i), "type");
        const char *status = json_path_str(json_at(all, i), "status");
        const char *reason = json_path_str(json_at(all, i), "reason");
        const char *message = json_path_str(json_at(all, i), "message");
        if (!type || !status || is_usual(type, status))
            continue;
        buf_addf(b, "; %s=%s", type, status);
        if (reason)
            buf_addf(b, " %s", reason);
        if (message)
            buf_addf(b, ": %s", message);
    }
}

struct writing {
    const struct opctx *ctx;
    size_t kind;
};

static int write_object(void *arg, const json *object, struct error **err)
{
    const struct writing *w = arg;
    cleanup_buf struct buf line = BUF_INIT(LINE_MAX);
    (void)err;
    for (size_t i = 0; i < ARRAY_LEN(kinds[w->kind].paths); i++) {
        const char *path = kinds[w->kind].paths[i];
        const char *text = path ? json_path_str(object, path) : NULL;
        if (text)
            buf_addf(&line, "; %s=%s", path, text);
    }
    add_conditions(&line, object);
    const char *text = buf_str(&line);
    log_info(w->ctx->log, "after the failure: %s %s%s", kinds[w->kind].gvr->kind,
             json_path_str(object, "metadata.name"), *text ? text : ": as it should be");
    return 0;
}

static void write_inside(const struct cluster *c, const struct opctx *ctx)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct writing w = { ctx, i };
        cleanup_error struct error *e = NULL;
        if (opctx_check(ctx, NULL) < 0)
            return;
        if (kube_list_each(c->kube, ctx, KUBE_REF(kinds[i].gvr, kinds[i].nspace, NULL), NULL,
                           write_object, &w, &e) < 0)
            log_info(ctx->log, "after the failure: no %s: %s", kinds[i].gvr->resource,
                     error_text(e));
    }
}

/* Each has a time of its own: an API that does not answer must not cost what the machines tell of it. */
static const struct {
    void (*write)(struct cluster *c, const struct opctx *ctx);
    int64_t time_ms;
} outside[] = {
    { balancer_health_write, TIME_MS },
    { console_log_write, TIME_MS },
    { bootstrap_log_write, 2 * TIME_MS },
};

void failure_log_write(struct cluster *c, const struct opctx *parent)
{
    const struct opctx inside = opctx_with_timeout_ms(parent, TIME_MS);
    if (c->kube)
        write_inside(c, &inside);
    for (size_t i = 0; i < ARRAY_LEN(outside) && c->job.operation == CLUSTER_INSTALL; i++) {
        const struct opctx ctx = opctx_with_timeout_ms(parent, outside[i].time_ms);
        outside[i].write(c, &ctx);
    }
}

#include "rp/cluster/conditions.h"

#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/kube.h"

#define MIN_WORKERS 2
#define MACHINE_NAMESPACE "openshift-machine-api"
#define WORKER_MACHINES "machine.openshift.io/cluster-api-machine-role=worker"
#define WORKER_NODES "node-role.kubernetes.io/worker"

/* ---- looking ---- */

/* Whatever it is may be over at the next look. */
static int not_seen(struct error **err, struct error *e)
{
    (void)error_set(err, ERR_UNAVAILABLE, "%s", error_text(e));
    error_free(e);
    return -1;
}

static int see(const struct cluster *c, const struct opctx *ctx, const struct gvr *gvr,
               const char *nspace, const char *name, json **ret, struct error **err)
{
    const struct opctx look = opctx_with_timeout_ms(ctx, CLUSTER_LOOK_MS);
    struct error *e = NULL;
    if (kube_get(c->kube, &look, KUBE_REF(gvr, nspace, name), ret, &e) < 0)
        return not_seen(err, e);
    return 0;
}

static int see_list(const struct cluster *c, const struct opctx *ctx, const struct gvr *gvr,
                    const char *nspace, const char *labels, json **ret, struct error **err)
{
    const struct kube_list_options opt = { .label_selector = labels };
    const struct opctx look = opctx_with_timeout_ms(ctx, CLUSTER_LOOK_MS);
    struct error *e = NULL;
    if (kube_list(c->kube, &look, KUBE_REF(gvr, nspace, NULL), &opt, ret, &e) < 0)
        return not_seen(err, e);
    return 0;
}

static json *condition(const json *object, const char *type)
{
    json *all = json_path(object, "status.conditions");
    for (size_t i = 0; i < json_len(all); i++)
        if (str_eq(json_path_str(json_at(all, i), "type"), type))
            return json_at(all, i);
    return NULL;
}

/* Logs what keeps it from being so. */
static bool condition_is(const struct opctx *ctx, const json *object, const char *type,
                         const char *status)
{
    const json *found = condition(object, type);
    const char *have = json_path_str(found, "status");
    const char *why = json_path_str(found, "message");
    if (str_eq(have, status))
        return true;
    log_info(ctx->log, "not yet: %s %s: %s is %s%s%s", json_path_str(object, "kind"),
             json_path_str(object, "metadata.name"), type, have ? have : "not told",
             why && *why ? ": " : "", why ? why : "");
    return false;
}

static bool generation_is_observed(const struct opctx *ctx, const json *object)
{
    int64_t want = json_path_int(object, "metadata.generation", 0);
    int64_t have = json_path_int(object, "status.observedGeneration", 0);
    if (want == have)
        return true;
    log_info(ctx->log, "not yet: %s %s: generation %lld is observed, not %lld",
             json_path_str(object, "kind"), json_path_str(object, "metadata.name"), (long long)have,
             (long long)want);
    return false;
}

/* ---- ClusterOperators ---- */

static bool operator_is_settled(const struct opctx *ctx, const json *object)
{
    return condition_is(ctx, object, "Available", "True") &&
           condition_is(ctx, object, "Progressing", "False") &&
           (!condition(object, "Degraded") || condition_is(ctx, object, "Degraded", "False"));
}

static int cluster_operator_ready(const struct cluster *c, const struct opctx *ctx,
                                  const char *name, bool *ret, struct error **err)
{
    cleanup_json json *object = NULL;
    if (see(c, ctx, &GVR_CLUSTEROPERATORS, NULL, name, &object, err) < 0)
        return -1;
    *ret = operator_is_settled(ctx, object);
    return 0;
}

int cluster_operators_have_settled(void *arg, const struct opctx *ctx, bool *ret,
                                   struct error **err)
{
    static const char *const names[] = { "kube-controller-manager", "kube-apiserver",
                                         "kube-scheduler", "console", "authentication" };
    const struct cluster *c = arg;
    bool all = true;
    for (size_t i = 0; i < ARRAY_LEN(names) && all; i++)
        if (cluster_operator_ready(c, ctx, names[i], &all, err) < 0)
            return -1;
    *ret = all;
    return 0;
}

/* ---- one after the other ---- */

int cluster_bootstrap_config_map_ready(void *arg, const struct opctx *ctx, bool *ret,
                                       struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *map = NULL;
    if (see(c, ctx, &GVR_CONFIGMAPS, "kube-system", "bootstrap", &map, err) < 0)
        return -1;
    *ret = str_eq(json_path_str(map, "data.status"), "complete");
    return 0;
}

int cluster_api_servers_ready(void *arg, const struct opctx *ctx, bool *ret, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *object = NULL;
    if (cluster_layout(c) == LAYOUT_V2)
        return cluster_operator_ready(c, ctx, "kube-apiserver", ret, err);
    if (see(c, ctx, &GVR_KUBEAPISERVERS, NULL, "cluster", &object, err) < 0)
        return -1;
    *ret = condition_is(ctx, object, "Available", "True") &&
           condition_is(ctx, object, "Progressing", "False");
    return 0;
}

int cluster_operator_console_exists(void *arg, const struct opctx *ctx, bool *ret,
                                    struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *object = NULL;
    if (see(c, ctx, &GVR_CONSOLES, NULL, "cluster", &object, err) < 0)
        return -1;
    *ret = true;
    return 0;
}

int cluster_operator_console_ready(void *arg, const struct opctx *ctx, bool *ret,
                                   struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *object = NULL;
    if (cluster_layout(c) == LAYOUT_V2)
        return cluster_operator_ready(c, ctx, "console", ret, err);
    if (see(c, ctx, &GVR_CONSOLES, NULL, "cluster", &object, err) < 0)
        return -1;
    *ret = generation_is_observed(ctx, object) &&
           condition_is(ctx, object, "DeploymentAvailable", "True");
    return 0;
}

int cluster_version_ready(void *arg, const struct opctx *ctx, bool *ret, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *object = NULL;
    if (see(c, ctx, &GVR_CLUSTERVERSIONS, NULL, "version", &object, err) < 0)
        return -1;
    *ret = condition_is(ctx, object, "Available", "True");
    return 0;
}

int cluster_ingress_controller_ready(void *arg, const struct opctx *ctx, bool *ret,
                                     struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *object = NULL;
    if (cluster_layout(c) == LAYOUT_V2)
        return cluster_operator_ready(c, ctx, "ingress", ret, err);
    if (see(c, ctx, &GVR_INGRESSCONTROLLERS, "openshift-ingress-operator", "default", &object,
            err) < 0)
        return -1;
    *ret = generation_is_observed(ctx, object) && condition_is(ctx, object, "Available", "True");
    return 0;
}

/* ---- workers ---- */

/* Azure's words for "there is none of that to be had". */
static bool tells_shortage(const char *text)
{
    static const char *const words[] = { "SkuNotAvailable", "NotAvailableForSubscription",
                                         "QuotaExceeded" };
    if (!text)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(text, words[i]))
            return true;
    return strstr(text, "OperationNotAllowed") && strcasestr(text, "quota");
}

/* What a failed machine says of it; NULL: it did not fail for that. Borrowed. */
static const char *shortage_of(const json *machine)
{
    const char *text = json_path_str(machine, "status.errorMessage");
    if (!str_eq(json_path_str(machine, "status.phase"), "Failed"))
        return NULL;
    if (tells_shortage(text))
        return text;
    json *conditions = json_path(machine, "status.providerStatus.conditions");
    for (size_t i = 0; i < json_len(conditions); i++) {
        text = json_path_str(json_at(conditions, i), "message");
        if (tells_shortage(text))
            return text;
    }
    return NULL;
}

static int count_machines(const json *machines, size_t *ret, struct error **err)
{
    size_t n = 0;
    for (size_t i = 0; i < json_len(machines); i++) {
        const json *machine = json_at(machines, i);
        const char *shortage = shortage_of(machine);
        if (shortage) {
            (void)error_set(err, ERR_INTERNAL, "Worker machine %s could not be created: %s",
                            json_path_str(machine, "metadata.name"), shortage);
            error_code(err, "QuotaExceeded");
            return -1;
        }
        n += str_eq(json_path_str(machine, "status.phase"), "Running");
    }
    *ret = n;
    return 0;
}

static size_t count_ready(const json *nodes)
{
    size_t n = 0;
    for (size_t i = 0; i < json_len(nodes); i++)
        n += str_eq(json_path_str(condition(json_at(nodes, i), "Ready"), "status"), "True");
    return n;
}

int cluster_minimum_worker_nodes_ready(void *arg, const struct opctx *ctx, bool *ret,
                                       struct error **err)
{
    const struct cluster *c = arg;
    size_t running;
    cleanup_json json *machines = NULL;
    cleanup_json json *nodes = NULL;
    if (see_list(c, ctx, &GVR_MACHINES, MACHINE_NAMESPACE, WORKER_MACHINES, &machines, err) < 0 ||
        count_machines(json_get(machines, "items"), &running, err) < 0 ||
        see_list(c, ctx, &GVR_NODES, NULL, WORKER_NODES, &nodes, err) < 0)
        return -1;
    size_t ready = count_ready(json_get(nodes, "items"));
    *ret = running >= MIN_WORKERS && ready >= MIN_WORKERS;
    if (!*ret)
        log_info(ctx->log, "not yet: %zu worker machines run and %zu worker nodes are ready",
                 running, ready);
    return 0;
}

/* How the operator is doing: rolled out or not, and why not; which version runs. */
#include <string.h>

#include "operator/deploy/deploy_impl.h"
#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const char *const deployments[] = { DEPLOY_MASTER, DEPLOY_WORKER };

static const char *or_text(const char *text, const char *dflt)
{
    return text && *text ? text : dflt;
}

/* ---- readiness ---- */

static void tell(struct buf *why, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void tell(struct buf *why, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_addf(why, "%s%s: ", why->len ? "\n" : "", name);
    buf_vaddf(why, fmt, ap);
    va_end(ap);
}

/* Conditions that say why something does not go on: of the given type with the given status. */
static void tell_conditions(struct buf *why, const char *name, const json *object, const char *type,
                            const char *status)
{
    json *conditions = json_path(object, "status.conditions");
    for (size_t i = 0; i < json_len(conditions); i++) {
        json *c = json_at(conditions, i);
        if (str_eq(json_path_str(c, "type"), type) && str_eq(json_path_str(c, "status"), status))
            tell(why, name, "%s: %s", or_text(json_path_str(c, "reason"), type),
                 or_text(json_path_str(c, "message"), "no message"));
    }
}

static bool is_rolled_out(const json *deployment, struct buf *why)
{
    const char *name = json_path_str(deployment, "metadata.name");
    int64_t wanted = json_path_int(deployment, "spec.replicas", 1);
    int64_t total = json_path_int(deployment, "status.replicas", 0);
    int64_t updated = json_path_int(deployment, "status.updatedReplicas", 0);
    int64_t available = json_path_int(deployment, "status.availableReplicas", 0);
    if (json_path_int(deployment, "status.observedGeneration", 0) <
        json_path_int(deployment, "metadata.generation", 0)) {
        tell(why, name, "its newest specification is not observed yet");
        return false;
    }
    if (total == wanted && updated == wanted && available == wanted)
        return true;
    tell(why, name, "%lld of %lld replicas are available, %lld up to date, %lld in all",
         (long long)available, (long long)wanted, (long long)updated, (long long)total);
    tell_conditions(why, name, deployment, "Progressing", "False");
    tell_conditions(why, name, deployment, "ReplicaFailure", "True");
    return false;
}

static void tell_containers(struct buf *why, const char *pod, const json *statuses)
{
    for (size_t i = 0; i < json_len(statuses); i++) {
        const json *waiting = json_path(json_at(statuses, i), "state.waiting");
        const json *ended = json_path(json_at(statuses, i), "state.terminated");
        const json *trouble = waiting ? waiting : ended;
        if (trouble)
            tell(why, pod, "%s %s: %s", waiting ? "waits" : "ended",
                 or_text(json_path_str(trouble, "reason"), "without reason"),
                 or_text(json_path_str(trouble, "message"), "no message"));
    }
}

static int list_of(struct kube_client *k, const struct opctx *ctx, const struct gvr *gvr,
                   const char *app, json **ret, struct error **err)
{
    cleanup_free char *selector = xasprintf("app=%s", app);
    const struct kube_list_options opt = { .label_selector = selector };
    return kube_list(k, ctx, KUBE_REF(gvr, DEPLOY_NAMESPACE, NULL), &opt, ret, err);
}

/* What the parts below a Deployment say. */
static int tell_parts(struct kube_client *k, const struct opctx *ctx, const char *app,
                      struct buf *why, struct error **err)
{
    cleanup_json json *sets = NULL;
    cleanup_json json *pods = NULL;
    if (list_of(k, ctx, &GVR_REPLICASETS, app, &sets, err) < 0 ||
        list_of(k, ctx, &GVR_PODS, app, &pods, err) < 0)
        return -1;
    json *items = json_get(sets, "items");
    for (size_t i = 0; i < json_len(items); i++)
        tell_conditions(why, json_path_str(json_at(items, i), "metadata.name"), json_at(items, i),
                        "ReplicaFailure", "True");
    items = json_get(pods, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        const char *name = json_path_str(json_at(items, i), "metadata.name");
        tell_conditions(why, name, json_at(items, i), "PodScheduled", "False");
        tell_containers(why, name, json_path(json_at(items, i), "status.containerStatuses"));
    }
    return 0;
}

/* *ret is NULL when it does not exist. */
static int get_deployment(struct kube_client *k, const struct opctx *ctx, const char *name,
                          json **ret, struct error **err)
{
    struct error *e = NULL;
    if (kube_get(k, ctx, KUBE_REF(&GVR_DEPLOYMENTS, DEPLOY_NAMESPACE, name), ret, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    *ret = NULL;
    return 0;
}

static int check_one(struct kube_client *k, const struct opctx *ctx, const char *name,
                     struct buf *why, bool *ret, struct error **err)
{
    cleanup_json json *deployment = NULL;
    *ret = false;
    if (get_deployment(k, ctx, name, &deployment, err) < 0)
        return -1;
    if (!deployment) {
        tell(why, name, "the Deployment does not exist");
        return 0;
    }
    *ret = is_rolled_out(deployment, why);
    return *ret ? 0 : tell_parts(k, ctx, name, why, err);
}

int deploy_is_ready(struct kube_client *k, const struct opctx *ctx, bool *ret, char **ret_why,
                    struct error **err)
{
    cleanup_buf struct buf why = BUF_INIT(BUF_UNBOUNDED);
    bool all = true;
    for (size_t i = 0; i < ARRAY_LEN(deployments); i++) {
        bool one;
        if (check_one(k, ctx, deployments[i], &why, &one, err) < 0)
            return -1;
        all = all && one;
    }
    *ret = all;
    if (ret_why)
        *ret_why = all ? NULL : buf_give(&why);
    return 0;
}

int deploy_wait_ready(struct kube_client *k, const struct opctx *ctx, int64_t poll_ms,
                      struct error **err)
{
    cleanup_free char *last = NULL;
    for (;;) {
        bool ready = false;
        char *why = NULL;
        struct error *e = NULL;
        int rcode = deploy_is_ready(k, ctx, &ready, &why, &e);
        if (rcode < 0 && !error_is_retriable(e) && !error_is(e, ERR_CONN))
            return error_move(err, &e);
        if (rcode == 0 && ready)
            return 0;
        free(last);
        last = rcode < 0 ? xstrdup(error_text(e)) : why;
        error_free(e);
        if (opctx_sleep_ms(ctx, poll_ms, err) < 0)
            return error_wrap(err, "the operator is not ready (%s)", last);
    }
}

/* ---- version ---- */

static bool container_has(const json *pod_spec, const char *version)
{
    json *containers = json_get(pod_spec, "containers");
    for (size_t i = 0; i < json_len(containers); i++) {
        const char *image = json_path_str(json_at(containers, i), "image");
        if (!image || !str_eq(json_path_str(json_at(containers, i), "name"), DEPLOY_CONTAINER))
            continue;
        cleanup_free char *runs = deploy_give_version(image);
        return str_eq(runs, version);
    }
    return false;
}

/* A pod that has ended runs no version any more. */
static bool has_ended(const json *pod)
{
    const char *phase = json_path_str(pod, "status.phase");
    return str_eq(phase, "Succeeded") || str_eq(phase, "Failed");
}

static bool pods_have(const json *pods, const char *label, const char *version)
{
    size_t running = 0;
    for (size_t i = 0; i < json_len(pods); i++) {
        json *pod = json_at(pods, i);
        if (has_ended(pod))
            continue;
        running++;
        if (!str_eq(json_path_str(pod, "metadata.labels.version"), label) ||
            !container_has(json_get(pod, "spec"), version))
            return false;
    }
    return running > 0;
}

static int runs_version(struct kube_client *k, const struct opctx *ctx, const char *name,
                        const char *version, bool *ret, struct error **err)
{
    cleanup_json json *deployment = NULL;
    cleanup_json json *pods = NULL;
    *ret = false;
    if (get_deployment(k, ctx, name, &deployment, err) < 0)
        return -1;
    if (!deployment)
        return 0;
    if (list_of(k, ctx, &GVR_PODS, name, &pods, err) < 0)
        return -1;
    cleanup_free char *image = xasprintf("image:%s", version);
    cleanup_free char *label = deploy_give_version_label(image);
    *ret = str_eq(json_path_str(deployment, "metadata.labels.version"), label) &&
           container_has(json_path(deployment, "spec.template.spec"), version) &&
           pods_have(json_get(pods, "items"), label, version);
    return 0;
}

int deploy_is_running_version(struct kube_client *k, const struct opctx *ctx, const char *version,
                              bool *ret, struct error **err)
{
    bool all = true;
    for (size_t i = 0; i < ARRAY_LEN(deployments) && all; i++)
        if (runs_version(k, ctx, deployments[i], version, &all, err) < 0)
            return -1;
    *ret = all;
    return 0;
}

/* ReplicaSets: as many pods as are asked for. Source: k8s.io/kubernetes pkg/controller/replicaset. */
#include <stdlib.h>
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/owned.h"
#include "hack/devcloud/controllers/pods.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define BURST_MAX 100 /* pods made or deleted in one go; the rest follows */

/* ---- which pods go first ---- */

/* The higher, the sooner: not on a node yet, not running, not ready. */
static int expendability(const json *pod)
{
    const char *node = json_path_str(pod, "spec.nodeName");
    return (!node || !*node) * 4 + !str_eq(json_path_str(pod, "status.phase"), "Running") * 2 +
           !pod_is_ready(pod);
}

static int by_expendability(const void *a, const void *b)
{
    const json *x = *(const json *const *)a, *y = *(const json *const *)b;
    int difference = expendability(y) - expendability(x);
    const char *made_x = json_path_str(x, "metadata.creationTimestamp");
    const char *made_y = json_path_str(y, "metadata.creationTimestamp");
    if (difference || !made_x || !made_y)
        return difference;
    return strcmp(made_y, made_x); /* the youngest first */
}

static int delete_pods(struct control *c, const struct opctx *ctx, const json *active,
                       int64_t excess, struct error **err)
{
    size_t len = json_len(active);
    cleanup_free const json **order = xcalloc(len + 1, sizeof(*order));
    for (size_t i = 0; i < len; i++)
        order[i] = json_at(active, i);
    qsort(order, len, sizeof(*order), by_expendability);
    for (int64_t i = 0; i < excess && i < BURST_MAX; i++)
        if (owned_delete(c, ctx, &GVR_PODS, order[i], err) < 0)
            return error_wrap(err, "deleting a pod");
    return 0;
}

static int create_pods(struct control *c, const struct opctx *ctx, const json *rs, int64_t missing,
                       struct error **err)
{
    cleanup_json json *pod = pod_give(rs, NULL);
    for (int64_t i = 0; i < missing && i < BURST_MAX; i++)
        if (pod_send(c, ctx, pod, err) < 0)
            return -1;
    return 0;
}

/* ---- status ---- */

static bool has_all_labels(const json *pod, const json *rs)
{
    const json *labels = json_path(pod, "metadata.labels");
    for (struct json_iter it = json_each(json_path(rs, "spec.template.metadata.labels"));
         json_next(&it);)
        if (!str_eq(json_str(json_get(labels, it.key)), json_str(it.value)))
            return false;
    return true;
}

static json *give_status(struct control *c, const json *rs, const json *active,
                         struct result *result)
{
    int64_t ready = 0, available = 0, labeled = 0, wait_ms = INT64_MAX;
    int64_t now_ns = clock_wall_ns(c->clock);
    int64_t min_ready_s = json_path_int(rs, "spec.minReadySeconds", 0);
    for (size_t i = 0; i < json_len(active); i++) {
        const json *pod = json_at(active, i);
        int64_t pod_wait_ms = INT64_MAX;
        ready += pod_is_ready(pod);
        available += pod_is_available(pod, min_ready_s, now_ns, &pod_wait_ms);
        labeled += has_all_labels(pod, rs);
        wait_ms = pod_wait_ms < wait_ms ? pod_wait_ms : wait_ms;
    }
    if (wait_ms < INT64_MAX)
        result->requeue_after_ms = wait_ms;
    return json_make("{'replicas':%ld,'fullyLabeledReplicas':%ld,'readyReplicas':%ld,"
                     "'availableReplicas':%ld,'observedGeneration':%ld}",
                     (int64_t)json_len(active), labeled, ready, available,
                     json_path_int(rs, "metadata.generation", 0));
}

/* A pod that cannot be made is what users look for in the status. */
static json *give_conditions(struct control *c, const json *rs, const struct error *failure)
{
    char now[TIME_TEXT_MAX];
    const json *old = json_path(rs, "status.conditions");
    json *conditions = old ? json_give_copy(old) : json_new_array();
    time_rfc3339(clock_wall_ns(c->clock), now);
    for (size_t i = json_len(conditions); i-- > 0;)
        if (!failure && str_eq(json_path_str(json_at(conditions, i), "type"), "ReplicaFailure"))
            json_remove_at(conditions, i);
    if (failure)
        owned_set_condition(conditions,
                            json_make("{'type':'ReplicaFailure','status':'True','reason':"
                                      "'FailedCreate','message':%s}",
                                      error_text(failure)),
                            now);
    return conditions;
}

/* ---- one set ---- */

static int sync_set(struct control *c, const struct opctx *ctx, const json *rs,
                    struct result *result, struct error **err)
{
    cleanup_free char *selector = owned_give_selector(json_path(rs, "spec.selector"));
    cleanup_json json *pods = NULL, *active = json_new_array();
    struct error *failure = NULL;
    if (!selector)
        return 0;
    if (owned_list(c, ctx, &GVR_PODS, rs, selector, &pods, err) < 0)
        return error_wrap(err, "listing its pods");
    for (size_t i = 0; i < json_len(pods); i++)
        if (pod_is_active(json_at(pods, i)))
            json_append(active, json_ref(json_at(pods, i)));
    int64_t missing = json_path_int(rs, "spec.replicas", 1) - (int64_t)json_len(active);
    int rcode = 0;
    if (!owned_is_deleting(rs) && missing != 0)
        rcode = missing > 0 ? create_pods(c, ctx, rs, missing, &failure)
                            : delete_pods(c, ctx, active, -missing, &failure);
    json *status = give_status(c, rs, active, result);
    json *conditions = give_conditions(c, rs, rcode < 0 && missing > 0 ? failure : NULL);
    if (json_len(conditions) || json_path(rs, "status.conditions"))
        json_put(status, "conditions", conditions);
    else
        json_free(conditions);
    if (owned_write_status(c, ctx, &GVR_REPLICASETS, rs, status, err) < 0)
        rcode = -1;
    if (failure)
        error_join(err, &failure);
    return rcode;
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    cleanup_free char *nspace = NULL;
    cleanup_free char *name = NULL;
    cleanup_json json *rs = NULL;
    (void)source;
    behaviour_split_key(key, &nspace, &name);
    if (owned_find(c, ctx, &GVR_REPLICASETS, nspace, name, &rs, err) < 0)
        return -1;
    return rs ? sync_set(c, ctx, rs, ret, err) : 0;
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_REPLICASETS, .map = WATCH_SELF },
    { .gvr = &GVR_PODS, .map = WATCH_OWNER, .owner_group = "apps", .owner_kind = "ReplicaSet" },
};

const struct behaviour replicaset_behaviour = {
    .name = "replicaset",
    .doc = "Makes as many pods as each ReplicaSet asks for, and deletes those above.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};

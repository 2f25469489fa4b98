/*
 * The scheduler: pods without a node get one that their selectors and its taints allow, and that has the fewest pods.
 * All that wait are placed in one round, so that nodes and pods are counted once. Amounts of CPU and memory are not
 * looked at: nothing here uses any.
 */
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/owned.h"
#include "hack/devcloud/controllers/placement.h"
#include "hack/devcloud/controllers/pods.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define RETRY_MS 1000
#define PODS_DEFAULT 110 /* on a node that does not say how many it takes */
#define SCHEDULER "default-scheduler"

struct round {
    struct control *c;
    const struct opctx *ctx;
    json *nodes;
    int64_t *counts; /* pods on each */
};

static bool is_ready(const json *node)
{
    return str_eq(json_path_str(owned_condition(node, "Ready"), "status"), "True");
}

static int64_t capacity_of(const json *node)
{
    const char *text = json_path_str(node, "status.allocatable.pods");
    long long n = PODS_DEFAULT;
    (void)str_to_int(text ? text : "", 0, INT32_MAX, &n);
    return n;
}

static bool fits(const struct round *r, size_t i, const json *spec)
{
    const json *node = json_at(r->nodes, i);
    static const char closed[] = "node.kubernetes.io/unschedulable";
    cleanup_json json *cordoned =
        json_make("{'spec':{'taints':[{'key':%s,'effect':'NoSchedule'}]}}", closed);
    if (json_path_bool(node, "spec.unschedulable", false) &&
        !placement_tolerates(spec, cordoned, NULL))
        return false;
    return is_ready(node) && r->counts[i] < capacity_of(node) && placement_matches(spec, node) &&
           placement_tolerates(spec, node, NULL);
}

static size_t choose(const struct round *r, const json *spec)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < json_len(r->nodes); i++)
        if (fits(r, i, spec) && (best == SIZE_MAX || r->counts[i] < r->counts[best]))
            best = i;
    return best;
}

static int tell_unschedulable(struct round *r, const json *pod, struct error **err)
{
    const json *old = json_path(pod, "status.conditions");
    json *conditions = old ? json_give_copy(old) : json_new_array();
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(r->c->clock), now);
    cleanup_free char *message = xasprintf(
        "0/%zu nodes are available: none is ready and allows the pod.", json_len(r->nodes));
    owned_set_condition(conditions,
                        json_make("{'type':'PodScheduled','status':'False','reason':"
                                  "'Unschedulable','message':%s}",
                                  message),
                        now);
    return owned_write_status(r->c, r->ctx, &GVR_PODS, pod,
                              json_make("{'conditions':%j}", conditions), err);
}

static int bind(struct round *r, const json *pod, const char *node, struct error **err)
{
    const char *name = json_path_str(pod, "metadata.name");
    const char *nspace = json_path_str(pod, "metadata.namespace");
    struct kube_ref ref = {
        .gvr = &GVR_PODS, .nspace = nspace, .name = name, .subresource = "binding"
    };
    struct error *e = NULL;
    cleanup_json json *binding = json_make(
        "{'apiVersion':'v1','kind':'Binding','metadata':{'name':%s,'namespace':%s,'uid':%s},"
        "'target':{'apiVersion':'v1','kind':'Node','name':%s}}",
        name, nspace, json_path_str(pod, "metadata.uid"), node);
    if (kube_create(r->c->kube, r->ctx, &ref, binding, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND) && !error_is(e, ERR_CONFLICT)) {
        error_move(err, &e);
        return error_wrap(err, "binding pod %s/%s", nspace, name);
    }
    error_free(e); /* gone, or bound meanwhile */
    return 0;
}

static int place(struct round *r, const json *pod, bool *ret_waits, struct error **err)
{
    const char *scheduler = json_path_str(pod, "spec.schedulerName");
    if (!pod_is_active(pod) || (scheduler && !str_eq(scheduler, SCHEDULER)))
        return 0;
    size_t i = choose(r, json_get(pod, "spec"));
    if (i == SIZE_MAX) {
        *ret_waits = true;
        return tell_unschedulable(r, pod, err);
    }
    r->counts[i]++;
    return bind(r, pod, json_path_str(json_at(r->nodes, i), "metadata.name"), err);
}

static void count_pods(struct round *r, const json *pods)
{
    cleanup_map struct map *by_name = map_new(NULL);
    for (size_t i = 0; i < json_len(r->nodes); i++)
        map_set(by_name, json_path_str(json_at(r->nodes, i), "metadata.name"), &r->counts[i]);
    for (size_t i = 0; i < json_len(pods); i++) {
        const char *node = json_path_str(json_at(pods, i), "spec.nodeName");
        int64_t *count = node && !pod_is_over(json_at(pods, i)) ? map_get(by_name, node) : NULL;
        if (count)
            (*count)++;
    }
}

static int place_all(struct round *r, const json *waiting, struct result *ret, struct error **err)
{
    struct error *all = NULL;
    bool waits = false;
    for (size_t i = 0; i < json_len(waiting); i++) {
        struct error *e = NULL;
        if (place(r, json_at(waiting, i), &waits, &e) < 0)
            error_join(&all, &e);
    }
    if (waits)
        ret->requeue_after_ms = RETRY_MS;
    return all ? error_move(err, &all) : 0;
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    struct kube_list_options waiting_only = { .field_selector = "spec.nodeName=" };
    cleanup_json json *waiting = NULL, *nodes = NULL, *pods = NULL;
    (void)source;
    (void)key;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_PODS, NULL, NULL), &waiting_only, &waiting, err) < 0)
        return error_wrap(err, "listing pods without a node");
    if (!json_len(json_get(waiting, "items")))
        return 0;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_NODES, NULL, NULL), NULL, &nodes, err) < 0 ||
        kube_list(c->kube, ctx, KUBE_REF(&GVR_PODS, NULL, NULL), NULL, &pods, err) < 0)
        return error_wrap(err, "listing nodes and pods");
    struct round r = { .c = c, .ctx = ctx, .nodes = json_get(nodes, "items") };
    cleanup_free int64_t *counts = xcalloc(json_len(r.nodes) + 1, sizeof(*counts));
    r.counts = counts;
    count_pods(&r, json_get(pods, "items"));
    return place_all(&r, json_get(waiting, "items"), ret, err);
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_PODS, .map = WATCH_FIXED, .field_selector = "spec.nodeName=" },
};

const struct behaviour scheduler_behaviour = {
    .name = "scheduler",
    .doc = "Puts pods on ready nodes that their selectors, affinity and tolerations allow.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};

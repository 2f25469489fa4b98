/* DaemonSets: one pod on each node that it selects. Source: k8s.io/kubernetes pkg/controller/daemon. */
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/owned.h"
#include "hack/devcloud/controllers/placement.h"
#include "hack/devcloud/controllers/pods.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define HASH_LABEL "controller-revision-hash"
#define HASH_PATH "metadata.labels[\"" HASH_LABEL "\"]"
#define FIELD_AFFINITY \
    "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"

struct daemon {
    struct control *c;
    const struct opctx *ctx;
    const json *set;
    const json *nodes;
    json *pods;
    json *model; /* the pod to be made, without its node */
    char hash[OWNED_HASH_MAX];
    int64_t desired, current, misplaced, updated, ready, available;
    struct result *result;
};

/* ---- the pod ---- */

/* Nodes in trouble keep their daemons. */
static void add_tolerations(json *spec)
{
    static const struct {
        const char *key, *effect;
    } rows[] = {
        { "node.kubernetes.io/not-ready", "NoExecute" },
        { "node.kubernetes.io/unreachable", "NoExecute" },
        { "node.kubernetes.io/disk-pressure", "NoSchedule" },
        { "node.kubernetes.io/memory-pressure", "NoSchedule" },
        { "node.kubernetes.io/pid-pressure", "NoSchedule" },
        { "node.kubernetes.io/unschedulable", "NoSchedule" },
    };
    if (!json_get(spec, "tolerations"))
        json_put(spec, "tolerations", json_new_array());
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        json_append(
            json_get(spec, "tolerations"),
            json_make("{'key':%s,'operator':'Exists','effect':%s}", rows[i].key, rows[i].effect));
}

static json *give_model(const json *set, const char *hash)
{
    cleanup_json json *labels = json_make("{%s:%s}", HASH_LABEL, hash);
    json *pod = pod_give(set, labels);
    add_tolerations(json_get(pod, "spec"));
    return pod;
}

/* Every term of the pod's own affinity gets the node's name; the scheduler does the rest. */
static json *give_pod_for(const struct daemon *d, const char *node)
{
    json *pod = json_give_copy(d->model);
    json *spec = json_get(pod, "spec");
    json *terms = json_path(spec, FIELD_AFFINITY);
    if (!terms)
        (void)json_path_put(spec, FIELD_AFFINITY, json_make("[{}]"), NULL);
    terms = json_path(spec, FIELD_AFFINITY);
    for (size_t i = 0; i < json_len(terms); i++)
        json_put(json_at(terms, i), "matchFields",
                 json_make("[{'key':'metadata.name','operator':'In','values':[%s]}]", node));
    return pod;
}

/* Also before the scheduler has seen it. */
static const char *node_of(const json *pod)
{
    const char *node = json_path_str(pod, "spec.nodeName");
    return node && *node
               ? node
               : json_path_str(pod, "spec." FIELD_AFFINITY "[0].matchFields[0].values[0]");
}

/* ---- one node ---- */

static bool should_run(const struct daemon *d, const json *node)
{
    return placement_matches(json_get(d->model, "spec"), node) &&
           placement_tolerates(json_get(d->model, "spec"), node, NULL);
}

static bool is_updated(const struct daemon *d, const json *pod)
{
    return str_eq(json_path_str(pod, HASH_PATH), d->hash);
}

static void count_pod(struct daemon *d, const json *pod)
{
    int64_t wait_ms = 0;
    d->current++;
    d->updated += is_updated(d, pod);
    d->ready += pod_is_ready(pod);
    d->available += pod_is_available(pod, json_path_int(d->set, "spec.minReadySeconds", 0),
                                     clock_wall_ns(d->c->clock), &wait_ms);
    if (wait_ms && (!d->result->requeue_after_ms || wait_ms < d->result->requeue_after_ms))
        d->result->requeue_after_ms = wait_ms;
}

/* One of the node's pods stays: what is over, doubled or misplaced goes. *ret_kept: the one, borrowed. */
static int tidy_node(struct daemon *d, const char *node, bool wanted, bool *ret_leaving,
                     const json **ret_kept, struct error **err)
{
    for (size_t i = 0; i < json_len(d->pods); i++) {
        const json *pod = json_at(d->pods, i);
        if (!str_eq(node_of(pod), node))
            continue;
        if (owned_is_deleting(pod)) {
            *ret_leaving = true;
        } else if (wanted && !*ret_kept && !pod_is_over(pod)) {
            *ret_kept = pod;
        } else {
            d->misplaced += !wanted;
            *ret_leaving = true;
            if (owned_delete(d->c, d->ctx, &GVR_PODS, pod, err) < 0)
                return -1;
        }
    }
    return 0;
}

static int sync_node(struct daemon *d, const json *node, struct error **err)
{
    const char *name = json_path_str(node, "metadata.name");
    bool wanted = should_run(d, node), leaving = false;
    const json *kept = NULL;
    d->desired += wanted;
    if (tidy_node(d, name, wanted, &leaving, &kept, err) < 0)
        return -1;
    if (kept)
        count_pod(d, kept);
    if (!wanted || kept || leaving)
        return 0;
    cleanup_json json *pod = give_pod_for(d, name);
    return pod_send(d->c, d->ctx, pod, err);
}

/* Pods of nodes that are no more. */
static int drop_lost(struct daemon *d, struct error **err)
{
    cleanup_map struct map *known = map_new(NULL);
    for (size_t i = 0; i < json_len(d->nodes); i++)
        map_set(known, json_path_str(json_at(d->nodes, i), "metadata.name"), d);
    for (size_t i = 0; i < json_len(d->pods); i++) {
        const json *pod = json_at(d->pods, i);
        const char *node = node_of(pod);
        if (node && !map_has(known, node) && !owned_is_deleting(pod) &&
            owned_delete(d->c, d->ctx, &GVR_PODS, pod, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- updates ---- */

static int64_t max_unavailable(const struct daemon *d)
{
    const json *value = json_path(d->set, "spec.updateStrategy.rollingUpdate.maxUnavailable");
    const char *text = json_str(value);
    int64_t n = 1;
    long long percent = 0;
    cleanup_free char *digits = text ? xstrndup(text, strcspn(text, "%")) : NULL;
    if (digits && str_to_int(digits, 0, 100, &percent))
        n = (d->desired * percent + 99) / 100;
    else
        (void)json_int(value, &n);
    return n > 0 ? n : 1;
}

/* Old pods that serve nobody go at once, the others as far as the strategy allows. */
static int roll_out(struct daemon *d, struct error **err)
{
    int64_t budget = max_unavailable(d) - (d->desired - d->available);
    if (str_eq(json_path_str(d->set, "spec.updateStrategy.type"), "OnDelete"))
        return 0;
    for (size_t i = 0; i < json_len(d->pods); i++) {
        const json *pod = json_at(d->pods, i);
        int64_t unused;
        bool serves = pod_is_available(pod, json_path_int(d->set, "spec.minReadySeconds", 0),
                                       clock_wall_ns(d->c->clock), &unused);
        if (is_updated(d, pod) || !pod_is_active(pod) || (serves && budget <= 0))
            continue;
        budget -= serves;
        if (owned_delete(d->c, d->ctx, &GVR_PODS, pod, err) < 0)
            return error_wrap(err, "replacing a pod");
    }
    return 0;
}

/* ---- one set ---- */

static int write_status(struct daemon *d, struct error **err)
{
    json *status = json_make(
        "{'observedGeneration':%ld,'desiredNumberScheduled':%ld,'currentNumberScheduled':%ld,"
        "'numberMisscheduled':%ld,'updatedNumberScheduled':%ld,'numberReady':%ld,"
        "'numberAvailable':%ld,'numberUnavailable':%ld}",
        json_path_int(d->set, "metadata.generation", 0), d->desired, d->current, d->misplaced,
        d->updated, d->ready, d->available, d->desired - d->available);
    return owned_write_status(d->c, d->ctx, &GVR_DAEMONSETS, d->set, status, err);
}

static int sync_pods(struct daemon *d, struct error **err)
{
    struct error *all = NULL;
    for (size_t i = 0; i < json_len(d->nodes); i++) {
        struct error *e = NULL;
        if (sync_node(d, json_at(d->nodes, i), &e) < 0)
            error_join(&all, &e);
    }
    if (all)
        return error_move(err, &all);
    return drop_lost(d, err) < 0 ? -1 : roll_out(d, err);
}

static int sync_set(struct control *c, const struct opctx *ctx, const json *set, const json *nodes,
                    struct result *result, struct error **err)
{
    cleanup_free char *selector = owned_give_selector(json_path(set, "spec.selector"));
    cleanup_json json *pods = NULL, *model = NULL;
    struct daemon d = { .c = c, .ctx = ctx, .set = set, .nodes = nodes, .result = result };
    if (!selector || owned_is_deleting(set))
        return 0;
    if (owned_list(c, ctx, &GVR_PODS, set, selector, &pods, err) < 0)
        return error_wrap(err, "listing its pods");
    owned_hash(json_path(set, "spec.template"), d.hash);
    d.pods = pods;
    model = give_model(set, d.hash);
    d.model = model;
    int rcode = sync_pods(&d, err);
    struct error *e = NULL;
    if (write_status(&d, &e) < 0) {
        error_join(err, &e);
        rcode = -1;
    }
    return rcode;
}

static int sync_all(struct control *c, const struct opctx *ctx, const json *nodes,
                    struct result *result, struct error **err)
{
    cleanup_json json *sets = NULL;
    struct error *all = NULL;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_DAEMONSETS, NULL, NULL), NULL, &sets, err) < 0)
        return -1;
    const json *items = json_get(sets, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        struct error *e = NULL;
        if (sync_set(c, ctx, json_at(items, i), nodes, result, &e) < 0)
            error_join(&all, &e);
    }
    return all ? error_move(err, &all) : 0;
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    cleanup_free char *nspace = NULL;
    cleanup_free char *name = NULL;
    cleanup_json json *nodes = NULL, *set = NULL;
    (void)source;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_NODES, NULL, NULL), NULL, &nodes, err) < 0)
        return error_wrap(err, "listing nodes");
    if (str_eq(key, BEHAVIOUR_FIXED_KEY)) /* a node has changed */
        return sync_all(c, ctx, json_get(nodes, "items"), ret, err);
    behaviour_split_key(key, &nspace, &name);
    if (owned_find(c, ctx, &GVR_DAEMONSETS, nspace, name, &set, err) < 0)
        return -1;
    return set ? sync_set(c, ctx, set, json_get(nodes, "items"), ret, err) : 0;
}

/* A heartbeat moves no pod. */
static bool placement_changed(const struct predicate *p, const struct informer_event *e)
{
    (void)p;
    if (e->type != INFORMER_UPDATE)
        return true;
    cleanup_json json *old = kube_object_give_json(e->old_obj);
    cleanup_json json *now = kube_object_give_json(e->new_obj);
    return !json_equal(json_path(old, "metadata.labels"), json_path(now, "metadata.labels")) ||
           !json_equal(json_path(old, "spec.taints"), json_path(now, "spec.taints"));
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_DAEMONSETS, .map = WATCH_SELF },
    { .gvr = &GVR_PODS, .map = WATCH_OWNER, .owner_group = "apps", .owner_kind = "DaemonSet" },
    { .gvr = &GVR_NODES, .map = WATCH_FIXED, .test = placement_changed },
};

const struct behaviour daemonset_behaviour = {
    .name = "daemonset",
    .doc =
        "Keeps one pod of each DaemonSet on every node that it selects, of its current template.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};

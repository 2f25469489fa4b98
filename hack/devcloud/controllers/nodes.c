/*
 * Taints of nodes that are not well: the scheduler and DaemonSets look at nothing else. The API server taints every new
 * node, so that without this nothing would ever run on it.
 * Source: k8s.io/kubernetes pkg/controller/nodelifecycle; Kubernetes docs, "Taint Nodes by Condition".
 */
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/owned.h"
#include "pkg/base/strv.h"

#define PREFIX "node.kubernetes.io/"

/* Which status of which condition makes which taint. */
static const struct {
    const char *condition, *status, *taint;
} rows[] = {
    { "Ready", "False", PREFIX "not-ready" },
    { "Ready", "Unknown", PREFIX "unreachable" },
    { "MemoryPressure", "True", PREFIX "memory-pressure" },
    { "DiskPressure", "True", PREFIX "disk-pressure" },
    { "PIDPressure", "True", PREFIX "pid-pressure" },
    { "NetworkUnavailable", "True", PREFIX "network-unavailable" },
};

static bool is_wanted(const json *node, size_t i)
{
    const char *status = json_path_str(owned_condition(node, rows[i].condition), "status");
    if (!status && str_eq(rows[i].condition, "Ready"))
        status = "False"; /* it has not reported yet */
    return str_eq(status, rows[i].status);
}

/* Ours are those of that effect; whoever set another one for eviction removes it. */
static bool is_ours(const json *taint, const char *key)
{
    return str_eq(json_path_str(taint, "key"), key) &&
           str_eq(json_path_str(taint, "effect"), "NoSchedule");
}

static void set_taint(json *taints, const char *key, bool wanted)
{
    bool found = false;
    for (size_t i = json_len(taints); i-- > 0;) {
        if (!is_ours(json_at(taints, i), key))
            continue;
        found = true;
        if (!wanted)
            json_remove_at(taints, i);
    }
    if (wanted && !found)
        json_append(taints, json_make("{'key':%s,'effect':'NoSchedule'}", key));
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    cleanup_json json *node = NULL, *taints = NULL;
    (void)source;
    (void)ret;
    if (owned_find(c, ctx, &GVR_NODES, NULL, key, &node, err) < 0)
        return -1;
    if (!node)
        return 0;
    const json *old = json_path(node, "spec.taints");
    taints = old ? json_give_copy(old) : json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        set_taint(taints, rows[i].taint, is_wanted(node, i));
    set_taint(taints, PREFIX "unschedulable", json_path_bool(node, "spec.unschedulable", false));
    if (old ? json_equal(old, taints) : json_len(taints) == 0)
        return 0;
    cleanup_json json *patch =
        json_make("{'metadata':{'resourceVersion':%s},'spec':{'taints':%j}}",
                  json_path_str(node, "metadata.resourceVersion"), json_ref(taints));
    return kube_patch(c->kube, ctx, KUBE_REF(&GVR_NODES, NULL, key), KUBE_PATCH_MERGE, patch, NULL,
                      NULL, err);
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_NODES, .map = WATCH_SELF },
};

const struct behaviour nodes_behaviour = {
    .name = "nodes",
    .doc = "Taints nodes that are not ready, under pressure or cordoned, as long as they are.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};

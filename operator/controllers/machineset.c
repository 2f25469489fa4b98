#include "operator/controllers/machineset.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define MIN_WORKERS 2

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_MACHINESETS,
      .nspace = MACHINE_NAMESPACE,
      .label_key = "machine.openshift.io/cluster-api-machine-role",
      .label_value = "worker",
      .wake = WAKE_OBJECT,
      .optional = true },
};

/* The API server's default for an absent field. */
static int64_t replicas_of(const json *set)
{
    return json_path_int(set, "spec.replicas", 1);
}

/* A set that the installer did not make: the customer manages the workers, we must not. */
static bool has_custom_set(const json *sets, const char *infra_id)
{
    for (size_t i = 0; i < json_len(sets); i++) {
        const char *name = json_path_str(json_at(sets, i), "metadata.name");
        if (!name || !strstr(name, infra_id))
            return true;
    }
    return false;
}

static int64_t total_replicas(const json *sets)
{
    int64_t total = 0;
    for (size_t i = 0; i < json_len(sets); i++)
        total += replicas_of(json_at(sets, i));
    return total;
}

/* The set whose event woke us gets what is missing; when the Cluster did, the first by name. */
static json *set_to_grow(const json *sets, const char *key)
{
    json *first = NULL;
    for (size_t i = 0; i < json_len(sets); i++) {
        json *set = json_at(sets, i);
        const char *name = json_path_str(set, "metadata.name");
        if (str_starts(key, MACHINE_NAMESPACE "/") &&
            str_eq(key + strlen(MACHINE_NAMESPACE "/"), name))
            return set;
        const char *first_name = json_path_str(first, "metadata.name");
        if (!first || strcmp(name, first_name) < 0)
            first = set;
    }
    return first;
}

struct grow {
    struct kube_client *kube;
    const char *name;
    int64_t missing;
};

static int try_grow(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    const struct grow *g = arg;
    const struct kube_ref *ref = KUBE_REF(&GVR_MACHINESETS, MACHINE_NAMESPACE, g->name);
    cleanup_json json *set = NULL;
    if (kube_get(g->kube, ctx, ref, &set, err) < 0)
        return -1;
    if (json_path_put(set, "spec.replicas", json_new_int(replicas_of(set) + g->missing), err) < 0)
        return -1;
    return kube_update(g->kube, ctx, ref, set, NULL, NULL, err);
}

static int machineset_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    const char *infra_id;
    if (reconcile_need(rc, "spec.infraId", &infra_id, err) < 0)
        return -1;
    cleanup_json json *sets = reconcile_give_list(rc, &watches[1]);
    if (json_len(sets) == 0 || has_custom_set(sets, infra_id))
        return 0;
    int64_t total = total_replicas(sets);
    if (total >= MIN_WORKERS)
        return 0;
    struct grow g = {
        .kube = rc->kube,
        .name = json_path_str(set_to_grow(sets, rc->key), "metadata.name"),
        .missing = MIN_WORKERS - total,
    };
    struct error *e = NULL;
    if (kube_retry_on_conflict(rc->ctx, try_grow, &g, &e) == 0)
        return 0;
    if (error_is(e, ERR_NOT_FOUND)) { /* gone meanwhile: its deletion is an event of its own */
        error_free(e);
        return 0;
    }
    error_move(err, &e);
    return error_wrap(err, "scaling MachineSet %s", g.name);
}

static const struct right rights[] = {
    { .gvr = &GVR_MACHINESETS, .verbs = "get update", .nspace = MACHINE_NAMESPACE },
};

const struct controller_desc machineset_controller = {
    .name = "MachineSet",
    .doc = "Keeps at least two workers in the machine sets that the installer made.",
    .roles = ROLE_MASTER,
    .flag = FLAG_MACHINESET_ENABLED,
    DESC_WATCHES(watches),
    DESC_RIGHTS(rights),
    .has_conditions = true,
    .reconcile = machineset_reconcile,
};

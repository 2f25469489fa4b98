#include "operator/controllers/machineset.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define ROLE_LABEL "machine.openshift.io/cluster-api-machine-role"
#define MIN_WORKERS 2

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_MACHINESETS,
      .nspace = MACHINE_NAMESPACE,
      .label_key = ROLE_LABEL,
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
    const char *key, *infra_id;
    char *name; /* of the set that grew or was to grow; owned */
    int64_t missing;
};

/* The cache may not know yet what the run before scaled, and missing workers would be added twice:
 * every attempt counts live. */
static int try_grow(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt;
    struct grow *g = arg;
    const struct kube_list_options workers = { .label_selector = ROLE_LABEL "=worker" };
    cleanup_json json *list = NULL;
    if (kube_list(g->kube, ctx, KUBE_REF(&GVR_MACHINESETS, MACHINE_NAMESPACE, NULL), &workers,
                  &list, err) < 0)
        return -1;
    json *sets = json_get(list, "items");
    g->missing = MIN_WORKERS - total_replicas(sets);
    if (json_len(sets) == 0 || has_custom_set(sets, g->infra_id) || g->missing <= 0) {
        g->missing = 0;
        return 0;
    }
    json *set = set_to_grow(sets, g->key);
    free(g->name);
    g->name = xstrdup(json_path_str(set, "metadata.name"));
    if (json_path_put(set, "spec.replicas", json_new_int(replicas_of(set) + g->missing), err) < 0)
        return -1;
    return kube_update(g->kube, ctx, KUBE_REF(&GVR_MACHINESETS, MACHINE_NAMESPACE, g->name), set,
                       NULL, NULL, err);
}

static int grow(struct reconcile *rc, const char *infra_id, struct error **err)
{
    struct grow g = { .kube = rc->kube, .key = rc->key, .infra_id = infra_id };
    struct error *e = NULL;
    int rcode = kube_retry_on_conflict(rc->ctx, try_grow, &g, &e);
    cleanup_free char *name = g.name;
    if (rcode == 0 && g.missing > 0)
        reconcile_event(rc, "MachineSetScaled",
                        "MachineSet %s got %lld more replicas: a cluster needs at least %d workers",
                        name, (long long)g.missing, MIN_WORKERS);
    if (rcode == 0)
        return 0;
    if (error_is(e, ERR_NOT_FOUND)) { /* gone meanwhile: its deletion is an event of its own */
        error_free(e);
        return 0;
    }
    error_move(err, &e);
    return name ? error_wrap(err, "scaling MachineSet %s", name)
                : error_wrap(err, "counting the workers");
}

static int machineset_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    const char *infra_id;
    if (reconcile_need(rc, "spec.infraId", &infra_id, err) < 0)
        return -1;
    cleanup_json json *sets = reconcile_give_list(rc, &watches[1]);
    if (json_len(sets) == 0 || has_custom_set(sets, infra_id) ||
        total_replicas(sets) >= MIN_WORKERS)
        return 0;
    return grow(rc, infra_id, err);
}

static const struct right rights[] = {
    { .gvr = &GVR_MACHINESETS, .verbs = "list update", .nspace = MACHINE_NAMESPACE },
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

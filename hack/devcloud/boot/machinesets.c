#include "hack/devcloud/boot/machines.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define LABEL_PATH "metadata.labels[\"" MACHINE_SET_LABEL "\"]"
#define DELETE_PATH "metadata.annotations[\"machine.openshift.io/delete-machine\"]"
#define NAME_LEN 5

static bool is_member(const json *set, const json *machine)
{
    return str_eq(json_path_str(machine, LABEL_PATH), json_path_str(set, "metadata.name"));
}

static bool is_going(const json *object)
{
    return json_path(object, "metadata.deletionTimestamp") != NULL;
}

static bool is_ready(const struct machine_lists *l, const json *machine)
{
    const json *node = machine_find_node(l, json_path_str(machine, "status.nodeRef.name"));
    return node && machine_node_is_ready(node);
}

/* ---- making ---- */

/* As the API server makes generated names: letters that spell no words. */
static char *give_name(const struct rng *rng, const char *set)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    char suffix[NAME_LEN + 1] = { 0 };
    for (size_t i = 0; i < NAME_LEN; i++)
        suffix[i] = letters[rng_below(rng, sizeof(letters) - 1)];
    return xasprintf("%s-%s", set, suffix);
}

static int make_one(struct view *v, const json *set, const struct rng *rng, struct error **err)
{
    const char *set_name = json_path_str(set, "metadata.name");
    cleanup_free char *name = give_name(rng, set_name);
    cleanup_json json *labels = json_give_copy(json_path(set, "spec.template.metadata.labels"));
    cleanup_json json *machine = json_make(
        "{'apiVersion':'machine.openshift.io/v1beta1','kind':'Machine','metadata':{'name':%s,"
        "'namespace':%s,'finalizers':['machine.machine.openshift.io'],'ownerReferences':"
        "[{'apiVersion':'machine.openshift.io/v1beta1','kind':'MachineSet','name':%s,'uid':%s,"
        "'controller':true,'blockOwnerDeletion':true}]},'spec':%j}",
        name, MACHINE_NAMESPACE, set_name, json_path_str(set, "metadata.uid"),
        json_give_copy(json_path(set, "spec.template.spec")));
    if (!labels)
        labels = json_new_object();
    json_put(labels, MACHINE_SET_LABEL, json_new_str(set_name));
    json_put(json_get(machine, "metadata"), "labels", json_ref(labels));
    return kube_create(v->api.kube, v->api.ctx, KUBE_REF(&GVR_MACHINES, MACHINE_NAMESPACE, NULL),
                       machine, NULL, NULL, err);
}

/* ---- choosing ---- */

/* Who goes first: whom somebody chose, then who does not run, then the others. */
static int rank(const struct machine_lists *l, const json *machine)
{
    if (json_path(machine, DELETE_PATH))
        return 0;
    return is_ready(l, machine) ? 2 : 1;
}

static int delete_one(struct view *v, const struct machine_lists *l, const json *set,
                      struct error **err)
{
    const json *chosen = NULL;
    for (size_t i = 0; i < json_len(l->machines); i++) {
        const json *m = json_at(l->machines, i);
        if (is_member(set, m) && !is_going(m) && (!chosen || rank(l, m) < rank(l, chosen)))
            chosen = m;
    }
    if (!chosen)
        return 0;
    return kube_delete_if_present(
        v->api.kube, v->api.ctx,
        KUBE_REF(&GVR_MACHINES, MACHINE_NAMESPACE, json_path_str(chosen, "metadata.name")), err);
}

/* ---- one set ---- */

static int write_status(struct view *v, const struct machine_lists *l, const json *set,
                        struct error **err)
{
    int64_t replicas = 0, ready = 0;
    for (size_t i = 0; i < json_len(l->machines); i++) {
        const json *m = json_at(l->machines, i);
        if (!is_member(set, m) || is_going(m))
            continue;
        replicas++;
        ready += is_ready(l, m);
    }
    cleanup_json json *patch =
        json_make("{'status':{'replicas':%ld,'fullyLabeledReplicas':%ld,'readyReplicas':%ld,"
                  "'availableReplicas':%ld,'observedGeneration':%ld}}",
                  replicas, replicas, ready, ready, json_path_int(set, "metadata.generation", 1));
    return machine_patch(v, &GVR_MACHINESETS, set, "status", patch, err);
}

static int sync_set(struct view *v, const struct machine_lists *l, const json *set,
                    const struct rng *rng, struct error **err)
{
    int64_t wanted = json_path_int(set, "spec.replicas", 1), there = 0;
    for (size_t i = 0; i < json_len(l->machines); i++)
        there += is_member(set, json_at(l->machines, i)) && !is_going(json_at(l->machines, i));
    for (int64_t n = there; n < wanted; n++)
        if (make_one(v, set, rng, err) < 0)
            return error_wrap(err, "making a Machine");
    if (there > wanted &&
        delete_one(v, l, set, err) < 0) /* one a tick: the next sees what is left */
        return error_wrap(err, "deleting a Machine");
    return write_status(v, l, set, err);
}

int machinesets_sync(struct view *v, const struct machine_lists *l, const struct rng *rng,
                     struct error **err)
{
    for (size_t i = 0; i < json_len(l->sets); i++) {
        const json *set = json_at(l->sets, i);
        if (!is_going(set) && sync_set(v, l, set, rng, err) < 0)
            return error_wrap(err, "MachineSet %s", json_path_str(set, "metadata.name"));
    }
    return 0;
}

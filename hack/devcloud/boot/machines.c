#include "hack/devcloud/boot/machines.h"

#include <string.h>

#include "hack/devcloud/boot/config_server.h"
#include "hack/devcloud/boot/settings.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FINALIZER "machine.machine.openshift.io"
#define ROLE "metadata.labels[\"machine.openshift.io/cluster-api-machine-role\"]"
#define VALUE "spec.providerSpec.value."

void machine_lists_release(struct machine_lists *l)
{
    json_free(l->sets);
    json_free(l->machines);
    json_free(l->nodes);
}

static int list(struct view *v, const struct gvr *gvr, const char *nspace, json **ret,
                struct error **err)
{
    cleanup_json json *all = NULL;
    if (kube_list(v->api.kube, v->api.ctx, KUBE_REF(gvr, nspace, NULL), NULL, &all, err) < 0)
        return error_wrap(err, "listing %s", gvr->resource);
    *ret = json_ref(json_get(all, "items"));
    return 0;
}

static int list_all(struct view *v, struct machine_lists *ret, struct error **err)
{
    return list(v, &GVR_MACHINESETS, MACHINE_NAMESPACE, &ret->sets, err) < 0 ||
                   list(v, &GVR_MACHINES, MACHINE_NAMESPACE, &ret->machines, err) < 0 ||
                   list(v, &GVR_NODES, NULL, &ret->nodes, err) < 0
               ? -1
               : 0;
}

/* ---- one Machine ---- */

struct turn { /* what a Machine's turn works with */
    struct view *v;
    const struct machine_lists *l;
    const json *machine;
    const char *name;
    char *vm_id;
    char now[TIME_TEXT_MAX];
};

static bool is_worker(const json *machine)
{
    return !str_eq(json_path_str(machine, ROLE), "master");
}

static int write_phase(struct turn *t, const char *phase, const char *message, struct error **err)
{
    if (str_eq(json_path_str(t->machine, "status.phase"), phase))
        return 0;
    cleanup_json json *patch = json_make("{'status':{'phase':%s,'lastUpdated':%s}}", phase, t->now);
    if (message) {
        json_set_str(patch, "status.errorReason", "InvalidConfiguration", NULL);
        json_set_str(patch, "status.errorMessage", message, NULL);
    }
    return machine_patch(t->v, &GVR_MACHINES, t->machine, "status", patch, err);
}

/* ---- going ---- */

static int end_machine(struct turn *t, struct error **err)
{
    const json *finalizers = json_path(t->machine, "metadata.finalizers");
    if (write_phase(t, "Deleting", NULL, err) < 0 ||
        kube_delete_if_present(t->v->api.kube, t->v->api.ctx, KUBE_REF(&GVR_NODES, NULL, t->name),
                               err) < 0)
        return -1;
    if (t->v->cloud->look(t->v->cloud, t->vm_id, NULL) != CLOUD_ABSENT) {
        t->v->cloud->unmake_machine(t->v->cloud, t->vm_id);
        return 0;
    }
    cleanup_json json *left = json_new_array();
    for (size_t i = 0; i < json_len(finalizers); i++)
        if (!str_eq(json_str(json_at(finalizers, i)), FINALIZER))
            json_append(left, json_ref(json_at(finalizers, i)));
    cleanup_json json *patch = json_make("{'metadata':{'finalizers':%j}}", json_ref(left));
    return machine_patch(t->v, &GVR_MACHINES, t->machine, NULL, patch, err);
}

/* ---- coming ---- */

static char *give_subnet(const struct turn *t)
{
    const char *group = t->v->group_id, *after = strstr(group, "/resourceGroups/");
    const char *rg = json_path_str(t->machine, VALUE "networkResourceGroup");
    const char *vnet = json_path_str(t->machine, VALUE "vnet");
    const char *subnet = json_path_str(t->machine, VALUE "subnet");
    return xasprintf("%.*s/resourceGroups/%s/providers/Microsoft.Network/virtualNetworks/%s/"
                     "subnets/%s",
                     after ? (int)(after - group) : 0, group, rg ? rg : "", vnet ? vnet : "",
                     subnet ? subnet : "");
}

/* What a new machine is given to read, base64 as in the Secret; NULL: nothing. */
static char *give_user_data(const struct turn *t)
{
    const char *name = json_path_str(t->machine, VALUE "userDataSecret.name");
    cleanup_json json *secret = NULL;
    if (!name || kube_get(t->v->api.kube, t->v->api.ctx,
                          KUBE_REF(&GVR_SECRETS, MACHINE_NAMESPACE, name), &secret, NULL) < 0)
        return NULL;
    return xstrdup(json_path_str(secret, "data.userData"));
}

/* Azure's codes that trying again does not help. */
static bool is_final(const struct error *e)
{
    static const char *const codes[] = { "SkuNotAvailable",  "NotAvailableForSubscription",
                                         "QuotaExceeded",    "OperationNotAllowed",
                                         "InvalidParameter", "InvalidResourceReference" };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (str_eq(error_get_code(e), codes[i]))
            return true;
    return false;
}

static int refuse(struct turn *t, const char *code, const char *text, int status,
                  struct error **err)
{
    cleanup_free char *message = xasprintf(
        "failed to reconcile machine \"%s\": failed to create vm %s: failure sending request for "
        "machine %s: cannot create vm: compute.VirtualMachinesClient#CreateOrUpdate: Failure "
        "sending "
        "request: StatusCode=%d -- Original Error: Code=\"%s\" Message=\"%s\"",
        t->name, t->name, t->name, status, code, text);
    return write_phase(t, "Failed", message, err);
}

static int make_vm(struct turn *t, struct error **err)
{
    const char *lb = json_path_str(t->machine, VALUE "publicLoadBalancer");
    cleanup_free char *subnet = give_subnet(t), *user_data = give_user_data(t);
    cleanup_free char *pool = lb && *lb
                                  ? xasprintf("%s/providers/Microsoft.Network/loadBalancers/%s/"
                                              "backendAddressPools/%s",
                                              t->v->group_id, lb, lb)
                                  : NULL;
    struct machine_wish wish = { .group_id = t->v->group_id,
                                 .name = t->name,
                                 .size = json_path_str(t->machine, VALUE "vmSize"),
                                 .zone = json_path_str(t->machine, VALUE "zone"),
                                 .subnet_id = subnet,
                                 .pool_id = pool,
                                 .custom_data = user_data,
                                 .disk_gb = (int)json_path_int(t->machine,
                                                               VALUE "osDisk.diskSizeGB", 128) };
    struct error *e = NULL;
    if (t->v->cloud->make_machine(t->v->cloud, &wish, &e) == 0)
        return write_phase(t, "Provisioning", NULL, err);
    /* A conflict in Azure is none in the API: it is told, and tried again. */
    int rcode = is_final(e) ? refuse(t, error_get_code(e), error_text(e), error_get_status(e), err)
                            : error_set(err, ERR_UNAVAILABLE, "making the virtual machine: %s",
                                        error_text(e));
    error_free(e);
    return rcode;
}

/* Nothing is there in Azure: it is made, unless it was there before, or is not ours to make. */
static int begin_machine(struct turn *t, struct error **err)
{
    const char *failure = settings_failure(t->v->settings, t->name);
    if (failure)
        return refuse(t, failure, "The simulation's settings say so.", 409, err);
    if (json_path_str(t->machine, "spec.providerID"))
        return write_phase(t, "Failed", "Can't find created instance.", err);
    if (!is_worker(t->machine) || !settings_is_due(t->v->settings, "machines", t->v->age_ms))
        return 0;
    return make_vm(t, err);
}

/* ---- running ---- */

static int write_facts(struct turn *t, bool runs, struct error **err)
{
    cleanup_free char *provider_id = xasprintf("azure://%s", t->vm_id);
    const char *size = json_path_str(t->machine, VALUE "vmSize");
    const char *region = json_path_str(t->machine, VALUE "location");
    const char *zone = json_path_str(t->machine, VALUE "zone");
    cleanup_json json *patch =
        json_make("{'metadata':{'labels':{'machine.openshift.io/instance-type':%s,"
                  "'machine.openshift.io/region':%s,'machine.openshift.io/zone':%s},'annotations':"
                  "{'machine.openshift.io/instance-state':%s}},'spec':{'providerID':%s}}",
                  size ? size : "", region ? region : "", zone ? zone : "",
                  runs ? "Running" : "Stopped", provider_id);
    return machine_patch(t->v, &GVR_MACHINES, t->machine, NULL, patch, err);
}

static json *give_addresses(const struct turn *t, const struct strv *addresses)
{
    json *out = json_make("[{'type':'Hostname','address':%s},{'type':'InternalDNS','address':%s}]",
                          t->name, t->name);
    for (size_t i = 0; i < addresses->len; i++)
        json_append(out, json_make("{'type':'InternalIP','address':%s}", addresses->v[i]));
    return out;
}

static int write_status(struct turn *t, const struct strv *addresses, bool runs, const char *phase,
                        struct error **err)
{
    const char *created =
        json_path_str(t->machine, "status.providerStatus.conditions[0].lastTransitionTime");
    const char *updated = json_path_str(t->machine, "status.lastUpdated");
    bool is_new = !str_eq(json_path_str(t->machine, "status.phase"), phase);
    cleanup_json json *patch = json_make(
        "{'status':{'phase':%s,'lastUpdated':%s,'nodeRef':{'kind':'Node','name':%s},'addresses':%j,"
        "'providerStatus':{'vmId':%s,'vmState':%s,'conditions':[{'type':'MachineCreated','status':"
        "'True','reason':'MachineCreationSucceeded','message':'machine successfully created',"
        "'lastTransitionTime':%s}]}}}",
        phase, updated && !is_new ? updated : t->now, t->name, give_addresses(t, addresses),
        t->vm_id, runs ? "Running" : "Stopped", created ? created : t->now);
    return machine_patch(t->v, &GVR_MACHINES, t->machine, "status", patch, err);
}

static int make_node(struct turn *t, struct error **err)
{
    const char *role = is_worker(t->machine) ? "worker" : "master";
    if (t->v->configs && config_server_boot(t->v->configs, t->v, t->vm_id, role, err) < 0)
        return -1;
    cleanup_free char *provider_id = xasprintf("azure://%s", t->vm_id);
    cleanup_json json *node = machine_give_node(t->machine, provider_id);
    struct error *e = NULL;
    if (kube_create(t->v->api.kube, t->v->api.ctx, KUBE_REF(&GVR_NODES, NULL, NULL), node, NULL,
                    NULL, &e) < 0 &&
        !error_is(e, ERR_EXISTS))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

/* What the node controller writes when a kubelet is not heard of any more. */
static int lose_node(struct turn *t, const json *node, struct error **err)
{
    cleanup_json json *conditions = json_give_copy(json_path(node, "status.conditions"));
    for (size_t i = 0; i < json_len(conditions); i++) {
        json *one = json_at(conditions, i);
        if (str_eq(json_path_str(one, "status"), "Unknown"))
            continue;
        json_put(one, "status", json_new_str("Unknown"));
        json_put(one, "reason", json_new_str("NodeStatusUnknown"));
        json_put(one, "message", json_new_str("Kubelet stopped posting node status."));
        json_put(one, "lastTransitionTime", json_new_str(t->now));
    }
    cleanup_json json *patch = json_make("{'status':{'conditions':%j}}", json_ref(conditions));
    return machine_patch(t->v, &GVR_NODES, node, "status", patch, err);
}

/* The cloud's node controller: what is not there has no Node. */
static int drop_node(struct turn *t, struct error **err)
{
    if (!machine_find_node(t->l, t->name))
        return 0;
    return kube_delete_if_present(t->v->api.kube, t->v->api.ctx,
                                  KUBE_REF(&GVR_NODES, NULL, t->name), err);
}

static int keep_machine(struct turn *t, const struct strv *addresses, bool runs, struct error **err)
{
    const json *node = machine_find_node(t->l, t->name);
    if (write_facts(t, runs, err) < 0 || (!node && make_node(t, err) < 0) ||
        (node && !runs && lose_node(t, node, err) < 0))
        return -1;
    bool is_ready = node && runs && machine_node_is_ready(node);
    bool was_ready = str_eq(json_path_str(t->machine, "status.phase"), "Running");
    if (is_ready && is_worker(t->machine))
        t->v->has_workers = true;
    return write_status(t, addresses, runs, is_ready || was_ready ? "Running" : "Provisioned", err);
}

static int take_turn(struct turn *t, struct error **err)
{
    cleanup_strv struct strv addresses = STRV_INIT;
    if (json_path(t->machine, "metadata.deletionTimestamp"))
        return end_machine(t, err);
    enum cloud_machine vm = t->v->cloud->look(t->v->cloud, t->vm_id, &addresses);
    if (str_eq(json_path_str(t->machine, "status.phase"), "Failed")) /* for good */
        return vm == CLOUD_ABSENT ? drop_node(t, err) : 0;
    if (vm == CLOUD_ABSENT)
        return begin_machine(t, err);
    return keep_machine(t, &addresses, vm == CLOUD_RUNS, err);
}

/* ---- all of them ---- */

static int sync_machine(struct view *v, const struct machine_lists *l, const json *machine,
                        const char *now, struct error **err)
{
    const char *name = json_path_str(machine, "metadata.name");
    cleanup_free char *vm_id =
        xasprintf("%s/providers/Microsoft.Compute/virtualMachines/%s", v->group_id, name);
    struct turn t = { .v = v, .l = l, .machine = machine, .name = name, .vm_id = vm_id };
    memcpy(t.now, now, TIME_TEXT_MAX);
    return take_turn(&t, err) < 0 ? error_wrap(err, "Machine %s", t.name) : 0;
}

int machines_sync(struct view *v, const struct rng *rng, int64_t wall_ns, struct error **err)
{
    cleanup_machine_lists struct machine_lists l = { 0 };
    struct error *all = NULL;
    char now[TIME_TEXT_MAX];
    time_rfc3339(wall_ns, now);
    if (list_all(v, &l, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(l.machines); i++) {
        struct error *e = NULL;
        if (sync_machine(v, &l, json_at(l.machines, i), now, &e) < 0 && !error_is(e, ERR_CONFLICT))
            error_join(&all, &e);
        error_free(e);
    }
    struct error *e = NULL;
    if (settings_is_due(v->settings, "machines", v->age_ms) && machinesets_sync(v, &l, rng, &e) < 0)
        error_join(&all, &e);
    return all ? error_move(err, &all) : 0;
}

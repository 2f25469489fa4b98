#include <string.h>

#include "hack/devcloud/boot/machines.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ROLE "metadata.labels[\"machine.openshift.io/cluster-api-machine-role\"]"
#define VALUE "spec.providerSpec.value."

json *machine_give_node(const json *machine, const char *provider_id)
{
    const char *name = json_path_str(machine, "metadata.name");
    const char *role = json_path_str(machine, ROLE);
    const char *size = json_path_str(machine, VALUE "vmSize");
    const char *region = json_path_str(machine, VALUE "location");
    const char *zone = json_path_str(machine, VALUE "zone");
    bool is_master = str_eq(role, "master");
    cleanup_free char *rendered =
        xasprintf("rendered-%s-00000000000000000000000000000001", is_master ? "master" : "worker");
    cleanup_free char *owner = xasprintf(MACHINE_NAMESPACE "/%s", name);
    cleanup_free char *zone_name =
        zone && *zone ? xasprintf("%s-%s", region ? region : "", zone) : xstrdup("0");
    cleanup_free char *role_label =
        xasprintf("node-role.kubernetes.io/%s", is_master ? "master" : "worker");
    json *node = json_make(
        "{'apiVersion':'v1','kind':'Node','metadata':{'name':%s,'labels':{'kubernetes.io/arch':"
        "'amd64','kubernetes.io/os':'linux','kubernetes.io/hostname':%s,"
        "'node.openshift.io/os_id':'rhcos','node.kubernetes.io/instance-type':%s,"
        "'topology.kubernetes.io/region':%s,'topology.kubernetes.io/zone':%s,%s:''},"
        "'annotations':{'machine.openshift.io/machine':%s,"
        "'machineconfiguration.openshift.io/currentConfig':%s,"
        "'machineconfiguration.openshift.io/desiredConfig':%s,"
        "'machineconfiguration.openshift.io/state':'Done'}},'spec':{'providerID':%s}}",
        name, name, size ? size : "", region ? region : "", zone_name, role_label, owner, rendered,
        rendered, provider_id);
    if (is_master)
        json_put(json_get(node, "spec"), "taints",
                 json_make("[{'key':'node-role.kubernetes.io/master','effect':'NoSchedule'}]"));
    return node;
}

bool machine_node_is_ready(const json *node)
{
    const json *conditions = json_path(node, "status.conditions");
    for (size_t i = 0; i < json_len(conditions); i++)
        if (str_eq(json_path_str(json_at(conditions, i), "type"), "Ready"))
            return str_eq(json_path_str(json_at(conditions, i), "status"), "True");
    return false;
}

const json *machine_find_node(const struct machine_lists *l, const char *name)
{
    for (size_t i = 0; i < json_len(l->nodes); i++)
        if (str_eq(json_path_str(json_at(l->nodes, i), "metadata.name"), name))
            return json_at(l->nodes, i);
    return NULL;
}

int machine_patch(struct view *v, const struct gvr *gvr, const json *object,
                  const char *subresource, const json *patch, struct error **err)
{
    struct kube_ref ref = { .gvr = gvr,
                            .nspace = json_path_str(object, "metadata.namespace"),
                            .name = json_path_str(object, "metadata.name"),
                            .subresource = subresource };
    cleanup_json json *merged = json_give_merged(json_give_copy(object), patch);
    struct error *e = NULL;
    if (json_equal(merged, object) ||
        kube_patch(v->api.kube, v->api.ctx, &ref, KUBE_PATCH_MERGE, patch, NULL, NULL, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND)) {
        error_move(err, &e);
        return error_wrap(err, "writing %s %s", gvr->kind, ref.name);
    }
    error_free(e); /* gone meanwhile */
    return 0;
}

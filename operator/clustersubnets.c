#include "operator/clustersubnets.h"

#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define ROLE_LABEL "machine.openshift.io/cluster-api-machine-role"

void cluster_subnets_release(struct cluster_subnets *s)
{
    for (size_t i = 0; i < s->len; i++)
        free(s->v[i].id);
    free(s->v);
    *s = (struct cluster_subnets){ 0 };
}

static void add(struct cluster_subnets *s, char *id, bool is_master)
{
    for (size_t i = 0; i < s->len; i++) {
        if (str_eq_nocase(s->v[i].id, id)) {
            free(id);
            return;
        }
    }
    s->v = xreallocarray(s->v, s->len + 1, sizeof(*s->v));
    s->v[s->len++] = (struct cluster_subnet){ id, is_master };
}

static char *give_id(const char *subscription_id, const json *provider_spec)
{
    const char *group = json_path_str(provider_spec, "networkResourceGroup");
    const char *vnet = json_path_str(provider_spec, "vnet");
    const char *subnet = json_path_str(provider_spec, "subnet");
    if (!group || !vnet || !subnet || !*group || !*vnet || !*subnet)
        return NULL;
    return xasprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network/"
                     "virtualNetworks/%s/subnets/%s",
                     subscription_id, group, vnet, subnet);
}

static const char *role_of(const json *object)
{
    return json_str(json_get(json_path(object, "metadata.labels"), ROLE_LABEL));
}

int cluster_subnets_from(const char *resource_id, const json *machine_sets, const json *machines,
                         struct cluster_subnets *ret, struct error **err)
{
    struct arm_id id = { 0 };
    if (arm_id_parse(resource_id, &id, err) < 0)
        return error_wrap(err, "spec.resourceId");
    *ret = (struct cluster_subnets){ 0 };
    for (size_t i = 0; i < json_len(machine_sets); i++) {
        json *set = json_at(machine_sets, i);
        char *subnet =
            give_id(id.subscription_id, json_path(set, "spec.template.spec.providerSpec.value"));
        /* A set without the label makes workers, too. */
        if (subnet && !str_eq(role_of(set), "master"))
            add(ret, take(subnet), false);
        free(subnet);
    }
    for (size_t i = 0; i < json_len(machines); i++) {
        json *machine = json_at(machines, i);
        char *subnet = give_id(id.subscription_id, json_path(machine, "spec.providerSpec.value"));
        if (subnet && str_eq(role_of(machine), "master"))
            add(ret, take(subnet), true);
        free(subnet);
    }
    arm_id_release(&id);
    return 0;
}

int cluster_subnets_list(struct services *sv, const struct opctx *ctx, const json *cluster,
                         struct cluster_subnets *ret, struct error **err)
{
    const char *resource_id;
    if (json_need_str(cluster, "spec.resourceId", &resource_id, err) < 0)
        return error_wrap(err, "reading Cluster " CLUSTER_NAME);
    cleanup_json json *sets = NULL;
    cleanup_json json *machines = NULL;
    struct kube_list_options masters = { .label_selector = ROLE_LABEL "=master" };
    if (kube_list(sv->kube, ctx, KUBE_REF(&GVR_MACHINESETS, MACHINE_NAMESPACE, NULL), NULL, &sets,
                  err) < 0 ||
        kube_list(sv->kube, ctx, KUBE_REF(&GVR_MACHINES, MACHINE_NAMESPACE, NULL), &masters,
                  &machines, err) < 0)
        return error_wrap(err, "listing the cluster's machines");
    return cluster_subnets_from(resource_id, json_get(sets, "items"), json_get(machines, "items"),
                                ret, err);
}

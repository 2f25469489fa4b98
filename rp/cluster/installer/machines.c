#include "rp/cluster/installer/machines.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/installer/inputs.h"

#define MASTER_DISK_GB 1024
#define WORKER_DISK_GB 128

struct role {
    const char *name, *subnet_path;
    const json *pool;
    int64_t disk_gb;
};

static struct role give_role(const struct installer_inputs *in, bool is_master)
{
    return is_master ? (struct role){ "master", "platform.azure.controlPlaneSubnet",
                                      json_get(in->install_config, "controlPlane"), MASTER_DISK_GB }
                     : (struct role){ "worker", "platform.azure.computeSubnet",
                                      json_path(in->install_config, "compute[0]"), WORKER_DISK_GB };
}

json *machines_give_image(const struct installer_inputs *in)
{
    json *image = json_make("{'publisher':%s,'offer':%s,'sku':%s,'version':%s,'resourceID':''}",
                            in->image.publisher, in->image.offer, in->image.sku, in->image.version);
    if (in->layout == INSTALLER_V2)
        json_put(image, "type", json_new_str("MarketplaceNoPlan"));
    return image;
}

static json *give_disk(const struct role *role)
{
    const json *set = json_path(role->pool, "platform.azure.osDisk.diskEncryptionSet");
    json *managed = json_make("{'storageAccountType':'Premium_LRS'}");
    if (set) {
        cleanup_free char *id =
            xasprintf("/subscriptions/%s/resourceGroups/%s/providers/"
                      "Microsoft.Compute/diskEncryptionSets/%s",
                      json_path_str(set, "subscriptionId"), json_path_str(set, "resourceGroup"),
                      json_path_str(set, "name"));
        json_put(managed, "diskEncryptionSet", json_make("{'id':%s}", id));
    }
    return json_make("{'diskSizeGB':%ld,'osType':'Linux','managedDisk':%j}",
                     json_path_int(role->pool, "platform.azure.osDisk.diskSizeGB", role->disk_gb),
                     managed);
}

static json *give_spec(const struct installer_inputs *in, const struct role *role, const char *zone)
{
    const json *config = in->install_config;
    cleanup_free char *user_data = xasprintf("%s-user-data", role->name);
    json *spec =
        json_make("{'apiVersion':%s,'kind':'AzureMachineProviderSpec',"
                  "'credentialsSecret':{'name':'azure-cloud-credentials',"
                  "'namespace':'openshift-machine-api'},"
                  "'image':%j,'location':%s,'managedIdentity':'','metadata':{},"
                  "'networkResourceGroup':%s,'osDisk':%j,'publicIP':false,'resourceGroup':%s,"
                  "'subnet':%s,'userDataSecret':{'name':%s},'vmSize':%s,'vnet':%s}",
                  in->layout == INSTALLER_V1 ? "azureproviderconfig.openshift.io/v1beta1"
                                             : "machine.openshift.io/v1beta1",
                  machines_give_image(in), in->region,
                  json_path_str(config, "platform.azure.networkResourceGroupName"), give_disk(role),
                  in->resource_group, json_path_str(config, role->subnet_path), user_data,
                  json_path_str(role->pool, "platform.azure.type"),
                  json_path_str(config, "platform.azure.virtualNetwork"));
    if (zone)
        json_put(spec, "zone", json_new_str(zone));
    if (json_path_bool(role->pool, "platform.azure.encryptionAtHost", false))
        json_put(spec, "securityProfile", json_make("{'encryptionAtHost':true}"));
    return spec;
}

static json *give_labels(const struct installer_inputs *in, const char *role)
{
    return json_make("{'machine.openshift.io/cluster-api-cluster':%s,"
                     "'machine.openshift.io/cluster-api-machine-role':%s,"
                     "'machine.openshift.io/cluster-api-machine-type':%s}",
                     in->infra_id, role, role);
}

/* NULL when the pool has no zones. */
static const char *zone_at(const json *pool, size_t i)
{
    const json *zones = json_path(pool, "platform.azure.zones");
    size_t n = json_len(zones);
    return n ? json_str(json_at(zones, i % n)) : NULL;
}

json *machines_give_masters(const struct installer_inputs *in)
{
    struct role role = give_role(in, true);
    json *list = json_new_array();
    size_t n = (size_t)json_path_int(role.pool, "replicas", 3);
    for (size_t i = 0; i < n; i++) {
        cleanup_free char *name = xasprintf("%s-master-%zu", in->infra_id, i);
        cleanup_free char *public_lb = inputs_give_public_lb(in);
        cleanup_free char *internal_lb = inputs_give_internal_lb(in);
        json *spec = give_spec(in, &role, zone_at(role.pool, i));
        if (inputs_has_public_lb(in))
            json_put(spec, "publicLoadBalancer", json_new_str(public_lb));
        json_put(spec, "internalLoadBalancer", json_new_str(internal_lb));
        json_append(list,
                    json_make("{'apiVersion':'machine.openshift.io/v1beta1','kind':'Machine',"
                              "'metadata':{'name':%s,'namespace':'openshift-machine-api',"
                              "'labels':%j},'spec':{'metadata':{},'providerSpec':{'value':%j}}}",
                              name, give_labels(in, "master"), spec));
    }
    return list;
}

static json *give_set(const struct installer_inputs *in, const struct role *role, const char *zone,
                      int64_t replicas)
{
    cleanup_free char *name = zone ? xasprintf("%s-worker-%s%s", in->infra_id, in->region, zone)
                                   : xasprintf("%s-worker", in->infra_id);
    json *spec = give_spec(in, role, zone);
    if (inputs_has_public_lb(in))
        json_put(spec, "publicLoadBalancer", json_new_str(in->infra_id));
    json *labels = give_labels(in, "worker");
    json_put(labels, "machine.openshift.io/cluster-api-machineset", json_new_str(name));
    return json_make("{'apiVersion':'machine.openshift.io/v1beta1','kind':'MachineSet',"
                     "'metadata':{'name':%s,'namespace':'openshift-machine-api','labels':%j},"
                     "'spec':{'replicas':%ld,"
                     "'selector':{'matchLabels':{'machine.openshift.io/cluster-api-cluster':%s,"
                     "'machine.openshift.io/cluster-api-machineset':%s}},"
                     "'template':{'metadata':{'labels':%j},"
                     "'spec':{'metadata':{},'providerSpec':{'value':%j}}}}}",
                     name,
                     json_make("{'machine.openshift.io/cluster-api-cluster':%s}", in->infra_id),
                     replicas, in->infra_id, name, labels, spec);
}

json *machines_give_worker_sets(const struct installer_inputs *in)
{
    struct role role = give_role(in, false);
    json *list = json_new_array();
    size_t zones = json_len(json_path(role.pool, "platform.azure.zones"));
    size_t sets = zones ? zones : 1;
    int64_t total = json_path_int(role.pool, "replicas", 3);
    for (size_t i = 0; i < sets; i++) {
        /* Evenly, the rest to the first ones. */
        int64_t replicas = total / (int64_t)sets + ((int64_t)i < total % (int64_t)sets);
        json_append(list, give_set(in, &role, zone_at(role.pool, i), replicas));
    }
    return list;
}

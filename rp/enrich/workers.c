/* The sets of worker machines. */
#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/enrich/task.h"

#define SPEC "spec.template.spec.providerSpec.value."
#define REPLICAS_DEFAULT 1 /* the API's, of an absent field */

static int fetch(struct kube_client *k, const struct opctx *ctx, json **ret, struct error **err)
{
    return kube_list(k, ctx, KUBE_REF(&GVR_MACHINESETS, "openshift-machine-api", NULL), NULL, ret,
                     err);
}

static const char *text_or_empty(const json *j, const char *path)
{
    const char *text = json_path_str(j, path);
    return text ? text : "";
}

static void put_machines(json *profile, const json *set, const char *subscription_id)
{
    cleanup_free char *subnet = xasprintf(
        "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network/virtualNetworks/%s/"
        "subnets/%s",
        subscription_id, text_or_empty(set, SPEC "networkResourceGroup"),
        text_or_empty(set, SPEC "vnet"), text_or_empty(set, SPEC "subnet"));
    const char *encryption = json_path_str(set, SPEC "osDisk.managedDisk.diskEncryptionSet.id");
    bool at_host = json_path_bool(set, SPEC "securityProfile.encryptionAtHost", false);
    json_put(profile, "vmSize", json_new_str(text_or_empty(set, SPEC "vmSize")));
    json_put(profile, "diskSizeGB", json_new_int(json_path_int(set, SPEC "osDisk.diskSizeGB", 0)));
    json_put(profile, "subnetId", json_new_str(subnet));
    json_put(profile, "encryptionAtHost", json_new_str(at_host ? "Enabled" : "Disabled"));
    if (encryption)
        json_put(profile, "diskEncryptionSetId", json_new_str(encryption));
}

/* What machines are like is known for sure of those only that run. */
static json *give_profile(const json *set, const char *subscription_id)
{
    json *profile = json_make("{'name':%s,'count':%ld}", json_path_str(set, "metadata.name"),
                              json_path_int(set, "spec.replicas", REPLICAS_DEFAULT));
    if (json_path_int(set, "status.readyReplicas", 0) > 0)
        put_machines(profile, set, subscription_id);
    return profile;
}

static int apply(const struct enrich_config *cfg, const struct opctx *ctx, json *cluster,
                 const json *found, struct error **err)
{
    (void)cfg;
    (void)ctx;
    struct arm_id id;
    const json *items = json_get(found, "items");
    if (arm_id_parse(text_or_empty(cluster, "id"), &id, err) < 0)
        return -1;
    json *profiles = json_new_array();
    for (size_t i = 0; i < json_len(items); i++)
        json_append(profiles, give_profile(json_at(items, i), id.subscription_id));
    arm_id_release(&id);
    return json_path_put(cluster, "properties.workerProfilesStatus", profiles, err);
}

const struct enrich_task enrich_workers = { .name = "workerProfile",
                                            .fetch = fetch,
                                            .apply = apply };

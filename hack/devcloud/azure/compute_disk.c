/* Disks: made with their machines, left behind by them. */
#include <string.h>

#include "hack/devcloud/azure/compute.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define IMAGE_GB 16

static bool has_disk(const json *machine, const char *disk_id)
{
    json *more = json_path(machine, "properties.storageProfile.dataDisks");
    if (str_eq_nocase(json_path_str(machine, "properties.storageProfile.osDisk.managedDisk.id"),
                      disk_id))
        return true;
    for (size_t i = 0; json_is_array(more) && i < json_len(more); i++)
        if (str_eq_nocase(json_path_str(json_at(more, i), "managedDisk.id"), disk_id))
            return true;
    return false;
}

const json *compute_find_user(struct azure_sim *sim, const char *disk_id)
{
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        if (resource_is_type(it.value, MACHINE_TYPE) && has_disk(it.value, disk_id))
            return it.value;
    return NULL;
}

void compute_put_disk(struct sim_call *c, const json *machine)
{
    const json *disk = json_path(machine, "properties.storageProfile.osDisk");
    const char *id = json_path_str(disk, "managedDisk.id");
    const char *sku = json_path_str(disk, "managedDisk.storageAccountType");
    cleanup_free char *key = str_give_lower(id);
    char unique[UUID_LEN + 1], now[TIME_TEXT_MAX];
    if (resource_get(c->sim, id))
        return;
    rng_uuid(c->sim->cfg.rng, unique);
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), now);
    json *object = json_make(
        "{'id':%s,'name':%s,'type':%s,'location':%s,'sku':{'name':%s,'tier':%s},'properties':{"
        "'osType':'Linux','creationData':{'createOption':'FromImage'},'diskSizeGB':%ld,"
        "'timeCreated':%s,'uniqueId':%s,'provisioningState':'Updating'}}",
        id, json_path_str(disk, "name"), DISK_TYPE, json_path_str(machine, "location"),
        sku ? sku : "Standard_LRS", sku && str_starts(sku, "Premium") ? "Premium" : "Standard",
        json_path_int(disk, "diskSizeGB", IMAGE_GB), now, unique);
    if (json_get(machine, "zones"))
        json_put(object, "zones", json_give_copy(json_get(machine, "zones")));
    if (json_path(disk, "managedDisk.diskEncryptionSet.id"))
        (void)json_path_put(object, "properties.encryption",
                            json_make("{'type':'EncryptionAtRestWithCustomerKey',"
                                      "'diskEncryptionSetId':%s}",
                                      json_path_str(disk, "managedDisk.diskEncryptionSet.id")),
                            NULL);
    json_put(resource_table(c->sim), key, object);
    operation_adopt(c, key);
}

/* ---- the kind ---- */

static bool check(struct sim_call *c, const struct resource_at *at)
{
    if (at->old || json_path(c->body, "properties.creationData"))
        return true;
    sim_reply_error(c, 400, "InvalidParameter",
                    "Required parameter 'disk.creationData' is missing.");
    return false;
}

static bool may_go(struct sim_call *c, const struct resource_at *at)
{
    const json *user = compute_find_user(c->sim, json_path_str(at->old, "id"));
    if (user)
        sim_reply_error(c, 409, "OperationNotAllowed", "Disk %s is attached to VM %s.",
                        json_path_str(at->old, "name"), json_path_str(user, "id"));
    return !user;
}

static void show(struct sim_call *c, const char *key, const json *object, json *view)
{
    (void)key;
    const json *user = compute_find_user(c->sim, json_path_str(object, "id"));
    if (user)
        json_put(view, "managedBy", json_new_str(json_path_str(user, "id")));
    (void)json_set_str(view, "properties.diskState", user ? "Attached" : "Unattached", NULL);
}

static const char *const owned[] = { "timeCreated", "uniqueId", "diskState", NULL };

const struct resource_kind compute_disk_kind = {
    .type = DISK_TYPE,
    .etag = RESOURCE_ETAG_NONE,
    .owned = owned,
    .check = check,
    .may_go = may_go,
    .show = show,
};

/* Virtual machines: made from what is put, shown without its secrets. */
#include <string.h>

#include "hack/devcloud/azure/compute.h"
#include "hack/devcloud/azure/machine_room.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const char *const owned[] = { "vmId", "timeCreated", "instanceView", NULL };

/* ---- PUT ---- */

static void hide_secrets(json *object, const struct resource_at *at)
{
    json *profile = json_path(object, "properties.osProfile");
    const char *data = json_path_str(profile, "customData");
    if (!at->old)
        json_put(object, "inside", json_new_object());
    if (data)
        json_put(resource_inside(object), "customData", json_new_str(data));
    json_del(profile, "customData");
    json_del(profile, "adminPassword");
}

static void add_disk_defaults(const struct resource_at *at, json *object)
{
    json *disk = json_path(object, "properties.storageProfile.osDisk");
    const char *had = json_path_str(at->old, "properties.storageProfile.osDisk.name");
    if (!json_is_object(disk))
        (void)json_path_put(object, "properties.storageProfile.osDisk", json_new_object(), NULL);
    disk = json_path(object, "properties.storageProfile.osDisk");
    cleanup_free char *own = xasprintf("%s_OsDisk_1_%.8s", json_path_str(object, "name"),
                                       json_path_str(object, "properties.vmId"));
    if (!json_path_str(disk, "name"))
        json_put(disk, "name", json_new_str(had ? had : own));
    cleanup_free char *id =
        xasprintf("%s/providers/" DISK_TYPE "/%s", at->id->scope, json_path_str(disk, "name"));
    (void)json_set_str(disk, "managedDisk.id", id, NULL);
    if (!json_get(disk, "osType"))
        json_put(disk, "osType", json_new_str("Linux"));
    if (!json_get(disk, "deleteOption"))
        json_put(disk, "deleteOption", json_new_str("Detach"));
    if (!json_is_array(json_path(object, "properties.storageProfile.dataDisks")))
        (void)json_path_put(object, "properties.storageProfile.dataDisks", json_new_array(), NULL);
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    char id[UUID_LEN + 1], now[TIME_TEXT_MAX];
    rng_uuid(c->sim->cfg.rng, id);
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), now);
    if (!at->old) {
        (void)json_set_str(object, "properties.vmId", id, NULL);
        (void)json_set_str(object, "properties.timeCreated", now, NULL);
    }
    hide_secrets(object, at);
    add_disk_defaults(at, object);
}

/* {"name": pattern, "times", "code", "message"} of the state's machine_failures; NULL: it will not fail. Borrowed. */
static json *find_failure(struct azure_sim *sim, const char *name)
{
    json *list = json_get(sim->state, "machine_failures");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        json *entry = json_at(list, i);
        const char *pattern = json_path_str(entry, "name");
        if (pattern && str_matches_nocase(pattern, name) && json_path_int(entry, "times", 1) > 0)
            return entry;
    }
    return NULL;
}

static void stored(struct sim_call *c, const struct resource_at *at, json *object)
{
    json *failure = find_failure(c->sim, json_path_str(object, "name"));
    compute_put_disk(c, object);
    if (!failure || json_path_bool(at->old, "inside.provisioned", false))
        return;
    const char *code = json_path_str(failure, "code"), *text = json_path_str(failure, "message");
    json_put(failure, "times", json_new_int(json_path_int(failure, "times", 1) - 1));
    operation_fail(c, json_make("{'code':%s,'message':%s}", code ? code : "AllocationFailed",
                                text ? text
                                     : "Allocation failed. We do not have sufficient capacity for "
                                       "the requested VM size in this region."));
}

/* ---- what happens to it ---- */

static void finished(struct azure_sim *sim, const char *key, json *object, bool failed)
{
    json *inside = resource_inside(object);
    const char *power = json_path_str(inside, "power"), *wanted = json_path_str(inside, "wanted");
    bool first = !json_path_bool(inside, "provisioned", false);
    (void)key;
    if (failed || (!first && !wanted)) {
        json_del(inside, "wanted");
        return;
    }
    bool on = first || str_eq(wanted, "running"), was_on = str_eq(power, "running");
    json_put(inside, "provisioned", json_new_bool(true));
    json_put(inside, "power", json_new_str(first ? "running" : wanted));
    json_del(inside, "wanted");
    if (first)
        machine_room_tell(sim, MACHINE_PROVISIONED, object);
    else if (on != was_on)
        machine_room_tell(sim, on ? MACHINE_STARTED : MACHINE_STOPPED, object);
}

static bool goes_along(const json *part)
{
    return str_eq_nocase(json_path_str(part, "deleteOption"), "Delete") ||
           str_eq_nocase(json_path_str(part, "properties.deleteOption"), "Delete");
}

static void remove_part(struct azure_sim *sim, const char *id)
{
    cleanup_free char *key = id ? str_give_lower(id) : NULL;
    if (key)
        resource_remove(sim, key);
}

static void removed(struct azure_sim *sim, const char *key, const json *object)
{
    json *nics = json_path(object, "properties.networkProfile.networkInterfaces");
    const json *disk = json_path(object, "properties.storageProfile.osDisk");
    (void)key;
    machine_room_tell(sim, MACHINE_DELETED, object);
    if (goes_along(disk))
        remove_part(sim, json_path_str(disk, "managedDisk.id"));
    for (size_t i = 0; json_is_array(nics) && i < json_len(nics); i++)
        if (goes_along(json_at(nics, i)))
            remove_part(sim, json_path_str(json_at(nics, i), "id"));
}

const struct resource_kind compute_machine_kind = {
    .type = MACHINE_TYPE,
    .etag = RESOURCE_ETAG_NONE,
    .owned = owned,
    .check = compute_machine_is_good,
    .settle = settle,
    .stored = stored,
    .finished = finished,
    .removed = removed,
    .show = compute_machine_show,
    .act = compute_machine_act,
};

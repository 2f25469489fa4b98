/* What the simulated compute service refuses of a machine. */
#include <string.h>

#include "hack/devcloud/azure/compute.h"
#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define CUSTOM_DATA_MAX 65535

static bool refuse(struct sim_call *c, int status, const char *code, const char *target,
                   const char *message)
{
    cleanup_json json *body =
        json_make("{'error':{'code':%s,'message':%s,'target':%s}}", code, message, target);
    sim_reply(c, status, body);
    return false;
}

static bool refuse_parameter(struct sim_call *c, const char *target)
{
    cleanup_free char *message =
        xasprintf("The value of parameter %s is invalid or missing.", target);
    return refuse(c, 400, "InvalidParameter", target, message);
}

/* ---- what cannot be changed ---- */

static bool refuse_change(struct sim_call *c, const char *target)
{
    cleanup_free char *message = xasprintf("Changing property '%s' is not allowed.", target);
    return refuse(c, 409, "PropertyChangeNotAllowed", target, message);
}

/* What an update leaves out stays as it is: nobody gets the custom data back, to send it again. */
static bool is_unchanged(struct sim_call *c, const struct resource_at *at)
{
    static const char *const fixed[] = { "osProfile.computerName", "osProfile.adminUsername",
                                         "storageProfile.osDisk.name" };
    const char *data = json_path_str(c->body, "properties.osProfile.customData");
    json *image = json_path(c->body, "properties.storageProfile.imageReference");
    json *had = json_path(at->old, "properties.storageProfile.imageReference");
    if (!at->old)
        return true;
    if (data && !str_eq(data, json_path_str(at->old, "inside.customData")))
        return refuse_change(c, "osProfile.customData");
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        cleanup_free char *path = xasprintf("properties.%s", fixed[i]);
        const char *wanted = json_path_str(c->body, path);
        if (wanted && !str_eq_nocase(wanted, json_path_str(at->old, path)))
            return refuse_change(c, strchr(fixed[i], '.') + 1);
    }
    if (image && !json_equal(image, had))
        return refuse_change(c, "imageReference");
    if (json_get(c->body, "zones") &&
        !json_equal(json_get(c->body, "zones"), json_get(at->old, "zones")))
        return refuse_change(c, "zones");
    return true;
}

/* ---- what it needs ---- */

static bool data_is_good(struct sim_call *c)
{
    const char *data = json_path_str(c->body, "properties.osProfile.customData");
    cleanup_free char *decoded = NULL;
    size_t len = 0;
    if (!data)
        return true;
    if (base64_parse(data, strlen(data), &decoded, &len, NULL) < 0)
        return refuse(c, 400, "InvalidParameter", "customData",
                      "Custom data in OSProfile must be in Base64 encoding.");
    return len <= CUSTOM_DATA_MAX ||
           refuse(c, 400, "InvalidParameter", "customData",
                  "Custom data in OSProfile must be in Base64 encoding and with a maximum length "
                  "of 87380 characters.");
}

static bool nic_is_free(struct sim_call *c, const char *own_id, const char *nic)
{
    const json *user = network_find_machine(c->sim, nic);
    if (!user || str_eq_nocase(json_path_str(user, "id"), own_id))
        return true;
    sim_reply_error(c, 400, "NicInUse",
                    "Network Interface %s is used by existing resource %s. In order to attach it "
                    "to another virtual machine, it must be dissociated from the resource.",
                    nic, json_path_str(user, "id"));
    return false;
}

static bool nics_are_good(struct sim_call *c)
{
    json *nics = json_path(c->body, "properties.networkProfile.networkInterfaces");
    if (!json_is_array(nics) || json_len(nics) == 0)
        return refuse_parameter(c, "networkProfile.networkInterfaces");
    for (size_t i = 0; i < json_len(nics); i++) {
        const char *id = json_path_str(json_at(nics, i), "id");
        if (!id)
            return refuse_parameter(c, "networkProfile.networkInterfaces.id");
        if (!resource_reference_holds(c, id) || !nic_is_free(c, c->path, id))
            return false;
    }
    return true;
}

/* A disk that another machine left behind keeps its name. */
static bool disk_is_free(struct sim_call *c, const struct resource_at *at)
{
    const char *name = json_path_str(c->body, "properties.storageProfile.osDisk.name");
    cleanup_free char *id =
        name ? xasprintf("%s/providers/" DISK_TYPE "/%s", at->id->scope, name) : NULL;
    if (at->old || !id || !resource_get(c->sim, id))
        return true;
    sim_reply_error(c, 409, "ConflictingUserInput",
                    "Disk %s already exists in resource group %s. Only CreateOption.Attach is "
                    "supported.",
                    name, at->id->group);
    return false;
}

static bool size_is_good(struct sim_call *c, const struct resource_at *at)
{
    const char *size = json_path_str(c->body, "properties.hardwareProfile.vmSize");
    cleanup_json json *sku = size ? quota_give_size(c->sim, size) : NULL;
    if (!size)
        return refuse_parameter(c, "hardwareProfile.vmSize");
    if (!sku) {
        cleanup_free char *message =
            xasprintf("The value %s provided for the VM size is not valid.", size);
        return refuse(c, 400, "InvalidParameter", "vmSize", message);
    }
    if (!at->old && json_len(json_get(sku, "restrictions")) > 0) {
        cleanup_free char *message =
            xasprintf("The requested VM size for resource 'Following SKUs have failed for Capacity "
                      "Restrictions: %s' is currently not available in location '%s'. Please try "
                      "another size or deploy to a different location or different zone.",
                      size, json_path_str(c->body, "location"));
        return refuse(c, 409, "SkuNotAvailable", "vmSize", message);
    }
    return quota_allows(c, at->id->key, size);
}

bool compute_machine_is_good(struct sim_call *c, const struct resource_at *at)
{
    if (!json_is_object(json_path(c->body, "properties.storageProfile")))
        return refuse_parameter(c, "storageProfile");
    return data_is_good(c) && is_unchanged(c, at) && nics_are_good(c) && disk_is_free(c, at) &&
           size_is_good(c, at);
}

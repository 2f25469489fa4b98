#include "rp/validate/skus.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static int refuse(struct error **err, const char *target, const char *message)
{
    error_set(err, ERR_INVALID, "%s", message);
    error_code(err, "InvalidParameter");
    error_target(err, target);
    return -1;
}

static bool is_machine(const json *sku)
{
    return str_eq_nocase(json_path_str(sku, "resourceType"), "virtualMachines");
}

bool skus_is_named(const json *sku, const struct strv *names)
{
    const char *name = json_path_str(sku, "name");
    for (size_t i = 0; i < names->len; i++)
        if (str_eq_nocase(name, names->v[i]))
            return is_machine(sku);
    return false;
}

const json *skus_find(const json *skus, const char *name)
{
    for (size_t i = 0; i < json_len(skus); i++) {
        const json *sku = json_at(skus, i);
        if (is_machine(sku) && str_eq_nocase(json_path_str(sku, "name"), name))
            return sku;
    }
    return NULL;
}

static bool has_text(const json *list, const char *text)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq_nocase(json_str(json_at(list, i)), text))
            return true;
    return false;
}

bool skus_is_restricted(const json *sku, const char *location, const char *zone)
{
    const json *restrictions = json_get(sku, "restrictions");
    for (size_t i = 0; i < json_len(restrictions); i++) {
        const json *r = json_at(restrictions, i);
        if (str_eq_nocase(json_path_str(r, "type"), zone ? "Zone" : "Location") &&
            (has_text(json_get(r, "values"), location) ||
             has_text(json_path(r, "restrictionInfo.locations"), location)) &&
            (!zone || has_text(json_path(r, "restrictionInfo.zones"), zone)))
            return true;
    }
    return false;
}

bool skus_is_available(const json *sku, const char *location)
{
    return is_machine(sku) && !skus_is_restricted(sku, location, NULL);
}

static bool can_encrypt(const json *sku)
{
    const json *capabilities = json_get(sku, "capabilities");
    for (size_t i = 0; i < json_len(capabilities); i++) {
        const json *c = json_at(capabilities, i);
        if (str_eq(json_path_str(c, "name"), "EncryptionAtHostSupported"))
            return str_eq_nocase(json_path_str(c, "value"), "True");
    }
    return false;
}

static bool encrypts(const json *profile)
{
    return str_eq(json_path_str(profile, "encryptionAtHost"), "Enabled");
}

static int check_profile(const json *skus, const json *profile, const char *path,
                         const char *location, struct error **err)
{
    const char *name = json_path_str(profile, "vmSize");
    cleanup_free char *target = xasprintf("%s.VMSize", path);
    cleanup_free char *message = NULL;
    const json *sku = skus_find(skus, name);

    if (!sku) {
        message = xasprintf("The selected SKU '%s' is unavailable in region '%s'", name ? name : "",
                            location);
        return refuse(err, target, message);
    }
    if (skus_is_restricted(sku, location, NULL)) {
        message = xasprintf("The selected SKU '%s' is restricted in region '%s' for selected "
                            "subscription",
                            name, location);
        return refuse(err, target, message);
    }
    if (!encrypts(profile) || can_encrypt(sku))
        return 0;
    cleanup_free char *encryption = xasprintf("%s.encryptionAtHost", path);
    message = xasprintf("The selected SKU '%s' does not support encryption at host.", name);
    return refuse(err, encryption, message);
}

int skus_check(const json *skus, const json *cluster, const char *location, struct error **err)
{
    const json *workers = json_path(cluster, "properties.workerProfiles");
    if (check_profile(skus, json_path(cluster, "properties.masterProfile"),
                      "properties.masterProfile", location, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(workers); i++) {
        cleanup_free char *path = xasprintf("properties.workerProfiles[%zu]", i);
        if (check_profile(skus, json_at(workers, i), path, location, err) < 0)
            return -1;
    }
    return 0;
}

bool skus_need_encryption_at_host(const json *cluster)
{
    return encrypts(json_path(cluster, "properties.masterProfile")) ||
           encrypts(json_path(cluster, "properties.workerProfiles[0]"));
}

void skus_list_sizes(const json *cluster, struct strv *ret)
{
    const json *workers = json_path(cluster, "properties.workerProfiles");
    const char *masters = json_path_str(cluster, "properties.masterProfile.vmSize");
    if (masters)
        strv_add_unique(ret, masters);
    for (size_t i = 0; i < json_len(workers); i++) {
        const char *size = json_path_str(json_at(workers, i), "vmSize");
        if (size)
            strv_add_unique(ret, size);
    }
}

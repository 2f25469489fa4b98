#include "rp/validate/quota.h"

#include "pkg/api/refuse.h"
#include "pkg/api/vm_sizes.h"
#include "pkg/base/mem.h"

#define MASTERS 3
#define V1_BOOTSTRAP_SIZE "Standard_D4s_v3"
#define PUBLIC_IPS 3

static void need_more(json *need, const char *quota, int64_t by)
{
    int64_t before = 0;
    (void)json_int(json_get(need, quota), &before);
    json_put(need, quota, json_new_int(before + by));
}

static int need_machines(json *need, const char *size_name, int64_t count, const char *target,
                         struct error **err)
{
    const struct vm_size *size = size_name ? vm_size_find(size_name) : NULL;
    if (!size)
        return api_refuse_value(err, target, "The selected SKU '%s' is unknown.",
                                size_name ? size_name : "");
    need_more(need, "virtualMachines", count);
    need_more(need, "PremiumDiskCount", count);
    need_more(need, size->family, count * (int64_t)size->cores);
    need_more(need, "cores", count * (int64_t)size->cores);
    return 0;
}

/* The machine that boots the others, while they are all there. */
static const char *bootstrap_size(const json *cluster, const char *master)
{
    return json_path_int(cluster, "properties.architectureVersion", 0) == 0 ? V1_BOOTSTRAP_SIZE
                                                                            : master;
}

int quota_compute_need(const json *cluster, json **ret, struct error **err)
{
    cleanup_json json *need = json_new_object();
    const json *workers = json_path(cluster, "properties.workerProfiles");
    const char *master = json_path_str(cluster, "properties.masterProfile.vmSize");
    if (need_machines(need, master, MASTERS, "properties.masterProfile.VMSize", err) < 0 ||
        need_machines(need, bootstrap_size(cluster, master), 1, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(workers); i++) {
        const json *w = json_at(workers, i);
        cleanup_free char *target = xasprintf("properties.workerProfiles[%zu].VMSize", i);
        if (need_machines(need, json_path_str(w, "vmSize"), json_path_int(w, "count", 0), target,
                          err) < 0)
            return -1;
    }
    *ret = take(need);
    return 0;
}

json *quota_give_network_need(void)
{
    return json_make("{'PublicIPAddresses':%d}", PUBLIC_IPS);
}

int quota_check(const json *usages, const json *need, struct error **err)
{
    for (size_t i = 0; i < json_len(usages); i++) {
        const json *u = json_at(usages, i);
        const char *name = json_path_str(u, "name.value");
        int64_t required;
        if (!name || !json_int(json_get(need, name), &required))
            continue;
        /* Azure writes some of these as decimals. */
        double limit = json_number(json_get(u, "limit"), 0);
        double used = json_number(json_get(u, "currentValue"), 0);
        if ((double)required <= limit - used)
            continue;
        error_set(err, ERR_INVALID,
                  "Resource quota of %s exceeded. Maximum allowed: %.0f, Current in use: %.0f, "
                  "Additional requested: %lld.",
                  name, limit, used, (long long)required);
        error_code(err, "ResourceQuotaExceeded");
        return -1;
    }
    return 0;
}

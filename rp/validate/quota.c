#include "rp/validate/quota.h"

#include "pkg/api/vm_sizes.h"

#define MASTERS 4 /* and the machine that boots them */
#define PUBLIC_IPS 3

static void need_more(json *need, const char *quota, int64_t by)
{
    int64_t before = 0;
    (void)json_int(json_get(need, quota), &before);
    json_put(need, quota, json_new_int(before + by));
}

static void need_machines(json *need, const char *size_name, int64_t count)
{
    const struct vm_size *size = size_name ? vm_size_find(size_name) : NULL;
    need_more(need, "virtualMachines", count);
    need_more(need, "PremiumDiskCount", count);
    if (!size)
        return;
    need_more(need, size->family, count * (int64_t)size->cores);
    need_more(need, "cores", count * (int64_t)size->cores);
}

json *quota_give_compute_need(const json *cluster)
{
    json *need = json_new_object();
    const json *workers = json_path(cluster, "properties.workerProfiles");
    need_machines(need, json_path_str(cluster, "properties.masterProfile.vmSize"), MASTERS);
    for (size_t i = 0; i < json_len(workers); i++) {
        const json *w = json_at(workers, i);
        need_machines(need, json_path_str(w, "vmSize"), json_path_int(w, "count", 0));
    }
    return need;
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

/* What may be had: sizes of virtual machines, and how much of it is used. The state's "skus" and "usages" change it. */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/compute.h"
#include "hack/devcloud/azure/odata.h"
#include "hack/devcloud/azure/resource.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Sizes are "Standard_" + letter + cores + suffix. */
static const struct {
    const char *letter, *suffix, *family, *cores;
} series[] = {
    { "D", "s_v3", "standardDSv3Family", "2 4 8 16 32" },
    { "D", "s_v4", "standardDSv4Family", "2 4 8 16 32 64" },
    { "D", "s_v5", "standardDSv5Family", "2 4 8 16 32 64 96" },
    { "D", "as_v4", "standardDASv4Family", "4 8 16 32 64 96" },
    { "D", "as_v5", "standardDASv5Family", "4 8 16 32 64 96" },
    { "D", "ds_v5", "standardDDSv5Family", "4 8 16 32 48 64 96" },
    { "E", "s_v3", "standardESv3Family", "4 8 16 32" },
    { "E", "s_v4", "standardESv4Family", "2 4 8 16 20 32 48 64" },
    { "E", "s_v5", "standardESv5Family", "2 4 8 16 20 32 48 64 96" },
    { "F", "s_v2", "standardFSv2Family", "4 8 16 32 72" },
    { "L", "s_v3", "standardLsv3Family", "8 16 32 48 64" },
};

static const struct {
    const char *ns, *name;
    int limit;
} usages[] = {
    { "Microsoft.Compute", "cores", 1000 },
    { "Microsoft.Compute", "virtualMachines", 25000 },
    { "Microsoft.Compute", "PremiumDiskCount", 50000 },
    { "Microsoft.Compute", "standardDSv3Family", 500 },
    { "Microsoft.Compute", "standardDSv4Family", 500 },
    { "Microsoft.Compute", "standardDSv5Family", 500 },
    { "Microsoft.Compute", "standardDASv4Family", 500 },
    { "Microsoft.Compute", "standardDASv5Family", 500 },
    { "Microsoft.Compute", "standardDDSv5Family", 500 },
    { "Microsoft.Compute", "standardESv3Family", 500 },
    { "Microsoft.Compute", "standardESv4Family", 500 },
    { "Microsoft.Compute", "standardESv5Family", 500 },
    { "Microsoft.Compute", "standardFSv2Family", 500 },
    { "Microsoft.Compute", "standardLsv3Family", 500 },
    { "Microsoft.Network", "PublicIPAddresses", 1000 },
    { "Microsoft.Network", "StaticPublicIPAddresses", 1000 },
    { "Microsoft.Network", "StandardSkuPublicIpAddresses", 1000 },
    { "Microsoft.Network", "LoadBalancers", 1000 },
};

/* The state's patch of an entry. */
static json *give_patched(const struct azure_sim *sim, const char *table, const char *name,
                          json *entry)
{
    const json *patch = json_get(json_get(sim->state, table), name);
    return json_is_object(patch) ? json_give_merged(entry, patch) : entry;
}

/* ---- sizes ---- */

static json *give_sku(const struct azure_sim *sim, size_t i, const char *cores)
{
    cleanup_free char *size = xasprintf("%s%s%s", series[i].letter, cores, series[i].suffix);
    cleanup_free char *name = xasprintf("Standard_%s", size);
    const char *location = json_path_str(sim->state, "location");
    json *sku = json_make(
        "{'resourceType':'virtualMachines','name':%s,'tier':'Standard','size':%s,'family':%s,"
        "'locations':[%s],'locationInfo':[{'location':%s,'zones':['1','2','3'],'zoneDetails':[]}],"
        "'capabilities':[{'name':'vCPUs','value':%s},{'name':'PremiumIO','value':'True'},"
        "{'name':'EncryptionAtHostSupported','value':'True'}],'restrictions':[]}",
        name, size, series[i].family, location, location, cores);
    return give_patched(sim, "skus", name, sku);
}

static void list_skus(struct sim_call *c)
{
    cleanup_odata struct odata filter = { 0 };
    if (!odata_init(c, &filter))
        return;
    const char *location = odata_value(&filter, "location");
    json *list = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(series); i++) {
        cleanup_strv struct strv cores = STRV_INIT;
        strv_split(&cores, series[i].cores, " ", false);
        for (size_t j = 0; j < cores.len; j++)
            if (!location || str_eq_nocase(location, json_path_str(c->sim->state, "location")))
                json_append(list, give_sku(c->sim, i, cores.v[j]));
    }
    sim_reply_list(c, list);
}

/* "Standard_" + letter + cores + suffix; false: no size of the series. */
static bool is_size(size_t i, const char *cores, const char *name)
{
    cleanup_free char *whole =
        xasprintf("Standard_%s%s%s", series[i].letter, cores, series[i].suffix);
    return str_eq_nocase(whole, name);
}

json *quota_give_size(const struct azure_sim *sim, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(series); i++) {
        cleanup_strv struct strv cores = STRV_INIT;
        strv_split(&cores, series[i].cores, " ", false);
        for (size_t j = 0; j < cores.len; j++)
            if (is_size(i, cores.v[j], name))
                return give_sku(sim, i, cores.v[j]);
    }
    return NULL;
}

/* ---- usages ---- */

/* Networks write floats in the versions that the product pins; the Azure CLI, which asks a newer one, would refuse them. */
static bool has_floats(const struct sim_call *c, const char *ns)
{
    return str_eq(ns, "Microsoft.Network") && strcmp(c->api_version, "2021") < 0;
}

static json *give_number(bool floats, int64_t value)
{
    cleanup_free char *text = xasprintf("%lld.0", (long long)value);
    return floats ? json_new_decimal(text) : json_new_int(value);
}

static const char *find_capability(const json *sku, const char *name)
{
    const json *all = json_get(sku, "capabilities");
    for (size_t i = 0; i < json_len(all); i++)
        if (str_eq(json_path_str(json_at(all, i), "name"), name))
            return json_path_str(json_at(all, i), "value");
    return NULL;
}

/* What a machine of the size takes of a usage. */
static int64_t take_of(const struct azure_sim *sim, const char *name, const char *size)
{
    cleanup_json json *sku = size ? quota_give_size(sim, size) : NULL;
    const char *cores = find_capability(sku, "vCPUs");
    long long n = 0;
    if (str_eq(name, "virtualMachines"))
        return sku ? 1 : 0;
    if (!cores || (!str_eq(name, "cores") && !str_eq_nocase(name, json_path_str(sku, "family"))))
        return 0;
    return str_to_int(cores, 0, INT32_MAX, &n) ? n : 0;
}

static bool counts_as(const json *object, const char *name)
{
    static const struct {
        const char *name, *type, *member, *value; /* member NULL: all of the type */
    } rows[] = {
        { "PremiumDiskCount", "Microsoft.Compute/disks", "sku.name", "Premium*" },
        { "PublicIPAddresses", "Microsoft.Network/publicIPAddresses", NULL, NULL },
        { "StaticPublicIPAddresses", "Microsoft.Network/publicIPAddresses",
          "properties.publicIPAllocationMethod", "Static" },
        { "StandardSkuPublicIpAddresses", "Microsoft.Network/publicIPAddresses", "sku.name",
          "Standard" },
        { "LoadBalancers", "Microsoft.Network/loadBalancers", NULL, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *value = rows[i].member ? json_path_str(object, rows[i].member) : NULL;
        if (str_eq(rows[i].name, name) && resource_is_type(object, rows[i].type) &&
            (!rows[i].member || (value && str_matches_nocase(rows[i].value, value))))
            return true;
    }
    return false;
}

static const char *size_of(const json *object)
{
    return resource_is_type(object, MACHINE_TYPE)
               ? json_path_str(object, "properties.hardwareProfile.vmSize")
               : NULL;
}

static int64_t count(struct azure_sim *sim, const char *name)
{
    int64_t n = 0;
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        n += counts_as(it.value, name) ? 1 : take_of(sim, name, size_of(it.value));
    return n;
}

static json *give_usage(struct azure_sim *sim, size_t i, bool floats)
{
    json *entry = json_make("{'unit':'Count','currentValue':%j,'limit':%j,'name':{'value':%s,"
                            "'localizedValue':%s}}",
                            give_number(floats, count(sim, usages[i].name)),
                            give_number(floats, usages[i].limit), usages[i].name, usages[i].name);
    return give_patched(sim, "usages", usages[i].name, entry);
}

static void list_usages(struct sim_call *c, const char *ns)
{
    json *list = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(usages); i++)
        if (str_eq_nocase(usages[i].ns, ns))
            json_append(list, give_usage(c->sim, i, has_floats(c, usages[i].ns)));
    sim_reply_list(c, list);
}

static bool has_room(struct sim_call *c, size_t i, int64_t more)
{
    cleanup_json json *usage = give_usage(c->sim, i, false);
    int64_t limit = json_path_int(usage, "limit", 0);
    int64_t used = json_path_int(usage, "currentValue", 0);
    const char *name = usages[i].name;
    if (more <= 0 || used + more <= limit)
        return true;
    sim_reply_error(
        c, 409, "OperationNotAllowed",
        "Operation could not be completed as it results in exceeding approved %s%s "
        "quota. Additional details - Deployment Model: Resource Manager, Location: %s, "
        "Current Limit: %lld, Current Usage: %lld, Additional Required: %lld, (Minimum) "
        "New Limit Required: %lld.",
        str_eq(name, "cores") ? "Total Regional" : name,
        str_eq(name, "virtualMachines") ? "" : " Cores", json_path_str(c->sim->state, "location"),
        (long long)limit, (long long)used, (long long)more, (long long)used + more);
    return false;
}

bool quota_allows(struct sim_call *c, const char *key, const char *size)
{
    const char *had = size_of(json_get(resource_table(c->sim), key));
    for (size_t i = 0; i < ARRAY_LEN(usages); i++) {
        int64_t more = take_of(c->sim, usages[i].name, size);
        if (more > 0 && !has_room(c, i, more - take_of(c->sim, usages[i].name, had)))
            return false;
    }
    return true;
}

static int64_t read_usage(struct azure_sim *sim, const char *name, const char *member)
{
    for (size_t i = 0; i < ARRAY_LEN(usages); i++)
        if (str_eq(usages[i].name, name)) {
            cleanup_json json *usage = give_usage(sim, i, false);
            return json_path_int(usage, member, 0);
        }
    return 0;
}

bool quota_has_one(struct azure_sim *sim, const char *name)
{
    return read_usage(sim, name, "currentValue") < quota_limit(sim, name);
}

int64_t quota_limit(struct azure_sim *sim, const char *name)
{
    return read_usage(sim, name, "limit");
}

bool quota_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!arm_id_init(c->path, &at) || !at.type || at.group || !at.subscription)
        return false;
    bool skus = arm_id_is_type(&at, "Microsoft.Compute/skus");
    bool compute = arm_id_is_type(&at, "Microsoft.Compute/locations/usages");
    if (!skus && !compute && !arm_id_is_type(&at, "Microsoft.Network/locations/usages"))
        return false;
    if (!sim_is(c, "GET"))
        arm_refuse_method(c);
    else if (skus)
        list_skus(c);
    else
        list_usages(c, at.provider);
    return true;
}

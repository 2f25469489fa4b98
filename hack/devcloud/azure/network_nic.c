/* Network interfaces: addresses from their subnets, low to high; the machine that they are of, and the pools they are in. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const char *const owned[] = { "virtualMachine", "privateEndpoint",    "macAddress",
                                     "resourceGuid",   "privateLinkService", NULL };

const json *network_find_machine(struct azure_sim *sim, const char *nic_id)
{
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);) {
        json *nics = json_path(it.value, "properties.networkProfile.networkInterfaces");
        for (size_t i = 0; json_is_array(nics) && i < json_len(nics); i++)
            if (str_eq_nocase(json_path_str(json_at(nics, i), "id"), nic_id))
                return it.value;
    }
    return NULL;
}

/* ---- PUT ---- */

static bool pools_exist(struct sim_call *c, const json *config)
{
    json *pools = json_path(config, "properties.loadBalancerBackendAddressPools");
    for (size_t i = 0; json_is_array(pools) && i < json_len(pools); i++) {
        const char *id = json_path_str(json_at(pools, i), "id");
        if (id && network_find_part(c->sim, id))
            continue;
        resource_refuse_reference(c, id, NULL);
        return false;
    }
    return true;
}

static bool check(struct sim_call *c, const struct resource_at *at)
{
    json *configs = json_path(c->body, "properties.ipConfigurations");
    const char *id = at->old ? json_path_str(at->old, "id") : c->path;
    if (!json_is_array(configs) || json_len(configs) == 0) {
        sim_reply_error(c, 400, "InvalidRequestFormat",
                        "Cannot parse the request: a network interface needs an IP configuration.");
        return false;
    }
    for (size_t i = 0; i < json_len(configs); i++) {
        const json *config = json_at(configs, i);
        if (!network_config_is_good(c, id, config) || !pools_exist(c, config))
            return false;
        if (!json_path_str(config, "properties.subnet.id")) {
            sim_reply_error(c, 400, "InvalidRequestFormat",
                            "Cannot parse the request: IP configuration '%s' has no subnet.",
                            json_path_str(config, "name"));
            return false;
        }
    }
    return resource_reference_holds(c,
                                    json_path_str(c->body, "properties.networkSecurityGroup.id"));
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    json *configs = json_path(object, "properties.ipConfigurations");
    network_add_guid(c->sim, object);
    network_fill_parts(object, "ipConfigurations");
    network_place_configs(c->sim, "ipConfigurations", object, at->old);
    for (size_t i = 0; i < json_len(configs); i++)
        if (!json_path_has(json_at(configs, i), "properties.primary"))
            (void)json_path_put(json_at(configs, i), "properties.primary", json_new_bool(i == 0),
                                NULL);
    static const char *const off[] = { "enableAcceleratedNetworking", "enableIPForwarding" };
    for (size_t i = 0; i < ARRAY_LEN(off); i++)
        if (!json_has(json_get(object, "properties"), off[i]))
            json_put(json_get(object, "properties"), off[i], json_new_bool(false));
}

/* ---- DELETE ---- */

static bool may_go(struct sim_call *c, const struct resource_at *at)
{
    const json *machine = network_find_machine(c->sim, json_path_str(at->old, "id"));
    const char *endpoint = json_path_str(at->old, "properties.privateEndpoint.id");
    const char *service = json_path_str(at->old, "properties.privateLinkService.id");
    const char *user = machine ? json_path_str(machine, "id") : endpoint ? endpoint : service;
    if (user)
        sim_reply_error(c, 400, "NicInUse",
                        "Network Interface %s is used by existing resource %s. In order to delete "
                        "the network interface, it must be dissociated from the resource.",
                        json_path_str(at->old, "id"), user);
    return !user;
}

/* ---- GET ---- */

static void show(struct sim_call *c, const char *key, const json *object, json *view)
{
    (void)key;
    const json *machine = network_find_machine(c->sim, json_path_str(object, "id"));
    if (machine)
        (void)json_set_str(view, "properties.virtualMachine.id", json_path_str(machine, "id"),
                           NULL);
}

const struct resource_kind network_nic_kind = {
    .type = "Microsoft.Network/networkInterfaces",
    .owned = owned,
    .check = check,
    .settle = settle,
    .may_go = may_go,
    .show = show,
};

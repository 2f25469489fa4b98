/* Public addresses: of loopback, so that they can be dialled (the state's "public_addresses" is the range). */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define RANGE "127.128.0.0/9"

static const char *const owned[] = { "ipAddress", "resourceGuid", "ipConfiguration", "natGateway",
                                     NULL };

static bool is_taken(struct azure_sim *sim, uint32_t address)
{
    uint32_t other;
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        if (resource_is_type(it.value, network_pip_kind.type) &&
            network_address_parse(json_path_str(it.value, "properties.ipAddress"), &other) &&
            other == address)
            return true;
    return false;
}

static bool find_free(struct azure_sim *sim, uint32_t *ret)
{
    const char *text = json_path_str(sim->state, "public_addresses");
    struct network_prefix range;
    if (!network_prefix_parse(text ? text : RANGE, &range) && !network_prefix_parse(RANGE, &range))
        return false;
    for (*ret = range.first + 1; *ret < range.last; ++*ret)
        if (!is_taken(sim, *ret))
            return true;
    return false;
}

static bool check(struct sim_call *c, const struct resource_at *at)
{
    const char *name[] = { "PublicIPAddresses", "StandardSkuPublicIpAddresses" };
    for (size_t i = 0; !at->old && i < ARRAY_LEN(name); i++)
        if (!quota_has_one(c->sim, name[i])) {
            sim_reply_error(c, 400, "PublicIPCountLimitReached",
                            "Cannot create more than %lld public IP addresses for this "
                            "subscription in this region.",
                            (long long)quota_limit(c->sim, name[i]));
            return false;
        }
    return true;
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    static const char *const defaults[][2] = {
        { "properties.publicIPAllocationMethod", "Dynamic" },
        { "properties.publicIPAddressVersion", "IPv4" },
    };
    char text[NETWORK_ADDRESS_MAX];
    uint32_t address;
    (void)at;
    network_add_guid(c->sim, object);
    if (!json_get(object, "sku"))
        json_put(object, "sku", json_make("{'name':'Basic','tier':'Regional'}"));
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        if (!json_path_str(object, defaults[i][0]))
            (void)json_set_str(object, defaults[i][0], defaults[i][1], NULL);
    if (!json_path(object, "properties.idleTimeoutInMinutes"))
        (void)json_path_put(object, "properties.idleTimeoutInMinutes", json_new_int(4), NULL);
    bool fixed =
        str_eq_nocase(json_path_str(object, "properties.publicIPAllocationMethod"), "Static");
    if (fixed && !json_path_str(object, "properties.ipAddress") && find_free(c->sim, &address))
        (void)json_set_str(object, "properties.ipAddress", network_address_text(address, text),
                           NULL);
}

static bool may_go(struct sim_call *c, const struct resource_at *at)
{
    const char *id = json_path_str(at->old, "id");
    const char *holder = network_find_holder(c->sim, id);
    if (holder)
        sim_reply_error(c, 400, "PublicIPAddressCannotBeDeleted",
                        "Public IP address %s can not be deleted since it is still allocated to "
                        "resource %s. In order to delete the public IP, disassociate/detach the "
                        "Public IP address from the resource.",
                        id, holder);
    return !holder;
}

static void show(struct sim_call *c, const char *key, const json *object, json *view)
{
    (void)key;
    const char *holder = network_find_holder(c->sim, json_path_str(object, "id"));
    bool nat = holder && str_matches_nocase("*/natGateways/*", holder);
    if (holder)
        (void)json_set_str(view, nat ? "properties.natGateway.id" : "properties.ipConfiguration.id",
                           holder, NULL);
}

const struct resource_kind network_pip_kind = {
    .type = "Microsoft.Network/publicIPAddresses",
    .owned = owned,
    .check = check,
    .settle = settle,
    .may_go = may_go,
    .show = show,
};

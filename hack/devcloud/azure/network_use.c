#include "hack/devcloud/azure/network_use.h"

#include <arpa/inet.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* The first four addresses of a subnet and its last are Azure's own. */
#define RESERVED 4

static const char *const collections[] = { "ipConfigurations", "frontendIPConfigurations" };

/* ---- addresses ---- */

const char *network_address_text(uint32_t address, char buf[NETWORK_ADDRESS_MAX])
{
    struct in_addr in = { htonl(address) };
    return inet_ntop(AF_INET, &in, buf, NETWORK_ADDRESS_MAX);
}

bool network_address_parse(const char *text, uint32_t *ret)
{
    struct in_addr in;
    if (!text || inet_pton(AF_INET, text, &in) != 1)
        return false;
    *ret = ntohl(in.s_addr);
    return true;
}

/* ---- all configurations ---- */

static bool is_owner(const json *object)
{
    return resource_is_type(object, "Microsoft.Network/networkInterfaces") ||
           resource_is_type(object, "Microsoft.Network/loadBalancers");
}

static bool each_of(const json *owner, const char *collection, network_config_fn fn, void *arg)
{
    json *list = json_get(json_get(owner, "properties"), collection);
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const json *config = json_at(list, i);
        struct network_config found = {
            .owner = owner,
            .config = config,
            .id = json_path_str(config, "id"),
            .subnet = json_path_str(config, "properties.subnet.id"),
            .address = json_path_str(config, "properties.privateIPAddress"),
            .public_ip = json_path_str(config, "properties.publicIPAddress.id"),
        };
        if (!fn(arg, &found))
            return false;
    }
    return true;
}

void network_each_config(struct azure_sim *sim, network_config_fn fn, void *arg)
{
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        for (size_t i = 0; is_owner(it.value) && i < ARRAY_LEN(collections); i++)
            if (!each_of(it.value, collections[i], fn, arg))
                return;
}

struct search {
    const char *subnet, *public_ip; /* one of them */
    const char *found;
};

static bool search_one(void *arg, const struct network_config *config)
{
    struct search *s = arg;
    if ((s->subnet && str_eq_nocase(config->subnet, s->subnet)) ||
        (s->public_ip && str_eq_nocase(config->public_ip, s->public_ip)))
        s->found = config->id;
    return !s->found;
}

const char *network_find_config(struct azure_sim *sim, const char *subnet_id)
{
    struct search s = { .subnet = subnet_id };
    network_each_config(sim, search_one, &s);
    return s.found;
}

/* NAT gateways have a list of them. */
static const char *find_gateway(struct azure_sim *sim, const char *public_ip_id)
{
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);) {
        json *list = resource_is_type(it.value, "Microsoft.Network/natGateways")
                         ? json_path(it.value, "properties.publicIpAddresses")
                         : NULL;
        for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
            if (str_eq_nocase(json_path_str(json_at(list, i), "id"), public_ip_id))
                return json_path_str(it.value, "id");
    }
    return NULL;
}

const char *network_find_holder(struct azure_sim *sim, const char *public_ip_id)
{
    struct search s = { .public_ip = public_ip_id };
    network_each_config(sim, search_one, &s);
    return s.found ? s.found : find_gateway(sim, public_ip_id);
}

struct gathering {
    const char *subnet;
    json *list;
};

static bool gather_one(void *arg, const struct network_config *config)
{
    struct gathering *g = arg;
    if (str_eq_nocase(config->subnet, g->subnet))
        json_append(g->list, json_make("{'id':%s}", config->id));
    return true;
}

json *network_give_configs(struct azure_sim *sim, const char *subnet_id)
{
    struct gathering g = { subnet_id, json_new_array() };
    network_each_config(sim, gather_one, &g);
    return g.list;
}

static bool expand_one(void *arg, const struct network_config *config)
{
    json *list = json_path(arg, "properties.ipConfigurations");
    for (size_t i = 0; config->id && i < json_len(list); i++)
        if (str_eq_nocase(json_path_str(json_at(list, i), "id"), config->id))
            json_replace_at(list, i, json_give_copy(config->config));
    return true;
}

void network_expand_configs(struct azure_sim *sim, json *subnet_view)
{
    network_each_config(sim, expand_one, subnet_view);
}

/* ---- parts ---- */

void network_fill_part(const json *owner, const char *collection, json *part)
{
    cleanup_free char *id =
        xasprintf("%s/%s/%s", json_path_str(owner, "id"), collection, json_path_str(part, "name"));
    cleanup_free char *type = xasprintf("%s/%s", json_path_str(owner, "type"), collection);
    json_put(part, "id", json_new_str(id));
    json_put(part, "type", json_new_str(type));
    json_put(part, "etag", json_new_str(json_path_str(owner, "etag")));
    if (!json_is_object(json_get(part, "properties")))
        json_put(part, "properties", json_new_object());
    (void)json_set_str(part, "properties.provisioningState", "Succeeded", NULL);
}

void network_fill_parts(json *owner, const char *collection)
{
    json *properties = json_get(owner, "properties");
    if (!json_is_array(json_get(properties, collection)))
        json_put(properties, collection, json_new_array());
    json *list = json_get(properties, collection);
    for (size_t i = 0; i < json_len(list); i++)
        network_fill_part(owner, collection, json_at(list, i));
}

/* ---- placing ---- */

static bool subnet_range(struct azure_sim *sim, const char *subnet_id, struct network_prefix *ret)
{
    const json *subnet = resource_get(sim, subnet_id);
    const char *one = json_path_str(subnet, "properties.addressPrefix");
    const char *first = json_path_str(subnet, "properties.addressPrefixes[0]");
    return (one || first) && network_prefix_parse(one ? one : first, ret);
}

struct taken {
    const char *subnet, *except; /* except: ID of an owner whose configurations do not count */
    uint32_t address;
    bool is_taken;
};

static bool look_taken(void *arg, const struct network_config *config)
{
    struct taken *t = arg;
    uint32_t address;
    bool own = t->except && str_eq_nocase(json_path_str(config->owner, "id"), t->except);
    t->is_taken = !own && str_eq_nocase(config->subnet, t->subnet) &&
                  network_address_parse(config->address, &address) && address == t->address;
    return !t->is_taken;
}

static bool is_taken(struct azure_sim *sim, const char *subnet, uint32_t address,
                     const char *except)
{
    struct taken t = { .subnet = subnet, .except = except, .address = address };
    network_each_config(sim, look_taken, &t);
    return t.is_taken;
}

/* Another configuration of the same resource, which is not stored yet. */
static bool is_taken_here(const json *list, const json *but, const char *address)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (json_at(list, i) != but &&
            str_eq(json_path_str(json_at(list, i), "properties.privateIPAddress"), address))
            return true;
    return false;
}

/* Whether the old resource had the address in this subnet, under whatever name. */
static const char *find_old(const json *old, const char *collection, const json *config)
{
    json *list = json_get(json_get(old, "properties"), collection);
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const json *had = json_at(list, i);
        if (str_eq_nocase(json_path_str(had, "name"), json_path_str(config, "name")) &&
            str_eq_nocase(json_path_str(had, "properties.subnet.id"),
                          json_path_str(config, "properties.subnet.id")))
            return json_path_str(had, "properties.privateIPAddress");
    }
    return NULL;
}

static char *give_lowest(struct azure_sim *sim, const json *owner, const json *list,
                         const json *config)
{
    const char *subnet = json_path_str(config, "properties.subnet.id");
    char text[NETWORK_ADDRESS_MAX];
    struct network_prefix range;
    if (!subnet_range(sim, subnet, &range))
        return NULL;
    for (uint32_t a = range.first + RESERVED; a < range.last; a++)
        if (!is_taken(sim, subnet, a, json_path_str(owner, "id")) &&
            !is_taken_here(list, config, network_address_text(a, text)))
            return xstrdup(text);
    return NULL;
}

void network_place_configs(struct azure_sim *sim, const char *collection, json *owner,
                           const json *old)
{
    json *list = json_get(json_get(owner, "properties"), collection);
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        json *config = json_at(list, i);
        if (!json_path_str(config, "properties.subnet.id"))
            continue;
        bool fixed =
            str_eq_nocase(json_path_str(config, "properties.privateIPAllocationMethod"), "Static");
        const char *had = find_old(old, collection, config);
        const char *asked = json_path_str(config, "properties.privateIPAddress");
        cleanup_free char *address = fixed && asked ? xstrdup(asked)
                                     : had          ? xstrdup(had)
                                                    : give_lowest(sim, owner, list, config);
        (void)json_set_str(config, "properties.privateIPAllocationMethod",
                           fixed ? "Static" : "Dynamic", NULL);
        if (!json_path_str(config, "properties.privateIPAddressVersion"))
            (void)json_set_str(config, "properties.privateIPAddressVersion", "IPv4", NULL);
        if (address)
            (void)json_set_str(config, "properties.privateIPAddress", address, NULL);
    }
}

/* ---- what is put ---- */

static bool fixed_is_good(struct sim_call *c, const char *owner_id, const char *subnet,
                          const char *text)
{
    struct network_prefix range;
    uint32_t address;
    if (!network_address_parse(text, &address) || !subnet_range(c->sim, subnet, &range) ||
        address < range.first + RESERVED || address >= range.last)
        sim_reply_error(c, 400, "PrivateIPAddressNotInSubnet",
                        "Private static IP address %s does not belong to the range of subnet "
                        "prefix of %s.",
                        text ? text : "(none)", subnet);
    else if (is_taken(c->sim, subnet, address, owner_id))
        sim_reply_error(c, 400, "PrivateIPAddressInUse",
                        "IP address %s is already allocated to another resource in subnet %s.",
                        text, subnet);
    else
        return true;
    return false;
}

static bool subnet_has_room(struct sim_call *c, const char *owner_id, const char *subnet)
{
    struct network_prefix range;
    bool known = subnet_range(c->sim, subnet, &range);
    for (uint32_t a = range.first + RESERVED; known && a < range.last; a++)
        if (!is_taken(c->sim, subnet, a, owner_id))
            return true;
    sim_reply_error(c, 400, "SubnetIsFull",
                    "Subnet %s does not have enough capacity for an IP address.", subnet);
    return false;
}

static bool public_ip_is_free(struct sim_call *c, const char *owner_id, const char *public_ip)
{
    const char *holder = network_find_holder(c->sim, public_ip);
    cleanup_free char *own = xasprintf("%s/*", owner_id);
    if (!holder || str_matches_nocase(own, holder))
        return true;
    sim_reply_error(c, 400, "PublicIPAddressInUse",
                    "Resource %s is already allocated to resource %s.", public_ip, holder);
    return false;
}

bool network_config_is_good(struct sim_call *c, const char *owner_id, const json *config)
{
    const char *subnet = json_path_str(config, "properties.subnet.id");
    const char *public_ip = json_path_str(config, "properties.publicIPAddress.id");
    const char *method = json_path_str(config, "properties.privateIPAllocationMethod");
    if (!json_is_object(config) || !json_path_str(config, "name")) {
        sim_reply_error(c, 400, "InvalidRequestFormat",
                        "Cannot parse the request: an IP configuration has no name.");
        return false;
    }
    if (!resource_reference_holds(c, subnet) || !resource_reference_holds(c, public_ip))
        return false;
    if (public_ip && !public_ip_is_free(c, owner_id, public_ip))
        return false;
    if (!subnet)
        return true;
    return str_eq_nocase(method, "Static")
               ? fixed_is_good(c, owner_id, subnet,
                               json_path_str(config, "properties.privateIPAddress"))
               : subnet_has_room(c, owner_id, subnet);
}

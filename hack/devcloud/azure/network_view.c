/* What the simulated networks show beyond what was put: parts, back references, default rules. */
#include <string.h>

#include "hack/devcloud/azure/network_use.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- who uses what ---- */

static bool leads_to(const json *subnet, const char *link, const char *key)
{
    cleanup_free char *path = xasprintf("properties.%s.id", link);
    return str_eq_nocase(json_path_str(subnet, path), key);
}

static bool is_subnet(const char *key)
{
    return strstr(key, "/subnets/") != NULL;
}

static bool is_interface(const json *object)
{
    return resource_is_type(object, "Microsoft.Network/networkInterfaces");
}

const char *network_find_user(struct azure_sim *sim, const char *link, const char *key)
{
    for (struct json_iter it = json_each(network_resources(sim)); json_next(&it);)
        if ((is_subnet(it.key) || is_interface(it.value)) && leads_to(it.value, link, key))
            return json_path_str(it.value, "id");
    return NULL;
}

json *network_give_users(struct azure_sim *sim, const char *link, const char *key)
{
    json *list = json_new_array();
    for (struct json_iter it = json_each(network_resources(sim)); json_next(&it);)
        if (is_subnet(it.key) && leads_to(it.value, link, key))
            json_append(list, json_make("{'id':%s}", json_path_str(it.value, "id")));
    return list;
}

/* What a test made up, or what there is. */
const char *network_find_occupant(struct azure_sim *sim, const json *subnet)
{
    const char *stored = json_path_str(subnet, "properties.ipConfigurations[0].id");
    const char *id = json_path_str(subnet, "id");
    return stored || !id ? stored : network_find_config(sim, id);
}

/* ---- views ---- */

static void append_all(json *view, const char *member, json *more)
{
    json *list = json_get(json_get(view, "properties"), member);
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        json_insert_at(more, i, json_give_copy(json_at(list, i)));
    if (json_len(more) > 0)
        json_put(json_get(view, "properties"), member, json_ref(more));
    json_free(more);
}

static json *give_endpoints(struct azure_sim *sim, const char *subnet_id)
{
    json *list = json_new_array();
    for (struct json_iter it = json_each(network_resources(sim)); json_next(&it);)
        if (resource_is_type(it.value, "Microsoft.Network/privateEndpoints") &&
            str_eq_nocase(json_path_str(it.value, "properties.subnet.id"), subnet_id))
            json_append(list, json_make("{'id':%s}", json_path_str(it.value, "id")));
    return list;
}

/* Who lives in a subnet. */
static json *give_subnet(struct azure_sim *sim, const json *object)
{
    json *view = json_give_copy(object);
    const char *id = json_path_str(object, "id");
    append_all(view, "ipConfigurations", network_give_configs(sim, id));
    append_all(view, "privateEndpoints", give_endpoints(sim, id));
    return view;
}

static void add_subnets(struct azure_sim *sim, const char *vnet_key, json *view)
{
    cleanup_free char *prefix = xasprintf("%s/subnets/", vnet_key);
    json *list = json_new_array();
    for (struct json_iter it = json_each(network_resources(sim)); json_next(&it);)
        if (str_starts(it.key, prefix) && !strchr(it.key + strlen(prefix), '/'))
            json_append(list, give_subnet(sim, it.value));
    (void)json_path_put(view, "properties.subnets", list, NULL);
}

static void add_users(struct azure_sim *sim, const char *nsg_key, json *view)
{
    json *nics = json_new_array();
    for (struct json_iter it = json_each(network_resources(sim)); json_next(&it);)
        if (is_interface(it.value) && leads_to(it.value, "networkSecurityGroup", nsg_key))
            json_append(nics, json_make("{'id':%s}", json_path_str(it.value, "id")));
    append_all(view, "subnets", network_give_users(sim, "networkSecurityGroup", nsg_key));
    append_all(view, "networkInterfaces", nics);
}

static json *give_rule(const json *nsg, const char *kind, const char *name, json *properties)
{
    cleanup_free char *id = xasprintf("%s/%s/%s", json_path_str(nsg, "id"), kind, name);
    cleanup_free char *type = xasprintf("%s/%s", network_type(NETWORK_NSG), kind);
    json_put(properties, "provisioningState", json_new_str("Succeeded"));
    return json_make("{'name':%s,'id':%s,'etag':%s,'type':%s,'properties':%j}", name, id,
                     json_path_str(nsg, "etag"), type, properties);
}

/* Every group has these six; customers cannot change them. */
static void add_default_rules(json *view)
{
    static const struct {
        const char *name, *direction, *access, *from, *to;
        int priority;
    } rules[] = {
        { "AllowVnetInBound", "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork", 65000 },
        { "AllowAzureLoadBalancerInBound", "Inbound", "Allow", "AzureLoadBalancer", "*", 65001 },
        { "DenyAllInBound", "Inbound", "Deny", "*", "*", 65500 },
        { "AllowVnetOutBound", "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork", 65000 },
        { "AllowInternetOutBound", "Outbound", "Allow", "*", "Internet", 65001 },
        { "DenyAllOutBound", "Outbound", "Deny", "*", "*", 65500 },
    };
    json *list = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        json_append(list,
                    give_rule(view, "defaultSecurityRules", rules[i].name,
                              json_make("{'protocol':'*','sourcePortRange':'*',"
                                        "'destinationPortRange':'*','sourceAddressPrefix':%s,"
                                        "'destinationAddressPrefix':%s,'access':%s,'priority':%d,"
                                        "'direction':%s}",
                                        rules[i].from, rules[i].to, rules[i].access,
                                        rules[i].priority, rules[i].direction)));
    (void)json_path_put(view, "properties.defaultSecurityRules", list, NULL);
}

/* Rules are stored as they were put, and shown as resources of their own. */
static void add_rules(json *view)
{
    json *stored = json_path(view, "properties.securityRules");
    json *list = json_new_array();
    for (size_t i = 0; json_is_array(stored) && i < json_len(stored); i++) {
        const json *rule = json_at(stored, i);
        json *properties = json_give_copy(json_get(rule, "properties"));
        json_append(list, give_rule(view, "securityRules", json_path_str(rule, "name"),
                                    properties ? properties : json_new_object()));
    }
    (void)json_path_put(view, "properties.securityRules", list, NULL);
}

json *network_give_view(struct azure_sim *sim, const struct network_target *t, const json *object)
{
    json *view = t->kind == NETWORK_SUBNET ? give_subnet(sim, object) : json_give_copy(object);
    if (t->kind == NETWORK_VNET) {
        add_subnets(sim, t->key, view);
    } else if (t->kind == NETWORK_NSG) {
        add_rules(view);
        add_default_rules(view);
        add_users(sim, t->key, view);
    }
    return view;
}

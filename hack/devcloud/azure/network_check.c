/* What the simulated networks refuse. */
#include <string.h>

#include "hack/devcloud/azure/network.h"
#include "hack/devcloud/azure/resource.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* An empty If-Match is no condition: clients send it. */
bool network_precondition_holds(struct sim_call *c, const json *old)
{
    const char *match = sim_header(c, "If-Match");
    const char *none_match = sim_header(c, "If-None-Match");
    bool good = true;
    if (match && *match)
        good = str_eq(match, "*") ? old != NULL : str_eq(match, json_path_str(old, "etag"));
    if (none_match && str_eq(none_match, "*") && old)
        good = false;
    if (!good)
        sim_reply_error(c, 412, "PreconditionFailed",
                        "The condition of the request does not hold for the etag of %s.", c->path);
    return good;
}

/* ---- subnets ---- */

/* A subnet has one prefix, or a list of which the first counts here. */
static bool read_prefix(const json *subnet, struct network_prefix *ret)
{
    const char *one = json_path_str(subnet, "properties.addressPrefix");
    const char *first = json_path_str(subnet, "properties.addressPrefixes[0]");
    return (one || first) && network_prefix_parse(one ? one : first, ret);
}

static bool is_in_space(const json *vnet, struct network_prefix prefix)
{
    json *space = json_path(vnet, "properties.addressSpace.addressPrefixes");
    if (!space)
        return true; /* a network that a test made up without */
    for (size_t i = 0; json_is_array(space) && i < json_len(space); i++) {
        const char *text = json_str(json_at(space, i));
        struct network_prefix outer;
        if (text && network_prefix_parse(text, &outer) && network_prefix_contains(outer, prefix))
            return true;
    }
    return false;
}

static const char *find_overlap(const json *vnet, const char *name, struct network_prefix prefix)
{
    json *siblings = json_path(vnet, "properties.subnets");
    for (size_t i = 0; json_is_array(siblings) && i < json_len(siblings); i++) {
        const json *sibling = json_at(siblings, i);
        struct network_prefix other;
        if (!str_eq_nocase(json_path_str(sibling, "name"), name) && read_prefix(sibling, &other) &&
            network_prefix_overlaps(prefix, other))
            return json_path_str(sibling, "name");
    }
    return NULL;
}

static bool references_hold(struct sim_call *c, const struct network_target *t, const json *subnet)
{
    static const char *const links[] = { "properties.networkSecurityGroup.id",
                                         "properties.routeTable.id", "properties.natGateway.id" };
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        const char *id = json_path_str(subnet, links[i]);
        cleanup_free char *key = id ? str_give_lower(id) : NULL;
        if (!key || json_get(network_resources(c->sim), key))
            continue;
        const char *vnet_id =
            json_path_str(json_get(network_resources(c->sim), t->parent_key), "id");
        cleanup_free char *by =
            xasprintf("%s/subnets/%s", vnet_id ? vnet_id : t->parent_key, t->name);
        resource_refuse_reference(c, id, by);
        return false;
    }
    return true;
}

bool network_subnet_is_valid(struct sim_call *c, const struct network_target *t, const json *subnet,
                             const json *vnet)
{
    struct network_prefix prefix;
    const char *vnet_name = strrchr(t->parent_key, '/') + 1;
    if (!read_prefix(subnet, &prefix) || !is_in_space(vnet, prefix)) {
        sim_reply_error(c, 400, "NetcfgInvalidSubnet",
                        "Subnet '%s' is not valid in virtual network '%s'.", t->name, vnet_name);
        return false;
    }
    const char *other = find_overlap(vnet, t->name, prefix);
    if (other) {
        sim_reply_error(c, 400, "NetcfgSubnetRangesOverlap",
                        "Subnet '%s' is not valid because its IP address range overlaps with that "
                        "of an existing subnet '%s' in virtual network '%s'.",
                        t->name, other, vnet_name);
        return false;
    }
    return references_hold(c, t, subnet);
}

bool network_subnet_is_free(struct sim_call *c, const char *key)
{
    const json *subnet = json_get(network_resources(c->sim), key);
    const char *occupant = network_find_occupant(c->sim, subnet);
    if (!occupant)
        return true;
    sim_reply_error(c, 400, "InUseSubnetCannotBeDeleted",
                    "Subnet %s is in use by %s and cannot be deleted. In order to delete the "
                    "subnet, delete all the resources within the subnet.",
                    json_path_str(subnet, "name"), occupant);
    return false;
}

/* ---- security rules ---- */

static bool rules_conflict(const json *a, const json *b)
{
    return json_path_int(a, "properties.priority", 0) ==
               json_path_int(b, "properties.priority", 0) &&
           str_eq_nocase(json_path_str(a, "properties.direction"),
                         json_path_str(b, "properties.direction"));
}

static bool rule_is_whole(struct sim_call *c, const json *rule)
{
    int64_t priority = json_path_int(rule, "properties.priority", 0);
    const char *name = json_path_str(rule, "name");
    if (name && priority >= 100 && priority <= 4096 &&
        json_path_str(rule, "properties.direction") && json_path_str(rule, "properties.access") &&
        json_path_str(rule, "properties.protocol"))
        return true;
    sim_reply_error(c, 400, "InvalidRequestFormat",
                    "Cannot parse the request: security rule '%s' needs a name, protocol, access, "
                    "direction and a priority between 100 and 4096.",
                    name ? name : "");
    return false;
}

bool network_rules_are_valid(struct sim_call *c, const json *nsg)
{
    json *rules = json_path(nsg, "properties.securityRules");
    for (size_t i = 0; json_is_array(rules) && i < json_len(rules); i++) {
        const json *rule = json_at(rules, i);
        if (!rule_is_whole(c, rule))
            return false;
        for (size_t k = 0; k < i; k++)
            if (rules_conflict(json_at(rules, k), rule)) {
                sim_reply_error(c, 400, "SecurityRuleConflict",
                                "Security rule %s conflicts with rule %s. Rules cannot have the "
                                "same Priority and Direction.",
                                json_path_str(rule, "name"),
                                json_path_str(json_at(rules, k), "name"));
                return false;
            }
    }
    return true;
}

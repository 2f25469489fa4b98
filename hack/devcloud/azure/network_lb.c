/* Load balancers: parts with IDs of their own, that refer to each other; frontends with private or public addresses. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const char *const collections[] = {
    "frontendIPConfigurations", "backendAddressPools", "loadBalancingRules", "probes",
    "inboundNatRules",          "inboundNatPools",     "outboundRules",
};
static const char *const owned[] = { "resourceGuid", NULL };

static json *list_of(const json *balancer, const char *collection)
{
    json *list = json_get(json_get(balancer, "properties"), collection);
    return json_is_array(list) ? list : NULL;
}

/* ---- references inside ---- */

/* member: {"id"} or an array of them. */
static const struct {
    const char *from, *member, *to;
} references[] = {
    { "loadBalancingRules", "frontendIPConfiguration", "frontendIPConfigurations" },
    { "loadBalancingRules", "backendAddressPool", "backendAddressPools" },
    { "loadBalancingRules", "probe", "probes" },
    { "outboundRules", "frontendIPConfigurations", "frontendIPConfigurations" },
    { "outboundRules", "backendAddressPool", "backendAddressPools" },
    { "inboundNatRules", "frontendIPConfiguration", "frontendIPConfigurations" },
};

/* Also of a balancer that is not stored yet. */
static bool has_part(const char *owner_id, const json *balancer, const char *collection,
                     const char *id)
{
    const json *list = list_of(balancer, collection);
    for (size_t i = 0; i < json_len(list); i++) {
        const char *name = json_path_str(json_at(list, i), "name");
        cleanup_free char *own = xasprintf("%s/%s/%s", owner_id, collection, name ? name : "");
        if (str_eq_nocase(own, id))
            return true;
    }
    return false;
}

static bool refuse_reference(struct sim_call *c, const char *id)
{
    resource_refuse_reference(c, id, NULL);
    return false;
}

static bool reference_holds(struct sim_call *c, const char *owner_id, size_t i, const json *part)
{
    const json *link = json_get(json_get(part, "properties"), references[i].member);
    if (json_is_array(link)) {
        for (size_t k = 0; k < json_len(link); k++) {
            const char *id = json_path_str(json_at(link, k), "id");
            if (!id || !has_part(owner_id, c->body, references[i].to, id))
                return refuse_reference(c, id);
        }
        return true;
    }
    const char *id = json_path_str(link, "id");
    return !link || (id && has_part(owner_id, c->body, references[i].to, id)) ||
           refuse_reference(c, id);
}

static bool references_hold(struct sim_call *c, const char *owner_id)
{
    for (size_t i = 0; i < ARRAY_LEN(references); i++) {
        const json *list = list_of(c->body, references[i].from);
        for (size_t k = 0; k < json_len(list); k++)
            if (!reference_holds(c, owner_id, i, json_at(list, k)))
                return false;
    }
    return true;
}

/* ---- PUT ---- */

static bool parts_have_names(struct sim_call *c)
{
    for (size_t i = 0; i < ARRAY_LEN(collections); i++) {
        const json *list = list_of(c->body, collections[i]);
        for (size_t k = 0; k < json_len(list); k++)
            if (!json_path_str(json_at(list, k), "name")) {
                sim_reply_error(c, 400, "InvalidRequestFormat",
                                "Cannot parse the request: an element of %s has no name.",
                                collections[i]);
                return false;
            }
    }
    return true;
}

static bool rules_differ(struct sim_call *c)
{
    static const char *const port = "properties.frontendPort";
    static const char *const frontend = "properties.frontendIPConfiguration.id";
    const json *list = list_of(c->body, "loadBalancingRules");
    for (size_t i = 0; i < json_len(list); i++)
        for (size_t k = 0; k < i; k++) {
            const json *a = json_at(list, k), *b = json_at(list, i);
            if (json_path_int(a, port, 0) != json_path_int(b, port, 0) ||
                !str_eq_nocase(json_path_str(a, frontend), json_path_str(b, frontend)) ||
                !str_eq_nocase(json_path_str(a, "properties.protocol"),
                               json_path_str(b, "properties.protocol")))
                continue;
            sim_reply_error(c, 400, "RulesUseSameFrontendPortProtocolAndIPConfig",
                            "Load balancer rules %s and %s with the same port and protocol use the "
                            "same frontend IP configuration.",
                            json_path_str(a, "name"), json_path_str(b, "name"));
            return false;
        }
    return true;
}

static bool frontends_are_good(struct sim_call *c, const char *owner_id)
{
    const json *list = list_of(c->body, "frontendIPConfigurations");
    for (size_t i = 0; i < json_len(list); i++) {
        const json *frontend = json_at(list, i);
        if (!network_config_is_good(c, owner_id, frontend))
            return false;
        if (json_path_str(frontend, "properties.subnet.id") ||
            json_path_str(frontend, "properties.publicIPAddress.id"))
            continue;
        sim_reply_error(c, 400, "InvalidRequestFormat",
                        "Cannot parse the request: frontend IP configuration '%s' has neither a "
                        "subnet nor a public IP address.",
                        json_path_str(frontend, "name"));
        return false;
    }
    return true;
}

/* Parts that others use cannot be left out. */
static bool keeps_used_parts(struct sim_call *c, const struct resource_at *at)
{
    static const struct {
        const char *collection, *code;
    } rows[] = {
        { "frontendIPConfigurations", "InUseFrontendIPConfigurationCannotBeDeleted" },
        { "backendAddressPools", "InUseBackendAddressPoolCannotBeDeleted" },
    };
    const char *own_id = json_path_str(at->old, "id");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const json *list = list_of(at->old, rows[i].collection);
        for (size_t k = 0; k < json_len(list); k++) {
            const char *id = json_path_str(json_at(list, k), "id");
            const char *user = network_find_balanced(c->sim, id);
            if (!user || has_part(own_id, c->body, rows[i].collection, id))
                continue;
            sim_reply_error(c, 400, rows[i].code,
                            "%s cannot be deleted because it is in use by %s.", id, user);
            return false;
        }
    }
    return true;
}

static bool check(struct sim_call *c, const struct resource_at *at)
{
    const char *id = at->old ? json_path_str(at->old, "id") : c->path;
    return parts_have_names(c) && frontends_are_good(c, id) && references_hold(c, id) &&
           rules_differ(c) && keeps_used_parts(c, at);
}

static void drop_shown(json *object)
{
    static const char *const shown[] = {
        "loadBalancingRules", "outboundRules",           "inboundNatRules",
        "inboundNatPools",    "backendIPConfigurations", "loadBalancerBackendAddresses"
    };
    static const char *const in[] = { "frontendIPConfigurations", "backendAddressPools", "probes" };
    for (size_t i = 0; i < ARRAY_LEN(in); i++) {
        const json *list = list_of(object, in[i]);
        for (size_t k = 0; k < json_len(list); k++)
            for (size_t s = 0; s < ARRAY_LEN(shown); s++)
                (void)json_del(json_get(json_at(list, k), "properties"), shown[s]);
    }
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    network_add_guid(c->sim, object);
    if (!json_get(object, "sku"))
        json_put(object, "sku", json_make("{'name':'Basic','tier':'Regional'}"));
    for (size_t i = 0; i < ARRAY_LEN(collections); i++)
        network_fill_parts(object, collections[i]);
    drop_shown(object);
    network_place_configs(c->sim, "frontendIPConfigurations", object, at->old);
    json *frontends = list_of(object, "frontendIPConfigurations");
    for (size_t i = 0; i < json_len(frontends); i++)
        if (!json_path_str(json_at(frontends, i), "properties.privateIPAllocationMethod"))
            (void)json_set_str(json_at(frontends, i), "properties.privateIPAllocationMethod",
                               "Dynamic", NULL);
}

/* ---- DELETE ---- */

static bool may_go(struct sim_call *c, const struct resource_at *at)
{
    const json *list = list_of(at->old, "frontendIPConfigurations");
    for (size_t i = 0; i < json_len(list); i++) {
        const char *id = json_path_str(json_at(list, i), "id");
        const char *user = network_find_service(c->sim, id);
        if (!user)
            continue;
        sim_reply_error(c, 400, "CannotDeleteLoadBalancerWithPrivateLinkService",
                        "Cannot delete load balancer %s since its frontend IP configuration %s is "
                        "referenced by private link service %s.",
                        json_path_str(at->old, "id"), id, user);
        return false;
    }
    return true;
}

/* Interfaces leave the pools that are gone. */
static void removed(struct azure_sim *sim, const char *key, const json *object)
{
    cleanup_free char *pattern = xasprintf("%s/*", json_path_str(object, "id"));
    (void)key;
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);) {
        json *configs = resource_is_type(it.value, network_nic_kind.type)
                            ? list_of(it.value, "ipConfigurations")
                            : NULL;
        for (size_t i = 0; i < json_len(configs); i++) {
            json *pools =
                json_path(json_at(configs, i), "properties.loadBalancerBackendAddressPools");
            for (size_t k = json_is_array(pools) ? json_len(pools) : 0; k-- > 0;) {
                const char *id = json_path_str(json_at(pools, k), "id");
                if (id && str_matches_nocase(pattern, id))
                    json_remove_at(pools, k);
            }
        }
    }
}

const struct resource_kind network_lb_kind = {
    .type = NETWORK_LB_TYPE,
    .owned = owned,
    .check = check,
    .settle = settle,
    .may_go = may_go,
    .removed = removed,
    .show = network_lb_show,
};

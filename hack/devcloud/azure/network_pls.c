/* Private link services: what a load balancer's frontend is to endpoints in other networks. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const char *const owned[] = { "resourceGuid", "alias", "networkInterfaces",
                                     "privateEndpointConnections", NULL };

/* ---- PUT ---- */

static bool refuse(struct sim_call *c, const char *what)
{
    sim_reply_error(c, 400, "InvalidRequestFormat", "Cannot parse the request: %s.", what);
    return false;
}

static bool frontend_is_good(struct sim_call *c, const struct resource_at *at, const char *id)
{
    const json *frontend = id ? network_find_part(c->sim, id) : NULL;
    const char *user = frontend ? network_find_service(c->sim, id) : NULL;
    if (!frontend)
        resource_refuse_reference(c, id, NULL);
    else if (json_path_str(frontend, "properties.publicIPAddress.id"))
        sim_reply_error(c, 400, "PrivateLinkServiceRequiresPrivateFrontend",
                        "Private link service %s needs a frontend with a private IP address.",
                        c->path);
    else if (user && !str_eq_nocase(user, json_path_str(at->old, "id")))
        sim_reply_error(c, 400, "FrontendIPConfigurationInUseByPrivateLinkService",
                        "Frontend IP configuration %s is already referenced by private link "
                        "service %s.",
                        id, user);
    else
        return true;
    return false;
}

static bool config_is_good(struct sim_call *c, const struct resource_at *at, const json *config)
{
    const char *subnet_id = json_path_str(config, "properties.subnet.id");
    const char *had = json_path_str(at->old, "properties.networkInterfaces[0].id");
    if (!subnet_id)
        return refuse(c, "an IP configuration of a private link service has no subnet");
    if (!network_config_is_good(c, had ? had : c->path, config))
        return false;
    const json *subnet = resource_get(c->sim, subnet_id);
    if (str_eq_nocase(json_path_str(subnet, "properties.privateLinkServiceNetworkPolicies"),
                      "Disabled"))
        return true;
    sim_reply_error(c, 400,
                    "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled",
                    "Private link service %s cannot be created in a subnet %s since it has private "
                    "link service network policies enabled.",
                    c->path, subnet_id);
    return false;
}

static bool check(struct sim_call *c, const struct resource_at *at)
{
    json *frontends = json_path(c->body, "properties.loadBalancerFrontendIpConfigurations");
    json *configs = json_path(c->body, "properties.ipConfigurations");
    if (!json_is_array(frontends) || json_len(frontends) == 0)
        return refuse(c, "a private link service needs a frontend IP configuration");
    if (!json_is_array(configs) || json_len(configs) == 0)
        return refuse(c, "a private link service needs an IP configuration");
    for (size_t i = 0; i < json_len(frontends); i++)
        if (!frontend_is_good(c, at, json_path_str(json_at(frontends, i), "id")))
            return false;
    for (size_t i = 0; i < json_len(configs); i++)
        if (!config_is_good(c, at, json_at(configs, i)))
            return false;
    return true;
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    (void)at;
    network_add_guid(c->sim, object);
    network_fill_parts(object, "ipConfigurations");
    cleanup_free char *alias =
        xasprintf("%s.%s.%s.azure.privatelinkservice", json_path_str(object, "name"), id,
                  json_path_str(object, "location"));
    if (!json_path_str(object, "properties.alias"))
        (void)json_set_str(object, "properties.alias", alias, NULL);
}

static void stored(struct sim_call *c, const struct resource_at *at, json *object)
{
    (void)at;
    network_put_service_nic(c, object, "privateLinkService",
                            json_path(object, "properties.ipConfigurations"));
}

/* ---- GET, DELETE ---- */

struct connections {
    const json *service;
    json *list;
};

static bool add_connection(void *arg, const struct network_connection *found)
{
    struct connections *all = arg;
    if (str_eq_nocase(found->service, json_path_str(all->service, "id")))
        json_append(all->list, network_give_connection(all->service, found));
    return true;
}

json *network_give_connections(struct azure_sim *sim, const json *service)
{
    struct connections all = { service, json_new_array() };
    network_each_connection(sim, add_connection, &all);
    return all.list;
}

static void show(struct sim_call *c, const char *key, const json *object, json *view)
{
    (void)key;
    (void)json_path_put(view, "properties.privateEndpointConnections",
                        network_give_connections(c->sim, object), NULL);
}

static bool may_go(struct sim_call *c, const struct resource_at *at)
{
    cleanup_json json *list = network_give_connections(c->sim, at->old);
    for (size_t i = 0; i < json_len(list); i++) {
        const json *one = json_at(list, i);
        sim_reply_error(c, 400, "PrivateLinkServiceWithPrivateEndpointConnectionsCannotBeDeleted",
                        "Private link service %s with private endpoint connections cannot be "
                        "deleted: %s.",
                        json_path_str(at->old, "id"),
                        json_path_str(one, "properties.privateEndpoint.id"));
        return false;
    }
    return true;
}

const struct resource_kind network_pls_kind = {
    .type = NETWORK_PLS_TYPE,
    .owned = owned,
    .check = check,
    .settle = settle,
    .stored = stored,
    .may_go = may_go,
    .removed = network_remove_service_nic,
    .show = show,
};

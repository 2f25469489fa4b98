/* Route tables and NAT gateways: what subnets are led out by. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const char *const owned[] = { "resourceGuid", "subnets", NULL };

static void add_subnets(struct sim_call *c, const char *link, const json *object, json *view)
{
    json *list = network_give_users(c->sim, link, json_path_str(object, "id"));
    if (json_len(list) > 0)
        (void)json_path_put(view, "properties.subnets", json_ref(list), NULL);
    json_free(list);
}

static bool is_free(struct sim_call *c, const struct resource_at *at, const char *link,
                    const char *code, const char *what)
{
    const char *user = network_find_user(c->sim, link, at->id->key);
    if (user)
        sim_reply_error(c, 400, code,
                        "%s %s is in use and cannot be deleted: it is associated with subnet %s.",
                        what, json_path_str(at->old, "name"), user);
    return !user;
}

/* ---- route tables ---- */

static bool check_routes(struct sim_call *c, const struct resource_at *at)
{
    (void)at;
    json *routes = json_path(c->body, "properties.routes");
    for (size_t i = 0; json_is_array(routes) && i < json_len(routes); i++) {
        const json *route = json_at(routes, i);
        if (json_path_str(route, "name") && json_path_str(route, "properties.addressPrefix") &&
            json_path_str(route, "properties.nextHopType"))
            continue;
        sim_reply_error(c, 400, "InvalidRequestFormat",
                        "Cannot parse the request: a route needs a name, addressPrefix and "
                        "nextHopType.");
        return false;
    }
    return true;
}

static void settle_table(struct sim_call *c, const struct resource_at *at, json *object)
{
    (void)at;
    network_add_guid(c->sim, object);
    network_fill_parts(object, "routes");
    if (!json_path(object, "properties.disableBgpRoutePropagation"))
        (void)json_path_put(object, "properties.disableBgpRoutePropagation", json_new_bool(false),
                            NULL);
}

static bool table_may_go(struct sim_call *c, const struct resource_at *at)
{
    return is_free(c, at, "routeTable", "InUseRouteTableCannotBeDeleted", "Route table");
}

static void show_table(struct sim_call *c, const char *key, const json *object, json *view)
{
    (void)key;
    add_subnets(c, "routeTable", object, view);
}

const struct resource_kind network_route_table_kind = {
    .type = "Microsoft.Network/routeTables",
    .owned = owned,
    .check = check_routes,
    .settle = settle_table,
    .may_go = table_may_go,
    .show = show_table,
};

/* ---- NAT gateways ---- */

static bool check_nat(struct sim_call *c, const struct resource_at *at)
{
    json *addresses = json_path(c->body, "properties.publicIpAddresses");
    const char *own = at->old ? json_path_str(at->old, "id") : c->path;
    for (size_t i = 0; json_is_array(addresses) && i < json_len(addresses); i++) {
        const char *id = json_path_str(json_at(addresses, i), "id");
        const char *holder = id ? network_find_holder(c->sim, id) : NULL;
        if (!resource_reference_holds(c, id ? id : "(none)"))
            return false;
        if (!holder || str_eq_nocase(holder, own))
            continue;
        sim_reply_error(c, 400, "PublicIPAddressInUse",
                        "Resource %s is already allocated to resource %s.", id, holder);
        return false;
    }
    return true;
}

static void settle_nat(struct sim_call *c, const struct resource_at *at, json *object)
{
    (void)at;
    network_add_guid(c->sim, object);
    if (!json_get(object, "sku"))
        json_put(object, "sku", json_make("{'name':'Standard','tier':'Regional'}"));
    if (!json_path(object, "properties.idleTimeoutInMinutes"))
        (void)json_path_put(object, "properties.idleTimeoutInMinutes", json_new_int(4), NULL);
}

static bool nat_may_go(struct sim_call *c, const struct resource_at *at)
{
    return is_free(c, at, "natGateway", "InUseNatGatewayCannotBeDeleted", "Nat Gateway");
}

static void show_nat(struct sim_call *c, const char *key, const json *object, json *view)
{
    (void)key;
    add_subnets(c, "natGateway", object, view);
}

const struct resource_kind network_nat_kind = {
    .type = NETWORK_NAT_TYPE,
    .owned = owned,
    .check = check_nat,
    .settle = settle_nat,
    .may_go = nat_may_go,
    .show = show_nat,
};

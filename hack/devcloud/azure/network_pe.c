/* Private endpoints: an address of one's own network that leads to a service in another. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

static const char *const owned[] = { "resourceGuid", "networkInterfaces", NULL };
static const char *const lists[] = { "privateLinkServiceConnections",
                                     "manualPrivateLinkServiceConnections" };

static json *list_of(const json *endpoint, size_t i)
{
    json *list = json_get(json_get(endpoint, "properties"), lists[i]);
    return json_is_array(list) ? list : NULL;
}

/* ---- connections ---- */

void network_each_connection(struct azure_sim *sim, network_connection_fn fn, void *arg)
{
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        for (size_t l = 0; resource_is_type(it.value, NETWORK_PE_TYPE) && l < ARRAY_LEN(lists); l++)
            for (size_t i = 0; i < json_len(list_of(it.value, l)); i++) {
                json *one = json_at(list_of(it.value, l), i);
                const char *service = json_path_str(one, "properties.privateLinkServiceId");
                cleanup_free char *key = service ? str_give_lower(service) : NULL;
                const struct network_connection found = {
                    .endpoint = it.value,
                    .connection = one,
                    .service = service,
                    .link = key ? json_get(json_path(it.value, "inside.links"), key) : NULL,
                };
                if (found.link && !fn(arg, &found))
                    return;
            }
}

json *network_give_connection(const json *service, const struct network_connection *found)
{
    const char *name = json_path_str(found->link, "name");
    cleanup_free char *id =
        xasprintf("%s/privateEndpointConnections/%s", json_path_str(service, "id"), name);
    json *state = json_path(found->connection, "properties.privateLinkServiceConnectionState");
    return json_make("{'name':%s,'id':%s,'etag':%s,'type':%s,'properties':{'privateEndpoint':{"
                     "'id':%s},'privateLinkServiceConnectionState':%j,'linkIdentifier':%s,"
                     "'provisioningState':'Succeeded'}}",
                     name, id, json_path_str(service, "etag"),
                     NETWORK_PLS_TYPE "/privateEndpointConnections",
                     json_path_str(found->endpoint, "id"), json_give_copy(state),
                     json_path_str(found->link, "linkIdentifier"));
}

/* ---- PUT ---- */

static bool connection_is_good(struct sim_call *c, const json *one)
{
    const char *service = json_path_str(one, "properties.privateLinkServiceId");
    bool local = service && str_matches_nocase("*/privateLinkServices/*", service);
    if (json_path_str(one, "name") && service)
        return !local || resource_reference_holds(c, service);
    sim_reply_error(c, 400, "InvalidRequestFormat",
                    "Cannot parse the request: a connection needs a name and a "
                    "privateLinkServiceId.");
    return false;
}

static bool subnet_is_good(struct sim_call *c, const char *id)
{
    if (!id || !resource_reference_holds(c, id)) {
        if (!id)
            sim_reply_error(c, 400, "InvalidRequestFormat",
                            "Cannot parse the request: a private endpoint needs a subnet.");
        return false;
    }
    const json *subnet = resource_get(c->sim, id);
    if (str_eq_nocase(json_path_str(subnet, "properties.privateEndpointNetworkPolicies"),
                      "Disabled"))
        return true;
    sim_reply_error(c, 400, "PrivateEndpointCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled",
                    "Private endpoint %s cannot be created in a subnet %s since it has private "
                    "endpoint network policies enabled.",
                    c->path, id);
    return false;
}

static bool check(struct sim_call *c, const struct resource_at *at)
{
    const char *subnet = json_path_str(c->body, "properties.subnet.id");
    const char *had = json_path_str(at->old, "properties.subnet.id");
    size_t found = 0;
    if (!subnet_is_good(c, subnet))
        return false;
    if (had && !str_eq_nocase(had, subnet)) {
        sim_reply_error(c, 400, "PrivateEndpointSubnetCannotBeChanged",
                        "The subnet of private endpoint %s cannot be changed.", c->path);
        return false;
    }
    for (size_t l = 0; l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < json_len(list_of(c->body, l)); i++, found++)
            if (!connection_is_good(c, json_at(list_of(c->body, l), i)))
                return false;
    if (found == 0)
        sim_reply_error(c, 400, "InvalidRequestFormat",
                        "Cannot parse the request: a private endpoint needs a connection.");
    return found > 0;
}

/* An automatic connection is approved at once; a manual one only when the service trusts the subscription. What is no service of
 * ours trusts everyone. */
static bool is_approved(struct sim_call *c, const char *service_id, bool manual)
{
    const json *service = resource_get(c->sim, service_id);
    json *trusted = json_path(service, "properties.autoApproval.subscriptions");
    if (!service || !manual)
        return true;
    for (size_t i = 0; json_is_array(trusted) && i < json_len(trusted); i++)
        if (str_eq(json_str(json_at(trusted, i)), "*") ||
            str_eq_nocase(json_str(json_at(trusted, i)),
                          json_path_str(c->sim->state, "subscription")))
            return true;
    return false;
}

static json *find_state(const json *old, size_t l, const char *service)
{
    for (size_t i = 0; i < json_len(list_of(old, l)); i++) {
        const json *one = json_at(list_of(old, l), i);
        if (str_eq_nocase(json_path_str(one, "properties.privateLinkServiceId"), service))
            return json_path(one, "properties.privateLinkServiceConnectionState");
    }
    return NULL;
}

/* The service knows the connection by a name and a number of its own. */
static void add_link(struct sim_call *c, json *object, const char *service)
{
    char id[UUID_LEN + 1];
    cleanup_free char *key = str_give_lower(service);
    json *inside = resource_inside(object);
    if (!json_is_object(json_get(inside, "links")))
        json_put(inside, "links", json_new_object());
    if (json_get(json_get(inside, "links"), key))
        return;
    rng_uuid(c->sim->cfg.rng, id);
    cleanup_free char *name = xasprintf("%s.%s", json_path_str(object, "name"), id);
    cleanup_free char *number = xasprintf(
        "%llu", (unsigned long long)(rng_below(c->sim->cfg.rng, 1ULL << 29) + (1ULL << 29)));
    json_put(json_get(inside, "links"), key,
             json_make("{'name':%s,'linkIdentifier':%s}", name, number));
}

static void settle_connection(struct sim_call *c, const struct resource_at *at, json *object,
                              size_t l, json *one)
{
    const char *service = json_path_str(one, "properties.privateLinkServiceId");
    json *had = find_state(at->old, l, service);
    bool approved = is_approved(c, service, l == 1);
    bool lost = str_eq(json_path_str(had, "status"), "Disconnected");
    network_fill_part(object, lists[l], one);
    if (!json_is_array(json_path(one, "properties.groupIds")))
        (void)json_path_put(one, "properties.groupIds", json_new_array(), NULL);
    (void)json_path_put(one, "properties.privateLinkServiceConnectionState",
                        had && !lost ? json_give_copy(had)
                                     : json_make("{'status':%s,'description':%s,"
                                                 "'actionsRequired':'None'}",
                                                 approved ? "Approved" : "Pending",
                                                 approved ? "Auto-approved" : "Awaiting approval"),
                        NULL);
    add_link(c, object, service);
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    network_add_guid(c->sim, object);
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        network_fill_parts(object, lists[l]);
        for (size_t i = 0; i < json_len(list_of(object, l)); i++)
            settle_connection(c, at, object, l, json_at(list_of(object, l), i));
    }
    if (!json_path(object, "properties.customDnsConfigs"))
        (void)json_path_put(object, "properties.customDnsConfigs", json_new_array(), NULL);
}

static void stored(struct sim_call *c, const struct resource_at *at, json *object)
{
    cleanup_json json *configs =
        json_make("[{'name':'privateEndpointIpConfig','properties':{'subnet':{'id':%s}}}]",
                  json_path_str(object, "properties.subnet.id"));
    (void)at;
    network_put_service_nic(c, object, "privateEndpoint", configs);
}

/* ---- GET ---- */

static void show(struct sim_call *c, const char *key, const json *object, json *view)
{
    cleanup_free char *expand = query_give(sim_query(c), "$expand");
    json *nics = json_path(view, "properties.networkInterfaces");
    (void)key;
    (void)object;
    if (!str_eq_nocase(expand, "networkInterfaces"))
        return;
    for (size_t i = 0; json_is_array(nics) && i < json_len(nics); i++) {
        cleanup_free char *nic_key = str_give_lower(json_path_str(json_at(nics, i), "id"));
        const json *nic = json_get(resource_table(c->sim), nic_key);
        if (nic)
            json_replace_at(nics, i, resource_give_view(c, nic_key, nic));
    }
}

const struct resource_kind network_pe_kind = {
    .type = NETWORK_PE_TYPE,
    .owned = owned,
    .check = check,
    .settle = settle,
    .stored = stored,
    .removed = network_remove_service_nic,
    .show = show,
};

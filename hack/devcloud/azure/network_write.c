/* Writes on networks: a PUT replaces the whole but for what the service owns; all take their time (operations.c). */
#include <string.h>

#include "hack/devcloud/azure/network.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Properties that the service owns: ignored when sent, kept over a PUT. */
static const char *const owned[] = {
    "resourceGuid", "ipConfigurations",        "ipConfigurationProfiles", "privateEndpoints",
    "purpose",      "resourceNavigationLinks", "serviceAssociationLinks", "ipAllocations",
    "flowLogs",     "networkInterfaces",
};

static void keep_owned(json *object, const json *old)
{
    json *properties = json_get(object, "properties");
    const json *old_properties = json_get(old, "properties");
    for (size_t i = 0; i < ARRAY_LEN(owned); i++) {
        json_del(properties, owned[i]);
        if (json_get(old_properties, owned[i]))
            json_put(properties, owned[i], json_give_copy(json_get(old_properties, owned[i])));
    }
}

/* New service endpoints are confirmed by the service, with the locations that it chose. */
static void settle_endpoints(json *object)
{
    json *endpoints = json_path(object, "properties.serviceEndpoints");
    for (size_t i = 0; json_is_array(endpoints) && i < json_len(endpoints); i++) {
        json *entry = json_at(endpoints, i);
        if (!json_is_object(entry))
            continue;
        json_put(entry, "provisioningState", json_new_str("Succeeded"));
        if (!json_get(entry, "locations"))
            json_put(entry, "locations", json_make("['*']"));
    }
}

/* What a subnet has although nobody asked for it, in the api-versions that the product pins. */
static void add_subnet_defaults(json *object)
{
    json *properties = json_get(object, "properties");
    if (!json_get(properties, "delegations"))
        json_put(properties, "delegations", json_new_array());
    static const char *const policies[] = { "privateEndpointNetworkPolicies",
                                            "privateLinkServiceNetworkPolicies" };
    for (size_t i = 0; i < ARRAY_LEN(policies); i++)
        if (!json_get(properties, policies[i]))
            json_put(properties, policies[i], json_new_str("Enabled"));
    settle_endpoints(object);
}

static void add_guid(struct sim_call *c, json *object)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    if (!json_path_str(object, "properties.resourceGuid"))
        json_set_str(object, "properties.resourceGuid", id, NULL);
}

/* Identity: the casing of creation stays; a new subnet is spelt like its network. */
static void name_object(struct sim_call *c, const struct network_target *t, const json *old,
                        json *object)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    cleanup_free char *etag = xasprintf("W/\"%s\"", id);
    const json *vnet = t->parent_key ? json_get(network_resources(c->sim), t->parent_key) : NULL;
    cleanup_free char *fresh =
        vnet ? xasprintf("%s/subnets/%s", json_path_str(vnet, "id"), t->name) : xstrdup(c->path);
    const char *old_id = json_path_str(old, "id"), *old_name = json_path_str(old, "name");
    json_put(object, "id", json_new_str(old_id ? old_id : fresh));
    json_put(object, "name", json_new_str(old_name ? old_name : t->name));
    json_put(object, "type", json_new_str(network_type(t->kind)));
    json_put(object, "etag", json_new_str(etag));
    json_set_str(object, "properties.provisioningState", "Updating", NULL);
}

/* Stores a copy of what was put. Returns what is stored, borrowed. */
static json *store(struct sim_call *c, const struct network_target *t, const json *body)
{
    const json *old = json_get(network_resources(c->sim), t->key);
    json *object = json_give_copy(body);
    if (!json_is_object(json_get(object, "properties")))
        json_put(object, "properties", json_new_object());
    keep_owned(object, old);
    if (t->kind == NETWORK_SUBNET)
        add_subnet_defaults(object);
    else
        add_guid(c, object);
    if (t->kind != NETWORK_SUBNET) /* parts and back references are stored elsewhere */
        json_path_del(object, "properties.subnets");
    name_object(c, t, old, object);
    json_put(network_resources(c->sim), t->key, object);
    return object;
}

/* ---- a network with its subnets ---- */

static void target_subnet(const struct network_target *vnet, const char *name,
                          struct network_target *ret)
{
    cleanup_free char *path = xasprintf("%s/subnets/%s", vnet->key, name);
    *ret = (struct network_target){ .kind = NETWORK_SUBNET,
                                    .key = str_give_lower(path),
                                    .parent_key = xstrdup(vnet->key),
                                    .name = xstrdup(name) };
}

static bool has_subnet(const json *list, const char *key)
{
    const char *name = strrchr(key, '/') + 1;
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (str_eq_nocase(json_path_str(json_at(list, i), "name"), name))
            return true;
    return false;
}

/* Subnets that the list leaves out: with remove they go, otherwise none of them may be in use. */
static bool drop_subnets(struct sim_call *c, const struct network_target *vnet, const json *list,
                         bool remove)
{
    cleanup_free char *prefix = xasprintf("%s/subnets/", vnet->key);
    for (struct json_iter it = json_each(network_resources(c->sim)); json_next(&it);) {
        if (!str_starts(it.key, prefix) || has_subnet(list, it.key))
            continue;
        if (remove)
            json_del(network_resources(c->sim), it.key);
        else if (!network_subnet_is_free(c, it.key))
            return false;
    }
    return true;
}

/* Each subnet of a network that is put, checked or (with write) stored. */
static bool put_subnets(struct sim_call *c, const struct network_target *vnet, const json *list,
                        bool write)
{
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const json *subnet = json_at(list, i);
        const char *name = json_path_str(subnet, "name");
        if (!name || !*name || strchr(name, '/')) {
            sim_reply_error(c, 400, "InvalidRequestFormat",
                            "Cannot parse the request: a subnet has no name.");
            return false;
        }
        cleanup_network_target struct network_target t;
        target_subnet(vnet, name, &t);
        if (!write && !network_subnet_is_valid(c, &t, subnet, c->body))
            return false;
        if (write) {
            store(c, &t, subnet);
            operation_adopt(c, t.key);
        }
    }
    return true;
}

/* ---- PUT ---- */

/* What is put must stand before anything changes. */
static bool is_valid(struct sim_call *c, const struct network_target *t)
{
    json *body = c->body;
    bool no_properties =
        json_has(body, "properties") && !json_is_object(json_get(body, "properties"));
    if (!json_is_object(body) || no_properties) {
        sim_reply_error(c, 400, "InvalidRequestFormat", "Cannot parse the request.");
        return false;
    }
    if (t->kind != NETWORK_SUBNET && !json_path_str(body, "location")) {
        sim_reply_error(c, 400, "LocationRequired",
                        "The location property is required for this definition.");
        return false;
    }
    if (t->kind == NETWORK_NSG)
        return network_rules_are_valid(c, body);
    if (t->kind == NETWORK_VNET) {
        const json *subnets = json_path(body, "properties.subnets");
        return drop_subnets(c, t, subnets, false) && put_subnets(c, t, subnets, false);
    }
    const json *vnet = json_get(network_resources(c->sim), t->parent_key);
    if (!vnet) {
        sim_reply_error(c, 404, "ParentResourceNotFound",
                        "Can not perform requested operation on nested resource. Parent resource "
                        "'%s' not found.",
                        strrchr(t->parent_key, '/') + 1);
        return false;
    }
    const struct network_target parent = { .kind = NETWORK_VNET, .key = t->parent_key };
    cleanup_json json *view = network_give_view(c->sim, &parent, vnet);
    return network_subnet_is_valid(c, t, body, view);
}

static bool is_being_deleted(struct sim_call *c, const json *old)
{
    if (!str_eq(json_path_str(old, "properties.provisioningState"), "Deleting"))
        return false;
    sim_set_header(c, "Retry-After", "1");
    sim_reply_error(c, 429, "RetryableErrorDueToAnotherOperation",
                    "Operation on %s is in progress and cannot be superseded. Please retry later.",
                    json_path_str(old, "id"));
    return true;
}

void network_put(struct sim_call *c, const struct network_target *t)
{
    const json *old = json_get(network_resources(c->sim), t->key);
    if (!network_precondition_holds(c, old) || is_being_deleted(c, old) || !is_valid(c, t))
        return;
    bool is_new = old == NULL;
    operation_begin(c, t->key, OPERATION_PUT);
    json *object = store(c, t, c->body);
    if (t->kind == NETWORK_VNET) {
        const json *subnets = json_path(c->body, "properties.subnets");
        (void)drop_subnets(c, t, subnets, true);
        (void)put_subnets(c, t, subnets, true);
    }
    sim_set_header(c, "ETag", json_path_str(object, "etag"));
    cleanup_json json *view = network_give_view(c->sim, t, object);
    sim_reply(c, is_new ? 201 : 200, view);
}

/* ---- DELETE ---- */

static bool may_go(struct sim_call *c, const struct network_target *t)
{
    if (t->kind == NETWORK_SUBNET)
        return network_subnet_is_free(c, t->key);
    if (t->kind == NETWORK_VNET)
        return drop_subnets(c, t, NULL, false);
    const char *user = network_find_user(c->sim, "networkSecurityGroup", t->key);
    if (user)
        sim_reply_error(c, 400, "InUseNetworkSecurityGroupCannotBeDeleted",
                        "Network security group %s cannot be deleted because it is in use by the "
                        "following resources: %s.",
                        c->path, user);
    return !user;
}

void network_delete(struct sim_call *c, const struct network_target *t)
{
    json *old = json_get(network_resources(c->sim), t->key);
    if (!network_precondition_holds(c, old))
        return;
    if (!old) {
        sim_reply(c, 204, NULL);
        return;
    }
    if (!may_go(c, t))
        return;
    json_set_str(old, "properties.provisioningState", "Deleting", NULL);
    operation_begin(c, t->key, OPERATION_DELETE);
    sim_reply(c, 202, NULL);
}

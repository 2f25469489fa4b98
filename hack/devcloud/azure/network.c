/* Microsoft.Network: virtual networks, subnets, network security groups. Writes are long-running operations. */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static const char *const kinds[] = {
    "/subscriptions/*/resourcegroups/*/providers/microsoft.network/virtualnetworks/*/subnets/*",
    "/subscriptions/*/resourcegroups/*/providers/microsoft.network/virtualnetworks/*",
    "/subscriptions/*/resourcegroups/*/providers/microsoft.network/networksecuritygroups/*",
};
static const char *const types[] = {
    "Microsoft.Network/virtualNetworks/subnets",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/networkSecurityGroups",
};

static size_t kind_of(const char *path)
{
    size_t i = 0;
    while (i < ARRAY_LEN(kinds) && !pattern_matches(kinds[i], path))
        i++;
    return i;
}

static json *resources(struct sim_call *c)
{
    return json_get(c->sim->state, "resources");
}

static void not_found(struct sim_call *c)
{
    sim_reply_error(c, 404, "NotFound", "Resource %s not found.", c->path);
}

static void serve_get(struct sim_call *c, const char *key)
{
    json *object = json_get(resources(c), key);
    if (!object) {
        not_found(c);
        return;
    }
    if (json_path_str(object, "etag"))
        http_call_set_header(c->http, "ETag", json_path_str(object, "etag"));
    sim_reply(c, 200, object);
}

/* ---- writes ---- */

static char *give_etag(struct sim_call *c)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    return xasprintf("W/\"%s\"", id);
}

static bool precondition_holds(struct sim_call *c, const json *old)
{
    const char *want = http_call_header(c->http, "If-Match");
    if (!want || !*want || strcmp(want, "*") == 0 || str_eq(want, json_path_str(old, "etag")))
        return true;
    sim_reply_error(c, 412, "PreconditionFailed",
                    "The If-Match header does not match the resource's etag.");
    return false;
}

/* What a subnet refers to must exist, and its virtual network, too. */
static bool references_hold(struct sim_call *c, const char *key)
{
    static const char *const links[] = { "properties.networkSecurityGroup.id",
                                         "properties.routeTable.id", "properties.natGateway.id" };
    const char *subnet = strstr(key, "/subnets/");
    cleanup_free char *parent = subnet ? xstrndup(key, (size_t)(subnet - key)) : NULL;
    if (parent && !json_get(resources(c), parent)) {
        sim_reply_error(c, 404, "ParentResourceNotFound",
                        "The virtual network of %s does not exist.", c->path);
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        const char *id = json_path_str(c->body, links[i]);
        cleanup_free char *lower = id ? str_give_lower(id) : NULL;
        if (lower && !json_get(resources(c), lower)) {
            sim_reply_error(c, 400, "InvalidResourceReference",
                            "Resource %s referenced by resource %s was not found. Please make sure "
                            "that the referenced "
                            "resource exists, and that both resources are in the same region.",
                            id, c->path);
            return false;
        }
    }
    return true;
}

static bool subnet_is_valid(struct sim_call *c, size_t kind)
{
    if (kind != 0 || json_path(c->body, "properties.addressPrefix") ||
        json_path(c->body, "properties.addressPrefixes"))
        return true;
    sim_reply_error(c, 400, "NetcfgInvalidSubnet", "Subnet '%s' has no address prefix.",
                    strrchr(c->path, '/') + 1);
    return false;
}

/* New service endpoints are confirmed by the service, with the locations that it chose. */
static void settle_endpoints(json *object)
{
    json *endpoints = json_path(object, "properties.serviceEndpoints");
    for (size_t i = 0; i < json_len(endpoints); i++) {
        json *entry = json_at(endpoints, i);
        json_put(entry, "provisioningState", json_new_str("Succeeded"));
        if (!json_get(entry, "locations"))
            json_put(entry, "locations", json_make("['*']"));
    }
}

static void serve_put(struct sim_call *c, const char *key, size_t kind)
{
    json *old = json_get(resources(c), key);
    if (!json_is_object(c->body) || !json_is_object(json_get(c->body, "properties"))) {
        sim_reply_error(c, 400, "InvalidRequestFormat", "Cannot parse the request.");
        return;
    }
    if (!precondition_holds(c, old) || !subnet_is_valid(c, kind) || !references_hold(c, key))
        return;
    json *object = json_give_copy(c->body);
    const char *id = json_path_str(old, "id");
    json_put(object, "id", json_new_str(id ? id : c->path));
    json_put(object, "name", json_new_str(strrchr(c->path, '/') + 1));
    json_put(object, "type", json_new_str(types[kind]));
    cleanup_free char *etag = give_etag(c);
    json_put(object, "etag", json_new_str(etag));
    json_set_str(object, "properties.provisioningState", "Updating", NULL);
    settle_endpoints(object);
    bool is_new = old == NULL;
    json_put(resources(c), key, object);
    operation_begin(c, key);
    sim_reply(c, is_new ? 201 : 200, object);
}

static void serve_delete(struct sim_call *c, const char *key)
{
    if (!json_get(resources(c), key)) {
        sim_reply(c, 204, NULL);
        return;
    }
    operation_begin(c, key);
    json_del(resources(c), key);
    sim_reply(c, 202, NULL);
}

/* A virtual network or security group list of one resource group. */
static bool serve_list(struct sim_call *c)
{
    if (strcmp(c->method, "GET") != 0 ||
        !(pattern_matches("/subscriptions/*/providers/microsoft.network/networksecuritygroups",
                          c->path) ||
          pattern_matches("/subscriptions/*/providers/microsoft.network/virtualnetworks",
                          c->path) ||
          pattern_matches("/subscriptions/*/providers/microsoft.network/virtualnetworks/*/subnets",
                          c->path)))
        return false;
    cleanup_free char *prefix = str_give_lower(c->path);
    cleanup_json json *body = json_make("{'value':[]}");
    for (struct json_iter it = json_each(resources(c)); json_next(&it);)
        if (str_starts(it.key, prefix) && it.key[strlen(prefix)] == '/' &&
            !strchr(it.key + strlen(prefix) + 1, '/'))
            json_append(json_get(body, "value"), json_give_copy(it.value));
    sim_reply(c, 200, body);
    return true;
}

bool network_serve(struct sim_call *c)
{
    if (serve_list(c))
        return true;
    size_t kind = kind_of(c->path);
    if (kind == ARRAY_LEN(kinds))
        return false;
    cleanup_free char *key = str_give_lower(c->path);
    if (strcmp(c->method, "GET") == 0)
        serve_get(c, key);
    else if (strcmp(c->method, "PUT") == 0)
        serve_put(c, key, kind);
    else if (strcmp(c->method, "DELETE") == 0)
        serve_delete(c, key);
    else
        sim_reply_error(c, 405, "MethodNotAllowed", "%s is not supported here.", c->method);
    return true;
}

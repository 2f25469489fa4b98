/* Writes: a PUT replaces the whole but for what the service owns, a PATCH is merged first; most take their time. */
#include <string.h>

#include "hack/devcloud/azure/network.h"
#include "hack/devcloud/azure/resource.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- whether it may be ---- */

static bool is_busy(struct sim_call *c, const json *old)
{
    if (!str_eq(json_path_str(old, "properties.provisioningState"), "Deleting"))
        return false;
    sim_set_header(c, "Retry-After", "1");
    sim_reply_error(c, 409, "AnotherOperationInProgress",
                    "Another operation on this or dependent resource is in progress: %s is being "
                    "deleted. Please retry later.",
                    json_path_str(old, "id"));
    return true;
}

static bool location_is_good(struct sim_call *c, const struct resource_at *at)
{
    const char *wanted = at->kind->location, *given = json_path_str(c->body, "location");
    const char *had = json_path_str(at->old, "location");
    if (wanted && !*wanted)
        return true;
    if (!given)
        sim_reply_error(c, 400, "LocationRequired",
                        "The location property is required for this definition.");
    else if (wanted && !str_eq_nocase(given, wanted))
        sim_reply_error(c, 400, "LocationNotAvailableForResourceType",
                        "The provided location '%s' is not available for resource type '%s'. List "
                        "of available regions for the resource type is '%s'.",
                        given, at->kind->type, wanted);
    else if (had && !str_eq_nocase(given, had))
        sim_reply_error(c, 409, "InvalidResourceLocation",
                        "The resource '%s' already exists in location '%s' in resource group '%s'. "
                        "A resource with the same name cannot be created in location '%s'.",
                        arm_id_name(at->id), had, at->id->group, given);
    else
        return true;
    return false;
}

static bool parent_exists(struct sim_call *c)
{
    cleanup_free char *parent = arm_id_give_parent(c->path);
    if (!parent || resource_get(c->sim, parent))
        return true;
    sim_reply_error(c, 404, "ParentResourceNotFound",
                    "Can not perform requested operation on nested resource. Parent resource '%s' "
                    "not found.",
                    strrchr(parent, '/') + 1);
    return false;
}

static bool body_is_good(struct sim_call *c)
{
    json *properties = json_get(c->body, "properties");
    if (json_is_object(c->body) && (json_is_object(properties) || !properties))
        return true;
    sim_reply_error(c, 400, "InvalidRequestFormat", "Cannot parse the request.");
    return false;
}

static bool may_put(struct sim_call *c, const struct resource_at *at)
{
    return body_is_good(c) && provider_is_registered(c, at->id->provider) &&
           network_precondition_holds(c, at->old) && !is_busy(c, at->old) &&
           location_is_good(c, at) && parent_exists(c) &&
           (!at->kind->check || at->kind->check(c, at));
}

/* ---- what is kept ---- */

/* The casing of creation stays; a new part is spelt like its parent. */
static char *give_id(struct sim_call *c, const struct resource_at *at)
{
    cleanup_free char *parent = arm_id_give_parent(c->path);
    const json *above = parent ? resource_get(c->sim, parent) : NULL;
    if (at->old)
        return xstrdup(json_path_str(at->old, "id"));
    return above ? xasprintf("%s%s", json_path_str(above, "id"), c->path + strlen(parent))
                 : xstrdup(c->path);
}

static void keep_owned(const struct resource_at *at, json *object)
{
    json *properties = json_get(object, "properties"), *had = json_get(at->old, "properties");
    for (size_t i = 0; at->kind->owned && at->kind->owned[i]; i++) {
        const char *name = at->kind->owned[i];
        json_del(properties, name);
        if (json_get(had, name))
            json_put(properties, name, json_give_copy(json_get(had, name)));
    }
    if (json_get(at->old, "inside"))
        json_put(object, "inside", json_give_copy(json_get(at->old, "inside")));
}

static json *give_object(struct sim_call *c, const struct resource_at *at)
{
    static const char *const shown[] = { "location",  "tags",     "sku",
                                         "zones",     "kind",     "plan",
                                         "managedBy", "identity", "extendedLocation" };
    cleanup_free char *id = give_id(c, at);
    json *properties = json_get(c->body, "properties");
    json *object =
        json_make("{'id':%s,'name':%s,'type':%s,'properties':%j}", id, strrchr(id, '/') + 1,
                  at->kind->type, properties ? json_give_copy(properties) : json_new_object());
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (json_get(c->body, shown[i]))
            json_put(object, shown[i], json_give_copy(json_get(c->body, shown[i])));
    keep_owned(at, object);
    resource_set_etag(c->sim, object, at->kind->etag);
    return object;
}

static void store(struct sim_call *c, const struct resource_at *at)
{
    json *object = give_object(c, at);
    if (!at->kind->at_once)
        operation_begin(c, at->id->key, OPERATION_PUT);
    bool first = !at->old && str_eq_nocase(at->id->provider, "Microsoft.Compute");
    (void)json_set_str(object, "properties.provisioningState",
                       at->kind->at_once ? "Succeeded"
                       : first           ? "Creating"
                                         : "Updating",
                       NULL);
    if (at->kind->settle)
        at->kind->settle(c, at, object);
    cleanup_json json *held = json_ref(object);
    json_put(resource_table(c->sim), at->id->key, object);
    if (at->kind->stored)
        at->kind->stored(c, at, held);
    if (json_path_str(held, "etag"))
        sim_set_header(c, "ETag", json_path_str(held, "etag"));
}

static void write_one(struct sim_call *c, const struct resource_at *at)
{
    bool is_new = !at->old;
    cleanup_json json *old = at->old ? json_ref(at->old) : NULL; /* hooks compare with it */
    struct resource_at held = { at->kind, at->id, old };
    if (!may_put(c, &held))
        return;
    store(c, &held);
    cleanup_json json *view =
        resource_give_view(c, at->id->key, json_get(resource_table(c->sim), at->id->key));
    sim_reply(c, is_new ? 201 : 200, view);
}

/* ---- the three verbs ---- */

void resource_put(struct sim_call *c, const struct resource_at *at)
{
    write_one(c, at);
}

void resource_patch(struct sim_call *c, const struct resource_at *at)
{
    if (!body_is_good(c))
        return;
    json *patch = c->body, *whole = json_give_copy(at->old);
    json_del(whole, "inside");
    c->body = json_give_merged(whole, patch);
    json_free(patch);
    write_one(c, at);
}

void resource_delete(struct sim_call *c, const struct resource_at *at)
{
    if (!network_precondition_holds(c, at->old))
        return;
    if (!at->old) {
        sim_reply(c, 204, NULL);
        return;
    }
    if (at->kind->may_go && !at->kind->may_go(c, at))
        return;
    if (at->kind->at_once) {
        resource_remove(c->sim, at->id->key);
        sim_reply(c, 200, NULL);
        return;
    }
    (void)json_set_str(at->old, "properties.provisioningState", "Deleting", NULL);
    operation_begin(c, at->id->key, OPERATION_DELETE);
    sim_reply(c, 202, NULL);
}

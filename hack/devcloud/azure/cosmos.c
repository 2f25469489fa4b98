/*
 * Microsoft.DocumentDB: accounts with their keys, and what lies in them. Only the management side: the documents
 * themselves are elsewhere (the state's "cosmos" may name where, {"endpoint", "key"}).
 */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/sim.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NS "Microsoft.DocumentDB"
#define ACCOUNT NS "/databaseAccounts"
#define KEY_LEN 64

static const char *const kinds[] = {
    ACCOUNT,
    ACCOUNT "/sqlDatabases",
    ACCOUNT "/sqlDatabases/containers",
    ACCOUNT "/sqlDatabases/containers/triggers",
    ACCOUNT "/sqlDatabases/throughputSettings",
    ACCOUNT "/sqlDatabases/containers/throughputSettings",
    ACCOUNT "/sqlRoleAssignments",
    ACCOUNT "/sqlRoleDefinitions",
};
static const char *const keys[] = { "primaryMasterKey", "secondaryMasterKey",
                                    "primaryReadonlyMasterKey", "secondaryReadonlyMasterKey" };

static json *resources(const struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

/* ---- accounts ---- */

static json *give_keys(const struct azure_sim *sim)
{
    json *out = json_new_object();
    const char *fixed = json_path_str(sim->state, "cosmos.key");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        unsigned char bytes[KEY_LEN];
        for (size_t j = 0; j < KEY_LEN; j++)
            bytes[j] = (unsigned char)rng_below(sim->cfg.rng, 256);
        cleanup_free char *text = base64_give(bytes, KEY_LEN);
        json_put(out, keys[i], json_new_str(i == 0 && fixed ? fixed : text));
    }
    return out;
}

static void fill_account(const struct azure_sim *sim, json *object, const json *old)
{
    const char *endpoint = json_path_str(sim->state, "cosmos.endpoint");
    cleanup_free char *own =
        xasprintf("https://%s.documents.azure.com:443/", json_path_str(object, "name"));
    (void)json_set_str(object, "properties.documentEndpoint", endpoint ? endpoint : own, NULL);
    if (!json_path_str(object, "kind"))
        json_put(object, "kind", json_new_str("GlobalDocumentDB"));
    json *kept = json_get(old, "keys"); /* nobody is shown them but by listKeys */
    json_put(object, "keys", kept ? json_give_copy(kept) : give_keys(sim));
}

/* Databases and what is in them are told back with the service's own words. */
static void fill_part(struct sim_call *c, json *object)
{
    json *resource = json_path(object, "properties.resource");
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    if (!json_is_object(resource))
        return;
    json_put(resource, "_rid", json_new_str_n(id, 8));
    json_put(resource, "_etag", json_new_str(id));
    json_put(resource, "_ts", json_new_int(clock_wall_ns(c->sim->cfg.clock) / NS_PER_S));
}

static void list_keys(struct sim_call *c, const json *account)
{
    json *stored = json_get(account, "keys");
    cleanup_json json *body = stored ? json_give_copy(stored) : json_new_object();
    sim_reply(c, 200, body);
}

static void list_connection_strings(struct sim_call *c, const json *account)
{
    cleanup_free char *text = xasprintf("AccountEndpoint=%s;AccountKey=%s;",
                                        json_path_str(account, "properties.documentEndpoint"),
                                        json_path_str(account, "keys.primaryMasterKey"));
    cleanup_json json *body =
        json_make("{'connectionStrings':[{'connectionString':%s,'description':"
                  "'Primary SQL Connection String'}]}",
                  text);
    sim_reply(c, 200, body);
}

static json *give_view(const json *object)
{
    json *view = json_give_copy(object);
    json_del(view, "keys");
    return view;
}

/* ---- writing ---- */

static bool parent_exists(struct sim_call *c)
{
    cleanup_free char *parent = arm_id_give_parent(c->path);
    cleanup_free char *key = parent ? str_give_lower(parent) : NULL;
    if (!key || json_get(resources(c->sim), key))
        return true;
    sim_reply_error(c, 404, "ParentResourceNotFound",
                    "Can not perform requested operation on nested resource. Parent resource '%s' "
                    "not found.",
                    strrchr(parent, '/') + 1);
    return false;
}

static bool body_is_good(struct sim_call *c, bool account)
{
    if (!json_is_object(json_get(c->body, "properties")))
        sim_reply_error(c, 400, "BadRequest", "The request has no properties.");
    else if (account && !json_path_str(c->body, "location"))
        sim_reply_error(c, 400, "LocationRequired",
                        "The location property is required for this definition.");
    else if (account && !json_is_array(json_path(c->body, "properties.locations")))
        sim_reply_error(c, 400, "BadRequest",
                        "At least one location must be given in properties.locations.");
    else
        return true;
    return false;
}

static void put(struct sim_call *c, const struct arm_id *at)
{
    static const char *const shown[] = { "location", "tags", "kind", "identity", "properties" };
    bool account = arm_id_is_type(at, ACCOUNT);
    const json *old = json_get(resources(c->sim), at->key);
    if (!provider_is_registered(c, NS) || !parent_exists(c) || !body_is_good(c, account))
        return;
    const char *id = old ? json_path_str(old, "id") : c->path;
    json *object = json_make("{'id':%s,'name':%s,'type':%s}", id, strrchr(id, '/') + 1, at->type);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (json_get(c->body, shown[i]))
            json_put(object, shown[i], json_give_copy(json_get(c->body, shown[i])));
    if (account)
        fill_account(c->sim, object, old);
    else
        fill_part(c, object);
    (void)json_set_str(object, "properties.provisioningState", "Updating", NULL);
    json_put(resources(c->sim), at->key, object);
    operation_begin(c, at->key, OPERATION_PUT);
    cleanup_json json *view = give_view(object);
    sim_reply(c, 200, view);
}

static void patch(struct sim_call *c, const struct arm_id *at, json *object)
{
    static const char *const open[] = { "tags", "properties", "identity" };
    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (json_is_object(json_get(c->body, open[i])))
            json_put(object, open[i],
                     json_give_merged(json_give_copy(json_get(object, open[i])),
                                      json_get(c->body, open[i])));
    operation_begin(c, at->key, OPERATION_PUT);
    cleanup_json json *view = give_view(object);
    sim_reply(c, 200, view);
}

static void remove_object(struct sim_call *c, const struct arm_id *at, json *object)
{
    if (!object) {
        sim_reply(c, 204, NULL);
        return;
    }
    (void)json_set_str(object, "properties.provisioningState", "Deleting", NULL);
    operation_begin(c, at->key, OPERATION_DELETE);
    sim_reply(c, 202, NULL);
}

/* ---- routes ---- */

static bool is_kind(const char *type)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_nocase(kinds[i], type))
            return true;
    return false;
}

static void serve_one(struct sim_call *c, const struct arm_id *at)
{
    json *object = json_get(resources(c->sim), at->key);
    if (sim_is(c, "PUT")) {
        put(c, at);
    } else if (sim_is(c, "DELETE")) {
        remove_object(c, at, object);
    } else if (!object) {
        sim_reply_error(c, 404, "ResourceNotFound",
                        "The Resource '%s/%s' under resource group '%s' was not found.", at->type,
                        arm_id_name(at), at->group);
    } else if (sim_is(c, "GET")) {
        cleanup_json json *view = give_view(object);
        sim_reply(c, 200, view);
    } else if (sim_is(c, "PATCH")) {
        patch(c, at, object);
    } else {
        arm_refuse_method(c);
    }
}

static void list(struct sim_call *c, const struct arm_id *at)
{
    cleanup_free char *place =
        xasprintf("/subscriptions/%s/*/providers/" NS "/databaseAccounts/*", at->subscription);
    cleanup_free char *inside = xasprintf("%s/*", c->path);
    json *found = json_new_array();
    for (struct json_iter it = json_each(resources(c->sim)); json_next(&it);)
        if (str_matches_nocase(at->group ? inside : place, it.key) &&
            str_eq_nocase(json_path_str(it.value, "type"), at->type))
            json_append(found, give_view(it.value));
    sim_reply_list(c, found);
}

/* .../databaseAccounts/N/ACTION */
static bool serve_action(struct sim_call *c, const struct arm_id *at)
{
    cleanup_free char *parent = arm_id_give_parent(c->path);
    cleanup_free char *key = parent ? str_give_lower(parent) : NULL;
    const json *account = key ? json_get(resources(c->sim), key) : NULL;
    bool get_keys = arm_id_is_type(at, ACCOUNT "/listKeys");
    bool get_strings = arm_id_is_type(at, ACCOUNT "/listConnectionStrings");
    if (!sim_is(c, "POST") || (!get_keys && !get_strings))
        return false;
    if (!account)
        sim_reply_error(c, 404, "ResourceNotFound",
                        "The Resource '" ACCOUNT "/%s' under resource group '%s' was not found.",
                        at->names.v[0], at->group);
    else if (get_keys)
        list_keys(c, account);
    else
        list_connection_strings(c, account);
    return true;
}

/* Whether an account of the name exists anywhere: asked before one is made. */
static void serve_name(struct sim_call *c, const char *name)
{
    cleanup_free char *pattern = xasprintf("*/databaseAccounts/%s", name);
    bool found = false;
    for (struct json_iter it = json_each(resources(c->sim)); json_next(&it);)
        found = found || str_matches_nocase(pattern, it.key);
    sim_reply(c, found ? 200 : 404, NULL);
}

bool cosmos_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!arm_id_init(c->path, &at) || !str_eq_nocase(at.provider, NS))
        return false;
    bool named = arm_id_is_type(&at, NS "/databaseAccountNames") && !at.is_list;
    if (named && sim_is(c, "HEAD"))
        serve_name(c, arm_id_name(&at));
    else if (!at.subscription || (!is_kind(at.type) && !serve_action(c, &at)))
        return false;
    else if (is_kind(at.type) && at.is_list && sim_is(c, "GET"))
        list(c, &at);
    else if (is_kind(at.type) && at.is_list)
        arm_refuse_method(c);
    else if (is_kind(at.type))
        serve_one(c, &at);
    return true;
}

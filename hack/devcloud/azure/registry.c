#include "hack/devcloud/azure/registry.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NAME_MIN 5
#define NAME_MAX_ 50
#define MAP_TYPE REGISTRY_TYPE "/scopeMaps"

/* Every registry has these. */
static const struct {
    const char *name, *doc, *actions[5];
} maps[] = {
    { "_repositories_admin",
      "Can perform all read, write and delete operations on the registry",
      { "repositories/*/metadata/read", "repositories/*/metadata/write",
        "repositories/*/content/read", "repositories/*/content/write",
        "repositories/*/content/delete" } },
    { "_repositories_pull",
      "Can pull any repository of the registry",
      { "repositories/*/content/read" } },
    { "_repositories_push",
      "Can push to any repository of the registry",
      { "repositories/*/content/read", "repositories/*/content/write" } },
};

static bool name_is_good(const char *name, const char *more)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr(more, name[i]))
            return false;
    return len >= NAME_MIN && len <= NAME_MAX_;
}

static void add_time(struct sim_call *c, const struct resource_at *at, json *object)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339_micro(clock_wall_ns(c->sim->cfg.clock), now);
    if (!at->old)
        json_put(json_get(object, "properties"), "creationDate", json_new_str(now));
}

/* ---- registries ---- */

static bool check(struct sim_call *c, const struct resource_at *at)
{
    const char *name = arm_id_name(at->id);
    cleanup_free char *end = xasprintf("/providers/" REGISTRY_TYPE "/%s", name);
    if (!name_is_good(name, "")) {
        sim_reply_error(c, 400, "InvalidRegistryName",
                        "The registry name '%s' is invalid: 5 to 50 letters and digits.", name);
        return false;
    }
    if (!json_path_str(c->body, "sku.name")) {
        sim_reply_error(c, 400, "InvalidParameter", "A registry needs a sku.");
        return false;
    }
    for (struct json_iter it = json_each(resource_table(c->sim)); !at->old && json_next(&it);)
        if (str_ends_nocase(it.key, end)) {
            sim_reply_error(c, 409, "AlreadyInUse",
                            "The registry DNS name %s.azurecr.io is already in use.", name);
            return false;
        }
    return true;
}

static void settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    cleanup_free char *name = str_give_lower(arm_id_name(at->id));
    cleanup_free char *server = xasprintf("%s.azurecr.io", name);
    json_put(json_get(object, "properties"), "loginServer", json_new_str(server));
    json_put(json_get(object, "sku"), "tier", json_new_str(json_path_str(object, "sku.name")));
    add_time(c, at, object);
}

static void stored(struct sim_call *c, const struct resource_at *at, json *object)
{
    for (size_t i = 0; !at->old && i < ARRAY_LEN(maps); i++) {
        cleanup_free char *id =
            xasprintf("%s/scopeMaps/%s", json_path_str(object, "id"), maps[i].name);
        cleanup_free char *key = str_give_lower(id);
        json *actions = json_new_array();
        for (size_t j = 0; j < ARRAY_LEN(maps[i].actions) && maps[i].actions[j]; j++)
            json_append(actions, json_new_str(maps[i].actions[j]));
        json_put(resource_table(c->sim), key,
                 json_make("{'id':%s,'name':%s,'type':'" MAP_TYPE "','properties':{'description':%s"
                           ",'type':'SystemDefined','actions':%j,'creationDate':%s,"
                           "'provisioningState':'Succeeded'}}",
                           id, maps[i].name, maps[i].doc, actions,
                           json_path_str(object, "properties.creationDate")));
    }
}

static bool act(struct sim_call *c, const struct resource_at *at, const char *action)
{
    if (!str_eq_nocase(action, "generateCredentials"))
        return false;
    if (sim_is(c, "POST"))
        registry_generate(c, at->old);
    else
        arm_refuse_method(c);
    return true;
}

static const char *const owned[] = { "creationDate", "loginServer", "credentials", NULL };

const struct resource_kind registry_kind = {
    .type = REGISTRY_TYPE,
    .etag = RESOURCE_ETAG_NONE,
    .owned = owned,
    .check = check,
    .settle = settle,
    .stored = stored,
    .act = act,
};

/* ---- what may be done ---- */

static bool map_check(struct sim_call *c, const struct resource_at *at)
{
    if (!name_is_good(arm_id_name(at->id), "-_") || arm_id_name(at->id)[0] == '_')
        sim_reply_error(c, 400, "ScopeMapNameInvalid",
                        "The scope map's name '%s' is invalid, or the registry's own.",
                        arm_id_name(at->id));
    else if (json_len(json_path(c->body, "properties.actions")) == 0)
        sim_reply_error(c, 400, "ScopeMapActionsInvalid", "A scope map needs actions.");
    else
        return true;
    return false;
}

static void map_settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    json_put(json_get(object, "properties"), "type", json_new_str("UserDefined"));
    add_time(c, at, object);
}

static bool map_may_go(struct sim_call *c, const struct resource_at *at)
{
    if (arm_id_name(at->id)[0] != '_')
        return true;
    sim_reply_error(c, 400, "ScopeMapNameInvalid", "The scope map is the registry's own.");
    return false;
}

const struct resource_kind registry_map_kind = {
    .type = MAP_TYPE,
    .location = "",
    .etag = RESOURCE_ETAG_NONE,
    .owned = owned,
    .check = map_check,
    .settle = map_settle,
    .may_go = map_may_go,
};

/* ---- tokens ---- */

static bool token_check(struct sim_call *c, const struct resource_at *at)
{
    const char *map = json_path_str(c->body, "properties.scopeMapId");
    const char *status = json_path_str(c->body, "properties.status");
    if (!name_is_good(arm_id_name(at->id), "-_"))
        sim_reply_error(c, 400, "TokenNameInvalid", "The token's name '%s' is invalid.",
                        arm_id_name(at->id));
    else if (!map || !resource_is_type(resource_get(c->sim, map), MAP_TYPE))
        sim_reply_error(c, 400, "ScopeMapNotFound",
                        "The scope map '%s' of the token was not found.", map ? map : "");
    else if (status && !str_eq_nocase(status, "enabled") && !str_eq_nocase(status, "disabled"))
        sim_reply_error(c, 400, "TokenStatusInvalid", "The token's status '%s' is unknown.",
                        status);
    else
        return true;
    return false;
}

static void token_settle(struct sim_call *c, const struct resource_at *at, json *object)
{
    if (!json_path_str(object, "properties.status"))
        (void)json_set_str(object, "properties.status", "enabled", NULL);
    add_time(c, at, object);
}

static void token_show(struct sim_call *c, const char *key, const json *object, json *view)
{
    (void)c;
    (void)key;
    (void)json_path_put(view, "properties.credentials",
                        json_make("{'passwords':%j}", registry_give_passwords(object)), NULL);
}

const struct resource_kind registry_token_kind = {
    .type = REGISTRY_TYPE "/tokens",
    .location = "",
    .etag = RESOURCE_ETAG_NONE,
    .owned = owned,
    .check = token_check,
    .settle = token_settle,
    .show = token_show,
};

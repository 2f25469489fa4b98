/* Resource groups: made and read at once, deleted with all that they hold by an operation of the subscription. */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/odata.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NAME_MAX_LEN 90
#define GROUP_TYPE "Microsoft.Resources/resourceGroups"

static json *resources(const struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

json *group_find(struct azure_sim *sim, const char *path)
{
    cleanup_arm_id struct arm_id id = { 0 };
    if (!arm_id_init(path, &id) || !id.group)
        return NULL;
    cleanup_free char *text =
        xasprintf("/subscriptions/%s/resourcegroups/%s", id.subscription, id.group);
    cleanup_free char *key = str_give_lower(text);
    return json_get(resources(sim), key);
}

bool group_exists(struct azure_sim *sim, const char *path)
{
    cleanup_arm_id struct arm_id id = { 0 };
    if (group_find(sim, path))
        return true;
    if (!arm_id_init(path, &id) || !id.group)
        return false;
    cleanup_free char *text =
        xasprintf("/subscriptions/%s/resourcegroups/%s/", id.subscription, id.group);
    cleanup_free char *prefix = str_give_lower(text);
    for (struct json_iter it = json_each(resources(sim)); json_next(&it);)
        if (str_starts(it.key, prefix))
            return true;
    return false;
}

static bool is_group(const json *object)
{
    return str_eq_nocase(json_path_str(object, "type"), GROUP_TYPE);
}

static bool is_being_deleted(const json *group)
{
    return str_eq(json_path_str(group, "properties.provisioningState"), "Deleting");
}

bool group_stays(struct sim_call *c, const char *name)
{
    const json *group = group_find(c->sim, c->path);
    if (!group || !is_being_deleted(group))
        return true;
    sim_reply_error(c, 409, "ResourceGroupBeingDeleted",
                    "The resource group '%s' is in deprovisioning state and cannot perform this "
                    "operation.",
                    name);
    return false;
}

/* ---- one group ---- */

static bool name_is_good(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++) {
        char ch = name[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch & 0x80);
        if (!letter && !(ch >= '0' && ch <= '9') && !strchr("-_.()", ch))
            return false;
    }
    return len > 0 && len <= NAME_MAX_LEN && name[len - 1] != '.';
}

static bool put_is_good(struct sim_call *c, const char *name, const json *old)
{
    const char *location = json_path_str(c->body, "location");
    if (!name_is_good(name))
        sim_reply_error(c, 400, "InvalidResourceGroup",
                        "The provided resource group name '%s' has these invalid characters or "
                        "ends with a full stop.",
                        name);
    else if (!location)
        sim_reply_error(c, 400, "LocationRequired",
                        "The location property is required for this definition.");
    else if (!group_stays(c, name))
        return false;
    else if (old && !str_eq_nocase(location, json_path_str(old, "location")))
        sim_reply_error(c, 409, "InvalidResourceGroupLocation",
                        "Invalid resource group location '%s'. The resource group already exists "
                        "in location '%s'.",
                        location, json_path_str(old, "location"));
    else
        return true;
    return false;
}

/* Since when somebody manages it. */
static void note_manager(const struct sim_call *c, const json *old, json *group)
{
    char now[TIME_TEXT_MAX];
    const char *since = json_path_str(old, "inside.managed_since");
    if (!json_get(group, "managedBy"))
        return;
    time_rfc3339_micro(clock_wall_ns(c->sim->cfg.clock), now);
    json_put(group, "inside", json_make("{'managed_since':%s}", since ? since : now));
}

/* Without what nobody is shown. Owned. */
static json *give_view(const json *group)
{
    json *view = json_give_copy(group);
    json_del(view, "inside");
    return view;
}

static void reply_group(struct sim_call *c, int status, const json *group)
{
    cleanup_json json *view = give_view(group);
    sim_reply(c, status, view);
}

static void put_group(struct sim_call *c, const struct arm_id *at, json *old)
{
    if (!put_is_good(c, at->group, old))
        return;
    cleanup_free char *fresh = xasprintf("/subscriptions/%s/resourceGroups/%s",
                                         json_path_str(c->sim->state, "subscription"), at->group);
    const char *id = old ? json_path_str(old, "id") : fresh;
    json *group =
        json_make("{'id':%s,'name':%s,'type':%s,'location':%s,'properties':{"
                  "'provisioningState':'Succeeded'}}",
                  id, strrchr(id, '/') + 1, GROUP_TYPE, json_path_str(c->body, "location"));
    static const char *const kept[] = { "tags", "managedBy" };
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (json_get(c->body, kept[i]))
            json_put(group, kept[i], json_give_copy(json_get(c->body, kept[i])));
    note_manager(c, old, group);
    bool is_new = old == NULL;
    json_put(resources(c->sim), at->key, group);
    reply_group(c, is_new ? 201 : 200, group);
}

static void patch_group(struct sim_call *c, json *group)
{
    if (json_is_object(json_get(c->body, "tags")))
        json_put(group, "tags", json_give_copy(json_get(c->body, "tags")));
    reply_group(c, 200, group);
}

static void delete_group(struct sim_call *c, const struct arm_id *at, json *group)
{
    json_set_str(group, "properties.provisioningState", "Deleting", NULL);
    operation_begin(c, at->key, OPERATION_DELETE);
    sim_reply(c, 202, NULL);
}

static void serve_group(struct sim_call *c, const struct arm_id *at)
{
    json *group = json_get(resources(c->sim), at->key);
    if (sim_is(c, "HEAD"))
        sim_reply(c, group ? 204 : 404, NULL);
    else if (sim_is(c, "PUT"))
        put_group(c, at, group);
    else if (!group)
        sim_reply_error(c, 404, "ResourceGroupNotFound", "Resource group '%s' could not be found.",
                        at->group);
    else if (sim_is(c, "GET"))
        reply_group(c, 200, group);
    else if (sim_is(c, "PATCH"))
        patch_group(c, group);
    else if (sim_is(c, "DELETE"))
        delete_group(c, at, group);
    else
        arm_refuse_method(c);
}

/* ---- lists ---- */

static void list_groups(struct sim_call *c)
{
    cleanup_odata struct odata filter = { 0 };
    if (!odata_init(c, &filter))
        return;
    json *list = json_new_array();
    for (struct json_iter it = json_each(resources(c->sim)); json_next(&it);)
        if (is_group(it.value) && odata_matches(&filter, it.value))
            json_append(list, give_view(it.value));
    sim_reply_list(c, list);
}

/* Only what has a location of its own: no subnets, no databases of an account, no role assignments. */
static json *give_entry(const json *object)
{
    static const char *const shown[] = { "id",   "name", "type",      "location", "tags",
                                         "kind", "sku",  "managedBy", "identity", "zones" };
    json *out = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (json_get(object, shown[i]))
            json_put(out, shown[i], json_give_copy(json_get(object, shown[i])));
    return out;
}

static void list_resources(struct sim_call *c, const struct arm_id *at)
{
    cleanup_odata struct odata filter = { 0 };
    if (at->group && !group_find(c->sim, c->path)) {
        sim_reply_error(c, 404, "ResourceGroupNotFound", "Resource group '%s' could not be found.",
                        at->group);
        return;
    }
    if (!odata_init(c, &filter))
        return;
    cleanup_free char *prefix = xstrndup(at->key, strlen(at->key) - strlen("resources"));
    json *list = json_new_array();
    for (struct json_iter it = json_each(resources(c->sim)); json_next(&it);)
        if (str_starts(it.key, prefix) && !is_group(it.value) &&
            json_path_str(it.value, "location") && odata_matches(&filter, it.value))
            json_append(list, give_entry(it.value));
    sim_reply_list(c, list);
}

bool groups_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    cleanup_strv struct strv s = STRV_INIT;
    if (!arm_id_init(c->path, &at) || !at.subscription || at.provider)
        return false;
    strv_split(&s, c->path, "/", false);
    bool of_groups = s.len >= 3 && str_eq_nocase(s.v[2], "resourceGroups");
    bool of_resources =
        str_eq_nocase(s.v[s.len - 1], "resources") && (s.len == 3 || (s.len == 5 && of_groups));
    if (!of_resources && !(of_groups && s.len <= 4))
        return false;
    if (s.len == 4)
        serve_group(c, &at);
    else if (!sim_is(c, "GET"))
        arm_refuse_method(c);
    else if (of_resources)
        list_resources(c, &at);
    else
        list_groups(c);
    return true;
}

#include "hack/devcloud/azure/rights.h"

#include <string.h>

#include "hack/devcloud/azure/resource.h"
#include "hack/devcloud/azure/role_definitions.h"
#include "pkg/base/mem.h"

#define ASSIGNMENT_TYPE "Microsoft.Authorization/roleAssignments"
#define PERMISSIONS_TYPE "Microsoft.Authorization/permissions"
#define GROUP_ACTIONS "Microsoft.Resources/subscriptions/resourceGroups"
#define MANAGER_PROVIDER "/providers/microsoft.redhatopenshift/"

/* ---- actions ---- */

char *rights_give_action(const struct sim_call *c, const struct arm_id *at)
{
    static const struct {
        const char *method, *verb;
    } verbs[] = { { "GET", "read" },    { "HEAD", "read" },     { "PUT", "write" },
                  { "PATCH", "write" }, { "DELETE", "delete" }, { "POST", "action" } };
    const char *type = at->type ? at->type : GROUP_ACTIONS, *verb = "action";
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (sim_is(c, verbs[i].method))
            verb = verbs[i].verb;
    return xasprintf("%s/%s", type, verb);
}

static bool has_action(const json *list, const char *action)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_matches_nocase(json_str(json_at(list, i)), action))
            return true;
    return false;
}

bool rights_name(const json *permissions, const char *action)
{
    for (size_t i = 0; i < json_len(permissions); i++) {
        const json *one = json_at(permissions, i);
        if (has_action(json_get(one, "actions"), action) &&
            !has_action(json_get(one, "notActions"), action))
            return true;
    }
    return false;
}

/* ---- where they come from ---- */

/* What the state says of the caller there: what is said of the resource, then, of whoever has no roles, what is said of all. */
static const json *find_told(const struct sim_call *c, const char *key)
{
    const json *own = json_get(c->caller, "permissions");
    const json *all = json_get(c->sim->state, "permissions");
    const json *scoped = json_get(own, key) ? json_get(own, key) : json_get(all, key);
    if (scoped || json_path_bool(c->caller, "by_roles", false))
        return scoped;
    return json_get(own, "default") ? json_get(own, "default") : json_get(all, "default");
}

/* Rights take their time to be known everywhere. */
bool rights_are_known(const struct azure_sim *sim, const char *made)
{
    int64_t made_ns = 0;
    return !made || !time_parse_rfc3339(made, &made_ns) ||
           clock_wall_ns(sim->cfg.clock) >=
               made_ns + json_path_int(sim->state, "role_delay_ms", 0) * NS_PER_MS;
}

static bool is_manager_s(const char *manager)
{
    cleanup_free char *key = str_give_lower(manager ? manager : "");
    return strstr(key, MANAGER_PROVIDER) != NULL;
}

/* The group is a cluster's, and the caller the provider of clusters. */
static bool manages(const struct sim_call *c, const char *path)
{
    if (!str_eq_nocase(c->caller_id, AZURE_SIM_PROVIDER))
        return false;
    const json *group = group_find(c->sim, path);
    return is_manager_s(json_path_str(group, "managedBy")) &&
           rights_are_known(c->sim, json_path_str(group, "inside.managed_since"));
}

bool rights_reach(const char *scope, const char *key)
{
    cleanup_free char *low = str_give_lower(scope ? scope : "");
    size_t len = strlen(low);
    return str_eq(low, "/") || (len > 0 && str_starts(key, low) && (!key[len] || key[len] == '/'));
}

static bool counts(const struct sim_call *c, const json *assignment, const char *key)
{
    return resource_is_type(assignment, ASSIGNMENT_TYPE) &&
           str_eq_nocase(json_path_str(assignment, "properties.principalId"),
                         json_path_str(c->caller, "objectId")) &&
           rights_reach(json_path_str(assignment, "properties.scope"), key) &&
           rights_are_known(c->sim, json_path_str(assignment, "properties.createdOn"));
}

static void add_roles(const struct sim_call *c, const char *key, json *ret)
{
    for (struct json_iter it = json_each(resource_table(c->sim)); json_next(&it);) {
        if (!counts(c, it.value, key))
            continue;
        const char *id = json_path_str(it.value, "properties.roleDefinitionId");
        cleanup_json json *role = id ? role_give_one(c->sim, id) : NULL;
        const json *permissions = json_path(role, "properties.permissions");
        for (size_t i = 0; i < json_len(permissions); i++)
            json_append(ret, json_give_copy(json_at(permissions, i)));
    }
}

/* Each entry shows all four lists. */
static json *give_entry(const json *entry)
{
    static const char *const lists[] = { "actions", "notActions", "dataActions", "notDataActions" };
    json *out = json_is_object(entry) ? json_give_copy(entry) : json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (!json_is_array(json_get(out, lists[i])))
            json_put(out, lists[i], json_new_array());
    return out;
}

json *rights_give(struct sim_call *c, const char *path)
{
    cleanup_free char *key = str_give_lower(path);
    const json *told = find_told(c, key);
    cleanup_json json *found = json_new_array();
    for (size_t i = 0; json_is_array(told) && i < json_len(told); i++)
        json_append(found, json_ref(json_at(told, i)));
    if (!told && manages(c, path))
        json_append(found, json_make("{'actions':['*']}"));
    if (!told)
        add_roles(c, key, found);
    json *out = json_new_array();
    for (size_t i = 0; i < json_len(found); i++)
        json_append(out, give_entry(json_at(found, i)));
    return out;
}

static bool may(struct sim_call *c, const char *path, const char *action)
{
    cleanup_free char *key = str_give_lower(path);
    const json *told = find_told(c, key);
    if (told || manages(c, path))
        return !told || rights_name(told, action);
    cleanup_json json *roles = json_new_array();
    add_roles(c, key, roles);
    return rights_name(roles, action);
}

/* ---- what is joined ---- */

static const struct {
    const char *type, *verb;
} joined[] = {
    { "Microsoft.Network/virtualNetworks/subnets", "join/action" },
    { "Microsoft.Network/networkSecurityGroups", "join/action" },
    { "Microsoft.Network/routeTables", "join/action" },
    { "Microsoft.Network/natGateways", "join/action" },
    { "Microsoft.Network/publicIPAddresses", "join/action" },
    { "Microsoft.Network/loadBalancers/backendAddressPools", "join/action" },
};
#define RULES "virtualNetworkRules" /* of what is reached from subnets, but is not in them */

/* NULL: it needs no right. Owned. */
static char *give_join(const struct arm_id *id, bool by_rule)
{
    for (size_t i = 0; i < ARRAY_LEN(joined); i++)
        if (arm_id_is_type(id, joined[i].type))
            return xasprintf("%s/%s", joined[i].type,
                             by_rule ? "joinViaServiceEndpoint/action" : joined[i].verb);
    return NULL;
}

/* Answers when the caller may not join what is referred to. */
static bool may_join(struct sim_call *c, const struct arm_id *at, const char *target, bool by_rule)
{
    cleanup_arm_id struct arm_id id = { 0 };
    if (!arm_id_init(target, &id))
        return true;
    cleanup_free char *join = give_join(&id, by_rule), *action = rights_give_action(c, at);
    bool own = str_starts(id.key, at->key); /* a part of what is written */
    if (!join || own || may(c, target, join))
        return true;
    sim_reply_error(c, 403, "LinkedAuthorizationFailed",
                    "The client '%s' with object id '%s' has permission to perform action '%s' on "
                    "scope '%s'; however, it does not have permission to perform action(s) '%s' on "
                    "the linked scope(s) '%s' (respectively) or the linked scope(s) are invalid.",
                    c->caller_id, json_path_str(c->caller, "objectId"), action, c->path, join,
                    target);
    return false;
}

/* Every {"id": ...} of the body, however deep. */
static bool may_join_all(struct sim_call *c, const struct arm_id *at, const json *in, bool by_rule)
{
    const char *id = json_str(json_get(in, "id"));
    if (id && !may_join(c, at, id, by_rule))
        return false;
    for (size_t i = 0; json_is_array(in) && i < json_len(in); i++)
        if (!may_join_all(c, at, json_at(in, i), by_rule))
            return false;
    for (struct json_iter it = json_each(in); json_next(&it);)
        if (!may_join_all(c, at, it.value, by_rule || str_eq_nocase(it.key, RULES)))
            return false;
    return true;
}

/* ---- the call ---- */

/* Groups that clusters manage are the provider's to make. */
static bool makes_managed_group(const struct sim_call *c, const struct arm_id *at)
{
    const json *group = group_find(c->sim, c->path);
    return !at->type && at->group && sim_is(c, "PUT") &&
           str_eq_nocase(c->caller_id, AZURE_SIM_PROVIDER) &&
           is_manager_s(json_path_str(c->body, "managedBy")) &&
           (!group || is_manager_s(json_path_str(group, "managedBy")));
}

static bool is_read(const struct sim_call *c)
{
    return sim_is(c, "GET") || sim_is(c, "HEAD");
}

/* What is read of a subscription as such (sizes, quota, providers, the course of operations) comes with it, and what somebody may do
 * somewhere is told to himself. A group that is not there is told of as that. */
static bool reads_freely(const struct sim_call *c, const struct arm_id *at)
{
    return is_read(c) &&
           (!at->group || !group_exists(c->sim, c->path) || arm_id_is_type(at, PERMISSIONS_TYPE));
}

/* Who is told of the subscription that he may read its groups reads each, not what is in it. */
static bool reads_group(struct sim_call *c, const struct arm_id *at, const char *action)
{
    cleanup_free char *subscription = xasprintf("/subscriptions/%s", at->subscription);
    return is_read(c) && !at->type && may(c, subscription, action);
}

bool rights_permit(struct sim_call *c, const struct arm_id *at)
{
    if (!c->caller || reads_freely(c, at) || makes_managed_group(c, at))
        return true;
    cleanup_free char *action = rights_give_action(c, at);
    if (may(c, c->path, action) || reads_group(c, at, action))
        return sim_is(c, "POST") || may_join_all(c, at, c->body, false);
    sim_reply_error(c, 403, "AuthorizationFailed",
                    "The client '%s' with object id '%s' does not have authorization to perform "
                    "action '%s' over scope '%s' or the scope is invalid. If access was recently "
                    "granted, please refresh your credentials.",
                    c->caller_id, json_path_str(c->caller, "objectId"), action, c->path);
    return false;
}

/* Microsoft.Authorization: role assignments and definitions, which rights.c enforces; deny assignments and locks, which guard.c
 * does. */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/guard.h"
#include "hack/devcloud/azure/odata.h"
#include "hack/devcloud/azure/role_definitions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ASSIGNMENTS "Microsoft.Authorization/roleAssignments"
#define DEFINITIONS "Microsoft.Authorization/roleDefinitions"

static json *resources(const struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

static bool same_text(const json *a, const json *b, const char *member)
{
    cleanup_free char *path = xasprintf("properties.%s", member);
    return str_eq_nocase(json_path_str(a, path), json_path_str(b, path));
}

/* Without what nobody is shown. Owned. */
static json *give_view(const json *entry)
{
    json *view = json_give_copy(entry);
    json_del(view, "inside");
    return view;
}

/* ---- assignments ---- */

static bool principal_exists(const struct sim_call *c, const char *oid)
{
    for (struct json_iter it = json_each(json_get(c->sim->state, "applications")); json_next(&it);)
        if (str_eq_nocase(json_path_str(it.value, "objectId"), oid) &&
            json_path_int(it.value, "known_from_ms", 0) <=
                clock_wall_ns(c->sim->cfg.clock) / NS_PER_MS)
            return true;
    return false;
}

/* Another name for the same principal, role and scope. */
static bool is_duplicate(const struct sim_call *c, const struct arm_id *at, const json *wanted)
{
    for (struct json_iter it = json_each(resources(c->sim)); json_next(&it);)
        if (str_eq_nocase(json_path_str(it.value, "type"), ASSIGNMENTS) &&
            strcmp(it.key, at->key) != 0 && same_text(it.value, wanted, "principalId") &&
            same_text(it.value, wanted, "scope") &&
            role_is_same(json_path_str(it.value, "properties.roleDefinitionId"),
                         json_path_str(wanted, "properties.roleDefinitionId")))
            return true;
    return false;
}

/* The answer to a second PUT of a name; true: there was a first. */
static bool refuse_second(struct sim_call *c, const json *old, const json *wanted)
{
    if (!old)
        return false;
    bool same = same_text(old, wanted, "principalId") &&
                role_is_same(json_path_str(old, "properties.roleDefinitionId"),
                             json_path_str(wanted, "properties.roleDefinitionId"));
    /* A template may be deployed again, whatever its version. */
    if (same && (!c->http || strcmp(c->api_version, "2020-10-01") >= 0))
        sim_reply(c, 200, old);
    else if (same)
        sim_reply_error(c, 409, "RoleAssignmentExists", "The role assignment already exists.");
    else
        sim_reply_error(c, 400, "RoleAssignmentUpdateNotPermitted",
                        "Tenant ID, application ID, principal ID, and scope are not allowed to be "
                        "updated.");
    return true;
}

static bool assignment_is_good(struct sim_call *c, const struct arm_id *at, const json *wanted)
{
    const char *role = json_path_str(wanted, "properties.roleDefinitionId");
    const char *principal = json_path_str(wanted, "properties.principalId");
    if (!role || !principal)
        sim_reply_error(c, 400, "InvalidRequestContent",
                        "roleDefinitionId and principalId must be given.");
    else if (!role_exists(c->sim, role))
        sim_reply_error(c, 404, "RoleDefinitionDoesNotExist",
                        "The specified role definition with ID '%s' does not exist.",
                        strrchr(role, '/') ? strrchr(role, '/') + 1 : role);
    else if (!json_path_str(c->body, "properties.principalType") && !principal_exists(c, principal))
        sim_reply_error(c, 400, "PrincipalNotFound",
                        "Principal %s does not exist in the directory %s. Check that you have the "
                        "correct principal ID.",
                        principal, json_path_str(c->sim->state, "tenant"));
    else if (is_duplicate(c, at, wanted))
        sim_reply_error(c, 409, "RoleAssignmentExists", "The role assignment already exists.");
    else
        return true;
    return false;
}

static void put_assignment(struct sim_call *c, const struct arm_id *at)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), now);
    const char *type = json_path_str(c->body, "properties.principalType");
    const char *who = json_path_str(c->caller, "objectId");
    cleanup_json json *wanted = json_make(
        "{'id':%s,'name':%s,'type':%s,'properties':{'roleDefinitionId':%s,"
        "'principalId':%s,'principalType':%s,'scope':%s,'createdOn':%s,'updatedOn':%s,"
        "'createdBy':%s,'updatedBy':%s}}",
        c->path, arm_id_name(at), ASSIGNMENTS,
        json_path_str(c->body, "properties.roleDefinitionId"),
        json_path_str(c->body, "properties.principalId"), type ? type : "ServicePrincipal",
        *at->scope ? at->scope : "/", now, now, who, who);
    if (refuse_second(c, json_get(resources(c->sim), at->key), wanted) ||
        !assignment_is_good(c, at, wanted))
        return;
    json_put(resources(c->sim), at->key, json_ref(wanted));
    sim_reply(c, 201, wanted);
}

/* ---- lists ---- */

static bool is_below(const char *outer, const char *inner)
{
    cleanup_free char *a = str_give_lower(outer), *b = str_give_lower(inner);
    size_t len = strlen(a);
    return str_starts(b, a) && (b[len] == '/' || b[len] == '\0');
}

/* At the scope and above it, and below it unless the filter is atScope(). */
static bool is_listed(const struct arm_id *at, const struct odata *filter, const json *entry)
{
    const char *scope = json_path_str(entry, "properties.scope");
    const char *assigned = odata_value(filter, "assignedTo");
    bool above = str_eq(scope, "/") || is_below(scope, at->scope);
    bool below = is_below(at->scope, scope) && !odata_value(filter, "atScope");
    return (above || below) && odata_matches(filter, entry) &&
           (!assigned || str_eq_nocase(assigned, json_path_str(entry, "properties.principalId")));
}

static void list(struct sim_call *c, const struct arm_id *at, const char *type)
{
    cleanup_odata struct odata filter = { 0 };
    if (!odata_init(c, &filter))
        return;
    json *found = json_new_array();
    for (struct json_iter it = json_each(resources(c->sim)); json_next(&it);)
        if (str_eq_nocase(json_path_str(it.value, "type"), type) &&
            is_listed(at, &filter, it.value))
            json_append(found, give_view(it.value));
    sim_reply_list(c, found);
}

static void list_definitions(struct sim_call *c)
{
    cleanup_odata struct odata filter = { 0 };
    if (!odata_init(c, &filter))
        return;
    json *all = role_give_all(c->sim), *found = json_new_array();
    for (size_t i = 0; i < json_len(all); i++)
        if (odata_matches(&filter, json_at(all, i)))
            json_append(found, json_ref(json_at(all, i)));
    json_free(all);
    sim_reply_list(c, found);
}

/* ---- one ---- */

static void put_definition(struct sim_call *c, const struct arm_id *at)
{
    const char *name = json_path_str(c->body, "properties.roleName");
    if (!name) {
        sim_reply_error(c, 400, "InvalidRequestContent", "roleName must be given.");
        return;
    }
    json *object =
        json_make("{'id':%s,'name':%s,'type':%s,'properties':%j}", c->path, arm_id_name(at),
                  DEFINITIONS, json_give_copy(json_get(c->body, "properties")));
    (void)json_set_str(object, "properties.type", "CustomRole", NULL);
    json_put(resources(c->sim), at->key, object);
    sim_reply(c, 201, object);
}

/* Only templates of privileged callers make them, whom they do not bind. */
static void put_denial(struct sim_call *c, const struct arm_id *at)
{
    if (c->http) {
        sim_reply_error(c, 403, "AuthorizationFailed",
                        "Deny assignments can only be made by a template.");
        return;
    }
    json *given = json_get(c->body, "properties");
    json *object =
        json_make("{'id':%s,'name':%s,'type':%s,'properties':%j}", c->path, arm_id_name(at),
                  DENIAL_TYPE, given ? json_give_copy(given) : json_new_object());
    (void)json_set_str(object, "properties.scope", at->scope, NULL);
    json_put(object, "inside", json_make("{'maker':%s}", json_path_str(c->caller, "objectId")));
    json_put(resources(c->sim), at->key, object);
    cleanup_json json *view = give_view(object);
    sim_reply(c, 201, view);
}

static void put_lock(struct sim_call *c, const struct arm_id *at)
{
    const char *level = json_path_str(c->body, "properties.level");
    const char *notes = json_path_str(c->body, "properties.notes");
    bool is_new = !json_get(resources(c->sim), at->key);
    if (!str_eq_nocase(level, "CanNotDelete") && !str_eq_nocase(level, "ReadOnly")) {
        sim_reply_error(c, 400, "LockLevelInvalid",
                        "The lock level must be 'CanNotDelete' or 'ReadOnly'.");
        return;
    }
    json *object = json_make("{'id':%s,'name':%s,'type':%s,'properties':{'level':%s,'scope':%s}}",
                             c->path, arm_id_name(at), LOCK_TYPE, level, at->scope);
    if (notes)
        (void)json_set_str(object, "properties.notes", notes, NULL);
    json_put(resources(c->sim), at->key, object);
    sim_reply(c, is_new ? 201 : 200, object);
}

static void remove_one(struct sim_call *c, const struct arm_id *at)
{
    json *object = json_get(resources(c->sim), at->key);
    cleanup_json json *held = object ? json_ref(object) : NULL;
    json_del(resources(c->sim), at->key);
    sim_reply(c, held ? 200 : 204, held);
}

struct kind {
    const char *type;
    void (*put)(struct sim_call *c, const struct arm_id *at);
    const char *absent; /* the code of a GET that finds nothing */
};
static const struct kind kinds[] = {
    { ASSIGNMENTS, put_assignment, "RoleAssignmentNotFound" },
    { DEFINITIONS, put_definition, "RoleDefinitionDoesNotExist" },
    { DENIAL_TYPE, put_denial, "DenyAssignmentNotFound" },
    { LOCK_TYPE, put_lock, "LockNotFound" },
};

static void get_one(struct sim_call *c, const struct arm_id *at, const struct kind *kind)
{
    cleanup_json json *found = strcmp(kind->type, DEFINITIONS) == 0
                                   ? role_give_one(c->sim, c->path)
                                   : json_ref(json_get(resources(c->sim), at->key));
    if (!found) {
        sim_reply_error(c, 404, kind->absent, "'%s' is not found.", c->path);
        return;
    }
    cleanup_json json *view = give_view(found);
    sim_reply(c, 200, view);
}

bool roles_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    size_t i = 0;
    if (!arm_id_init(c->path, &at))
        return false;
    while (i < ARRAY_LEN(kinds) && !arm_id_is_type(&at, kinds[i].type))
        i++;
    if (i == ARRAY_LEN(kinds))
        return false;
    bool get = sim_is(c, "GET");
    if (at.is_list && get && strcmp(kinds[i].type, DEFINITIONS) == 0)
        list_definitions(c);
    else if (at.is_list && get)
        list(c, &at, kinds[i].type);
    else if (!at.is_list && get)
        get_one(c, &at, &kinds[i]);
    else if (!at.is_list && sim_is(c, "PUT"))
        kinds[i].put(c, &at);
    else if (!at.is_list && sim_is(c, "DELETE"))
        remove_one(c, &at);
    else
        arm_refuse_method(c);
    return true;
}

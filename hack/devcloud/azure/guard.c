#include "hack/devcloud/azure/guard.h"

#include <string.h>

#include "hack/devcloud/azure/resource.h"
#include "hack/devcloud/azure/rights.h"
#include "pkg/base/mem.h"

#define EVERYBODY "00000000-0000-0000-0000-000000000000"

/* The key is that of the scope, or of something in it; both in lower case. */
static bool is_in(const char *key, const char *scope)
{
    size_t len = strlen(scope);
    return str_starts(key, scope) && (key[len] == '/' || key[len] == '\0');
}

static char *give_scope(const json *object)
{
    const char *scope = json_path_str(object, "properties.scope");
    return str_give_lower(scope ? scope : "");
}

/* ---- locks ---- */

static bool is_change(const struct sim_call *c)
{
    return !sim_is(c, "GET") && !sim_is(c, "HEAD");
}

static bool lock_holds(const struct sim_call *c, const struct arm_id *at, const json *lock)
{
    cleanup_free char *scope = give_scope(lock);
    bool is_removal = sim_is(c, "DELETE");
    if (is_in(at->key, scope))
        return is_removal || str_eq_nocase(json_path_str(lock, "properties.level"), "ReadOnly");
    return is_removal && is_in(scope, at->key);
}

/* The scopes of locks that stand against it, as messages have them; NULL: none. Owned. */
static char *give_locked(const struct sim_call *c, const struct arm_id *at)
{
    cleanup_strv struct strv scopes = STRV_INIT;
    for (struct json_iter it = json_each(resource_table(c->sim)); json_next(&it);)
        if (resource_is_type(it.value, LOCK_TYPE) && lock_holds(c, at, it.value))
            strv_add_unique(&scopes, json_path_str(it.value, "properties.scope"));
    return scopes.len ? strv_give_joined(&scopes, ",") : NULL;
}

static bool is_unlocked(struct sim_call *c, const struct arm_id *at)
{
    cleanup_free char *locked =
        is_change(c) && !arm_id_is_type(at, LOCK_TYPE) ? give_locked(c, at) : NULL;
    if (!locked)
        return true;
    sim_reply_error(c, 409, "ScopeLocked",
                    "The scope '%s' cannot perform %s operation because following scope(s) are "
                    "locked: '%s'. Please remove the lock and try again.",
                    c->path, sim_is(c, "DELETE") ? "delete" : "write", locked);
    return false;
}

/* ---- deny assignments ---- */

static bool names_principal(const json *list, const char *id)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq_nocase(json_path_str(json_at(list, i), "id"), id))
            return true;
    return false;
}

static bool denial_holds(const struct arm_id *at, const json *denial, const char *who,
                         const char *action)
{
    const json *principals = json_path(denial, "properties.principals");
    cleanup_free char *scope = give_scope(denial);
    return is_in(at->key, scope) &&
           rights_name(json_path(denial, "properties.permissions"), action) &&
           (names_principal(principals, EVERYBODY) || names_principal(principals, who)) &&
           !names_principal(json_path(denial, "properties.excludePrincipals"), who) &&
           !str_eq_nocase(json_path_str(denial, "inside.maker"), who);
}

static bool is_not_denied(struct sim_call *c, const struct arm_id *at)
{
    const char *who = json_path_str(c->caller, "objectId");
    cleanup_free char *action = rights_give_action(c, at);
    for (struct json_iter it = json_each(resource_table(c->sim)); json_next(&it);) {
        if (!resource_is_type(it.value, DENIAL_TYPE) || !denial_holds(at, it.value, who, action))
            continue;
        sim_reply_error(c, 403, "DenyAssignmentAuthorizationFailed",
                        "The client '%s' with object id '%s' has permission to perform action '%s' "
                        "on scope '%s'; however, the access is denied because of the deny "
                        "assignment with name '%s' and Id '%s' at scope '%s'.",
                        c->caller_id, who, action, c->path,
                        json_path_str(it.value, "properties.denyAssignmentName"),
                        json_path_str(it.value, "name"),
                        json_path_str(it.value, "properties.scope"));
        return false;
    }
    return true;
}

bool guard_permits(struct sim_call *c, const struct arm_id *at)
{
    return !c->caller || (is_not_denied(c, at) && is_unlocked(c, at));
}

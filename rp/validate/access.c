/*
 * Permissions on resources.
 *
 * A caller is asked about by itself: Azure lists what the owner of a token may do. For an identity, of which only the object
 * ID is known, the list is put together from the role assignments that apply to the resource.
 */
#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/dynamic_impl.h"

void access_answer_release(struct access_answer *a)
{
    error_free(take(a->refusal));
}

/* Whose permissions: those of a token, or of an object of the directory. */
struct subject {
    const struct dynamic_principal *caller;
    const char *object_id; /* NULL: the caller's own */
};

int access_role(struct validation *v, const char *role_definition_id, const json **ret,
                struct error **err)
{
    cleanup_free char *key = str_give_lower(role_definition_id);
    json *permissions = map_get(v->roles, key);
    if (!permissions) {
        cleanup_json json *definition = NULL;
        const struct arm_call call = { .method = "GET",
                                       .path = role_definition_id,
                                       .api_version = API_VERSION_DEFINITIONS };
        if (arm_send(v->cfg->provider.arm, v->ctx, &call, &definition, err) < 0)
            return -1;
        json *found = json_path(definition, "properties.permissions");
        if (json_len(found) == 0)
            return error_set(err, ERR_INTERNAL, "the role %s has no permissions",
                             role_definition_id);
        permissions = json_ref(found);
        map_set(v->roles, key, permissions);
    }
    *ret = permissions;
    return 0;
}

/* An assignment counts for its scope and all below it. */
static bool applies(const json *assignment, const char *resource_id)
{
    const char *scope = json_path_str(assignment, "properties.scope");
    size_t len = scope ? strlen(scope) : 0;
    while (len && scope[len - 1] == '/')
        len--;
    return scope && strncasecmp(scope, resource_id, len) == 0 &&
           (resource_id[len] == '\0' || resource_id[len] == '/');
}

static int add_role(struct validation *v, const json *assignment, json *permissions,
                    struct error **err)
{
    const json *role;
    const char *id = json_path_str(assignment, "properties.roleDefinitionId");
    if (!id)
        return 0;
    if (access_role(v, id, &role, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(role); i++)
        json_append(permissions, json_ref(json_at(role, i)));
    return 0;
}

static int list_assigned(struct validation *v, const char *object_id, const char *resource_id,
                         json **ret, struct error **err)
{
    cleanup_free char *path = xasprintf("%s/providers/Microsoft.Authorization/roleAssignments"
                                        "?$filter=assignedTo%%28%%27%s%%27%%29",
                                        resource_id, object_id);
    cleanup_json json *assignments = NULL;
    cleanup_json json *permissions = json_new_array();
    if (arm_list(v->cfg->provider.arm, v->ctx, path, API_VERSION_ASSIGNMENTS, &assignments, err) <
        0)
        return -1;
    for (size_t i = 0; i < json_len(assignments); i++) {
        const json *a = json_at(assignments, i);
        if (applies(a, resource_id) && add_role(v, a, permissions, err) < 0)
            return -1;
    }
    *ret = take(permissions);
    return 0;
}

static int list(struct validation *v, const struct subject *s, const char *resource_id, json **ret,
                struct error **err)
{
    return s->object_id ? list_assigned(v, s->object_id, resource_id, ret, err)
                        : arm_permissions_list(s->caller->arm, v->ctx, resource_id, ret, err);
}

static bool allows_all(const json *permissions, const json *actions)
{
    for (size_t i = 0; i < json_len(actions); i++)
        if (!arm_permissions_allow(permissions, json_str(json_at(actions, i))))
            return false;
    return true;
}

static int look_at_decision(struct validation *v, const struct subject *s, const char *resource_id,
                            const json *actions, struct access_answer *a, struct error **err)
{
    bool allowed;
    if (access_decide(v, s->caller, s->object_id, resource_id, actions, &allowed, err) < 0)
        return -1;
    a->access = allowed ? ACCESS_ALLOWED : ACCESS_REFUSED;
    return 0;
}

/* One look. Who may not even ask has no permission yet; a token of before it got one may be the reason. */
static int look(struct validation *v, const struct subject *s, const char *resource_id,
                const json *actions, struct access_answer *a, struct error **err)
{
    cleanup_json json *permissions = NULL;
    cleanup_error struct error *e = NULL;
    access_answer_release(a);
    if (v->cfg->decision_point)
        return look_at_decision(v, s, resource_id, actions, a, err);
    if (list(v, s, resource_id, &permissions, &e) == 0) {
        a->access = allows_all(permissions, actions) ? ACCESS_ALLOWED : ACCESS_REFUSED;
        return 0;
    }
    if (error_is(e, ERR_NOT_FOUND)) {
        a->access = ACCESS_NO_RESOURCE;
        return 0;
    }
    if (!error_is(e, ERR_FORBIDDEN))
        return error_move(err, &e);
    cleanup_free char *scope = xasprintf("%s/.default", v->cfg->cloud->arm);
    azure_token_drop(s->caller->tokens, scope);
    a->access = ACCESS_REFUSED;
    a->refusal = take(e);
    return 0;
}

static int wait_for(struct validation *v, const struct subject *s, const char *resource_id,
                    const json *actions, struct access_answer *ret, struct error **err)
{
    const struct dynamic_intervals *i = &v->cfg->intervals;
    struct poll poll = poll_begin(v->ctx, i->access_poll_ms, i->access_timeout_ms);
    struct access_answer a = { 0 };
    int rcode;
    for (;;) {
        bool again = false;
        rcode = look(v, s, resource_id, actions, &a, err);
        if (rcode == 0 && a.access == ACCESS_REFUSED)
            rcode = poll_again(&poll, v->ctx, &again, err);
        if (rcode < 0 || !again)
            break;
        log_info(v->ctx->log, "permissions on %s are looked at again", resource_id);
    }
    if (rcode < 0) {
        access_answer_release(&a);
        return -1;
    }
    access_answer_release(ret);
    *ret = a;
    return 0;
}

static json *give_list(const char *actions)
{
    cleanup_strv struct strv words = STRV_INIT;
    json *out = json_new_array();
    strv_split(&words, actions, " ", false);
    for (size_t i = 0; i < words.len; i++)
        json_append(out, json_new_str(words.v[i]));
    return out;
}

/* What of actions the identity's own role is there for. */
static json *give_expected(const struct validation_identity *identity, const json *actions)
{
    json *out = json_new_array();
    for (size_t i = 0; i < json_len(actions); i++) {
        const char *action = json_str(json_at(actions, i));
        if (arm_permissions_allow(identity->permissions, action))
            json_append(out, json_new_str(action));
    }
    return out;
}

static int check_identities(struct validation *v, const char *resource_id, const json *actions,
                            struct access_answer *ret, struct error **err)
{
    for (size_t i = 0; i < v->identities_len; i++) {
        const struct validation_identity *identity = &v->identities[i];
        cleanup_json json *expected = give_expected(identity, actions);
        if (json_len(expected) == 0)
            continue;
        if (access_check_object(v, identity->object_id, resource_id, expected, ret, err) < 0)
            return -1;
        ret->identity = identity->name;
        if (ret->access != ACCESS_ALLOWED)
            return 0;
    }
    return 0;
}

int access_check_object(struct validation *v, const char *object_id, const char *resource_id,
                        const json *actions, struct access_answer *ret, struct error **err)
{
    const struct subject s = { &v->cfg->provider, object_id };
    return wait_for(v, &s, resource_id, actions, ret, err);
}

int access_check(struct validation *v, enum who who, const char *resource_id, const char *actions,
                 struct access_answer *ret, struct error **err)
{
    cleanup_json json *wanted = give_list(actions);
    *ret = (struct access_answer){ .access = ACCESS_ALLOWED };
    if (who == WHO_CLUSTER && v->has_identities)
        return check_identities(v, resource_id, wanted, ret, err);
    const struct subject s = { who == WHO_PROVIDER ? &v->cfg->provider : &v->cfg->service, NULL };
    return wait_for(v, &s, resource_id, wanted, ret, err);
}

/* Permissions as Azure's own decision point sees them: for any subject, deny assignments included. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/dynamic_impl.h"

#define VERSION "2021-06-01-preview"
#define PATH "/providers/Microsoft.Authorization/checkAccess"

/* Who a caller is, and its groups, stand in its token; too many groups are only named there. */
static int read_caller(struct validation *v, const struct dynamic_principal *caller, json **ret,
                       struct error **err)
{
    cleanup_free char *scope = xasprintf("%s/.default", v->cfg->cloud->arm);
    cleanup_secret struct secret *token = NULL;
    cleanup_json json *claims = NULL;
    const char *id;
    if (azure_token_get(caller->tokens, v->ctx, scope, false, &token, err) < 0 ||
        azure_token_claims(token, &claims, err) < 0 || json_need_str(claims, "oid", &id, err) < 0)
        return error_wrap(err, "reading the token of '%s'", caller->client_id);
    json *attributes = json_make("{'ObjectId':%s}", id);
    if (json_len(json_get(claims, "groups")) > 0)
        json_put(attributes, "Groups", json_ref(json_get(claims, "groups")));
    if (json_get(claims, "_claim_names")) {
        cleanup_free char *names = json_give_text(json_get(claims, "_claim_names"));
        json_put(attributes, "_claim_names", json_new_str(names));
    }
    *ret = attributes;
    return 0;
}

static json *give_actions(const json *actions)
{
    json *out = json_new_array();
    for (size_t i = 0; i < json_len(actions); i++)
        json_append(out, json_make("{'Id':%s}", json_str(json_at(actions, i))));
    return out;
}

static bool is_allowed(const json *decisions, const char *action)
{
    bool found = false;
    for (size_t i = 0; i < json_len(decisions); i++) {
        const json *d = json_at(decisions, i);
        if (!str_eq_nocase(json_path_str(d, "actionId"), action))
            continue;
        if (!str_eq(json_path_str(d, "accessDecision"), "Allowed"))
            return false;
        found = true;
    }
    return found;
}

int access_decide(struct validation *v, const struct dynamic_principal *caller,
                  const char *object_id, const char *resource_id, const json *actions,
                  bool *ret_allowed, struct error **err)
{
    json *attributes = NULL;
    if (object_id)
        attributes = json_make("{'ObjectId':%s}", object_id);
    else if (read_caller(v, caller, &attributes, err) < 0)
        return -1;
    cleanup_json json *body =
        json_make("{'Subject':{'Attributes':%j},'Actions':%j,'Resource':{'Id':%s}}", attributes,
                  give_actions(actions), resource_id);
    const struct arm_call call = {
        .method = "POST", .path = PATH, .api_version = VERSION, .body = body
    };
    cleanup_json json *answer = NULL;
    if (arm_send(v->cfg->decision_point, v->ctx, &call, &answer, err) < 0)
        return error_wrap(err, "asking for permissions on %s", resource_id);
    const json *decisions = json_get(answer, "value");
    *ret_allowed = true;
    for (size_t i = 0; i < json_len(actions) && *ret_allowed; i++)
        *ret_allowed = is_allowed(decisions, json_str(json_at(actions, i)));
    return 0;
}

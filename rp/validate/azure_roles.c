#include "rp/validate/azure_roles.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* What of each role is used; the first that is missing stands for the role. */
static const struct {
    const char *role;
    const char *actions[3];
} needs[] = {
    { "Contributor",
      { "Microsoft.Resources/subscriptions/resourceGroups/write",
        "Microsoft.Resources/deployments/write",
        "Microsoft.Network/virtualNetworks/subnets/join/action" } },
    { "User Access Administrator", { "Microsoft.Authorization/roleAssignments/write" } },
};

static const char *find_refused(const json *permissions, size_t need)
{
    for (size_t i = 0; i < ARRAY_LEN(needs[need].actions); i++) {
        const char *action = needs[need].actions[i];
        if (action && !arm_permissions_allow(permissions, action))
            return action;
    }
    return NULL;
}

/* Who has no role at all may not even ask; that is no permission. */
static int list(struct arm *arm, const struct opctx *ctx, const char *scope, json **ret,
                struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (arm_permissions_list(arm, ctx, scope, ret, &e) == 0)
        return 0;
    if (!error_is(e, ERR_FORBIDDEN))
        return error_move(err, &e);
    *ret = json_new_array();
    return 0;
}

int azure_roles_check(struct arm *arm, const struct opctx *ctx, const char *client_id,
                      const char *subscription_id, struct error **err)
{
    cleanup_free char *scope = xasprintf("/subscriptions/%s", subscription_id);
    cleanup_json json *permissions = NULL;
    cleanup_strv struct strv missing = STRV_INIT;
    const char *role = NULL;

    if (list(arm, ctx, scope, &permissions, err) < 0)
        return error_wrap(err, "asking Azure for the roles of '%s'", client_id);
    for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
        const char *refused = find_refused(permissions, i);
        if (!refused)
            continue;
        strv_addf(&missing, "'%s' (for %s)", needs[i].role, refused);
        role = role ? role : needs[i].role;
    }
    if (missing.len == 0)
        return 0;
    cleanup_free char *all = strv_give_joined(&missing, " and ");
    return error_set(err, ERR_FORBIDDEN,
                     "the application '%s' needs in subscription '%s' the role %s: "
                     "az role assignment create --assignee %s --role '%s' --scope %s",
                     client_id, subscription_id, all, client_id, role, scope);
}

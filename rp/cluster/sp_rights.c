#include "rp/cluster/sp_rights.h"

#include "pkg/azure/api_versions.h"
#include "pkg/azure/deployment.h"
#include "pkg/azure/roles.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"
#include "rp/cluster/template_values.h"
#include "rp/cluster/transient.h"

#define DEPLOYMENT "clustersp"

/* Azure does not let an assignment change its principal: a former one's has to go before ours has a place. */
static bool must_go(const struct cluster *c, const json *assignment, const char *principal)
{
    const char *scope = json_path_str(assignment, "properties.scope");
    const char *role = json_path_str(assignment, "properties.roleDefinitionId");
    const char *holder = json_path_str(assignment, "properties.principalId");
    if (!role || !str_eq_nocase(scope, name_group_id(c)) || azure_role_is(role, AZURE_ROLE_OWNER))
        return false;
    return !(azure_role_is(role, AZURE_ROLE_CONTRIBUTOR) && str_eq_nocase(holder, principal));
}

static int remove_others(struct cluster *c, const struct opctx *ctx, struct arm *arm,
                         const char *principal, struct error **err)
{
    cleanup_json json *all = NULL;
    cleanup_free char *path =
        xasprintf("%s/providers/Microsoft.Authorization/roleAssignments", name_group_id(c));
    if (arm_list(arm, ctx, path, API_VERSION_ASSIGNMENTS, &all, err) < 0)
        return error_wrap(err, "finding the roles on the managed resource group");
    for (size_t i = 0; i < json_len(all); i++) {
        const char *id;
        if (!must_go(c, json_at(all, i), principal))
            continue;
        if (json_need_str(json_at(all, i), "id", &id, err) < 0)
            return -1;
        log_info(ctx->log, "removing role assignment %s", id);
        if (transient_delete_right(arm, ctx, id, API_VERSION_ASSIGNMENTS, err) < 0)
            return error_wrap(err, "removing role assignment %s", id);
    }
    return 0;
}

static int find_principal(const struct cluster *c, const char **ret, struct error **err)
{
    *ret = cluster_text_or_empty(c, "servicePrincipalProfile.spObjectId");
    if (**ret)
        return 0;
    return error_set(err, ERR_INTERNAL,
                     "the document has no servicePrincipalProfile.spObjectId to give rights to");
}

static int deploy(struct cluster *c, const struct opctx *ctx, struct arm *arm, struct error **err)
{
    cleanup_json json *values = template_give_rights_values(c);
    cleanup_json json *template = NULL;
    cleanup_free char *group = name_give_group(c);
    if (template_make(TEMPLATE_RIGHTS, values, &template, err) < 0)
        return -1;
    const struct arm_deployment d = { .subscription_id = cluster_subscription_id(c),
                                      .resource_group = group,
                                      .name = DEPLOYMENT,
                                      .template = template };
    return arm_deploy(arm, ctx, &d, err);
}

int cluster_ensure_sp_rights(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    const char *principal;
    if (find_principal(c, &principal, err) < 0 ||
        cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0 ||
        remove_others(c, ctx, arm, principal, err) < 0)
        return -1;
    return deploy(c, ctx, arm, err);
}

int cluster_ensure_deny_assignment(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    const char *principal;
    if (find_principal(c, &principal, err) < 0 ||
        cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    return deploy(c, ctx, arm, err);
}

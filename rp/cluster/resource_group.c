#include "rp/cluster/resource_group.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"
#include "rp/cluster/transient.h"

static char *give_path(const struct cluster *c)
{
    cleanup_free char *name = name_give_group(c);
    return xasprintf("/subscriptions/%s/resourcegroups/%s", cluster_subscription_id(c), name);
}

int resource_group_find(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err)
{
    struct arm *arm;
    cleanup_free char *path = give_path(c);
    const struct arm_call call = { .method = "GET", .path = path, .api_version = GROUPS_VERSION };
    struct error *e = NULL;
    *ret = NULL;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    if (transient_send(arm, ctx, &call, ret, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

bool resource_group_is_ours(const struct cluster *c, const json *group)
{
    return str_eq_nocase(json_path_str(group, "managedBy"), cluster_resource_id(c));
}

static int fail_other(const struct cluster *c, struct error **err)
{
    cleanup_free char *name = name_give_group(c);
    (void)error_set(err, ERR_INVALID, "Resource group %s must not already exist.", name);
    error_code(err, "ClusterResourceGroupAlreadyExists");
    error_target(err, "properties.clusterProfile.resourceGroupId");
    return -1;
}

/* For the customer, whose policy it is. */
static int fail_put(struct error *why, struct error **err)
{
    cleanup_error struct error *e = why;
    if (!str_eq(error_get_code(e), "RequestDisallowedByPolicy"))
        return error_move(err, &e);
    cleanup_json json *body =
        json_make("{'error':{'code':'DeploymentFailed','details':[{'code':%s,'message':%s}]}}",
                  error_get_code(e), error_text(e));
    cleanup_free char *text = json_give_text(body);
    (void)error_set(err, ERR_INVALID, "Deployment failed.");
    error_code(err, "DeploymentFailed");
    error_status(err, 400);
    error_body(err, text);
    return -1;
}

int cluster_ensure_resource_group(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    cleanup_free char *path = give_path(c);
    cleanup_json json *group = NULL;
    struct error *e = NULL;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0 ||
        resource_group_find(c, ctx, &group, err) < 0)
        return -1;
    if (group && (!resource_group_is_ours(c, group) ||
                  !str_eq_nocase(json_path_str(group, "location"), cluster_location(c))))
        return fail_other(c, err);
    /* Also one that is there: rights of the service come with this call, and go when a subscription moves. */
    cleanup_json json *body =
        json_make("{'location':%s,'managedBy':%s}", cluster_location(c), cluster_resource_id(c));
    const json *tags = json_get(group, "tags");
    if (tags)
        json_put(body, "tags", json_give_copy(tags));
    if (rp_env_is_development(c->cfg->env) &&
        json_path_put(body, "tags.purge", json_new_str("true"), err) < 0)
        return -1;
    const struct arm_call call = {
        .method = "PUT", .path = path, .api_version = GROUPS_VERSION, .body = body
    };
    if (transient_send(arm, ctx, &call, NULL, &e) < 0)
        return fail_put(e, err);
    return 0;
}

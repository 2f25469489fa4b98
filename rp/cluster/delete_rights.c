#include "rp/cluster/delete_rights.h"

#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/azure/roles.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"
#include "rp/cluster/resource_group.h"
#include "rp/cluster/transient.h"

#define DEFINITION_NAME "Azure Red Hat OpenShift cluster"

/* Which of a list go. */
typedef bool (*is_wanted)(const struct cluster *c, const json *item);

static bool is_our_assignment(const struct cluster *c, const json *item)
{
    const char *role = json_path_str(item, "properties.roleDefinitionId");
    return str_eq_nocase(json_path_str(item, "properties.scope"), name_group_id(c)) && role &&
           !azure_role_is(role, AZURE_ROLE_OWNER);
}

static bool is_our_definition(const struct cluster *c, const json *item)
{
    const char *name = json_path_str(item, "properties.roleName");
    const json *scopes = json_path(item, "properties.assignableScopes");
    return name && str_starts(name, DEFINITION_NAME) &&
           str_eq(json_path_str(item, "properties.type"), "CustomRole") && json_len(scopes) == 1 &&
           str_eq_nocase(json_str(json_at(scopes, 0)), name_group_id(c));
}

static int delete_each(struct arm *arm, const struct opctx *ctx, const struct cluster *c,
                       const json *items, const char *version, is_wanted wanted, struct error **err)
{
    for (size_t i = 0; i < json_len(items); i++) {
        const json *item = json_at(items, i);
        const char *id = json_path_str(item, "id");
        if (id && wanted(c, item) && transient_delete_right(arm, ctx, id, version, err) < 0)
            return -1;
    }
    return 0;
}

/* kind: "roleAssignments". Without a group, or with one that is somebody else's, nothing is asked for. */
static int delete_rights(struct cluster *c, const struct opctx *ctx, const char *kind,
                         const char *version, is_wanted wanted, struct error **err)
{
    struct arm *arm;
    cleanup_free char *path =
        xasprintf("%s/providers/Microsoft.Authorization/%s", name_group_id(c), kind);
    cleanup_json json *group = NULL, *items = NULL;
    struct error *e = NULL;
    if (resource_group_find(c, ctx, &group, err) < 0 ||
        cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    if (!group || !resource_group_is_ours(c, group))
        return 0;
    if (arm_list(arm, ctx, path, version, &items, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return delete_each(arm, ctx, c, items, version, wanted, err);
}

int cluster_delete_role_assignments(void *arg, const struct opctx *ctx, struct error **err)
{
    return delete_rights(arg, ctx, "roleAssignments", API_VERSION_ASSIGNMENTS, is_our_assignment,
                         err);
}

int cluster_delete_role_definitions(void *arg, const struct opctx *ctx, struct error **err)
{
    return delete_rights(arg, ctx, "roleDefinitions", API_VERSION_DEFINITIONS, is_our_definition,
                         err);
}

/* ---- the registry ---- */

/* Of the profile whose name is the registry's host; NULL: none. Borrowed. */
static const char *find_username(const struct cluster *c, const char *host)
{
    const json *profiles = json_path(c->doc, PROPERTIES "registryProfiles");
    for (size_t i = 0; i < json_len(profiles); i++) {
        const char *name = json_path_str(json_at(profiles, i), "name");
        if (name && str_eq_nocase(name, host))
            return json_path_str(json_at(profiles, i), "username");
    }
    return NULL;
}

int cluster_delete_acr_token(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    const char *registry = rp_env_text(c->cfg->env, ENV_ACR_RESOURCE_ID);
    cleanup_free char *host = name_give_registry(c);
    const char *username = host ? find_username(c, host) : NULL;
    if (!username || !*username)
        return 0;
    cleanup_free char *id = xasprintf("%s/tokens/%s", registry, username);
    if (cluster_arm(c, ctx, AS_SERVICE, &arm, err) < 0)
        return -1;
    return transient_delete(arm, ctx, id, API_VERSION_REGISTRY, err);
}

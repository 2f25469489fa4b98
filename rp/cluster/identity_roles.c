#include "rp/cluster/identity_roles.h"

#include <string.h>

#include "pkg/api/semver.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/role_sets.h"

#define IDENTITIES_PATH PROPERTIES "platformWorkloadIdentityProfile.platformWorkloadIdentities"

/* ---- the application of the service ---- */

int first_party_give_object_id(struct cluster *c, const struct opctx *ctx, char **ret,
                               struct error **err)
{
    struct azure_tokens *tokens;
    cleanup_free char *scope = xasprintf("%s/.default", c->cfg->cloud->arm);
    cleanup_secret struct secret *token = NULL;
    cleanup_json json *claims = NULL;
    const char *oid;
    if (cluster_tokens(c, ctx, AS_FIRST_PARTY, &tokens, err) < 0 ||
        azure_token_get(tokens, ctx, scope, false, &token, err) < 0 ||
        azure_token_claims(token, &claims, err) < 0 || json_need_str(claims, "oid", &oid, err) < 0)
        return error_wrap(err, "finding who the service is in the customer's tenant");
    *ret = xstrdup(oid);
    return 0;
}

/* ---- workload identities ---- */

static void add_role(const struct cluster *c, const json *role, json *ret)
{
    const char *name = json_path_str(role, "operatorName");
    const char *definition = json_path_str(role, "roleDefinitionId");
    const char *slash = definition ? strrchr(definition, '/') : NULL;
    const json *identity = json_get(json_path(c->doc, IDENTITIES_PATH), name ? name : "");
    const char *principal = json_path_str(identity, "objectId");
    if (principal && definition)
        json_append(ret, json_make("{'itemRole':%s,'itemPrincipal':%s}",
                                   slash ? slash + 1 : definition, principal));
}

int identity_roles_find(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err)
{
    const char *version = cluster_text_or_empty(c, "clusterProfile.version");
    char minor[SEMVER_MINOR_MAX];
    cleanup_json json *sets = NULL;
    if (!semver_minor(version, minor))
        return error_set(err, ERR_INTERNAL, "properties.clusterProfile.version: '%s' is none",
                         version);
    if (role_sets_list(c, ctx, &sets, err) < 0)
        return error_wrap(err, "looking for the roles of identities");
    const json *set = role_sets_find(sets, minor);
    if (!set)
        return error_set(err, ERR_INTERNAL, "there is no role set for version %s", minor);
    const json *roles = json_path(set, "properties.platformWorkloadIdentityRoles");
    *ret = json_new_array();
    for (size_t i = 0; i < json_len(roles); i++)
        add_role(c, json_at(roles, i), *ret);
    return 0;
}

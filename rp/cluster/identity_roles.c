#include "rp/cluster/identity_roles.h"

#include <string.h>

#include "pkg/api/semver.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/published.h"

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

/* The roles of a minor version, or NULL; borrowed from the page. */
static const json *find_roles(const struct document_page *page, const char *minor)
{
    for (size_t i = 0; i < page->len; i++) {
        const json *set =
            json_path(page->docs[i].tree, "platformWorkloadIdentityRoleSet.properties");
        if (str_eq(json_path_str(set, "openShiftVersion"), minor))
            return json_get(set, "platformWorkloadIdentityRoles");
    }
    return NULL;
}

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
    cleanup_free char *next = NULL;
    if (!semver_minor(version, minor))
        return error_set(err, ERR_INTERNAL, "properties.clusterProfile.version: '%s' is none",
                         version);
    do {
        cleanup_document_page struct document_page page = { 0 };
        if (published_list(ctx, c->job.db, PUBLISHED_ROLE_SETS, 0, next, &page, err) < 0)
            return error_wrap(err, "looking for the roles of identities");
        const json *roles = find_roles(&page, minor);
        if (roles) {
            *ret = json_new_array();
            for (size_t i = 0; i < json_len(roles); i++)
                add_role(c, json_at(roles, i), *ret);
            return 0;
        }
        free(next);
        next = take(page.next);
    } while (next);
    return error_set(err, ERR_INTERNAL, "there is no role set for version %s", minor);
}

/* The identities of a cluster without a service principal: its own, and those that its operators work as. */
#include <string.h>

#include "pkg/api/refuse.h"
#include "pkg/api/semver.h"
#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/dynamic_impl.h"

#define PROFILE "properties.platformWorkloadIdentityProfile"
#define IDENTITIES PROFILE ".platformWorkloadIdentities"
#define AUDIENCE "openshift"
#define CODE_CREDENTIAL "PlatformWorkloadIdentityContainsInvalidFederatedCredential"
/* "Azure Red Hat OpenShift Federated Credential": what the cluster's own identity needs on the others. */
#define CREDENTIAL_ROLE "ef318e2a-8334-4a05-9e4a-295a196c6a6e"

static char *give_role_id(const struct validation *v, const char *name)
{
    return xasprintf("/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s",
                     v->cfg->subscription_id, name);
}

static int fetch(struct validation *v, const char *id, const char *path, char **ret,
                 struct error **err)
{
    const struct arm_call call = { .method = "GET",
                                   .path = id,
                                   .api_version = API_VERSION_IDENTITIES };
    cleanup_json json *identity = NULL;
    const char *value;
    if (arm_send(v->cfg->provider.arm, v->ctx, &call, &identity, err) < 0 ||
        json_need_str(identity, path, &value, err) < 0)
        return error_wrap(err, "reading the identity %s", id);
    *ret = xstrdup(value);
    return 0;
}

/* ---- the cluster's own ---- */

static json *give_actions(const json *permissions)
{
    json *out = json_new_array();
    for (size_t i = 0; i < json_len(permissions); i++) {
        const json *actions = json_get(json_at(permissions, i), "actions");
        for (size_t k = 0; k < json_len(actions); k++)
            if (json_str(json_at(actions, k)))
                json_append(out, json_ref(json_at(actions, k)));
    }
    return out;
}

static int check_on_identity(struct validation *v, const char *object_id, const char *own_id,
                             const json *actions, const char *operator, const json * identity,
                             struct error **err)
{
    const char *id;
    struct access_answer a = { 0 };
    if (json_need_str(identity, "resourceId", &id, err) < 0 ||
        access_check_object(v, object_id, id, actions, &a, err) < 0)
        return -1;
    enum access access = a.access;
    access_answer_release(&a);
    if (access == ACCESS_ALLOWED)
        return 0;
    cleanup_free char *target = xasprintf(IDENTITIES ".%s.resourceId", operator);
    if (access == ACCESS_NO_RESOURCE)
        return api_refuse(err, CODE_INVALID_PARAMETER, target,
                          "The platform workload identity '%s' could not be found.", id);
    return api_refuse(err, "InvalidClusterMSIPermissions", target,
                      "The cluster identity '%s' does not have the permissions of the role 'Azure "
                      "Red Hat OpenShift Federated Credential' on the platform workload identity "
                      "'%s' used for role '%s'.",
                      own_id, id, operator);
}

static int find_own(struct validation *v, const char **ret_id, char **ret_object_id,
                    struct error **err)
{
    const json *assigned = json_path(v->cluster, "managedServiceIdentity.userAssignedIdentities");
    struct json_iter it = json_each(assigned);
    if (json_len(assigned) != 1 || !json_next(&it))
        return api_refuse(err, "InvalidClusterMSICount", "identity.userAssignedIdentities",
                          "The cluster identity must be exactly one user assigned identity.");
    const char *principal = json_path_str(it.value, "principalId");
    *ret_id = it.key;
    if (!principal || !*principal)
        return fetch(v, it.key, "properties.principalId", ret_object_id, err);
    *ret_object_id = xstrdup(principal);
    return 0;
}

int check_cluster_identity(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    const char *own_id;
    const json *permissions;
    cleanup_free char *object_id = NULL;
    cleanup_free char *role = give_role_id(v, CREDENTIAL_ROLE);
    if (find_own(v, &own_id, &object_id, err) < 0 || access_role(v, role, &permissions, err) < 0)
        return -1;
    cleanup_json json *actions = give_actions(permissions);
    for (struct json_iter it = json_each(json_path(v->cluster, IDENTITIES)); json_next(&it);)
        if (check_on_identity(v, object_id, own_id, actions, it.key, it.value, err) < 0)
            return -1;
    return 0;
}

/* ---- those of the operators ---- */

/* The role of an operator in one of the minor versions that the cluster has or may be upgraded to. */
static const char *find_role(const struct validation *v, const char *operator)
{
    static const char *const versions[] = { "properties.clusterProfile.version",
                                            PROFILE ".upgradeableTo" };
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        char minor[SEMVER_MINOR_MAX];
        if (!semver_minor(json_path_str(v->cluster, versions[i]), minor))
            continue;
        const json *roles = json_path(v->cfg->find_role_set(v->cfg->role_set_arg, minor),
                                      "properties.platformWorkloadIdentityRoles");
        for (size_t k = 0; k < json_len(roles); k++) {
            const json *role = json_at(roles, k);
            if (str_eq(json_path_str(role, "operatorName"), operator))
                return json_path_str(role, "roleDefinitionId");
        }
    }
    return NULL;
}

static int read_role(struct validation *v, struct validation_identity *identity, struct error **err)
{
    const char *id = find_role(v, identity->name);
    const char *slash = id ? strrchr(id, '/') : NULL;
    const json *permissions;
    if (!id)
        return error_set(err, ERR_INTERNAL, "the role set names no role for the operator '%s'",
                         identity->name);
    cleanup_free char *role = give_role_id(v, slash ? slash + 1 : id);
    if (access_role(v, role, &permissions, err) < 0)
        return error_wrap(err, "reading the role of the operator '%s'", identity->name);
    identity->permissions = json_give_copy(permissions);
    return 0;
}

/* Those that this cluster has made itself, in a run that did not come to its end or in an earlier operation. */
static bool is_ours(const struct validation *v, const json *credential)
{
    const char *issuer = json_path_str(v->cluster, "properties.clusterProfile.oidcIssuer");
    const json *audiences = json_path(credential, "properties.audiences");
    return issuer && *issuer && json_len(audiences) == 1 &&
           str_eq(json_str(json_at(audiences, 0)), AUDIENCE) &&
           str_eq(json_path_str(credential, "properties.issuer"), issuer);
}

static int check_credentials(struct validation *v, const struct validation_identity *identity,
                             struct error **err)
{
    cleanup_free char *path = xasprintf("%s/federatedIdentityCredentials", identity->id);
    cleanup_json json *credentials = NULL;
    if (arm_list(v->cfg->provider.arm, v->ctx, path, API_VERSION_FEDERATED_CREDENTIALS,
                 &credentials, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(credentials); i++) {
        const json *c = json_at(credentials, i);
        const char *name = json_path_str(c, "name");
        if (is_ours(v, c))
            continue;
        cleanup_free char *target = xasprintf(IDENTITIES ".%s.resourceId", identity->name);
        return api_refuse(
            err, CODE_CREDENTIAL, target,
            "Unexpected federated credential '%s' found on platform workload identity "
            "'%s' used for role '%s'. Please ensure %s.",
            name ? name : "", identity->id, identity->name,
            v->is_creating ? "this identity is only used for this cluster and does not have any "
                             "existing federated identity credentials"
                           : "only federated credentials provisioned by the ARO service for "
                             "this cluster are present");
    }
    return 0;
}

static int read_identity(struct validation *v, struct validation_identity *identity,
                         const json *stored, struct error **err)
{
    const char *object_id = json_path_str(stored, "objectId");
    if (json_need_str(stored, "resourceId", &identity->id, err) < 0)
        return -1;
    if (object_id && *object_id)
        identity->object_id = xstrdup(object_id);
    else if (fetch(v, identity->id, "properties.principalId", &identity->object_id, err) < 0)
        return -1;
    if (read_role(v, identity, err) < 0)
        return -1;
    return check_credentials(v, identity, err);
}

static int by_name(const void *a, const void *b)
{
    const struct validation_identity *x = a, *y = b;
    return strcmp(x->name, y->name);
}

int check_platform_identities(struct validation *v, enum who who, struct error **err)
{
    (void)who;
    const json *stored = json_path(v->cluster, IDENTITIES);
    if (api_cluster_match_role_sets(v->cluster, v->cfg->find_role_set, v->cfg->role_set_arg, err) <
        0)
        return -1;
    v->identities = xcalloc(json_len(stored) + 1, sizeof(*v->identities));
    for (struct json_iter it = json_each(stored); json_next(&it);)
        v->identities[v->identities_len++].name = it.key;
    qsort(v->identities, v->identities_len, sizeof(*v->identities), by_name);
    for (size_t i = 0; i < v->identities_len; i++)
        if (read_identity(v, &v->identities[i], json_get(stored, v->identities[i].name), err) < 0)
            return -1;
    return 0;
}

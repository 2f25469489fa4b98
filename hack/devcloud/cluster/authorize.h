/*
 * authorize.h - role-based access control over the roles and bindings in the state. Threads: any.
 * Source: rbac.authorization.k8s.io/v1; k8s.io/kubernetes plugin/pkg/auth/authorizer/rbac.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_AUTHORIZE_H
#define HACK_DEVCLOUD_CLUSTER_AUTHORIZE_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* What somebody wants to do; NULL texts are "". */
struct access {
    const char *verb, *group, *resource, *subresource, *nspace, *name;
    const char *path; /* of no resource: then only this and verb count */
};

struct rbac;
struct rbac *rbac_new(struct state *state);
void rbac_free(struct rbac *r);

/* ret_why (may be NULL): why it is allowed, owned by the caller; NULL when it is not. */
bool authorize(struct cluster *c, const struct api_user *user, const struct access *access,
               char **ret_why);
/* Calls fn with every rule (a PolicyRule) that the user has in a namespace. */
void authorize_each_rule(struct cluster *c, const struct api_user *user, const char *nspace,
                         void (*fn)(void *arg, const json *rule), void *arg);
/* Forbidden, in the server's words. */
int authorize_fail(const struct api_user *user, const struct access *access, struct error **err);

#endif

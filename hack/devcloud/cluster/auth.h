/*
 * auth.h - who asks: client certificates, static tokens, tokens of service accounts. Threads: any.
 * Source: KEP-1205 (bound service account tokens); k8s.io/apiserver authentication.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_AUTH_H
#define HACK_DEVCLOUD_CLUSTER_AUTH_H

#include "hack/devcloud/cluster/cluster_impl.h"

struct rbac;
struct auth *auth_new(struct cluster *c);
void auth_free(struct auth *a);
struct rbac *auth_rbac(struct auth *a);
/* life_s 0: for ever. One that has expired is refused, and kept no longer. */
void auth_add_token(struct cluster *c, const char *token, const char *user,
                    const char *const *groups, int64_t life_s);

/* What a connection and its headers tell; NULL: absent. */
struct credentials {
    const void *cert_der;
    size_t cert_len;
    const char *authorization; /* header */
};
/* The user, "system:anonymous" without credentials; Unauthorized for bad ones. */
int auth_identify(struct cluster *c, const struct credentials *cred, struct api_user *ret,
                  struct error **err);
/* Obeys the Impersonate-* headers, given as pairs of name and value; checked against the rights of user,
 * which is replaced. */
int auth_impersonate(struct cluster *c, const struct strv *names, const struct strv *values,
                     struct api_user *user, struct error **err);

/* A token's user. audience NULL: the API server's own. */
int auth_check_token(struct cluster *c, const char *token, const char *audience,
                     struct api_user *ret, struct error **err);
enum auth_bound { AUTH_BOUND_NONE, AUTH_BOUND_POD, AUTH_BOUND_SECRET };
struct token_request {
    const char *nspace, *name, *uid; /* of the service account */
    const json *audiences;           /* NULL or empty: the API server's own */
    int64_t expires_s;               /* 0: never */
    enum auth_bound bound;           /* ends with this object */
    const char *bound_name, *bound_uid;
};
char *auth_give_token(struct cluster *c, const struct token_request *rq);

#define AUTH_ISSUER "https://kubernetes.default.svc"

#endif

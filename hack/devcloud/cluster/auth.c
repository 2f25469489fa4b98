#include "hack/devcloud/cluster/auth.h"

#include <string.h>
#include <strings.h>

#include "hack/devcloud/cluster/authorize.h"
#include "pkg/base/encoding.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"

#define KEY_LEN 32

struct auth {
    struct rbac *rbac;
    unsigned char key[KEY_LEN]; /* of the signatures */
    pthread_mutex_t mu;
    struct map *tokens; /* token -> struct grant */
};

struct grant {
    struct api_user user;
    int64_t end_ns; /* wall time */
};

static void grant_free(void *p)
{
    struct grant *g = p;
    api_user_release(&g->user);
    free(g);
}

struct auth *auth_new(struct cluster *c)
{
    struct auth *a = xnew(struct auth);
    mutex_init(&a->mu);
    a->tokens = map_new(grant_free);
    a->rbac = rbac_new(c->state);
    for (size_t i = 0; i < KEY_LEN; i++)
        a->key[i] = (unsigned char)rng_below(c->cfg.rng, 256);
    return a;
}

void auth_free(struct auth *a)
{
    if (!a)
        return;
    rbac_free(a->rbac);
    map_free(a->tokens);
    (void)pthread_mutex_destroy(&a->mu);
    free(a);
}

struct rbac *auth_rbac(struct auth *a)
{
    return a->rbac;
}

static void drop_expired(struct auth *a, int64_t wall_ns)
{
    for (struct map_iter it = { 0 }; map_next(a->tokens, &it);)
        if (((const struct grant *)it.value)->end_ns <= wall_ns)
            map_del(a->tokens, it.key);
}

void auth_add_token(struct cluster *c, const char *token, const char *user,
                    const char *const *groups, int64_t life_s)
{
    struct auth *a = c->auth;
    struct grant *g = xnew(struct grant);
    int64_t now_ns = clock_wall_ns(c->cfg.clock);
    g->end_ns = life_s ? now_ns + life_s * NS_PER_S : INT64_MAX;
    g->user.name = xstrdup(user);
    for (size_t i = 0; groups && groups[i]; i++)
        strv_add(&g->user.groups, groups[i]);
    strv_add_unique(&g->user.groups, "system:authenticated");
    (void)pthread_mutex_lock(&a->mu);
    drop_expired(a, now_ns);
    map_set(a->tokens, token, g);
    (void)pthread_mutex_unlock(&a->mu);
}

static void copy_user(const struct api_user *from, struct api_user *to)
{
    *to = (struct api_user){ .name = xstrdup(from->name), .uid = xstrdup(from->uid) };
    for (size_t i = 0; i < from->groups.len; i++)
        strv_add(&to->groups, from->groups.v[i]);
    to->extra = json_give_copy(from->extra);
}

static int fail_unauthorized(struct error **err)
{
    return fail_with(err, 401, "Unauthorized", NULL, "Unauthorized");
}

/* ---- tokens of service accounts ---- */

static char *give_signature(const struct auth *a, const char *text, size_t len)
{
    unsigned char mac[SHA256_LEN];
    hmac_sha256(a->key, KEY_LEN, text, len, mac);
    return base64url_give(mac, sizeof(mac));
}

static const struct {
    const char *claim, *collection;
} bindings[] = {
    [AUTH_BOUND_POD] = { "pod", "/pods" }, [AUTH_BOUND_SECRET] = { "secret", "/secrets" }
};

static json *give_claims(struct cluster *c, const struct token_request *rq)
{
    int64_t now = clock_wall_ns(c->cfg.clock) / NS_PER_S;
    cleanup_free char *sub = xasprintf("system:serviceaccount:%s:%s", rq->nspace, rq->name);
    json *claims = json_make("{'iss':%s,'sub':%s,'iat':%ld,'nbf':%ld,'kubernetes.io':{"
                             "'namespace':%s,'serviceaccount':{'name':%s,'uid':%s}}}",
                             AUTH_ISSUER, sub, now, now, rq->nspace, rq->name, rq->uid);
    json_put(claims, "aud",
             json_len(rq->audiences) ? json_give_copy(rq->audiences)
                                     : json_make("[%s]", AUTH_ISSUER));
    if (rq->expires_s)
        json_put(claims, "exp", json_new_int(now + rq->expires_s));
    if (rq->bound != AUTH_BOUND_NONE)
        json_put(json_get(claims, "kubernetes.io"), bindings[rq->bound].claim,
                 json_make("{'name':%s,'uid':%s}", rq->bound_name, rq->bound_uid));
    return claims;
}

char *auth_give_token(struct cluster *c, const struct token_request *rq)
{
    cleanup_json json *claims = give_claims(c, rq);
    cleanup_free char *payload = json_give_text(claims);
    const char head[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    cleanup_free char *a = base64url_give(head, strlen(head));
    cleanup_free char *b = base64url_give(payload, strlen(payload));
    cleanup_free char *text = xasprintf("%s.%s", a, b);
    cleanup_free char *mac = give_signature(c->auth, text, strlen(text));
    return xasprintf("%s.%s", text, mac);
}

static bool has_audience(const json *claims, const char *audience)
{
    const json *list = json_get(claims, "aud");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_str(json_at(list, i)), audience ? audience : AUTH_ISSUER))
            return true;
    return false;
}

static bool is_alive(struct cluster *c, const char *collection, const char *nspace, const json *ref)
{
    const char *name = json_path_str(ref, "name");
    cleanup_record struct record *r = state_get(c->state, collection, nspace, name ? name : "");
    return r && str_eq(r->uid, json_path_str(ref, "uid"));
}

/* Whether what the token is bound to still exists. */
static bool is_bound_alive(struct cluster *c, const char *nspace, const json *own)
{
    for (size_t i = AUTH_BOUND_POD; i < ARRAY_LEN(bindings); i++)
        if (json_get(own, bindings[i].claim) &&
            !is_alive(c, bindings[i].collection, nspace, json_get(own, bindings[i].claim)))
            return false;
    return true;
}

static void make_account_user(const json *claims, struct api_user *ret)
{
    const json *own = json_get(claims, "kubernetes.io");
    const char *nspace = json_path_str(own, "namespace");
    *ret = (struct api_user){ .name = xstrdup(json_path_str(claims, "sub")),
                              .uid = xstrdup(json_path_str(own, "serviceaccount.uid")) };
    strv_add(&ret->groups, "system:serviceaccounts");
    strv_addf(&ret->groups, "system:serviceaccounts:%s", nspace);
    strv_add(&ret->groups, "system:authenticated");
    if (json_get(own, "pod"))
        ret->extra = json_make("{'authentication.kubernetes.io/pod-name':[%s],"
                               "'authentication.kubernetes.io/pod-uid':[%s]}",
                               json_path_str(own, "pod.name"), json_path_str(own, "pod.uid"));
}

static int check_account_token(struct cluster *c, const char *token, const char *audience,
                               struct api_user *ret, struct error **err)
{
    const char *dot = strrchr(token, '.');
    cleanup_free char *payload = NULL;
    cleanup_json json *claims = NULL;
    size_t len;
    if (!dot)
        return fail_unauthorized(err);
    cleanup_free char *mac = give_signature(c->auth, token, (size_t)(dot - token));
    if (!str_eq(mac, dot + 1) || jwt_give_payload(token, &payload, &len, NULL) < 0 ||
        json_parse_object(payload, len, &claims, NULL) < 0)
        return fail_unauthorized(err);
    const json *own = json_get(claims, "kubernetes.io");
    const char *nspace = json_path_str(own, "namespace");
    int64_t now = clock_wall_ns(c->cfg.clock) / NS_PER_S;
    bool expired = json_path_int(claims, "exp", INT64_MAX) <= now;
    if (expired || !has_audience(claims, audience) || !is_bound_alive(c, nspace, own) ||
        !is_alive(c, "/serviceaccounts", nspace, json_get(own, "serviceaccount")))
        return fail_unauthorized(err);
    make_account_user(claims, ret);
    return 0;
}

int auth_check_token(struct cluster *c, const char *token, const char *audience,
                     struct api_user *ret, struct error **err)
{
    (void)pthread_mutex_lock(&c->auth->mu);
    drop_expired(c->auth, clock_wall_ns(c->cfg.clock));
    const struct grant *known = map_get(c->auth->tokens, token);
    if (known)
        copy_user(&known->user, ret);
    (void)pthread_mutex_unlock(&c->auth->mu);
    return known ? 0 : check_account_token(c, token, audience, ret, err);
}

/* ---- requests ---- */

static int identify_cert(struct cluster *c, const struct credentials *cred, struct api_user *ret,
                         struct error **err)
{
    struct x509_facts facts = { 0 };
    const char *authorities = c->client_ca_pem ? c->client_ca_pem : c->ca_cert_pem;
    if (x509_verify_client(cred->cert_der, cred->cert_len, authorities, clock_wall_ns(c->cfg.clock),
                           NULL) < 0 ||
        x509_read_der(cred->cert_der, cred->cert_len, &facts, NULL) < 0)
        return fail_unauthorized(err);
    *ret = (struct api_user){ .name = xstrdup(facts.common_name ? facts.common_name : "") };
    for (size_t i = 0; i < facts.organizations.len; i++)
        strv_add(&ret->groups, facts.organizations.v[i]);
    strv_add_unique(&ret->groups, "system:authenticated");
    x509_facts_release(&facts);
    return 0;
}

int auth_identify(struct cluster *c, const struct credentials *cred, struct api_user *ret,
                  struct error **err)
{
    const char *header = cred->authorization;
    if (cred->cert_der && identify_cert(c, cred, ret, NULL) == 0)
        return 0;
    if (header && strncasecmp(header, "Bearer ", 7) == 0) {
        cleanup_free char *token = str_give_trimmed(header + 7);
        return auth_check_token(c, token, NULL, ret, err);
    }
    if (cred->cert_der)
        return fail_unauthorized(err);
    *ret = (struct api_user){ .name = xstrdup("system:anonymous") };
    strv_add(&ret->groups, "system:unauthenticated");
    return 0;
}

/* ---- impersonation ---- */

static int check_impersonation(struct cluster *c, const struct api_user *user, const char *group,
                               const char *resource, const char *nspace, const char *name,
                               struct error **err)
{
    struct access access = {
        .verb = "impersonate", .group = group, .resource = resource, .nspace = nspace, .name = name
    };
    return authorize(c, user, &access, NULL) ? 0 : authorize_fail(user, &access, err);
}

static int become_user(struct cluster *c, const struct api_user *user, const char *name,
                       struct api_user *next, struct error **err)
{
    cleanup_strv struct strv parts = STRV_INIT;
    free(next->name);
    next->name = xstrdup(name);
    strv_split(&parts, name, ":", true);
    if (!str_starts(name, "system:serviceaccount:") || parts.len != 4)
        return check_impersonation(c, user, "", "users", "", name, err);
    strv_add(&next->groups, "system:serviceaccounts");
    strv_addf(&next->groups, "system:serviceaccounts:%s", parts.v[2]);
    return check_impersonation(c, user, "", "serviceaccounts", parts.v[2], parts.v[3], err);
}

static int become(struct cluster *c, const struct strv *names, const struct strv *values,
                  const struct api_user *user, struct api_user *next, struct error **err)
{
    for (size_t i = 0; i < names->len; i++) {
        const char *name = names->v[i], *value = values->v[i];
        if (str_eq_nocase(name, "Impersonate-User")) {
            if (become_user(c, user, value, next, err) < 0)
                return -1;
        } else if (str_eq_nocase(name, "Impersonate-Group")) {
            if (check_impersonation(c, user, "", "groups", "", value, err) < 0)
                return -1;
            strv_add_unique(&next->groups, value);
        }
    }
    if (!next->name)
        return fail_with(err, 500, "InternalError", NULL,
                         "Internal error occurred: requested impersonation without impersonating "
                         "a user");
    if (str_eq(next->name, "system:anonymous"))
        strv_add_unique(&next->groups, "system:unauthenticated");
    else if (!strv_has(&next->groups, "system:unauthenticated"))
        strv_add_unique(&next->groups, "system:authenticated");
    return 0;
}

int auth_impersonate(struct cluster *c, const struct strv *names, const struct strv *values,
                     struct api_user *user, struct error **err)
{
    struct api_user next = { 0 };
    if (!names->len)
        return 0;
    if (become(c, names, values, user, &next, err) < 0) {
        api_user_release(&next);
        return -1;
    }
    api_user_release(user);
    *user = next;
    return 0;
}

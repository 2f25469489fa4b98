#include "hack/devcloud/boot/sign_in.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/password.h"
#include "pkg/net/server.h"
#include "pkg/net/url.h"

#define USER "kube:admin"
#define CLIENT "openshift-challenging-client"
#define TOKEN_LIFE_S 86400
#define TIMEOUT_MS 5000
#define USERS "/apis/user.openshift.io/v1/users/~"

struct sign_in {
    struct cluster *cluster;
    struct kube_client *kube;
    const struct clock *clock;
    const struct rng *rng;
};

struct sign_in *sign_in_new(struct cluster *c, struct kube_client *kube, const struct clock *clock,
                            const struct rng *rng)
{
    struct sign_in *s = xnew(struct sign_in);
    *s = (struct sign_in){ c, kube, clock, rng };
    return s;
}

void sign_in_free(struct sign_in *s)
{
    free(s);
}

static void reply_tree(struct http_call *call, int status, const json *tree)
{
    cleanup_free char *text = json_give_text(tree);
    http_call_reply(call, status, "application/json", text);
}

/* ---- the server's description ---- */

static void describe(struct http_call *call)
{
    const char *host = http_call_header(call, "Host");
    cleanup_free char *issuer = xasprintf("https://%s", host ? host : "");
    cleanup_free char *authorize = xasprintf("%s/oauth/authorize", issuer);
    cleanup_free char *token = xasprintf("%s/oauth/token", issuer);
    cleanup_json json *doc = json_make(
        "{'issuer':%s,'authorization_endpoint':%s,'token_endpoint':%s,'scopes_supported':["
        "'user:check-access','user:full','user:info','user:list-projects'],"
        "'response_types_supported':['code','token'],'grant_types_supported':["
        "'authorization_code','implicit']}",
        issuer, authorize, token);
    reply_tree(call, 200, doc);
}

/* ---- the password ---- */

/* The part behind the colon, if it is kubeadmin's; NULL: none came. */
static struct secret *give_password(const char *authorization)
{
    cleanup_free char *plain = NULL;
    size_t len;
    if (!authorization || strncmp(authorization, "Basic ", 6) != 0 ||
        base64_parse(authorization + 6, strlen(authorization + 6), &plain, &len, NULL) < 0)
        return NULL;
    const char *colon = strchr(plain, ':');
    bool is_kubeadmin = str_starts(plain, "kubeadmin:") && strlen(plain) == len;
    return is_kubeadmin ? secret_new(colon + 1, strlen(colon + 1)) : NULL;
}

static bool is_right(const struct sign_in *s, const struct secret *password)
{
    struct opctx root = opctx_root(s->clock, s->rng, NULL, NULL);
    struct opctx ctx = opctx_with_timeout_ms(&root, TIMEOUT_MS);
    cleanup_json json *secret = NULL;
    cleanup_free char *hash = NULL;
    size_t len;
    if (kube_get(s->kube, &ctx, KUBE_REF(&GVR_SECRETS, "kube-system", "kubeadmin"), &secret, NULL) <
        0)
        return false;
    const char *encoded = json_path_str(secret, "data.kubeadmin");
    return encoded && base64_parse(encoded, strlen(encoded), &hash, &len, NULL) == 0 &&
           bcrypt_matches(secret_reveal(password, NULL), hash);
}

/* ---- tokens ---- */

static char *give_token(const struct sign_in *s)
{
    unsigned char bytes[32];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)rng_below(s->rng, 256);
    cleanup_free char *text = base64url_give(bytes, sizeof(bytes));
    return xasprintf("sha256~%s", text);
}

static void grant(const struct sign_in *s, struct http_call *call)
{
    static const char *const groups[] = { "system:cluster-admins", "system:authenticated:oauth",
                                          "system:masters", NULL };
    const char *host = http_call_header(call, "Host");
    cleanup_free char *token = give_token(s), *escaped = percent_give(token);
    cleanup_free char *location = xasprintf(
        "https://%s/oauth/token/implicit#access_token=%s&expires_in=%d&scope=user%%3Afull&"
        "token_type=Bearer",
        host ? host : "", escaped, TOKEN_LIFE_S);
    cluster_add_token(s->cluster, token, USER, groups, TOKEN_LIFE_S);
    http_call_set_header(call, "Location", location);
    http_call_set_header(call, "Cache-Control", "no-cache, no-store, max-age=0, must-revalidate");
    http_call_set_status(call, 302);
}

static void refuse(struct http_call *call, int status, const char *code, const char *text)
{
    cleanup_json json *doc = json_make("{'error':%s,'error_description':%s}", code, text);
    reply_tree(call, status, doc);
}

static void authorize(const struct sign_in *s, struct http_call *call)
{
    const char *query = http_call_query(call) ? http_call_query(call) : "";
    cleanup_free char *client = query_give(query, "client_id");
    cleanup_free char *type = query_give(query, "response_type");
    cleanup_secret struct secret *password = give_password(http_call_header(call, "Authorization"));
    if (!str_eq(client, CLIENT)) {
        refuse(call, 401, "unauthorized_client",
               "The client is not authorized to request a token using this method.");
    } else if (!str_eq(type, "token")) {
        refuse(call, 400, "unsupported_response_type",
               "The authorization server does not support obtaining a token using this method.");
    } else if (!http_call_header(call, "X-CSRF-Token")) {
        /* A browser must not be led to ask for the password in another site's name. */
        http_call_set_header(call, "Warning",
                             "199 Origin \"A non-empty X-CSRF-Token header is required to receive "
                             "basic-auth challenges\"");
        refuse(call, 401, "access_denied", "X-CSRF-Token is missing.");
    } else if (password && is_right(s, password)) {
        grant(s, call);
    } else {
        http_call_set_header(call, "Www-Authenticate", "Basic realm=\"openshift\"");
        refuse(call, 401, "access_denied", "The password is not right.");
    }
}

/* ---- who am I ---- */

static void tell_user(const struct sign_in *s, struct http_call *call)
{
    cleanup_json json *caller = NULL;
    if (cluster_give_caller(s->cluster, call, &caller, NULL) < 0 ||
        str_eq(json_path_str(caller, "username"), "system:anonymous")) {
        cleanup_json json *status = json_make(
            "{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':"
            "'Unauthorized','reason':'Unauthorized','code':401}");
        reply_tree(call, 401, status);
        return;
    }
    cleanup_json json *user =
        json_make("{'kind':'User','apiVersion':'user.openshift.io/v1','metadata':{'name':%s,"
                  "'creationTimestamp':null},'identities':null,'groups':%j}",
                  json_path_str(caller, "username"), json_give_copy(json_get(caller, "groups")));
    reply_tree(call, 200, user);
}

bool sign_in_intercept(void *arg, struct http_call *call)
{
    const struct sign_in *s = arg;
    const char *path = http_call_path(call);
    if (!str_eq(http_call_method(call), "GET"))
        return false;
    if (str_eq(path, "/.well-known/oauth-authorization-server"))
        describe(call);
    else if (str_eq(path, "/oauth/authorize"))
        authorize(s, call);
    else if (str_eq(path, USERS))
        tell_user(s, call);
    else
        return false;
    return true;
}

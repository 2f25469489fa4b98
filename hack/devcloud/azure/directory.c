/*
 * Azure Active Directory: discovery and tokens for applications, by secret, certificate or federated token. Access tokens
 * are JWTs that nobody verifies by signature; this server knows the ones it gave out by their text.
 */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/url.h"

#define TOKEN_LIFE_S 3599

struct grant {
    struct sim_call *call;
    const char *client_id;
    char *form;
    json *application; /* borrowed */
};

/* ---- errors ---- */

static void refuse(struct sim_call *c, int status, const char *error, int code, const char *text)
{
    char when[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), when);
    cleanup_free char *description =
        xasprintf("AADSTS%d: %s Trace ID: 00000000-0000-0000-0000-000000000000 Timestamp: %s", code,
                  text, when);
    cleanup_json json *body =
        json_make("{'error':%s,'error_description':%s,'error_codes':[%d],'timestamp':%s}", error,
                  description, code, when);
    sim_reply(c, status, body);
}

/* ---- proofs ---- */

static char *field(const struct grant *g, const char *name)
{
    return query_give(g->form, name); /* a form is a query in the body */
}

static json *give_claims(const char *jwt)
{
    cleanup_free char *text = NULL;
    size_t len;
    json *claims = NULL;
    if (jwt_give_payload(jwt, &text, &len, NULL) == 0)
        (void)json_parse_object(text, len, &claims, NULL);
    return claims;
}

static bool is_federated(const json *application, const json *claims)
{
    json *list = json_get(application, "federated");
    for (size_t i = 0; i < json_len(list); i++) {
        json *f = json_at(list, i);
        if (json_equal(json_get(f, "issuer"), json_get(claims, "iss")) &&
            json_equal(json_get(f, "subject"), json_get(claims, "sub")))
            return true;
    }
    return false;
}

/* A client's own assertion names itself as issuer; a foreign one must be among the federated credentials. */
static bool assertion_holds(struct grant *g, const char *assertion)
{
    cleanup_json json *claims = give_claims(assertion);
    int64_t now_s = clock_wall_ns(g->call->sim->cfg.clock) / NS_PER_S;
    if (!claims || json_path_int(claims, "exp", 0) < now_s) {
        refuse(g->call, 401, "invalid_client", 700024,
               "Client assertion is not within its valid time range.");
        return false;
    }
    bool own = str_eq(json_path_str(claims, "iss"), g->client_id);
    if (own && json_len(json_get(g->application, "certificates")) > 0)
        return true;
    if (!own && is_federated(g->application, claims))
        return true;
    refuse(g->call, 401, "invalid_client", own ? 700027 : 70021,
           own ? "The certificate with identifier used to sign the client assertion is not "
                 "registered on application."
               : "No matching federated identity record found for presented assertion.");
    return false;
}

static bool proof_holds(struct grant *g)
{
    cleanup_free char *secret = field(g, "client_secret");
    cleanup_free char *assertion = field(g, "client_assertion");
    if (!secret && !assertion) {
        refuse(g->call, 401, "invalid_client", 7000216,
               "'client_assertion', 'client_secret' or 'request' is required.");
        return false;
    }
    if (assertion)
        return assertion_holds(g, assertion);
    if (json_path_bool(g->application, "secretExpired", false)) {
        refuse(g->call, 401, "invalid_client", 7000222,
               "The provided client secret keys for app are expired.");
        return false;
    }
    if (str_eq(secret, json_path_str(g->application, "secret")))
        return true;
    refuse(g->call, 401, "invalid_client", 7000215, "Invalid client secret provided.");
    return false;
}

/* ---- tokens ---- */

static char *give_token(struct grant *g, const char *tenant, const char *resource)
{
    struct azure_sim *sim = g->call->sim;
    int64_t now_s = clock_wall_ns(sim->cfg.clock) / NS_PER_S;
    char id[UUID_LEN + 1];
    rng_uuid(sim->cfg.rng, id);
    cleanup_free char *issuer = xasprintf("https://sts.windows.net/%s/", tenant);
    const char *oid = json_path_str(g->application, "objectId");
    cleanup_json json *claims = json_make(
        "{'aud':%s,'iss':%s,'iat':%ld,'nbf':%ld,'exp':%ld,'appid':%s,'idtyp':'app',"
        "'oid':%s,'sub':%s,'tid':%s,'uti':%s,'ver':'1.0'}",
        resource, issuer, now_s, now_s, now_s + TOKEN_LIFE_S, g->client_id, oid, oid, tenant, id);
    json *roles = json_get(g->application, "graphRoles");
    if (json_len(roles) > 0)
        json_put(claims, "roles", json_give_copy(roles));
    cleanup_free char *text = json_give_text(claims);
    cleanup_free char *payload = base64url_give(text, strlen(text));
    cleanup_free char *header = base64url_give("{\"typ\":\"JWT\",\"alg\":\"RS256\"}", 27);
    return xasprintf("%s.%s.c2ltdWxhdGVk", header, payload);
}

static void grant_token(struct grant *g, const char *tenant, bool v2)
{
    cleanup_free char *target = field(g, v2 ? "scope" : "resource");
    cleanup_free char *resource = xstrdup(target ? target : "");
    if (v2 && str_ends(resource, "/.default"))
        resource[strlen(resource) - strlen("/.default")] = '\0';
    cleanup_free char *token = give_token(g, tenant, resource);
    cleanup_json json *body =
        v2 ? json_make(
                 "{'token_type':'Bearer','expires_in':%d,'ext_expires_in':%d,'access_token':%s}",
                 TOKEN_LIFE_S, TOKEN_LIFE_S, token)
           : json_make("{'token_type':'Bearer','expires_in':'3599','ext_expires_in':'3599','"
                       "resource':%s,'access_token':%s}",
                       resource, token);
    sim_reply(g->call, 200, body);
}

static void serve_token(struct sim_call *c, const char *tenant, bool v2)
{
    size_t len;
    struct grant g = { .call = c, .form = xstrdup(http_call_body(c->http, &len)) };
    cleanup_free char *client_id = field(&g, "client_id");
    g.client_id = client_id;
    g.application = client_id ? json_get(json_get(c->sim->state, "applications"), client_id) : NULL;
    if (!str_eq_nocase(tenant, json_path_str(c->sim->state, "tenant")) && !str_eq(tenant, "adfs"))
        refuse(c, 400, "invalid_request", 90002, "Tenant not found.");
    else if (!g.application)
        refuse(c, 400, "unauthorized_client", 700016,
               "Application with identifier was not found in the directory.");
    else if (json_path_bool(g.application, "disabled", false))
        refuse(c, 400, "unauthorized_client", 7000112, "Application is disabled.");
    else if (proof_holds(&g))
        grant_token(&g, tenant, v2);
    free(g.form);
}

/* ---- discovery ---- */

static void serve_discovery(struct sim_call *c, const char *tenant, bool adfs)
{
    const char *host = http_call_header(c->http, "Host");
    const char *middle = adfs ? "" : "/v2.0";
    cleanup_free char *issuer = xasprintf("https://%s/%s%s", host, tenant, middle);
    cleanup_free char *authorize =
        xasprintf("https://%s/%s/oauth2%s/authorize", host, tenant, middle);
    cleanup_free char *token = xasprintf("https://%s/%s/oauth2%s/token", host, tenant, middle);
    cleanup_free char *keys = xasprintf("https://%s/%s/discovery%s/keys", host, tenant, middle);
    cleanup_json json *body = json_make(
        "{'issuer':%s,'authorization_endpoint':%s,'token_endpoint':%s,'jwks_uri':%s,"
        "'response_types_supported':['code','id_token'],'subject_types_supported':['pairwise'],"
        "'token_endpoint_auth_methods_supported':['client_secret_post','private_key_jwt']}",
        issuer, authorize, token, keys);
    sim_reply(c, 200, body);
}

static void serve_instance(struct sim_call *c)
{
    const char *host = http_call_header(c->http, "Host");
    cleanup_free char *endpoint = xasprintf("https://%s/%s/v2.0/.well-known/openid-configuration",
                                            host, json_path_str(c->sim->state, "tenant"));
    cleanup_json json *body =
        json_make("{'tenant_discovery_endpoint':%s,'metadata':[{'preferred_network':%s,"
                  "'preferred_cache':%s,'aliases':[%s]}]}",
                  endpoint, host, host, host);
    sim_reply(c, 200, body);
}

bool directory_serve(struct sim_call *c)
{
    static const struct {
        const char *pattern;
        enum { TOKEN_V2, TOKEN_V1, DISCOVERY, INSTANCE, KEYS } what;
    } rows[] = {
        { "/common/discovery/instance", INSTANCE },
        { "/*/oauth2/v2.0/token", TOKEN_V2 },
        { "/*/oauth2/token", TOKEN_V1 },
        { "/*/.well-known/openid-configuration", DISCOVERY },
        { "/*/discovery/*keys", KEYS },
    };
    size_t i = 0;
    while (i < ARRAY_LEN(rows) && !pattern_matches(rows[i].pattern, c->path))
        i++;
    if (i == ARRAY_LEN(rows))
        return false;
    cleanup_free char *tenant = xstrndup(c->path + 1, strcspn(c->path + 1, "/"));
    cleanup_json json *keys = json_make("{'keys':[]}");
    switch (rows[i].what) {
    case TOKEN_V2:
    case TOKEN_V1:
        serve_token(c, tenant, rows[i].what == TOKEN_V2);
        break;
    case DISCOVERY:
        serve_discovery(c, tenant, str_eq(tenant, "adfs"));
        break;
    case INSTANCE:
        serve_instance(c);
        break;
    case KEYS:
        sim_reply(c, 200, keys);
        break;
    }
    return true;
}

/* ---- bearer tokens ---- */

static void refuse_token(struct sim_call *c, const char *code, const char *text)
{
    http_call_set_header(
        c->http, "WWW-Authenticate",
        "Bearer authorization_uri=\"https://login.windows.net/\", error=\"invalid_token\"");
    sim_reply_error(c, 401, code, "%s", text);
}

json *directory_authenticate(struct sim_call *c)
{
    const char *header = http_call_header(c->http, "Authorization");
    if (!header || !str_starts(header, "Bearer ")) {
        refuse_token(c, "AuthenticationFailed",
                     "Authentication failed. The 'Authorization' header is missing.");
        return NULL;
    }
    cleanup_json json *claims = give_claims(header + strlen("Bearer "));
    const char *audience = json_path_str(claims, "aud");
    if (!claims || !audience ||
        !(strstr(audience, "management.") || strstr(audience, "127.0.0.1") ||
          strstr(audience, "localhost"))) {
        refuse_token(c, "InvalidAuthenticationToken", "The access token is invalid.");
        return NULL;
    }
    if (json_path_int(claims, "exp", 0) < clock_wall_ns(c->sim->cfg.clock) / NS_PER_S) {
        refuse_token(c, "ExpiredAuthenticationToken", "The access token expired.");
        return NULL;
    }
    const char *client_id = json_path_str(claims, "appid");
    json *application =
        client_id ? json_get(json_get(c->sim->state, "applications"), client_id) : NULL;
    if (!application)
        refuse_token(c, "InvalidAuthenticationToken",
                     "The application of the token does not exist.");
    return application;
}

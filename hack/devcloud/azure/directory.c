/* Azure Active Directory: discovery and the token endpoints of both versions. */
#include "hack/devcloud/azure/directory.h"

#include <stdarg.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define TOKEN_LIFE_S 3599
#define SCOPE_SUFFIX "/.default"

char *grant_give_field(const struct grant *g, const char *name)
{
    return query_give(g->form, name); /* a form is a query in the body */
}

void directory_refuse(struct sim_call *c, int status, const char *error, int code, const char *fmt,
                      ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *text = xvasprintf(fmt, ap);
    va_end(ap);
    char when[TIME_TEXT_MAX], trace[UUID_LEN + 1], correlation[UUID_LEN + 1];
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), when);
    when[strcspn(when, "T")] = ' ';
    rng_uuid(c->sim->cfg.rng, trace);
    rng_uuid(c->sim->cfg.rng, correlation);
    cleanup_free char *description =
        xasprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", code, text, trace,
                  correlation, when);
    cleanup_free char *uri = xasprintf("https://login.microsoftonline.com/error?code=%d", code);
    cleanup_json json *body = json_make("{'error':%s,'error_description':%s,'error_codes':[%d],"
                                        "'timestamp':%s,'trace_id':%s,'correlation_id':%s,"
                                        "'error_uri':%s}",
                                        error, description, code, when, trace, correlation, uri);
    sim_reply(c, status, body);
}

/* ---- tokens ---- */

/* What the token is for, from scope (version 2) or resource. NULL after answering. */
static char *give_resource(struct grant *g, bool v2)
{
    const char *name = v2 ? "scope" : "resource";
    char *target = grant_give_field(g, name);
    if (!target || !*target) {
        directory_refuse(g->call, 400, "invalid_request", 900144,
                         "The request body must contain the following parameter: '%s'.", name);
        free(target);
        return NULL;
    }
    if (!v2)
        return target;
    if (!str_ends(target, SCOPE_SUFFIX)) {
        directory_refuse(g->call, 400, "invalid_scope", 1002012,
                         "The provided value for scope %s is not valid. Client credential flows "
                         "must have a scope value with /.default suffixed to the resource "
                         "identifier (application ID URI).",
                         target);
        free(target);
        return NULL;
    }
    target[strlen(target) - strlen(SCOPE_SUFFIX)] = '\0';
    return target;
}

/* Version 1 writes numbers as text, and more of them. */
static json *give_answer(const struct grant *g, const char *resource, const char *token, bool v2)
{
    if (v2)
        return json_make(
            "{'token_type':'Bearer','expires_in':%d,'ext_expires_in':%d,'access_token':%s}",
            TOKEN_LIFE_S, TOKEN_LIFE_S, token);
    long long now_s = clock_wall_ns(g->call->sim->cfg.clock) / NS_PER_S;
    cleanup_free char *life = xasprintf("%d", TOKEN_LIFE_S);
    cleanup_free char *expires_on = xasprintf("%lld", now_s + TOKEN_LIFE_S);
    cleanup_free char *not_before = xasprintf("%lld", now_s);
    return json_make("{'token_type':'Bearer','expires_in':%s,'ext_expires_in':%s,'expires_on':%s,"
                     "'not_before':%s,'resource':%s,'access_token':%s}",
                     life, life, expires_on, not_before, resource, token);
}

static bool request_is_complete(struct grant *g, const char *tenant)
{
    struct sim_call *c = g->call;
    cleanup_free char *type = grant_give_field(g, "grant_type");
    if (strcmp(c->method, "POST") != 0)
        directory_refuse(c, 400, "invalid_request", 900561,
                         "The endpoint only accepts POST requests. Received a %s request.",
                         c->method);
    else if (!str_eq_nocase(tenant, json_path_str(c->sim->state, "tenant")) &&
             !str_eq(tenant, "adfs"))
        directory_refuse(c, 400, "invalid_request", 90002, "Tenant '%s' not found.", tenant);
    else if (!type || !g->client_id)
        directory_refuse(c, 400, "invalid_request", 900144,
                         "The request body must contain the following parameter: '%s'.",
                         type ? "client_id" : "grant_type");
    else if (strcmp(type, "client_credentials") != 0)
        directory_refuse(c, 400, "unsupported_grant_type", 70003,
                         "The app requested an unsupported grant type '%s'.", type);
    else if (!g->application)
        directory_refuse(c, 400, "unauthorized_client", 700016,
                         "Application with identifier '%s' was not found in the directory '%s'.",
                         g->client_id, tenant);
    else if (json_path_bool(g->application, "disabled", false))
        directory_refuse(c, 400, "unauthorized_client", 7000112, "Application '%s' is disabled.",
                         g->client_id);
    else
        return true;
    return false;
}

static void serve_token(struct sim_call *c, const char *tenant, bool v2)
{
    size_t len;
    struct grant g = { .call = c, .form = http_call_body(c->http, &len) };
    cleanup_free char *client_id = grant_give_field(&g, "client_id");
    g.client_id = client_id;
    g.application = client_id ? json_get(json_get(c->sim->state, "applications"), client_id) : NULL;
    if (!request_is_complete(&g, tenant) || !grant_proof_holds(&g))
        return;
    /* AD FS has one endpoint only, which takes scopes like version 2 and resources like version 1. */
    cleanup_free char *named = grant_give_field(&g, "resource");
    v2 = v2 || (str_eq(tenant, "adfs") && !named);
    cleanup_free char *resource = give_resource(&g, v2);
    if (!resource)
        return;
    cleanup_free char *token = directory_give_token(&g, resource, TOKEN_LIFE_S);
    cleanup_json json *body = give_answer(&g, resource, token, v2);
    sim_reply(c, 200, body);
}

/* ---- discovery ---- */

static void serve_discovery(struct sim_call *c, const char *tenant)
{
    const char *host = sim_host(c);
    const char *middle = str_eq(tenant, "adfs") ? "" : "/v2.0";
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
    const char *host = sim_host(c);
    cleanup_free char *endpoint = xasprintf("https://%s/%s/v2.0/.well-known/openid-configuration",
                                            host, json_path_str(c->sim->state, "tenant"));
    cleanup_json json *body =
        json_make("{'tenant_discovery_endpoint':%s,'metadata':[{'preferred_network':%s,"
                  "'preferred_cache':%s,'aliases':[%s]}]}",
                  endpoint, host, host, host);
    sim_reply(c, 200, body);
}

/* Nobody checks the signature of an access token but the simulator: there is no public key. */
static void serve_keys(struct sim_call *c)
{
    cleanup_json json *body = json_make("{'keys':[]}");
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
    while (i < ARRAY_LEN(rows) && !str_matches_nocase(rows[i].pattern, c->path))
        i++;
    if (i == ARRAY_LEN(rows))
        return false;
    cleanup_free char *tenant = xstrndup(c->path + 1, strcspn(c->path + 1, "/"));
    switch (rows[i].what) {
    case TOKEN_V2:
    case TOKEN_V1:
        serve_token(c, tenant, rows[i].what == TOKEN_V2);
        break;
    case DISCOVERY:
        serve_discovery(c, tenant);
        break;
    case INSTANCE:
        serve_instance(c);
        break;
    case KEYS:
        serve_keys(c);
        break;
    }
    return true;
}

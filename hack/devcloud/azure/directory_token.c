/*
 * Access tokens: given to applications, presented to ARM. They look like the real ones, which only their resource may
 * verify; here the resource is this simulator, and the signature a keyed digest. The key is the same in every process, so
 * that a restart does not invalidate what clients hold; it protects nothing.
 */
#include <string.h>

#include "hack/devcloud/azure/directory.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

#define HEADER "{\"typ\":\"JWT\",\"alg\":\"RS256\"}"

static char *give_signature(const char *input, size_t len)
{
    static const char key[] = "simulated directory";
    unsigned char digest[SHA256_LEN];
    hmac_sha256(key, strlen(key), input, len, digest);
    return base64url_give(digest, sizeof(digest));
}

char *directory_give_token(const struct grant *g, const char *resource, int64_t life_s)
{
    struct azure_sim *sim = g->call->sim;
    const char *tenant = json_path_str(sim->state, "tenant");
    int64_t now_s = clock_wall_ns(sim->cfg.clock) / NS_PER_S;
    char id[UUID_LEN + 1];
    rng_uuid(sim->cfg.rng, id);
    cleanup_free char *issuer = xasprintf("https://sts.windows.net/%s/", tenant);
    cleanup_json json *claims = json_make(
        "{'aud':%s,'iss':%s,'iat':%ld,'nbf':%ld,'exp':%ld,'appid':%s,'appidacr':%s,'idp':%s,"
        "'idtyp':'app','tid':%s,'uti':%s,'ver':'1.0'}",
        resource, issuer, now_s, now_s, now_s + life_s, g->client_id, g->by_assertion ? "2" : "1",
        issuer, tenant, id);
    const char *oid = json_path_str(g->application, "objectId");
    if (oid) { /* without a service principal there is none */
        json_put(claims, "oid", json_new_str(oid));
        json_put(claims, "sub", json_new_str(oid));
    }
    json *roles = json_get(g->application, "graphRoles");
    if (json_len(roles) > 0)
        json_put(claims, "roles", json_give_copy(roles));
    cleanup_free char *text = json_give_text(claims);
    cleanup_free char *payload = base64url_give(text, strlen(text));
    cleanup_free char *header = base64url_give(HEADER, strlen(HEADER));
    cleanup_free char *input = xasprintf("%s.%s", header, payload);
    cleanup_free char *signature = give_signature(input, strlen(input));
    return xasprintf("%s.%s", input, signature);
}

/* ---- bearer tokens ---- */

struct service {
    const char *audiences[5];
    const char *code;     /* of every refusal; NULL: one for each cause */
    const char *resource; /* named by the challenge; NULL: the challenge is ARM's */
};
static const struct service services[] = {
    [SERVICE_ARM] = { { "https://management.azure.com", "https://management.core.windows.net",
                        "https://management.usgovcloudapi.net",
                        "https://management.core.usgovcloudapi.net" },
                      NULL,
                      NULL },
    [SERVICE_GRAPH] = { { "https://graph.microsoft.com", "https://graph.microsoft.us",
                          "https://graph.windows.net" },
                        NULL,
                        NULL },
    [SERVICE_VAULT] = { { "https://vault.azure.net", "https://vault.usgovcloudapi.net" },
                        "Unauthorized",
                        "https://vault.azure.net" },
    /* An account is its own resource: the host that was dialled. */
    [SERVICE_COSMOS] = { { NULL }, "Unauthorized", NULL },
    [SERVICE_STORAGE] = { { "https://storage.azure.com" }, "InvalidAuthenticationInfo", NULL },
};

static char *give_challenge(const struct service *s, const char *tenant, const char *text)
{
    if (s->resource)
        return xasprintf("Bearer authorization=\"https://login.microsoftonline.com/%s\", "
                         "resource=\"%s\"",
                         tenant, s->resource);
    return xasprintf("Bearer authorization_uri=\"https://login.windows.net/%s\", "
                     "error=\"invalid_token\", error_description=\"%s\"",
                     tenant, text);
}

static json *refuse_token(struct sim_call *c, enum sim_service service, const char *code,
                          const char *text)
{
    const struct service *s = &services[service];
    cleanup_free char *challenge = give_challenge(s, json_path_str(c->sim->state, "tenant"), text);
    sim_set_header(c, "WWW-Authenticate", challenge);
    sim_reply_error(c, 401, s->code ? s->code : code, "%s", text);
    return NULL;
}

/* The claims of a token that came from here; NULL for anything else. */
static json *give_claims(const char *token)
{
    const char *dot = strrchr(token, '.');
    cleanup_free char *want = dot ? give_signature(token, (size_t)(dot - token)) : NULL;
    if (!want || strcmp(dot + 1, want) != 0)
        return NULL;
    cleanup_free char *text = NULL;
    size_t len;
    json *claims = NULL;
    if (jwt_give_payload(token, &text, &len, NULL) == 0)
        (void)json_parse_object(text, len, &claims, NULL);
    return claims;
}

static bool same_but_slash(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    while (a_len > 0 && a[a_len - 1] == '/')
        a_len--;
    return a_len == b_len && strncmp(a, b, a_len) == 0;
}

/* The service's own names, and the address that the client dialled. AD FS clouds give ARM a name of its own (az cloud
 * register: activeDirectoryResourceId). */
static bool is_audience(const struct sim_call *c, const char *audience, enum sim_service service)
{
    const char *const *names = services[service].audiences;
    for (size_t i = 0; names[i]; i++)
        if (same_but_slash(audience, names[i]))
            return true;
    cleanup_free char *here = xasprintf("https://%s", sim_host(c));
    cleanup_free char *named = xasprintf("https://%s/arm", sim_host(c));
    return same_but_slash(audience, here) ||
           (service == SERVICE_ARM && same_but_slash(audience, named));
}

json *directory_authenticate(struct sim_call *c, enum sim_service service)
{
    const char *header = sim_header(c, "Authorization");
    if (header && str_starts(header, "Bearer "))
        return directory_check_token(c, service, header + strlen("Bearer "));
    return refuse_token(c, service, "AuthenticationFailed",
                        "Authentication failed. The 'Authorization' header is missing.");
}

json *directory_check_token(struct sim_call *c, enum sim_service service, const char *token)
{
    cleanup_json json *claims = give_claims(token);
    const char *audience = json_path_str(claims, "aud");
    const char *client_id = json_path_str(claims, "appid");
    if (!audience || !client_id)
        return refuse_token(c, service, "InvalidAuthenticationToken",
                            "The access token is invalid.");
    if (!is_audience(c, audience, service))
        return refuse_token(c, service, "InvalidAuthenticationToken",
                            "The access token has been obtained for wrong audience or resource.");
    if (json_path_int(claims, "exp", 0) < clock_wall_ns(c->sim->cfg.clock) / NS_PER_S)
        return refuse_token(c, service, "ExpiredAuthenticationToken",
                            "The access token expiry is past.");
    if (!str_eq(json_path_str(claims, "tid"), json_path_str(c->sim->state, "tenant")))
        return refuse_token(c, service, "InvalidAuthenticationTokenTenant",
                            "The access token is from the wrong issuer.");
    json *application = json_get(json_get(c->sim->state, "applications"), client_id);
    free(c->caller_id);
    c->caller_id = xstrdup(client_id);
    return application ? application
                       : refuse_token(c, service, "InvalidAuthenticationToken",
                                      "The application of the token does not exist.");
}

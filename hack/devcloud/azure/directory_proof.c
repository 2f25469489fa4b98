/* How an application proves who it is: a secret, a certificate, or a token of a federated issuer. */
#include <string.h>

#include "hack/devcloud/azure/directory.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define FEDERATED_AUDIENCE "api://AzureADTokenExchange"
/* Clocks of clients and of the directory may differ. */
#define SKEW_S 300

static json *give_claims(const char *jwt)
{
    cleanup_free char *text = NULL;
    size_t len;
    json *claims = NULL;
    if (jwt_give_payload(jwt, &text, &len, NULL) == 0)
        (void)json_parse_object(text, len, &claims, NULL);
    return claims;
}

static bool is_timely(const struct grant *g, const json *claims)
{
    int64_t now_s = clock_wall_ns(g->call->sim->cfg.clock) / NS_PER_S;
    return json_path_int(claims, "exp", 0) >= now_s &&
           json_path_int(claims, "nbf", 0) <= now_s + SKEW_S;
}

/* aud is one text or a list. */
static bool has_audience(const json *claims, const char *want)
{
    json *aud = json_get(claims, "aud");
    for (size_t i = 0; json_is_array(aud) && i < json_len(aud); i++)
        if (str_eq(json_str(json_at(aud, i)), want))
            return true;
    return str_eq(json_str(aud), want);
}

static bool is_federated(const struct grant *g, const json *claims)
{
    json *list = json_get(g->application, "federated");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        json *f = json_at(list, i);
        const char *audience = json_path_str(f, "audience");
        if (!json_path_str(f, "issuer") || !json_path_str(f, "subject"))
            continue; /* would match a token that names neither */
        if (str_eq(json_path_str(f, "issuer"), json_path_str(claims, "iss")) &&
            str_eq(json_path_str(f, "subject"), json_path_str(claims, "sub")) &&
            has_audience(claims, audience ? audience : FEDERATED_AUDIENCE))
            return true;
    }
    return false;
}

static bool federated_token_holds(struct grant *g, const json *claims)
{
    if (is_federated(g, claims))
        return true;
    const char *iss = json_path_str(claims, "iss"), *sub = json_path_str(claims, "sub");
    directory_refuse(g->call, 401, "invalid_client", 70021,
                     "No matching federated identity record found for presented assertion. "
                     "Assertion Issuer: '%s'. Assertion Subject: '%s'.",
                     iss ? iss : "", sub ? sub : "");
    return false;
}

static bool is_signed_by_registered(const struct grant *g, const char *assertion)
{
    json *list = json_get(g->application, "certificates");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const char *pem = json_str(json_at(list, i));
        if (pem && jwt_verify(assertion, pem, NULL) == 0)
            return true;
    }
    return false;
}

/* A client's own assertion: for this token endpoint, about itself, signed with a registered certificate. */
static bool own_assertion_holds(struct grant *g, const char *assertion, const json *claims)
{
    cleanup_free char *here = xasprintf("https://%s%s", sim_host(g->call), g->call->path);
    if (!has_audience(claims, here))
        directory_refuse(g->call, 401, "invalid_client", 700023,
                         "Client assertion audience claim does not match Realm issuer.");
    else if (!str_eq(json_path_str(claims, "sub"), g->client_id))
        directory_refuse(g->call, 401, "invalid_client", 700021,
                         "Client assertion application identifier doesn't match 'client_id' "
                         "parameter.");
    else if (!is_signed_by_registered(g, assertion))
        directory_refuse(g->call, 401, "invalid_client", 700027,
                         "The certificate with identifier used to sign the client assertion is not "
                         "registered on application.");
    else
        return true;
    return false;
}

static bool assertion_holds(struct grant *g, const char *assertion)
{
    cleanup_free char *type = grant_give_field(g, "client_assertion_type");
    cleanup_json json *claims = give_claims(assertion);
    g->by_assertion = true;
    if (!str_eq(type, ASSERTION_TYPE)) {
        directory_refuse(g->call, 400, "invalid_request", 900144,
                         "The request body must contain the following parameter: "
                         "'client_assertion_type'.");
        return false;
    }
    if (!claims) {
        directory_refuse(g->call, 401, "invalid_client", 50027,
                         "JWT token is invalid or malformed.");
        return false;
    }
    if (!is_timely(g, claims)) {
        directory_refuse(g->call, 401, "invalid_client", 700024,
                         "Client assertion is not within its valid time range.");
        return false;
    }
    return str_eq(json_path_str(claims, "iss"), g->client_id)
               ? own_assertion_holds(g, assertion, claims)
               : federated_token_holds(g, claims);
}

/* One of those that Graph's addPassword made, and its time is not over. */
static bool is_password(const struct grant *g, const char *secret)
{
    json *list = json_get(g->application, "passwords");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const json *entry = json_at(list, i);
        const char *until = json_path_str(entry, "endDateTime");
        int64_t end_ns;
        if (str_eq(secret, json_path_str(entry, "secretText")) &&
            (!until || !time_parse_rfc3339(until, &end_ns) ||
             clock_wall_ns(g->call->sim->cfg.clock) < end_ns))
            return true;
    }
    return false;
}

static bool secret_holds(struct grant *g, const char *secret)
{
    if (is_password(g, secret))
        return true;
    if (json_path_bool(g->application, "secretExpired", false))
        directory_refuse(g->call, 401, "invalid_client", 7000222,
                         "The provided client secret keys for app '%s' are expired.", g->client_id);
    else if (!str_eq(secret, json_path_str(g->application, "secret")))
        directory_refuse(g->call, 401, "invalid_client", 7000215,
                         "Invalid client secret provided. Ensure the secret being sent in the "
                         "request is the client secret value, not the client secret ID, for a "
                         "secret added to app '%s'.",
                         g->client_id);
    else
        return true;
    return false;
}

bool grant_proof_holds(struct grant *g)
{
    cleanup_free char *secret = grant_give_field(g, "client_secret");
    cleanup_free char *assertion = grant_give_field(g, "client_assertion");
    if (assertion)
        return assertion_holds(g, assertion);
    if (secret)
        return secret_holds(g, secret);
    directory_refuse(g->call, 401, "invalid_client", 7000216,
                     "'client_assertion', 'client_secret' or 'request' is required for the "
                     "'client_credentials' grant type.");
    return false;
}

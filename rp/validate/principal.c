/* Tokens: that a principal gets one, that it says who it is, and that it may not do too much. */
#include <string.h>

#include "pkg/api/refuse.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/validate/dynamic_impl.h"

#define TARGET "properties.servicePrincipalProfile"
#define CODE_CREDENTIALS "InvalidServicePrincipalCredentials"
#define FORBIDDEN_ROLE "Application.ReadWrite.OwnedBy"

/* Without one of these Azure Resource Manager takes no token: the application has no service principal in the tenant, or none
 * yet. */
static const char *const identifying[] = { "altsecid", "oid", "puid" };

static const char *const no_claims[WHO_COUNT] = {
    [WHO_CLUSTER] = "The provided service principal does not give an access token with at least "
                    "one of the claims 'altsecid', 'oid' or 'puid'.",
    [WHO_PROVIDER] = "The Azure Red Hat Openshift resource provider service principal has been "
                     "removed from your tenant. To restore, please unregister and then "
                     "re-register the Azure Red Hat OpenShift resource provider.",
};

static const struct dynamic_principal *principal(const struct validation *v, enum who who)
{
    return who == WHO_PROVIDER ? &v->cfg->provider : &v->cfg->service;
}

static bool identifies(const json *claims)
{
    for (size_t i = 0; i < ARRAY_LEN(identifying); i++)
        if (json_get(claims, identifying[i]))
            return true;
    return false;
}

/* What the directory says of the credential, without the IDs of its own requests. */
static int refuse_credential(const struct error *why, struct error **err)
{
    const char *said = strstr(error_text(why), error_get_code(why));
    const char *from = said ? said : error_text(why);
    const char *end = strstr(from, " Trace ID");
    size_t len = end ? (size_t)(end - from) : strcspn(from, "\r\n");
    cleanup_free char *text = xstrndup(from, len);
    return api_refuse(err, CODE_CREDENTIALS, TARGET,
                      "The provided service principal credentials are invalid: %s", text);
}

/* Only the directory's own refusals are the customer's to act on; the provider's credential is not. */
static int fail_token(enum who who, struct error **why, struct error **err)
{
    const char *code = error_get_code(*why);
    if (who == WHO_PROVIDER || !code || !str_starts(code, "AADSTS"))
        return error_move(err, why);
    cleanup_error struct error *owned = take(*why);
    return refuse_credential(owned, err);
}

/* New applications and secrets take a while to be known everywhere. */
static bool may_heal(const struct error *e)
{
    const char *code = error_get_code(e);
    return error_is_retriable(e) || str_eq(code, "AADSTS700016") || str_eq(code, "AADSTS7000215");
}

static int read_claims(const struct validation *v, enum who who, const char *audience, bool fresh,
                       json **ret, struct error **err)
{
    cleanup_free char *scope = xasprintf("%s/.default", audience);
    cleanup_secret struct secret *token = NULL;
    if (azure_token_get(principal(v, who)->tokens, v->ctx, scope, fresh, &token, err) < 0)
        return -1;
    if (azure_token_claims(token, ret, NULL) < 0)
        return api_refuse(err, "InvalidServicePrincipalToken", TARGET,
                          "The provided service principal generated an invalid token.");
    return 0;
}

static int look(const struct validation *v, enum who who, struct error **err)
{
    cleanup_json json *claims = NULL;
    if (read_claims(v, who, v->cfg->cloud->arm, true, &claims, err) < 0)
        return -1;
    if (identifies(claims))
        return 0;
    return api_refuse(err, "InvalidServicePrincipalClaims", TARGET, "%s", no_claims[who]);
}

int check_claims(struct validation *v, enum who who, struct error **err)
{
    const struct dynamic_intervals *i = &v->cfg->intervals;
    struct poll poll = poll_begin(v->ctx, i->token_poll_ms, i->token_timeout_ms);
    for (;;) {
        cleanup_error struct error *e = NULL;
        bool again = false;
        if (look(v, who, &e) == 0)
            return 0;
        bool heals = may_heal(e) || str_eq(error_get_code(e), "InvalidServicePrincipalClaims");
        if (heals && poll_again(&poll, v->ctx, &again, err) < 0)
            return -1;
        if (!again)
            return fail_token(who, &e, err);
        log_info(v->ctx->log, "the token of the %s is asked for again: %s",
                 who == WHO_PROVIDER ? "resource provider" : "cluster", error_text(e));
    }
}

int check_directory_roles(struct validation *v, enum who who, struct error **err)
{
    cleanup_json json *claims = NULL;
    struct error *e = NULL;
    if (read_claims(v, who, v->cfg->cloud->graph, false, &claims, &e) < 0)
        return fail_token(who, &e, err);
    const json *roles = json_get(claims, "roles");
    for (size_t i = 0; i < json_len(roles); i++)
        if (str_eq(json_str(json_at(roles, i)), FORBIDDEN_ROLE))
            return api_refuse(err, CODE_CREDENTIALS, TARGET,
                              "The provided service principal must not have the %s permission.",
                              FORBIDDEN_ROLE);
    return 0;
}

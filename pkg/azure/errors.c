#include "pkg/azure/errors.h"

#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/strv.h"

#define LATER "Please retry later"

static bool is_one_of(const char *code, const char *const *codes)
{
    for (; *codes; codes++)
        if (str_eq(code, *codes))
            return true;
    return false;
}

static bool is_missing_right(const char *code)
{
    static const char *const codes[] = { "AuthorizationFailed", "LinkedAuthorizationFailed", NULL };
    return is_one_of(code, codes);
}

bool azure_error_mentions(const struct error *e, const char *text)
{
    const char *body = error_get_body(e);
    return strstr(error_text(e), text) || (body && strstr(body, text));
}

/* A detail's message may be JSON text with an envelope of its own. */
static bool is_detail_of_right(const json *detail)
{
    const char *code = json_path_str(detail, "code");
    const char *message = json_path_str(detail, "message");
    cleanup_json json *inner = NULL;
    if (is_missing_right(code))
        return true;
    if (!str_eq(code, "Forbidden") || !message ||
        json_parse(message, strlen(message), &inner, NULL) < 0)
        return false;
    const char *nested = json_path_str(inner, "error.code");
    return is_missing_right(nested ? nested : json_path_str(inner, "code"));
}

static bool has_detail_of_right(const struct error *e)
{
    const char *body = error_get_body(e);
    cleanup_json json *document = NULL;
    if (!body || json_parse(body, strlen(body), &document, NULL) < 0)
        return false;
    const json *details = json_path(document, "error.details");
    if (!details)
        details = json_path(document, "details");
    for (size_t i = 0; i < json_len(details); i++)
        if (is_detail_of_right(json_at(details, i)))
            return true;
    return false;
}

bool azure_error_is_authorization(const struct error *e)
{
    const char *code = error_get_code(e);
    if (is_missing_right(code))
        return true;
    if (str_eq(code, "InvalidTemplateDeployment"))
        return azure_error_mentions(e, "Authorization failed for template resource");
    return str_eq(code, "DeploymentFailed") && has_detail_of_right(e);
}

bool azure_error_is_new_credential(const struct error *e)
{
    static const char *const codes[] = { "AADSTS700016", "AADSTS7000215", NULL };
    return is_one_of(error_get_code(e), codes);
}

bool azure_error_is_transient(const struct error *e)
{
    static const char *const codes[] = { "AADSTS7000215", "AADSTS7000216", NULL };
    int status = e ? error_get_status(e) : 0;
    if (!e || error_is(e, ERR_CANCELLED) || error_is_marked_terminal(e))
        return false;
    if (status == 409 && (error_get_retry_after(e) >= 0 || azure_error_mentions(e, LATER)))
        return true;
    return status == 429 || azure_error_mentions(e, "RetryableError") ||
           is_one_of(error_get_code(e), codes);
}

#include "rp/frontend/cloud_error.h"

#include <stdarg.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define INTERNAL "InternalServerError"
#define INTERNAL_TEXT "Internal server error."

static const struct {
    const char *code;
    int status;
} codes[] = {
    { INTERNAL, 500 },
    { "InvalidParameter", 400 },
    { "InvalidRequestContent", 400 },
    { "InvalidResource", 400 },
    { "UnsupportedMediaType", 415 },
    { "InvalidSubscriptionID", 400 },
    { "ResourceGroupNotFound", 400 },
    { "InvalidResourceNamespace", 400 },
    { "InvalidResourceType", 400 },
    { "InvalidLocation", 400 },
    { "InvalidOperationID", 400 },
    { "ResourceNotFound", 404 },
    { "NotFound", 404 },
    { "Forbidden", 403 },
    { "MismatchingResourceID", 400 },
    { "MismatchingResourceName", 400 },
    { "MismatchingResourceType", 400 },
    { "PropertyChangeNotAllowed", 400 },
    { "RequestNotAllowed", 400 },
    { "InvalidSubscriptionState", 400 },
    { "DuplicateClientID", 400 },
    { "DuplicateResourceGroup", 400 },
    { "InvalidCIDRRange", 400 },
    { "InvalidNetworkAddress", 400 },
    { "ResourceQuotaExceeded", 400 },
    { "ResourceProviderNotRegistered", 400 },
    { "PlatformWorkloadIdentityMismatch", 400 },
    { "ThrottlingLimitExceeded", 429 },
    { "InvalidServicePrincipalCredentials", 409 },
};

static int code_status(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (str_eq(codes[i].code, code))
            return codes[i].status;
    return 0;
}

static int set(struct error **err, int status, const char *code, const char *target,
               const char *message)
{
    error_set(err, err_kind_from_http_status(status), "%s", message);
    error_status(err, status);
    error_code(err, code);
    if (target)
        error_target(err, target);
    return -1;
}

int cloud_error(struct error **err, const char *code, const char *target, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *message = xvasprintf(fmt, ap);
    va_end(ap);
    int status = code_status(code);
    return set(err, status ? status : 500, code, target, message);
}

int cloud_error_with_status(struct error **err, int status, const char *code, const char *target,
                            const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *message = xvasprintf(fmt, ap);
    va_end(ap);
    return set(err, status, code, target, message);
}

int cloud_error_internal(struct error **err)
{
    return cloud_error(err, INTERNAL, NULL, INTERNAL_TEXT);
}

bool cloud_error_is(const struct error *e)
{
    const char *code = error_get_code(e);
    return code && code_status(code) > 0;
}

int cloud_error_status(const struct error *e)
{
    if (!cloud_error_is(e))
        return 500;
    return error_get_status(e);
}

json *cloud_error_give_body(const struct error *e)
{
    if (!cloud_error_is(e))
        return json_make("{'error':{'code':%s,'message':%s}}", INTERNAL, INTERNAL_TEXT);
    json *inner = json_make("{'code':%s,'message':%s}", error_get_code(e), error_text(e));
    if (error_get_target(e))
        json_put(inner, "target", json_new_str(error_get_target(e)));
    json *details = NULL;
    const char *body = error_get_body(e);
    if (body && json_parse(body, strlen(body), &details, NULL) == 0 && json_is_array(details))
        json_put(inner, "details", take(details));
    json_free(details);
    return json_make("{'error':%j}", inner);
}

/* The answer of an OAuth 2 token endpoint, in the dialects of Azure. */
#include <string.h>

#include "pkg/azure/token_impl.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static int fail(const struct http_response *response, const json *body, const char *who,
                struct error **err)
{
    const char *description = json_path_str(body, "error_description");
    const char *code = json_path_str(body, "error");
    if (description)
        error_set(err, err_kind_from_http_status(response->status), "%s", description);
    else
        error_set(err, err_kind_from_http_status(response->status), "%s answered %d%s%s", who,
                  response->status, code ? " " : "", code ? code : "");
    error_status(err, response->status);
    /* The number behind AADSTS is what callers tell failures apart by. */
    const char *at = description ? strstr(description, "AADSTS") : NULL;
    if (at) {
        cleanup_free char *number =
            xstrndup(at, strlen("AADSTS") + strspn(at + strlen("AADSTS"), "0123456789"));
        error_code(err, number);
    }
    return -1;
}

/* The v1 endpoint and IMDS write numbers as text. -1: absent, or none that fits. */
static int64_t read_number(const json *body, const char *name, int64_t max)
{
    const char *text = json_path_str(body, name);
    long long number;
    if (text)
        return str_to_int(text, 0, max, &number) ? number : -1;
    number = json_path_int(body, name, -1);
    return number <= max ? number : -1;
}

int token_read(const struct http_response *response, const char *who, int64_t now_wall_ns,
               struct fetched_token *ret, struct error **err)
{
    cleanup_json_wiped json *body = NULL;
    bool readable =
        json_parse_object(buf_str(&response->body), response->body.len, &body, NULL) == 0;
    if (response->status != 200)
        return fail(response, body, who, err);
    const char *token = json_path_str(body, "access_token");
    if (!readable || !token)
        return error_set(err, ERR_INTERNAL, "%s answered 200 without an access token", who);
    /* IMDS hands out tokens that it has kept for a while; their expires_in counts from the issue. */
    int64_t end_s = read_number(body, "expires_on", INT64_MAX / NS_PER_S);
    int64_t lifetime_s = read_number(body, "expires_in", INT32_MAX);
    if (end_s < 0 && lifetime_s < 0)
        return error_set(err, ERR_INTERNAL, "the token of %s has no sensible lifetime", who);
    ret->token = secret_new(token, strlen(token));
    ret->expires_wall_ns = end_s >= 0 ? end_s * NS_PER_S : now_wall_ns + lifetime_s * NS_PER_S;
    return 0;
}

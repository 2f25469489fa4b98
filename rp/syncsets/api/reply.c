/* Replies: objects with their ETag, and Status bodies. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"

void sets_reply_object(struct http_call *call, int status, const json *object)
{
    const char *version = json_path_str(object, "metadata.resourceVersion");
    if (version) {
        cleanup_free char *etag = xasprintf("\"%s\"", version);
        http_call_set_header(call, "ETag", etag);
    }
    http_call_set_status(call, status);
    http_call_set_header(call, "Content-Type", "application/json");
    json_write(http_call_out(call), object);
    buf_addc(http_call_out(call), '\n');
}

static const struct {
    enum err_kind kind;
    int code;
    const char *reason;
    bool hides; /* the text may tell of insides */
} kinds[] = {
    { ERR_INVALID, 400, "BadRequest", false },
    { ERR_UNAUTHORIZED, 401, "Unauthorized", false },
    { ERR_FORBIDDEN, 403, "Forbidden", false },
    { ERR_NOT_FOUND, 404, "NotFound", false },
    { ERR_METHOD, 405, "MethodNotAllowed", false },
    { ERR_EXISTS, 409, "AlreadyExists", false },
    { ERR_CONFLICT, 409, "Conflict", false },
    { ERR_GONE, 410, "Expired", false },
    { ERR_TOO_LARGE, 413, "RequestEntityTooLarge", false },
    { ERR_UNSUPPORTED, 415, "UnsupportedMediaType", false },
    { ERR_UNPROCESSABLE, 422, "Invalid", false },
    { ERR_THROTTLED, 429, "TooManyRequests", false },
    { ERR_UNAVAILABLE, 503, "ServiceUnavailable", true },
    { ERR_CANCELLED, 503, "ServiceUnavailable", true },
    { ERR_TIMEOUT, 504, "Timeout", false },
};

/* What an error may say by itself: 406 does; and what is refused before it has become a request. */
static const struct {
    int code;
    const char *reason;
} own[] = {
    { 406, "NotAcceptable" }, { 408, "Timeout" },    { 414, "BadRequest" }, { 417, "BadRequest" },
    { 431, "BadRequest" },    { 501, "BadRequest" }, { 505, "BadRequest" },
};

static void classify(const struct error *e, int *ret_code, const char **ret_reason, bool *ret_hides)
{
    *ret_code = 500;
    *ret_reason = "InternalError";
    *ret_hides = true;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (kinds[i].kind != error_kind(e))
            continue;
        *ret_code = kinds[i].code;
        *ret_reason = kinds[i].reason;
        *ret_hides = kinds[i].hides;
    }
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        if (own[i].code != error_get_status(e))
            continue;
        *ret_code = own[i].code;
        *ret_reason = own[i].reason;
        *ret_hides = false;
    }
}

/* What is told of errors whose own text may not be: by their code, else by their status. */
static const struct {
    const char *code, *text;
} told[] = {
    { SQL_CODE_FULL, "the disk of the service's database is full: nothing can be written before "
                     "whoever runs it makes room" },
    { SQL_CODE_REFUSED, "the service's database cannot keep this: a text is too long, or a number "
                        "too large" },
    { HTTP_CODE_BUSY, "the service is busy, too many requests are waiting: try again" },
    { CODE_STOPPING, "the service is stopping: try again" },
};

static const char *find_text(const struct error *e, int status, bool hides)
{
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        if (str_eq(told[i].code, error_get_code(e)))
            return told[i].text;
    if (!hides)
        return error_text(e);
    if (error_is(e, ERR_CANCELLED))
        return "the request was ended before it was done: try again";
    return status == 503 ? "the service cannot reach its database: try again"
                         : "an internal error; see the log";
}

json *sets_give_status_of(const struct error *e)
{
    int code;
    const char *reason;
    bool hides;
    classify(e, &code, &reason, &hides);
    const char *text = find_text(e, code, hides);
    json *details = json_new_object();
    json *causes = NULL;
    const char *target = error_get_target(e), *slash = target ? strchr(target, '/') : NULL;
    if (slash) { /* the store's: "plural/name" */
        json_put(details, "kind", json_new_str_n(target, (size_t)(slash - target)));
        json_put(details, "name", json_new_str(slash + 1));
    }
    const char *body = error_get_body(e);
    if (body && json_parse(body, strlen(body), &causes, NULL) == 0)
        json_put(details, "causes", causes);
    return json_make("{'apiVersion':'v1','kind':'Status','metadata':{},'status':'Failure','message'"
                     ":%s,'reason':%s,"
                     "'details':%j,'code':%d}",
                     text, reason, details, code);
}

#define RETRY_DEFAULT_S 1

int sets_on_error(struct http_call *call, const struct error *e, void *arg)
{
    const struct sets_api *api = arg;
    cleanup_json json *status = sets_give_status_of(e);
    int code = (int)json_path_int(status, "code", 500);
    if (code == 429 || code == 503) {
        int64_t ms = error_get_retry_after(e);
        cleanup_free char *s = xasprintf("%" PRId64, ms > 0 ? (ms + 999) / 1000 : RETRY_DEFAULT_S);
        http_call_set_header(call, "Retry-After", s);
    }
    bool is_ours = code >= 500 && code != 501 && code != 505;   /* those are the caller's fault */
    if (is_ours || str_eq(error_get_code(e), SQL_CODE_REFUSED)) /* whose text nobody else sees */
        log_error(api->cfg.log, "%s %s: %s", http_call_method(call), http_call_path(call),
                  error_text(e));
    buf_clear(http_call_out(call));
    sets_reply_object(call, code, status);
    return 0;
}

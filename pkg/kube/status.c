#include "pkg/kube/status.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/json_scan.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct reason {
    const char *name;
    int code;
    enum err_kind kind;
    const char *message; /* for replies that carry no Status; %s is the server's text */
};

/* The first row of a code is the reason that a reply without one gets. */
static const struct reason reasons[] = {
    { "BadRequest", 400, ERR_INVALID, "the server rejected our request for an unknown reason" },
    { "Unauthorized", 401, ERR_UNAUTHORIZED,
      "the server has asked for the client to provide credentials" },
    { "Forbidden", 403, ERR_FORBIDDEN, "the server does not allow this request" },
    { "NotFound", 404, ERR_NOT_FOUND, "the server could not find the requested resource" },
    { "MethodNotAllowed", 405, ERR_METHOD,
      "the server does not allow this method on the requested resource" },
    { "NotAcceptable", 406, ERR_UNSUPPORTED,
      "the server was unable to respond with a content type that the client supports" },
    { "Conflict", 409, ERR_CONFLICT, "the server reported a conflict" },
    { "AlreadyExists", 409, ERR_EXISTS, "the server reported a conflict" },
    { "Expired", 410, ERR_GONE, "the server no longer has the requested version" },
    { "Gone", 410, ERR_GONE, "the server no longer has the requested version" },
    { "RequestEntityTooLarge", 413, ERR_TOO_LARGE, "the request is too large for the server" },
    { "UnsupportedMediaType", 415, ERR_UNSUPPORTED,
      "the server does not know the media type of the request" },
    { "Invalid", 422, ERR_UNPROCESSABLE,
      "the server rejected our request due to an error in our request" },
    { "TooManyRequests", 429, ERR_THROTTLED,
      "the server has received too many requests and has asked us to try again later" },
    { "InternalError", 500, ERR_INTERNAL, "an error on the server" },
    { "ServerTimeout", 500, ERR_TIMEOUT, "the server could not complete the request in time" },
    { "ServiceUnavailable", 503, ERR_UNAVAILABLE,
      "the server is currently unable to handle the request" },
    { "Timeout", 504, ERR_TIMEOUT,
      "the server was unable to return a response in the time allotted, but may still be "
      "processing the request" },
};

static const struct reason *find_reason(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(reasons); i++) {
        if (strcmp(reasons[i].name, name) == 0)
            return &reasons[i];
    }
    return NULL;
}

static const struct reason *reason_of_code(int code, const char *method)
{
    if (code == 409 && str_eq(method, "POST"))
        return find_reason("AlreadyExists");
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (reasons[i].code == code)
            return &reasons[i];
    }
    return NULL;
}

static enum err_kind kind_of(const char *reason, int code)
{
    const struct reason *r = find_reason(reason);
    if (!r)
        r = reason_of_code(code, NULL);
    if (r)
        return r->kind;
    return code >= 400 ? err_kind_from_http_status(code) : ERR_INTERNAL;
}

int status_set_error(const json *status, int http_status, struct error **err)
{
    if (!err)
        return -1;
    const char *reason = json_path_str(status, "reason");
    const char *message = json_path_str(status, "message");
    int code = (int)json_path_int(status, "code", http_status);
    if (code < 100 || code > 999)
        code = http_status;
    if (reason && !*reason)
        reason = NULL;
    if (message && !*message)
        message = NULL;

    if (message)
        error_set(err, kind_of(reason, code), "%s", message);
    else if (reason)
        error_set(err, kind_of(reason, code), "the server answered %s", reason);
    else
        error_set(err, kind_of(reason, code), "the server answered with an unknown error");
    error_code(err, reason ? reason : "Unknown");
    if (http_status ? http_status : code)
        error_status(err, http_status ? http_status : code);
    int64_t delay_s = json_path_int(status, "details.retryAfterSeconds", 0);
    if (delay_s > 0 && delay_s <= INT64_MAX / 1000)
        error_retry_after(err, delay_s * 1000);
    cleanup_free char *text = json_give_text(status);
    error_body(err, text);
    return -1;
}

static bool is_text_type(const char *content_type)
{
    return !content_type || str_starts(content_type, "text/") ||
           str_starts(content_type, "application/json") ||
           str_starts(content_type, "application/yaml");
}

/* The reply's text as far as it can be shown: NULL for none, binary or not UTF-8. */
static char *give_foreign_text(const struct http_response *r)
{
    if (r->body.len == 0 || !is_text_type(http_headers_get(&r->headers, "Content-Type")))
        return NULL;
    size_t len = r->body.len < STATUS_TEXT_MAX ? r->body.len : STATUS_TEXT_MAX;
    if (memchr(r->body.data, '\0', len))
        return NULL;
    /* A sequence cut by the limit is dropped whole. */
    for (int cut = 0; cut < 4 && len > 0 && !utf8_is_valid(r->body.data, len); cut++)
        len--;
    if (!utf8_is_valid(r->body.data, len))
        return NULL;
    cleanup_free char *cut = xstrndup(r->body.data, len);
    char *text = str_give_trimmed(cut);
    if (*text)
        return text;
    free(text);
    return NULL;
}

static json *give_synthesised(const struct http_response *r, const char *method)
{
    const struct reason *reason = reason_of_code(r->status, method);
    cleanup_free char *text = give_foreign_text(r);
    cleanup_free char *about =
        reason ? xstrdup(reason->message)
               : xasprintf("the server responded with the status code %d", r->status);
    cleanup_free char *message = text ? xasprintf("%s: %s", about, text) : xstrdup(about);
    json *status = json_make("{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure',"
                             "'message':%s,'reason':%s,'code':%d,'details':{}}",
                             message, reason ? reason->name : "Unknown", r->status);
    if (text)
        json_put(json_get(status, "details"), "causes",
                 json_make("[{'reason':'UnexpectedServerResponse','message':%s}]", text));
    return status;
}

static bool is_status(const json *j)
{
    return str_eq(json_path_str(j, "kind"), "Status") &&
           str_eq(json_path_str(j, "apiVersion"), "v1");
}

int status_set_error_from_response(const struct http_response *r, const char *method,
                                   int64_t wall_now_ns, struct error **err)
{
    cleanup_json json *status = NULL;
    if (r->body.len > 0)
        (void)json_parse(r->body.data, r->body.len, &status, NULL);
    if (!is_status(status)) {
        json_free(status);
        status = give_synthesised(r, method);
    }
    status_set_error(status, r->status, err);
    int64_t header_ms = http_retry_after_ms(&r->headers, wall_now_ns);
    if (header_ms >= 0)
        error_retry_after(err, header_ms);
    return -1;
}

/* Whether the top level says kind Status; without a tree, since most bodies are large and are not.
 */
static bool scan_is_status(const char *text, size_t len)
{
    struct json_scan s;
    json_scan_init(&s, text, len);
    if (json_scan_next(&s, NULL) != SCAN_OBJECT_BEGIN)
        return false;
    while (json_scan_next(&s, NULL) == SCAN_KEY) {
        bool is_kind = json_scan_key_is(&s, "kind");
        const char *value;
        size_t value_len;
        if (json_scan_skip(&s, &value, &value_len, NULL) < 0)
            return false;
        if (is_kind)
            return value_len == 8 && memcmp(value, "\"Status\"", 8) == 0;
    }
    return false;
}

int status_check_body(const char *text, size_t len, struct error **err)
{
    if (!memmem(text, len, "\"Status\"", 8) || !scan_is_status(text, len))
        return 0;
    cleanup_json json *status = NULL;
    if (json_parse(text, len, &status, NULL) < 0 || !is_status(status))
        return 0;
    if (str_eq(json_path_str(status, "status"), "Success"))
        return 0;
    return status_set_error(status, 0, err);
}

/* The cause with that reason, in a tree that the caller frees. */
static bool any_cause(const struct error *e, bool (*matches)(const json *cause, const char *arg),
                      const char *arg)
{
    const char *body = error_get_body(e);
    cleanup_json json *status = NULL;
    if (!body || json_parse(body, strlen(body), &status, NULL) < 0)
        return false;
    const json *causes = json_path(status, "details.causes");
    for (size_t i = 0; json_is_array(causes) && i < json_len(causes); i++) {
        if (matches(json_at(causes, i), arg))
            return true;
    }
    return false;
}

static bool reason_is(const json *cause, const char *reason)
{
    return str_eq(json_path_str(cause, "reason"), reason);
}

static bool message_is(const json *cause, const char *message)
{
    return str_eq(json_path_str(cause, "message"), message);
}

bool status_has_cause(const struct error *e, const char *reason)
{
    return any_cause(e, reason_is, reason);
}

bool status_is_too_large_rv(const struct error *e)
{
    if (!error_is(e, ERR_TIMEOUT))
        return false;
    /* 1.19 and later name the cause; 1.18 only its message; 1.17 only the whole message. */
    return status_has_cause(e, "ResourceVersionTooLarge") ||
           any_cause(e, message_is, "Too large resource version") ||
           strstr(error_text(e), "Too large resource version") != NULL;
}

bool status_is_retriable(const struct error *e)
{
    return error_is(e, ERR_THROTTLED) || error_is(e, ERR_TIMEOUT) || error_is(e, ERR_UNAVAILABLE) ||
           error_get_retry_after(e) > 0;
}

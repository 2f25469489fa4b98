#include "pkg/net/http.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 100, "Continue" },
    { 101, "Switching Protocols" },
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 206, "Partial Content" },
    { 301, "Moved Permanently" },
    { 302, "Found" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 307, "Temporary Redirect" },
    { 308, "Permanent Redirect" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Payload Too Large" },
    { 414, "URI Too Long" },
    { 415, "Unsupported Media Type" },
    { 416, "Range Not Satisfiable" },
    { 417, "Expectation Failed" },
    { 422, "Unprocessable Entity" },
    { 426, "Upgrade Required" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
    { 507, "Insufficient Storage" },
};

const char *http_reason(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}

static void header_free(struct http_header *h)
{
    free(h->name);
    if (h->value)
        secret_wipe(h->value, strlen(h->value)); /* it may be a credential */
    free(h->value);
}

void http_headers_add(struct http_headers *h, const char *name, const char *value)
{
    if (h->len == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 8;
        h->v = xreallocarray(h->v, h->cap, sizeof(*h->v));
    }
    h->v[h->len++] = (struct http_header){ .name = xstrdup(name), .value = xstrdup(value) };
}

void http_headers_set(struct http_headers *h, const char *name, const char *value)
{
    cleanup_free char *copy = xstrdup(value); /* value may be of this very list */
    http_headers_del(h, name);
    http_headers_add(h, name, copy);
    secret_wipe(copy, strlen(copy));
}

void http_headers_set_bearer(struct http_headers *h, const struct secret *token)
{
    cleanup_secret_text char *value = xasprintf("Bearer %s", secret_reveal(token, NULL));
    http_headers_set(h, "Authorization", value);
}

const char *http_headers_get(const struct http_headers *h, const char *name)
{
    for (size_t i = 0; i < h->len; i++) {
        if (str_eq_nocase(h->v[i].name, name))
            return h->v[i].value;
    }
    return NULL;
}

void http_headers_del(struct http_headers *h, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->len; i++) {
        if (str_eq_nocase(h->v[i].name, name))
            header_free(&h->v[i]);
        else
            h->v[kept++] = h->v[i];
    }
    h->len = kept;
}

void http_headers_release(struct http_headers *h)
{
    for (size_t i = 0; i < h->len; i++)
        header_free(&h->v[i]);
    free(h->v);
    *h = (struct http_headers){ 0 };
}

void http_response_release(struct http_response *r)
{
    http_headers_release(&r->headers);
    buf_release(&r->body);
    r->status = r->version = 0;
    r->dns_ns = 0;
}

void http_request_release(struct http_request *r)
{
    http_headers_release(&r->headers);
}

/* A delay beyond this is a broken clock or a hostile peer; it also keeps the product below in range. */
#define RETRY_AFTER_MAX_MS (INT64_C(366) * 24 * 3600 * 1000)

static int64_t header_ms(const struct http_headers *h, const char *name, int64_t unit_ms)
{
    const char *text = http_headers_get(h, name);
    long long n;
    if (!text || !str_to_int(text, 0, RETRY_AFTER_MAX_MS / unit_ms, &n))
        return -1;
    return n * unit_ms;
}

int64_t http_retry_after_ms(const struct http_headers *h, int64_t wall_now_ns)
{
    int64_t ms = header_ms(h, "retry-after-ms", 1);
    if (ms < 0)
        ms = header_ms(h, "x-ms-retry-after-ms", 1);
    if (ms < 0)
        ms = header_ms(h, "Retry-After", 1000);
    if (ms >= 0)
        return ms;

    const char *text = http_headers_get(h, "Retry-After");
    int64_t at_ns;
    if (!text || !time_parse_http(text, &at_ns))
        return -1;
    if (at_ns <= wall_now_ns)
        return 0;
    ms = (at_ns - wall_now_ns) / NS_PER_MS;
    return ms <= RETRY_AFTER_MAX_MS ? ms : -1;
}

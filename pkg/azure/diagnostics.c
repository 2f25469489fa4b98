#include "pkg/azure/diagnostics.h"

#include "pkg/azure/retry.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"

#define BODY_MAX ((size_t)1 << 20) /* its tree, made to look at it, is many times as large */

/* The question stands in headers: the endpoint is the same for all. */
static int add_headers(const struct azure_diagnostics *d, const struct opctx *ctx,
                       const char *resource_id, const char *detector, struct http_headers *h,
                       struct error **err)
{
    cleanup_secret struct secret *token = NULL;
    if (azure_token_get(d->tokens, ctx, d->scope, false, &token, err) < 0)
        return -1;
    cleanup_free char *name = percent_give(detector ? detector : "");
    cleanup_free char *query =
        xasprintf("%s/detectors%s%s", resource_id, detector ? "/" : "", name);
    char id[UUID_LEN + 1], date[TIME_TEXT_MAX];
    rng_uuid(d->rng, id);
    time_http(clock_wall_ns(d->clock), date);
    http_headers_set_bearer(h, token);
    http_headers_set(h, "Accept", "application/json");
    http_headers_set(h, "x-ms-client-request-id", id);
    http_headers_set(h, "x-ms-date", date);
    http_headers_set(h, "x-ms-path-query", query);
    http_headers_set(h, "x-ms-request-id", id);
    http_headers_set(h, "x-ms-verb", "POST");
    return 0;
}

static int read_reply(const struct http_response *r, char **ret, struct error **err)
{
    cleanup_json json *body = NULL;
    if (r->status < 200 || r->status > 299) {
        error_set(err, err_kind_from_http_status(r->status), "the diagnostics service answered %d",
                  r->status);
        error_status(err, r->status);
        return -1;
    }
    if (json_parse(buf_str(&r->body), r->body.len, &body, err) < 0)
        return error_wrap(err, "reading the answer of the diagnostics service");
    *ret = xstrdup(buf_str(&r->body));
    return 0;
}

int azure_diagnostics_get(const struct azure_diagnostics *d, const struct opctx *ctx,
                          const char *resource_id, const char *detector, char **ret,
                          struct error **err)
{
    cleanup_request struct http_request req = {
        .method = "POST", .url = d->url, .max_body = BODY_MAX, .gzip = true
    };
    const struct azure_retry retry = {
        .transport = d->transport,
        .clock = d->clock,
        .idempotent = true, /* a POST that only asks */
    };
    cleanup_response struct http_response response = { 0 };
    if (add_headers(d, ctx, resource_id, detector, &req.headers, err) < 0)
        return -1;
    if (azure_send_retrying(&retry, ctx, &req, &response, err) < 0)
        return error_wrap(err, "asking the diagnostics service");
    return read_reply(&response, ret, err);
}

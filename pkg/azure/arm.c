#include <string.h>

#include "pkg/azure/arm_impl.h"
#include "pkg/azure/retry.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define URL_MAX ((size_t)8 << 10)
#define BODY_MAX ((size_t)16 << 20)

struct arm *arm_new(const struct arm_config *cfg)
{
    struct arm *a = xnew(struct arm);
    a->cfg = *cfg;
    a->endpoint = xstrdup(cfg->endpoint ? cfg->endpoint : cfg->cloud->arm);
    /* ARM's own slash stays: Azure wants it doubled. */
    a->scope = cfg->scope ? xstrdup(cfg->scope) : xasprintf("%s/.default", cfg->cloud->arm);
    return a;
}

void arm_free(struct arm *a)
{
    if (!a)
        return;
    free(a->endpoint);
    free(a->scope);
    free(a);
}

bool arm_is_success(int status)
{
    return status >= 200 && status < 300;
}

int arm_read_body(const struct http_response *r, json **ret, struct error **err)
{
    *ret = NULL;
    static const char byte_order_mark[] = "\xEF\xBB\xBF"; /* some providers send one */
    const char *text = buf_str(&r->body);
    size_t mark = str_starts(text, byte_order_mark) ? strlen(byte_order_mark) : 0;
    if (text[mark + strspn(text + mark, " \t\r\n")] == '\0')
        return 0;
    if (json_parse(text + mark, r->body.len - mark, ret, err) < 0)
        return error_wrap(err, "reading Azure's answer");
    return 0;
}

/* ---- errors ---- */

/* The envelope {"error":{...}}, or the bare object that some providers answer. */
static const json *error_of(const json *document)
{
    const json *inner = json_path(document, "error");
    return json_is_object(inner) ? inner : document;
}

int arm_fail_with(const json *document, int status, const char *what, struct error **err)
{
    const json *inner = error_of(document);
    const char *code = json_path_str(inner, "code");
    const char *message = json_path_str(inner, "message");
    cleanup_free char *text = document ? json_give_text(document) : NULL;
    enum err_kind kind = status ? err_kind_from_http_status(status) : ERR_INTERNAL;
    if (code || message)
        error_set(err, kind, "%s: %s%s%s", what, code ? code : "", code && message ? ": " : "",
                  message ? message : "");
    else
        error_set(err, kind, "%s: Azure answered %d", what, status);
    if (code)
        error_code(err, code);
    if (json_path_str(inner, "target"))
        error_target(err, json_path_str(inner, "target"));
    if (status)
        error_status(err, status);
    if (text)
        error_body(err, text);
    return -1;
}

int arm_fail(const struct http_response *r, const char *path, int64_t wall_ns, struct error **err)
{
    cleanup_json json *document = NULL;
    (void)json_parse(buf_str(&r->body), r->body.len, &document,
                     NULL); /* also HTML comes from gateways */
    arm_fail_with(json_is_object(document) ? document : NULL, r->status, path, err);
    error_retry_after(err, http_retry_after_ms(&r->headers, wall_ns));
    return -1;
}

/* ---- one exchange ---- */

static int add_token(struct arm *a, const struct opctx *ctx, bool fresh, struct http_headers *h,
                     struct error **err)
{
    cleanup_secret struct secret *token = NULL;
    if (!a->cfg.tokens)
        return 0;
    if (azure_token_get(a->cfg.tokens, ctx, a->scope, fresh, &token, err) < 0)
        return -1;
    http_headers_set_bearer(h, token);
    return 0;
}

static int add_headers(struct arm *a, const struct opctx *ctx, const struct arm_request *req,
                       bool fresh_token, struct http_headers *h, struct error **err)
{
    if (add_token(a, ctx, fresh_token, h, err) < 0)
        return -1;
    char id[UUID_LEN + 1];
    rng_uuid(a->cfg.rng, id);
    http_headers_set(h, "Accept", "application/json");
    http_headers_set(h, "User-Agent", a->cfg.user_agent);
    http_headers_set(h, "x-ms-client-request-id", id);
    http_headers_set(h, "x-ms-return-client-request-id", "true");
    if (req->body)
        http_headers_set(h, "Content-Type", "application/json");
    if (req->if_match && *req->if_match)
        http_headers_set(h, "If-Match", req->if_match);
    if (req->if_none_match)
        http_headers_set(h, "If-None-Match", "*");
    return 0;
}

static bool is_write(const struct arm_request *req)
{
    return !req->only_asks && strcmp(req->method, "GET") != 0 && strcmp(req->method, "HEAD") != 0;
}

static int exchange_once(struct arm *a, const struct opctx *ctx, const struct arm_request *req,
                         bool fresh_token, struct http_response *ret, struct error **err)
{
    /* Now, before a token is fetched in vain, and before every try. */
    if (is_write(req) && a->cfg.before_write &&
        a->cfg.before_write(a->cfg.before_write_arg, err) < 0)
        return -1;
    cleanup_request struct http_request http = {
        .method = req->method,
        .url = req->url,
        .body = req->body,
        .body_len = req->body ? strlen(req->body) : 0,
        .max_body = BODY_MAX,
        .gzip = true,
        .sink = req->sink,
    };
    if (add_headers(a, ctx, req, fresh_token, &http.headers, err) < 0)
        return -1;
    struct azure_retry retry = {
        .transport = a->cfg.transport,
        .clock = a->cfg.clock,
        .idempotent = req->only_asks || strcmp(req->method, "POST") != 0,
        .before_try = is_write(req) ? a->cfg.before_write : NULL,
        .before_try_arg = a->cfg.before_write_arg,
    };
    return azure_send_retrying(&retry, ctx, &http, ret, err);
}

int arm_exchange(struct arm *a, const struct opctx *ctx, const struct arm_request *req,
                 struct http_response *ret, struct error **err)
{
    if (exchange_once(a, ctx, req, false, ret, err) < 0)
        return -1;
    if (ret->status != 401 || !a->cfg.tokens)
        return 0;
    /* The cached token was refused: it may have been revoked or the clocks differ. Once more with a new one. */
    http_response_release(ret);
    *ret = (struct http_response){ 0 };
    return exchange_once(a, ctx, req, true, ret, err);
}

int arm_check_url(const struct arm *a, const char *url, struct error **err)
{
    cleanup_url struct url theirs = { 0 };
    cleanup_url struct url ours = { 0 };
    if (url_parse(url, &theirs, err) < 0 || url_parse(a->endpoint, &ours, err) < 0)
        return -1;
    if (!url_same_origin(&theirs, &ours))
        return error_set(err, ERR_INTERNAL,
                         "Azure pointed to another host (%s): the token stays here", theirs.host);
    return 0;
}

/* ---- calls ---- */

int arm_make_url(const struct arm *a, const char *path, const char *api_version, const char *query,
                 char **ret, struct error **err)
{
    if (!path || path[0] != '/')
        return error_set(err, ERR_INVALID, "'%s' is not a resource path", path ? path : "");
    cleanup_buf struct buf b = BUF_INIT(URL_MAX);
    buf_adds(&b, a->endpoint);
    buf_adds(&b, path + 1);
    url_add_query(&b, "api-version", api_version);
    if (query)
        buf_addf(&b, "&%s", query);
    return buf_take(&b, ret, err);
}

int arm_exchange_call(struct arm *a, const struct opctx *ctx, const struct arm_call *call,
                      char **ret_url, struct http_response *ret, struct error **err)
{
    cleanup_free char *url = NULL;
    if (arm_make_url(a, call->path, call->api_version, call->query, &url, err) < 0)
        return -1;
    cleanup_secret_text char *body = call->body ? json_give_text(call->body) : NULL;
    const struct arm_request req = {
        .method = call->method,
        .url = url,
        .body = body,
        .if_match = call->if_match,
        .if_none_match = call->if_none_match,
        .only_asks = call->only_asks,
    };
    if (arm_exchange(a, ctx, &req, ret, err) < 0)
        return error_wrap(err, "%s %s", call->method, call->path);
    if (!arm_is_success(ret->status))
        return arm_fail(ret, call->path, clock_wall_ns(a->cfg.clock), err);
    if (ret_url)
        *ret_url = take(url);
    return 0;
}

static int send_once(struct arm *a, const struct opctx *ctx, const struct arm_call *call,
                     json **ret, struct error **err)
{
    cleanup_arm_response struct http_response response = { 0 };
    if (arm_exchange_call(a, ctx, call, NULL, &response, err) < 0)
        return -1;
    if (arm_read_body(&response, ret, err) < 0)
        return error_wrap(err, "%s %s", call->method, call->path);
    return 0;
}

int arm_send(struct arm *a, const struct opctx *ctx, const struct arm_call *call, json **ret,
             struct error **err)
{
    json *object = NULL;
    if ((call->wait ? arm_send_and_wait : send_once)(a, ctx, call, &object, err) < 0)
        return -1;
    if (ret)
        *ret = object;
    else
        json_free(object);
    return 0;
}

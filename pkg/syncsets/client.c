#include "pkg/syncsets/client.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"
#include "pkg/syncsets/client_impl.h"

#define URL_MAX ((size_t)16 << 10)
#define REPLY_MAX ((size_t)64 << 20) /* a page of the largest lists */
#define TEXT_MAX 200                 /* of a foreign text in an error */

/* ---- the client ---- */

static bool is_loopback(const char *host)
{
    return str_starts(host, "127.") || str_eq(host, "::1") || str_eq(host, "localhost");
}

static int check_url(const struct url *u, const struct syncsets_config *cfg, struct error **err)
{
    bool plain = str_eq(u->scheme, "http");
    if ((!plain && !str_eq(u->scheme, "https")) || !str_eq(u->path, "/") || u->query)
        return error_set(err, ERR_INVALID, "%s: not like https://host or https://host:port",
                         cfg->url);
    if (plain && cfg->token && !is_loopback(u->host))
        return error_set(err, ERR_INVALID, "%s: the token would be sent unencrypted; use https",
                         cfg->url);
    return 0;
}

int syncsets_new(const struct syncsets_config *cfg, struct syncsets **ret, struct error **err)
{
    cleanup_url struct url u = { 0 };
    if (url_parse(cfg->url, &u, err) < 0 || check_url(&u, cfg, err) < 0)
        return error_wrap(err, "the URL of SyncSets");
    bool is_v6 = strchr(u.host, ':') != NULL;
    struct syncsets *c = xnew(struct syncsets);
    c->origin =
        xasprintf("%s://%s%s%s:%u", u.scheme, is_v6 ? "[" : "", u.host, is_v6 ? "]" : "", u.port);
    c->transport = cfg->transport;
    c->token = cfg->token ? secret_ref(cfg->token) : NULL;
    *ret = c;
    return 0;
}

void syncsets_free(struct syncsets *c)
{
    if (!c)
        return;
    secret_unref(c->token);
    free(c->origin);
    free(c);
}

/* ---- a request ---- */

static int add_part(struct buf *url, const char *what, const char *part, struct error **err)
{
    if (!part)
        return 0;
    if (!*part)
        return error_set(err, ERR_INVALID, "the %s is empty", what);
    cleanup_free char *escaped = percent_give(part);
    buf_addf(url, "/%s", escaped);
    return 0;
}

static int make_url(const struct syncsets *c, const struct syncsets_call *call, char **ret,
                    struct error **err)
{
    cleanup_buf struct buf url = BUF_INIT(URL_MAX);
    buf_addf(&url, "%s/v1/%s", c->origin, call->plural);
    if (add_part(&url, "namespace", call->nspace, err) < 0 ||
        add_part(&url, "name", call->name, err) < 0)
        return -1;
    if (call->action)
        buf_addf(&url, ":%s", call->action);
    for (size_t i = 0; i < SYNCSETS_PARAMS_MAX && call->query[i].name; i++)
        url_add_query(&url, call->query[i].name, call->query[i].value);
    return buf_take(&url, ret, err);
}

int syncsets_begin(const struct syncsets *c, const struct syncsets_call *call,
                   struct http_request *req, char **ret_url, struct error **err)
{
    if (make_url(c, call, ret_url, err) < 0)
        return -1;
    req->method = call->method;
    req->url = *ret_url;
    http_headers_set(&req->headers, "Accept", "application/json");
    if (c->token)
        http_headers_set_bearer(&req->headers, c->token);
    if (call->idempotency_key)
        http_headers_set(&req->headers, "Idempotency-Key", call->idempotency_key);
    if (call->if_match) {
        cleanup_free char *etag = xasprintf("\"%s\"", call->if_match);
        http_headers_set(&req->headers, "If-Match", etag);
    }
    return 0;
}

/* ---- a reply ---- */

int syncsets_status_error(const json *status, int http_status, struct error **err)
{
    const char *reason = json_path_str(status, "reason"), *text = json_path_str(status, "message");
    int code = http_status ? http_status : (int)json_path_int(status, "code", 0);
    enum err_kind kind =
        str_eq(reason, "AlreadyExists") ? ERR_EXISTS : err_kind_from_http_status(code);
    cleanup_free char *body = json_give_text(status);
    (void)error_set(err, kind, "%s", text ? text : "SyncSets gives no reason");
    error_status(err, code);
    if (reason)
        error_code(err, reason);
    int64_t retry_s = json_path_int(status, "details.retryAfterSeconds", -1);
    if (retry_s >= 0 && retry_s < INT64_MAX / 1000)
        error_retry_after(err, retry_s * 1000);
    error_body(err, body);
    return -1;
}

int syncsets_refused(int status, const struct buf *body, struct error **err)
{
    cleanup_json json *tree = NULL;
    const char *text = buf_str(body);
    if (json_parse_object(text, body->len, &tree, NULL) == 0 &&
        str_eq(json_path_str(tree, "kind"), "Status"))
        return syncsets_status_error(tree, status, err);
    (void)error_set(err, err_kind_from_http_status(status), "SyncSets answered %d: %.*s", status,
                    TEXT_MAX, utf8_is_valid(text, body->len) ? text : "no text");
    error_status(err, status);
    return -1;
}

static int read_reply(const struct http_response *r, json **ret, struct error **err)
{
    if (r->status < 200 || r->status > 299) {
        syncsets_refused(r->status, &r->body, err);
        int64_t wait_ms = http_retry_after_ms(&r->headers, 0);
        if (wait_ms >= 0)
            error_retry_after(err, wait_ms);
        return -1;
    }
    if (ret && r->body.len > 0)
        return json_parse(buf_str(&r->body), r->body.len, ret, err);
    return 0;
}

int syncsets_send(struct syncsets *c, const struct opctx *ctx, const struct syncsets_call *call,
                  json **ret, int *ret_status, struct error **err)
{
    cleanup_request struct http_request req = { .max_body = REPLY_MAX, .gzip = true };
    cleanup_response struct http_response response = { 0 };
    cleanup_free char *url = NULL;
    cleanup_secret_text char *body = call->body ? json_give_text(call->body) : NULL;
    if (ret)
        *ret = NULL;
    if (syncsets_begin(c, call, &req, &url, err) < 0)
        return -1;
    if (body) {
        req.body = body;
        req.body_len = strlen(body);
        http_headers_set(&req.headers, "Content-Type",
                         call->media_type ? call->media_type : "application/json");
    }
    if (http_send(c->transport, ctx, &req, &response, err) < 0 ||
        read_reply(&response, ret, err) < 0)
        return error_wrap(err, "%s %s of SyncSets", call->method, call->plural);
    if (ret_status)
        *ret_status = response.status;
    return 0;
}

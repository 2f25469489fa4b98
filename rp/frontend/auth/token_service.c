#include "rp/frontend/auth/token_service.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ATTEMPTS 3
#define FIRST_PAUSE_MS 100
#define REPLY_MAX ((size_t)64 * 1024)

struct token_service {
    struct authorizer base;
    struct token_service_config cfg;
    char *validate_url, *ready_url;
};

/* What may be different a moment later. */
static bool is_worth_retrying(int status)
{
    return status >= 500 || status == 408 || status == 429;
}

static char *give_peer_ip(const struct http_call *call)
{
    const char *address = http_call_peer_address(call);
    const char *colon = strrchr(address, ':');
    if (*address == '[')
        return xstrndup(address + 1, strcspn(address + 1, "]"));
    return xstrndup(address, colon ? (size_t)(colon - address) : strlen(address));
}

static void fill_headers(struct http_headers *h, struct http_call *call)
{
    const char *authorization = http_call_header(call, "Authorization");
    const char *host = http_call_header(call, "Host");
    cleanup_free char *uri = xasprintf("http://%s%s", host ? host : "", http_call_path(call));
    cleanup_free char *ip = give_peer_ip(call);
    if (authorization)
        http_headers_add(h, "Authorization", authorization);
    http_headers_add(h, "Original-Uri", uri);
    http_headers_add(h, "Original-Method", http_call_method(call));
    http_headers_add(h, "X-Forwarded-For", ip);
}

/* 0 = accepted; -1 with ERR_FORBIDDEN: finally not; other errors may be tried again. */
static int ask_once(struct token_service *a, const struct opctx *ctx,
                    const struct http_request *req, struct error **err)
{
    cleanup_response struct http_response resp = { 0 };
    if (http_send(a->cfg.transport, ctx, req, &resp, err) < 0)
        return -1;
    if (resp.status == 200)
        return 0;
    return error_set(err, is_worth_retrying(resp.status) ? ERR_UNAVAILABLE : ERR_FORBIDDEN,
                     "the token service answers %d", resp.status);
}

static int ask(struct token_service *a, const struct opctx *ctx, struct http_call *call,
               struct error **err)
{
    cleanup_request struct http_request req = {
        .method = "POST",
        .url = a->validate_url,
        .max_body = REPLY_MAX,
        .timeout_ms = a->cfg.timeout_ms,
    };
    int64_t pause_ms = FIRST_PAUSE_MS;

    fill_headers(&req.headers, call);
    for (int attempt = 1;; attempt++, pause_ms *= 2) {
        cleanup_error struct error *e = NULL;
        if (ask_once(a, ctx, &req, &e) == 0)
            return 0;
        if (attempt == ATTEMPTS || error_is(e, ERR_FORBIDDEN) || error_is(e, ERR_CANCELLED))
            return error_move(err, &e);
        if (opctx_sleep_ms(ctx, pause_ms, err) < 0)
            return -1;
    }
}

static int check(struct authorizer *base, const struct opctx *ctx, struct http_call *call,
                 struct error **err)
{
    struct token_service *a = container_of(base, struct token_service, base);
    if (ask(a, ctx, call, err) == 0)
        return 0;
    if (!a->cfg.fallback || (err && error_is(*err, ERR_CANCELLED)))
        return -1;
    if (err)
        error_clear(err);
    return authorizer_check(a->cfg.fallback, ctx, call, err);
}

static bool is_ready(struct authorizer *base, const struct opctx *ctx)
{
    struct token_service *a = container_of(base, struct token_service, base);
    cleanup_response struct http_response resp = { 0 };
    struct http_request req = {
        .method = "GET", .url = a->ready_url, .max_body = REPLY_MAX, .timeout_ms = a->cfg.timeout_ms
    };
    if (http_send(a->cfg.transport, ctx, &req, &resp, NULL) == 0 && resp.status == 200)
        return true;
    return a->cfg.fallback && authorizer_is_ready(a->cfg.fallback, ctx);
}

static void free_token_service(struct authorizer *base)
{
    struct token_service *a = container_of(base, struct token_service, base);
    authorizer_free(a->cfg.fallback);
    free(a->validate_url);
    free(a->ready_url);
    free(a);
}

struct authorizer *token_service_new(const struct token_service_config *cfg)
{
    struct token_service *a = xnew(struct token_service);
    a->base = (struct authorizer){ check, is_ready, free_token_service };
    a->cfg = *cfg;
    a->cfg.address = NULL;
    a->validate_url = xasprintf("%s/ValidateRequest", cfg->address);
    a->ready_url = xasprintf("%s/readyz", cfg->address);
    return &a->base;
}

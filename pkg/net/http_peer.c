#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/http_impl.h"

#define IDLE_MS_DEFAULT 30000
#define PING_MS_DEFAULT 15000

/* ---- sending, on the caller's thread ---- */

/* The request that follows a redirect. Its strings are borrowed from url and from hop itself. */
static void turn_into_hop(struct http_request *hop, int status, const char *from, const char *url)
{
    bool post = strcmp(hop->method, "POST") == 0;
    bool head = strcmp(hop->method, "HEAD") == 0;
    if ((status == 303 && !head) || ((status == 301 || status == 302) && post)) {
        hop->method = "GET";
        hop->body = NULL;
        hop->body_len = 0;
        http_headers_del(&hop->headers, "Content-Type");
        http_headers_del(&hop->headers, "Content-Length");
    }
    cleanup_url struct url a = { 0 }, b = { 0 };
    bool same =
        url_parse(from, &a, NULL) == 0 && url_parse(url, &b, NULL) == 0 && url_same_origin(&a, &b);
    if (!same) { /* credentials are for whom they were meant */
        http_headers_del(&hop->headers, "Authorization");
        http_headers_del(&hop->headers, "Cookie");
    }
    http_headers_del(&hop->headers, "Host");
    hop->url = url;
}

static void start_response(struct http_response *resp, size_t max_body)
{
    http_response_release(resp);
    buf_init(&resp->body, max_body ? max_body : HTTP_BODY_MAX_DEFAULT);
}

static int follow(struct http_peer *peer, const struct opctx *ctx, const struct http_request *req,
                  struct http_response *ret, char *redirect, struct error **err)
{
    cleanup_request struct http_request hop = *req;
    cleanup_free char *url = redirect;
    cleanup_free char *from = xstrdup(req->url);
    hop.headers = (struct http_headers){ 0 };
    for (size_t i = 0; i < req->headers.len; i++)
        http_headers_add(&hop.headers, req->headers.v[i].name, req->headers.v[i].value);

    while (url && hop.max_redirects-- > 0) {
        turn_into_hop(&hop, ret->status, from, url);
        start_response(ret, req->max_body);
        char *next = NULL;
        if (exchange_run(peer, ctx, &hop, ret, &next, err) < 0)
            return error_wrap(err, "following a redirect");
        free(from);
        from = url;
        url = next;
    }
    return 0;
}

static int peer_send(struct http_transport *t, const struct opctx *ctx,
                     const struct http_request *req, struct http_response *ret, struct error **err)
{
    struct http_peer *peer = container_of(t, struct http_peer, transport);
    *ret = (struct http_response){ 0 };
    start_response(ret, req->max_body);
    if (opctx_check(ctx, err) < 0)
        return -1;
    struct opctx attempt = req->timeout_ms > 0 ? opctx_with_timeout_ms(ctx, req->timeout_ms) : *ctx;

    char *redirect = NULL;
    if (exchange_run(peer, &attempt, req, ret, &redirect, err) < 0)
        return -1;
    if (redirect && req->max_redirects > 0)
        return follow(peer, &attempt, req, ret, redirect, err);
    free(redirect);
    return 0;
}

struct http_transport *http_peer_transport(struct http_peer *p)
{
    return &p->transport;
}

/* ---- making and ending ---- */

static void peer_free(struct http_peer *p)
{
    tls_client_free(p->tls);
    free(p->proxy_url);
    free(p->dial_ip);
    free(p->probe_path);
    free(p->host_probe.origin);
    free(p);
}
DEFINE_RELEASE(struct http_peer *, peer_free)

static int configure(struct http_peer *p, const struct http_peer_config *cfg, struct error **err)
{
    p->idle_ns = (cfg->idle_ms > 0 ? cfg->idle_ms : IDLE_MS_DEFAULT) * NS_PER_MS;
    p->ping_ns = (cfg->ping_ms > 0 ? cfg->ping_ms : PING_MS_DEFAULT) * NS_PER_MS;
    p->probe_path = xstrdup(cfg->probe_path);
    p->disable_http2 = cfg->disable_http2;
    p->dial_rules = cfg->dial_rules;
    if (cfg->probe_path) {
        cleanup_free char *text = xasprintf("https://h%s", cfg->probe_path);
        cleanup_url struct url u = { 0 };
        if (cfg->probe_path[0] != '/' || url_parse(text, &u, NULL) < 0)
            return error_set(err, ERR_INVALID, "the probe path is not a path");
    }
    if (cfg->dial_address && !address_parse(cfg->dial_address, &p->dial_ip, &p->dial_port))
        return error_set(err, ERR_INVALID, "'%s' is not an IP address, nor one with a port",
                         cfg->dial_address);
    if (cfg->proxy_url && !*cfg->proxy_url)
        p->proxy_url = xstrdup("");
    else if (cfg->proxy_url && proxy_give_url(cfg->proxy_url, &p->proxy_url, err) < 0)
        return -1;
    return tls_client_new(cfg, p->client->roots, &p->tls, err);
}

static void add_peer(void *arg)
{
    struct http_peer *p = arg;
    struct http_client *c = p->client;
    p->next = c->peers;
    if (p->next)
        p->next->prev = p;
    c->peers = p;
    loop_timer_set(c->loop, &c->tick, loop_now_ns(c->loop)); /* it finds its new pace */
}

static void end_connections(void *arg)
{
    struct http_peer *p = arg;
    for (size_t class = 0; class < HTTP_CLASSES; class ++) {
        for (struct http_lane *lane = p->lanes[class]; lane; lane = lane->next) {
            while (lane->exchanges)
                exchange_finish(lane->exchanges,
                                fail_give(lane->exchanges, ERR_CONN, HTTP_ERR_RESET,
                                          "the connection was closed on this side"));
        }
    }
    lane_free_all(p);
}

static void remove_peer(void *arg)
{
    struct http_peer *p = arg;
    end_connections(p);
    if (p->prev)
        p->prev->next = p->next;
    else
        p->client->peers = p->next;
    if (p->next)
        p->next->prev = p->prev;
}

int http_peer_new(struct http_client *c, const struct http_peer_config *cfg, struct http_peer **ret,
                  struct error **err)
{
    CLEANUP_WITH(peer_free_slot) struct http_peer *p = xnew(struct http_peer);
    atomic_init(&p->refs, 1);
    atomic_init(&p->opened, 0);
    atomic_init(&p->lost, 0);
    p->transport.send = peer_send;
    p->client = c;
    if (configure(p, cfg, err) < 0)
        return error_wrap(err, "configuring the HTTP client");
    loop_call(c->loop, add_peer, p);
    *ret = take(p);
    return 0;
}

struct http_peer *http_peer_ref(struct http_peer *p)
{
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

void http_peer_unref(struct http_peer *p)
{
    if (!p)
        return;
    bool last = p->is_shared ? share_unref(p)
                             : atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) == 1;
    if (!last)
        return;
    loop_call(p->client->loop, remove_peer, p);
    peer_free(p);
}

void http_peer_close_connections(struct http_peer *p)
{
    loop_call(p->client->loop, end_connections, p);
}

void http_peer_get_stats(struct http_peer *p, struct http_peer_stats *ret)
{
    ret->connections_opened = atomic_load(&p->opened);
    ret->connections_lost = atomic_load(&p->lost);
}

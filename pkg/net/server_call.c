#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/server_impl.h"

/* Bodies are sized by us; this catches a handler that runs wild. */
#define REPLY_MAX ((size_t)1 << 30)

struct http_call *call_new(struct http_server *s, uint64_t conn_id, struct server_peer *peer,
                           struct framer_request *req)
{
    struct http_call *c = xnew(struct http_call);

    c->server = s;
    c->conn_id = conn_id;
    c->peer = server_peer_ref(peer);
    c->req = *req;
    *req = (struct framer_request){ 0 };
    const char *query = strchr(c->req.target, '?');
    c->path =
        query ? xstrndup(c->req.target, (size_t)(query - c->req.target)) : xstrdup(c->req.target);
    c->query = query ? xstrdup(query + 1) : NULL;
    buf_init(&c->out, REPLY_MAX);
    buf_init(&c->wire, BUF_UNBOUNDED);
    c->started_ns = clock_mono_ns(s->cfg.clock);
    return c;
}

static void drop_outlet(struct http_call *c)
{
    if (c->stream)
        stream_drop(take(c->stream));
    if (c->ws)
        ws_drop(take(c->ws));
}

void call_free(struct http_call *c)
{
    if (!c)
        return;
    drop_outlet(c);
    if (c->free_state)
        c->free_state(c->state);
    for (size_t i = 0; i < c->params_len; i++) {
        free(c->params[i].name);
        free(c->params[i].value);
    }
    free(c->params);
    free(c->path);
    free(c->query);
    framer_request_release(&c->req);
    http_headers_release(&c->headers);
    buf_release(&c->out);
    buf_release(&c->wire);
    server_peer_unref(c->peer);
    free(c);
}

void call_add_param(struct http_call *c, const char *name, const char *value, size_t value_len)
{
    c->params = xreallocarray(c->params, c->params_len + 1, sizeof(*c->params));
    c->params[c->params_len++] =
        (struct call_param){ .name = xstrdup(name), .value = xstrndup(value, value_len) };
}

struct outlet *call_outlet(struct http_call *c)
{
    if (c->stream)
        return stream_outlet(c->stream);
    return c->ws ? ws_outlet(c->ws) : NULL;
}

bool call_is_head(const struct http_call *c)
{
    return str_eq(c->req.method, "HEAD");
}

/* ---- running ---- */

/* The text of a failure of ours is for the log, not for the client. */
static void default_error_reply(struct http_call *c, const struct error *e)
{
    int status = error_get_status(e);
    if (status < 400 || status > 599)
        status = 500;
    cleanup_free char *text =
        xasprintf("%s\n", status == 500 ? http_reason(status) : error_text(e));
    http_call_reply(c, status, "text/plain; charset=utf-8", text);
    http_call_set_header(c, "X-Content-Type-Options", "nosniff");
    if (status == 500)
        log_error(c->server->cfg.log, "request failed: %s", error_text(e));
}

static void reply_error(struct http_call *c, const struct error *e)
{
    const struct http_server_config *cfg = &c->server->cfg;
    int64_t retry_after_ms = error_get_retry_after(e);
    /* Headers that belong to an error survive it. */
    cleanup_free char *allow = xstrdup(http_headers_get(&c->headers, "Allow"));
    cleanup_free char *version = xstrdup(http_headers_get(&c->headers, "Sec-WebSocket-Version"));

    drop_outlet(c);
    c->status = 0;
    http_headers_release(&c->headers);
    c->headers = (struct http_headers){ 0 };
    buf_clear(&c->out);
    http_call_set_header(c, "Allow", allow);
    http_call_set_header(c, "Sec-WebSocket-Version", version);
    if (retry_after_ms >= 0) {
        cleanup_free char *seconds = xasprintf("%lld", (long long)(retry_after_ms + 999) / 1000);
        http_call_set_header(c, "Retry-After", seconds);
    }
    if (!cfg->on_error || cfg->on_error(c, e, cfg->arg) < 0)
        default_error_reply(c, e);
}

static void finish(struct http_call *c)
{
    const struct http_server_config *cfg = &c->server->cfg;

    if (c->out.spoiled) {
        cleanup_error struct error *e = NULL;
        error_set(&e, ERR_INTERNAL, "the reply is larger than %zu bytes", c->out.max);
        reply_error(c, e);
    }
    if (cfg->on_done)
        cfg->on_done(c, clock_mono_ns(cfg->clock) - c->started_ns, cfg->arg);
    call_build_wire(c);
}

void call_run(struct http_call *c)
{
    const struct http_server_config *cfg = &c->server->cfg;
    cleanup_error struct error *e = NULL;
    struct opctx ctx = opctx_root(cfg->clock, cfg->rng, c->server->stop, cfg->log);

    if (c->route->handle(c, &ctx, cfg->arg, &e) < 0)
        reply_error(c, e);
    finish(c);
}

void call_refuse(struct http_call *c, struct error *e)
{
    reply_error(c, e);
    error_free(e);
    finish(c);
}

/* ---- the request ---- */

const char *http_call_method(const struct http_call *c)
{
    return c->req.method;
}

const char *http_call_path(const struct http_call *c)
{
    return c->path;
}

const char *http_call_query(const struct http_call *c)
{
    return c->query;
}

const char *http_call_param(const struct http_call *c, const char *name)
{
    for (size_t i = 0; i < c->params_len; i++)
        if (str_eq(c->params[i].name, name))
            return c->params[i].value;
    return NULL;
}

const struct http_headers *http_call_headers(const struct http_call *c)
{
    return &c->req.headers;
}

const char *http_call_header(const struct http_call *c, const char *name)
{
    return http_headers_get(&c->req.headers, name);
}

const char *http_call_body(const struct http_call *c, size_t *ret_len)
{
    if (ret_len)
        *ret_len = c->req.body.len;
    return buf_str(&c->req.body);
}

bool http_call_body_is_cut(const struct http_call *c)
{
    return c->req.body_is_cut;
}

const char *http_call_peer_address(const struct http_call *c)
{
    return c->peer->address;
}

const char *http_call_local_address(const struct http_call *c)
{
    return c->peer->local_address;
}

const void *http_call_client_cert(const struct http_call *c, size_t *ret_len)
{
    const struct bytes *leaf = c->peer->leaf;
    *ret_len = leaf ? leaf->len : 0;
    return leaf ? leaf->data : NULL;
}

size_t http_call_client_chain_len(const struct http_call *c)
{
    return c->peer->chain_len;
}

const void *http_call_client_chain(const struct http_call *c, size_t i, size_t *ret_len)
{
    *ret_len = c->peer->chain[i]->len;
    return c->peer->chain[i]->data;
}

void *http_call_state(struct http_call *c)
{
    return c->state;
}

void http_call_set_state(struct http_call *c, void *state, void (*free_state)(void *))
{
    if (c->free_state && c->state != state)
        c->free_state(c->state);
    c->state = state;
    c->free_state = free_state;
}

/* ---- the response ---- */

void http_call_set_status(struct http_call *c, int status)
{
    c->status = status;
}

int http_call_get_status(const struct http_call *c)
{
    return c->status ? c->status : 200;
}

/* A line end in a value would begin a header of the sender's choice. */
static char *give_clean(const char *value)
{
    char *copy = xstrdup(value);
    for (char *p = copy; *p; p++)
        if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
            *p = ' ';
    return copy;
}

void http_call_set_header(struct http_call *c, const char *name, const char *value)
{
    if (!value) {
        http_headers_del(&c->headers, name);
        return;
    }
    cleanup_free char *clean = give_clean(value);
    http_headers_set(&c->headers, name, clean);
}

void http_call_add_header(struct http_call *c, const char *name, const char *value)
{
    cleanup_free char *clean = give_clean(value);
    http_headers_add(&c->headers, name, clean);
}

struct buf *http_call_out(struct http_call *c)
{
    return &c->out;
}

void http_call_reply(struct http_call *c, int status, const char *content_type, const char *text)
{
    c->status = status;
    if (content_type)
        http_call_set_header(c, "Content-Type", content_type);
    buf_clear(&c->out);
    buf_adds(&c->out, text ? text : "");
}

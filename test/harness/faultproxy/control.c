#include "test/harness/faultproxy/control.h"

#include "pkg/base/mem.h"
#include "pkg/net/server.h"

#define BODY_MAX ((size_t)16 << 20)

struct control {
    struct control_config cfg;
    struct http_server *server;
};

/* Consumes the body. */
static int reply(struct http_call *call, json *body)
{
    cleanup_free char *text = json_give_text(body);
    http_call_reply(call, 200, "application/json", text);
    json_free(body);
    return 0;
}

static int read_body(struct http_call *call, json **ret, struct error **err)
{
    size_t len;
    const char *text = http_call_body(call, &len);
    return json_parse(text ? text : "", len, ret, err);
}

static json *give_mode(const struct control *c)
{
    struct tunnel_mode m = tunnel_get(c->cfg.tunnel);
    return json_make("{'http':%b,'silent':%b,'refuse':%b,'reset_after':%ld}", m.http, m.silent,
                     m.refuse, m.reset_after);
}

static int get_rules(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)err;
    const struct control *c = arg;
    return reply(call, rules_give(c->cfg.rules));
}

static int put_rules(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    const struct control *c = arg;
    cleanup_json json *list = NULL;
    if (read_body(call, &list, err) < 0 || rules_set(c->cfg.rules, list, err) < 0)
        return -1;
    return get_rules(call, ctx, arg, err);
}

static int get_wire(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)err;
    return reply(call, give_mode(arg));
}

static int put_wire(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    const struct control *c = arg;
    cleanup_json json *want = NULL;
    if (read_body(call, &want, err) < 0)
        return -1;
    if (!json_is_object(want))
        return error_set(err, ERR_INVALID, "the wire's mode is an object");
    struct tunnel_mode mode = { .http = json_path_bool(want, "http", false),
                                .silent = json_path_bool(want, "silent", false),
                                .refuse = json_path_bool(want, "refuse", false),
                                .reset_after = json_path_int(want, "reset_after", -1) };
    if (tunnel_set(c->cfg.tunnel, &mode, err) < 0)
        return -1;
    return get_wire(call, ctx, arg, err);
}

static int post_cut(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    const struct control *c = arg;
    tunnel_cut(c->cfg.tunnel);
    return get_wire(call, ctx, arg, err);
}

static int get_stats(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)err;
    const struct control *c = arg;
    struct tunnel_stats s = tunnel_stats(c->cfg.tunnel);
    return reply(call, json_make("{'accepted':%ld,'reset':%ld,'open':%ld,'to_client_bytes':%ld,"
                                 "'to_server_bytes':%ld}",
                                 (int64_t)s.accepted, (int64_t)s.reset, (int64_t)s.open,
                                 (int64_t)s.to_client_bytes, (int64_t)s.to_server_bytes));
}

static int get_requests(struct http_call *call, const struct opctx *ctx, void *arg,
                        struct error **err)
{
    (void)ctx;
    (void)err;
    const struct control *c = arg;
    return reply(call, forward_give_requests(c->cfg.forward));
}

static const struct http_route routes[] = {
    { "GET", "/rules", get_rules, false },       { "PUT", "/rules", put_rules, false },
    { "GET", "/wire", get_wire, false },         { "PUT", "/wire", put_wire, false },
    { "POST", "/cut", post_cut, false },         { "GET", "/stats", get_stats, false },
    { "GET", "/requests", get_requests, false },
};

int control_start(const struct control_config *cfg, struct control **ret, struct error **err)
{
    struct control *c = xnew(struct control);
    c->cfg = *cfg;
    struct http_server_config http = { .name = "control",
                                       .bind_address = "127.0.0.1",
                                       .port = cfg->port,
                                       .routes = routes,
                                       .routes_len = ARRAY_LEN(routes),
                                       .arg = c,
                                       .workers = 2,
                                       .max_body_bytes = BODY_MAX,
                                       .clock = cfg->clock,
                                       .rng = cfg->rng,
                                       .log = cfg->log };
    if (http_server_start(&http, &c->server, err) < 0) {
        free(c);
        return -1;
    }
    *ret = c;
    return 0;
}

void control_stop(struct control *c)
{
    if (!c)
        return;
    http_server_stop(c->server, 500);
    free(c);
}

uint16_t control_port(const struct control *c)
{
    return http_server_port(c->server);
}

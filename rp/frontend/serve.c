#include "rp/frontend/serve.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "rp/frontend/reply_cache.h"

#define WORKERS 16
#define QUEUE_MAX 512
#define BODY_MAX ((size_t)1 << 20)

static int handle(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    const struct listener *l = arg;
    struct request req;

    (void)err;
    request_init(&req, l->f, call, ctx, l->is_plain);
    chain_run(&req, frontend_chain, frontend_chain_len);
    request_release(&req);
    return 0;
}

/* The server's own refusals: its queue is full. */
static int on_error(struct http_call *call, const struct error *e, void *arg)
{
    (void)arg;
    reply_bare_error(call, e);
    return 0;
}

void frontend_init(struct frontend *f, const struct frontend_config *cfg,
                   const struct route *routes, size_t len)
{
    size_t more = cfg->more_routes_len;
    *f = (struct frontend){ .cfg = *cfg, .routes_len = len + more };
    f->location = rp_env_text(cfg->env, ENV_LOCATION);
    f->environment = rp_env_text(cfg->env, ENV_ENVIRONMENT);
    f->table = xcalloc(len + more, sizeof(*f->table));
    f->routes = xcalloc(len + more, sizeof(*f->routes));
    for (size_t i = 0; i < len + more; i++) {
        f->routes[i] = i < len ? &routes[i] : &cfg->more_routes[i - len];
        f->table[i] =
            (struct http_route){ .method = f->routes[i]->method, .pattern = f->routes[i]->pattern };
    }
    f->replies = reply_cache_new();
    f->started_ns = clock_mono_ns(cfg->clock);
    rng_uuid(cfg->rng, f->process_id);
}

void frontend_release(struct frontend *f)
{
    free(f->table);
    free(f->routes);
    reply_cache_free(f->replies);
}

struct http_server_config listener_config(const struct listener *l)
{
    /* Whoever asks whether the process lives does not queue behind what waits for the database. */
    static const struct http_route all[] = {
        { .method = "GET", .pattern = "/healthz", .handle = handle, .inline_ = true },
        { .handle = handle },
    };
    const struct frontend_config *cfg = &l->f->cfg;
    return (struct http_server_config){
        .name = l->is_plain ? "frontend-plain" : "frontend",
        .bind_address = l->is_plain ? "127.0.0.1" : cfg->bind_address,
        .port = l->is_plain ? cfg->plain_port : cfg->port,
        .cert_pem = l->is_plain ? NULL : cfg->cert_pem,
        .key_pem = l->is_plain ? NULL : cfg->key_pem,
        .request_client_cert = !l->is_plain,
        .routes = all,
        .routes_len = ARRAY_LEN(all),
        .head_apart = true,
        .arg = (void *)(uintptr_t)l,
        .on_error = on_error,
        .workers = cfg->workers ? cfg->workers : WORKERS,
        .queue_max = cfg->queue_max ? cfg->queue_max : QUEUE_MAX,
        .max_body_bytes = BODY_MAX,
        .give_cut_bodies = true,
        .header_timeout_ms = rp_env_ms(cfg->env, INTERVAL_READ_TIMEOUT),
        .body_timeout_ms = rp_env_ms(cfg->env, INTERVAL_READ_TIMEOUT),
        .idle_timeout_ms = rp_env_ms(cfg->env, INTERVAL_IDLE_TIMEOUT),
        .clock = cfg->clock,
        .rng = cfg->rng,
        .log = cfg->log,
    };
}

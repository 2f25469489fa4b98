#include "operator/endpoints.h"

#include "pkg/base/mem.h"
#include "pkg/net/health.h"
#include "pkg/net/server.h"

#define IO_SILENT_MAX_MS 30000
#define STOP_GRACE_MS 2000
#define ALERT_BODY_MAX ((size_t)4 << 20)

struct endpoints {
    struct endpoints_config cfg;
    struct http_server *health, *metrics;
};

/* ---- checks ---- */

static int check_io(void *arg, struct error **err)
{
    const struct endpoints *e = arg;
    int64_t age_ms = http_client_heartbeat_age_ms(e->cfg.http);
    if (age_ms < IO_SILENT_MAX_MS)
        return 0;
    return error_set(err, ERR_INTERNAL, "the I/O thread has been silent for %lld ms",
                     (long long)age_ms);
}

static int check_lease(void *arg, struct error **err)
{
    const struct endpoints *e = arg;
    return e->cfg.lease ? lease_check_health(e->cfg.lease, err) : 0;
}

static int check_caches(void *arg, struct error **err)
{
    const struct endpoints *e = arg;
    if (kube_cache_has_synced(e->cfg.sv->cache))
        return 0;
    return error_set(err, ERR_UNAVAILABLE, "caches have not synced with the API server yet");
}

static int serve_healthz(struct http_call *call, const struct opctx *ctx, void *arg,
                         struct error **err)
{
    (void)ctx;
    const struct health_check checks[] = {
        { "io", check_io, arg },
        { "leader-election", check_lease, arg },
    };
    const struct health_set set = { "/healthz", checks, ARRAY_LEN(checks) };
    return health_answer(call, &set, err);
}

static int serve_readyz(struct http_call *call, const struct opctx *ctx, void *arg,
                        struct error **err)
{
    (void)ctx;
    const struct health_check checks[] = { { "caches", check_caches, arg } };
    const struct health_set set = { "/readyz", checks, ARRAY_LEN(checks) };
    return health_answer(call, &set, err);
}

/* ---- handlers ---- */

static int serve_ok(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    http_call_reply(call, 200, "text/plain; charset=utf-8", "ok");
    return 0;
}

static int serve_metrics(struct http_call *call, const struct opctx *ctx, void *arg,
                         struct error **err)
{
    (void)ctx;
    (void)err;
    const struct endpoints *e = arg;
    http_call_set_header(call, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    metrics_write(e->cfg.sv->metrics, http_call_out(call));
    return 0;
}

static const struct http_route health_routes[] = {
    { NULL, "/healthz/ready", serve_ok, true },
    { NULL, "/readyz/ready", serve_ok, true },
    { NULL, "/", serve_ok, true },
    { NULL, "/healthz", serve_healthz, true },
    { NULL, "/healthz/{check}", serve_healthz, true },
    { NULL, "/readyz", serve_readyz, true },
    { NULL, "/readyz/{check}", serve_readyz, true },
};
static const struct http_route metrics_routes[] = {
    { "GET", "/metrics", serve_metrics, false },
};

static int start_server(struct endpoints *e, const char *name, uint16_t port,
                        const struct http_route *routes, size_t len, struct http_server **ret,
                        struct error **err)
{
    struct http_server_config cfg = {
        .name = name,
        .bind_address = e->cfg.bind_address,
        .port = port,
        .routes = routes,
        .routes_len = len,
        .arg = e,
        .workers = 1,
        .max_body_bytes = ALERT_BODY_MAX,
        .max_connections = 256,
        .header_timeout_ms = 5000, /* probes and scrapes are short and near */
        .body_timeout_ms = 5000,
        .idle_timeout_ms = 10000,
        .clock = e->cfg.sv->clock,
        .rng = e->cfg.sv->rng,
        .log = e->cfg.sv->log,
    };
    if (http_server_start(&cfg, ret, err) < 0)
        return error_wrap(err, "serving %s (--bind-address and --%s-port say where)", name, name);
    return 0;
}

int endpoints_start(const struct endpoints_config *cfg, struct endpoints **ret, struct error **err)
{
    cleanup_endpoints struct endpoints *e = xnew(struct endpoints);
    e->cfg = *cfg;
    if (start_server(e, "health", cfg->health_port, health_routes, ARRAY_LEN(health_routes),
                     &e->health, err) < 0 ||
        start_server(e, "metrics", cfg->metrics_port, metrics_routes, ARRAY_LEN(metrics_routes),
                     &e->metrics, err) < 0)
        return -1;
    *ret = take(e);
    return 0;
}

void endpoints_stop(struct endpoints *e)
{
    if (!e)
        return;
    if (e->metrics)
        http_server_stop(e->metrics, STOP_GRACE_MS);
    if (e->health)
        http_server_stop(e->health, STOP_GRACE_MS);
    free(e);
}

uint16_t endpoints_health_port(const struct endpoints *e)
{
    return http_server_port(e->health);
}

uint16_t endpoints_metrics_port(const struct endpoints *e)
{
    return http_server_port(e->metrics);
}

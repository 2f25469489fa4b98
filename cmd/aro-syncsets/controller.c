/* `aro syncsets controller` */
#include <stdlib.h>

#include "cmd/aro-syncsets/commands.h"
#include "cmd/aro-syncsets/crew.h"
#include "cmd/aro-syncsets/listen.h"
#include "cmd/aro-syncsets/modes.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/net/health.h"
#include "rp/syncsets/queue/queue.h"
#include "rp/syncsets/store/migrate.h"
#include "rp/syncsets/store/store.h"

#define STOP_MS (PROCESS_STOP_MS - CREW_STOP_MS)
#define CHECK_MS 2000

struct controller {
    const struct command_options *opt;
    struct opctx ctx;
    struct mode mode;
    struct sql_db *db;
    struct metrics *metrics;
    struct sets_store *store;
    struct sets_queue *queue;
    struct crew *crew;
    char *host;
    uint16_t port;
    struct http_server *server;
};

static void controller_release(struct controller *c)
{
    if (c->server) /* first: its answers are of the crew */
        http_server_stop(c->server, STOP_MS);
    crew_stop(c->crew);
    sets_queue_close(c->queue);
    sets_store_free(c->store);
    metrics_free(c->metrics);
    sql_close(c->db);
    mode_release(&c->mode);
    free(c->host);
}
#define cleanup_controller CLEANUP_WITH(controller_release)

/* ---- health and metrics ---- */

static int check_crew(void *arg, struct error **err)
{
    const struct controller *c = arg;
    return crew_check(c->crew, err);
}

static int serve_health(struct http_call *call, const struct opctx *ctx, void *arg,
                        struct error **err)
{
    const struct health_check checks[] = { { "controllers", check_crew, arg } };
    const struct health_set alive = { "/healthz", checks, ARRAY_LEN(checks) };
    (void)ctx;
    return health_answer(call, &alive, err);
}

static int serve_ready(struct http_call *call, const struct opctx *ctx, void *arg,
                       struct error **err)
{
    const struct controller *c = arg;
    struct opctx soon = opctx_with_timeout_ms(ctx, CHECK_MS);
    if (stop_is_set(c->opt->stop))
        return error_set(err, ERR_UNAVAILABLE, "the controller is stopping");
    if (sets_schema_check(&soon, c->db, err) < 0)
        return -1;
    http_call_reply(call, 200, "text/plain", "ok");
    return 0;
}

static int serve_metrics(struct http_call *call, const struct opctx *ctx, void *arg,
                         struct error **err)
{
    const struct controller *c = arg;
    (void)ctx;
    (void)err;
    http_call_set_header(call, "Content-Type", "text/plain; version=0.0.4");
    metrics_write(c->metrics, http_call_out(call));
    return 0;
}

static int serve(struct controller *c, struct error **err)
{
    static const struct http_route routes[] = {
        { "GET", "/healthz", serve_health, true },
        { "GET", "/readyz", serve_ready, false },
        { "GET", "/metrics", serve_metrics, false },
    };
    const struct http_server_config cfg = { .name = "syncsets-controller",
                                            .bind_address = c->host,
                                            .port = c->port,
                                            .routes = routes,
                                            .routes_len = ARRAY_LEN(routes),
                                            .arg = c,
                                            .workers = 2,
                                            .clock = c->opt->clock,
                                            .rng = c->opt->rng,
                                            .log = c->opt->log };
    return http_server_start(&cfg, &c->server, err);
}

/* ---- start ---- */

static int open_database(struct controller *c, struct error **err)
{
    const struct command_options *opt = c->opt;
    const struct sql_config sql = { .dsn = c->mode.dsn,
                                    .clock = opt->clock,
                                    .connections = crew_connections(opt->env) };
    if (sql_open(&c->ctx, &sql, &c->db, err) < 0 || sets_schema_check(&c->ctx, c->db, err) < 0)
        return -1;
    c->metrics = metrics_new();
    if (crew_open_queue(opt, &c->mode, c->db, c->metrics, &c->queue, err) < 0)
        return -1;
    const struct sets_store_config store = {
        .db = c->db, .keys = c->mode.keys, .on_commit = sets_queue_committed, .arg = c->queue
    };
    c->store = sets_store_new(&store);
    return 0;
}

static int start(struct controller *c, struct error **err)
{
    const struct command_options *opt = c->opt;
    const char *listen = env_get_or(opt->env, "SYNCSETS_CONTROLLER_LISTEN", ":7071");
    if (!env_get_or(opt->env, "POSTGRES_PARAMS", NULL))
        return error_set(err, ERR_INVALID,
                         "POSTGRES_PARAMS is not set: with SQLite the controllers are a part of "
                         "'aro syncsets api'");
    if (mode_open(&c->ctx, opt->env, true, &c->mode, err) < 0 ||
        listen_parse("SYNCSETS_CONTROLLER_LISTEN", listen, &c->host, &c->port, err) < 0 ||
        open_database(c, err) < 0)
        return -1;
    const struct crew_config crew = { opt, c->store, c->queue, c->metrics };
    return crew_start(&crew, &c->crew, err) < 0 ? -1 : serve(c, err);
}

int command_controller(const struct command_options *opt, struct error **err)
{
    cleanup_controller struct controller c = { .opt = opt, .mode = { .lock_fd = -1 } };
    c.ctx = opctx_root(opt->clock, opt->rng, opt->stop, opt->log);
    if (opt->args_len)
        return error_set(err, ERR_INVALID, "unexpected argument '%s'", opt->args[0]);
    if (start(&c, err) < 0)
        return -1;
    log_info(opt->log, "working; health and metrics on %s port %u",
             c.host ? c.host : "all addresses", http_server_port(c.server));
    if (opt->on_listening)
        opt->on_listening(opt->arg, http_server_port(c.server));
    (void)opctx_sleep_ms(&c.ctx, INT64_MAX / NS_PER_MS / 2, NULL);
    log_info(opt->log, "stopping");
    return 0;
}

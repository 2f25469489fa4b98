/* The server: routes, readiness, metrics, start and stop. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/health.h"
#include "rp/syncsets/api/impl.h"
#include "rp/syncsets/types/page.h"
#include "rp/syncsets/types/swagger.h"

#define WORKERS 16

static const struct metric_desc requests_desc = {
    .name = "syncsets_api_requests_total",
    .help = "Requests by method and status.",
    .type = METRIC_COUNTER,
    .labels = { "method", "status" },
};

static const struct metric_desc watching_desc = {
    .name = "syncsets_watch_active",
    .help = "Watches that are served, those that begin among them.",
    .type = METRIC_GAUGE,
};

static const struct metric_desc delayed_desc = {
    .name = "syncsets_watch_delayed_total",
    .help = "Times that what a watch is sent next had to wait for room.",
    .type = METRIC_COUNTER,
};

/* ---- /v1 ---- */

static const struct {
    const char *method;
    sets_verb of_object, of_collection;
} verbs[] = {
    { "GET", sets_verb_get, sets_verb_list },
    { "POST", NULL, sets_verb_create },
    { "PUT", sets_verb_put, NULL },
    { "PATCH", sets_verb_patch, NULL },
    { "DELETE", sets_verb_delete, sets_verb_delete_all },
};

static sets_verb find_verb(const struct sets_request *r)
{
    const char *method = http_call_method(r->call);
    if (str_eq(method, "HEAD"))
        method = "GET";
    if (r->action)
        return sets_verb_action;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (str_eq(verbs[i].method, method))
            return r->name ? verbs[i].of_object : verbs[i].of_collection;
    return NULL;
}

static int check_accept(const struct http_call *call, struct error **err)
{
    static const char *const fine[] = { "*/*", "application/*", "application/json",
                                        "application/yaml" };
    const char *accept = http_call_header(call, "Accept");
    if (!accept || !*accept)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(fine); i++)
        if (strcasestr(accept, fine[i]))
            return 0;
    (void)error_set(err, ERR_INVALID, "only application/json can be had here, not '%.80s'", accept);
    error_status(err, 406);
    return -1;
}

static int run_verb(struct sets_request *r, struct error **err)
{
    sets_verb verb = find_verb(r);
    if (!verb)
        return error_set(err, ERR_METHOD, "%s cannot be done with %s", http_call_method(r->call),
                         r->name ? "an object" : "a collection");
    return sets_request_check_query(r, err) < 0 ? -1 : verb(r, err);
}

static int handle(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    cleanup_sets_request struct sets_request r = { 0 };
    cleanup_error struct error *why = NULL;
    if (check_accept(call, err) < 0 || sets_request_init(&r, arg, call, ctx, err) < 0)
        return -1;
    if (run_verb(&r, &why) == 0)
        return 0;
    if (error_is(why, ERR_METHOD)) {
        cleanup_free char *allowed = sets_request_give_allowed(&r);
        http_call_set_header(call, "Allow", allowed ? allowed : "");
    }
    return error_move(err, &why);
}

/* ---- everything else ---- */

static int serve_document(struct http_call *call, const struct opctx *ctx, void *arg,
                          struct error **err)
{
    (void)ctx;
    (void)arg;
    const char *path = http_call_path(call);
    enum swagger_form form = str_eq(path, "/openapi.json")   ? SWAGGER_3_JSON
                             : str_eq(path, "/swagger.yaml") ? SWAGGER_2_YAML
                                                             : SWAGGER_2_JSON;
    cleanup_free char *text = sets_swagger_give(form);
    (void)err;
    http_call_reply(call, 200, form == SWAGGER_2_YAML ? "application/yaml" : "application/json",
                    text);
    return 0;
}

static int serve_page(struct http_call *call, const struct opctx *ctx, void *arg,
                      struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    cleanup_free char *text = sets_page_give();
    http_call_set_header(call, "Content-Security-Policy",
                         "default-src 'none'; style-src 'unsafe-inline'");
    http_call_reply(call, 200, "text/html; charset=utf-8", text);
    return 0;
}

/* They name clusters of all tenants. */
static int serve_metrics(struct http_call *call, const struct opctx *ctx, void *arg,
                         struct error **err)
{
    const struct sets_api *api = arg;
    cleanup_free char *who = NULL;
    (void)ctx;
    if (sets_access_identify(api->cfg.access, call, &who, err) < 0)
        return -1;
    if (sets_access_role(api->cfg.access, who, NULL) < ROLE_VIEWER)
        return error_set(err, ERR_FORBIDDEN, "%s may not see what all tenants do", who);
    http_call_set_header(call, "Content-Type", "text/plain; version=0.0.4");
    metrics_write(api->cfg.metrics, http_call_out(call));
    return 0;
}

static int serve_health(struct http_call *call, const struct opctx *ctx, void *arg,
                        struct error **err)
{
    static const struct health_set alive = { "/healthz", NULL, 0 };
    (void)ctx;
    (void)arg;
    return health_answer(call, &alive, err);
}

static int serve_ready(struct http_call *call, const struct opctx *ctx, void *arg,
                       struct error **err)
{
    struct sets_api *api = arg;
    (void)ctx;
    if (atomic_load(&api->draining)) {
        (void)error_set(err, ERR_UNAVAILABLE, "the service is stopping");
        error_code(err, CODE_STOPPING);
        return -1;
    }
    if (sets_ready_check(api->ready, err) < 0)
        return -1;
    http_call_reply(call, 200, "text/plain", "ok");
    return 0;
}

static int serve_root(struct http_call *call, const struct opctx *ctx, void *arg,
                      struct error **err);

static const struct http_route routes[] = {
    { "GET", "/", serve_root, false },
    { NULL, "/v1/{plural}", handle, false },
    { NULL, "/v1/{plural}/{first}", handle, false },
    { NULL, "/v1/{plural}/{first}/{second}", handle, false },
    { "GET", "/healthz", serve_health, true },
    { "GET", "/readyz", serve_ready, true },
    { "GET", "/metrics", serve_metrics, false },
    { "GET", "/docs", serve_page, false },
    { "GET", "/swagger.json", serve_document, false },
    { "GET", "/swagger.yaml", serve_document, false },
    { "GET", "/openapi.json", serve_document, false },
};

/* What else there is, as Kubernetes' API server tells it. */
static int serve_root(struct http_call *call, const struct opctx *ctx, void *arg,
                      struct error **err)
{
    cleanup_strv struct strv paths = STRV_INIT;
    json *list = json_new_array();
    (void)ctx;
    (void)arg;
    (void)err;
    for (size_t i = 0; i < API_TYPES; i++)
        strv_addf(&paths, "/v1/%s", api_types[i].plural);
    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        if (!strchr(routes[i].pattern, '{') && routes[i].handle != serve_root)
            strv_add(&paths, routes[i].pattern);
    strv_sort(&paths);
    for (size_t i = 0; i < paths.len; i++)
        json_append(list, json_new_str(paths.v[i]));
    cleanup_json json *body = json_make("{'paths':%j}", list);
    sets_reply_object(call, 200, body);
    return 0;
}

/* Callers make up methods, but no series. */
static const char *counted_method(const struct http_call *call)
{
    const char *method = http_call_method(call);
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (str_eq(verbs[i].method, method))
            return method;
    return str_eq(method, "HEAD") ? method : "other";
}

static void on_done(struct http_call *call, int64_t duration_ns, void *arg)
{
    const struct sets_api *api = arg;
    cleanup_free char *status = xasprintf("%d", http_call_get_status(call));
    metric_add(api->requests, 1, METRIC_LABELS(counted_method(call), status));
    log_info(api->cfg.log, "%s %s %s %lld ms", http_call_method(call), http_call_path(call), status,
             (long long)(duration_ns / NS_PER_MS));
}

/* ---- start and stop ---- */

static void on_commit(void *arg)
{
    const struct sets_api *api = arg;
    sets_hub_wake(api->hub);
    if (api->cfg.on_commit)
        api->cfg.on_commit(api->cfg.on_commit_arg);
}

static int start_server(struct sets_api *api, struct error **err)
{
    const struct http_server_config cfg = {
        .name = "syncsets-api",
        .bind_address = api->cfg.bind_address,
        .port = api->cfg.port,
        .cert_pem = api->cfg.cert_pem,
        .key_pem = api->cfg.key_pem,
        .request_client_cert = api->cfg.cert_pem && api->cfg.access,
        .routes = routes,
        .routes_len = ARRAY_LEN(routes),
        .arg = api,
        .on_error = sets_on_error,
        .on_done = on_done,
        .workers = WORKERS,
        .max_body_bytes = BODY_MAX,
        .clock = api->cfg.clock,
        .rng = api->cfg.rng,
        .log = api->cfg.log,
    };
    return http_server_start(&cfg, &api->server, err);
}

int sets_api_start(const struct sets_api_config *cfg, struct sets_api **ret, struct error **err)
{
    struct sets_api *api = xnew(struct sets_api);
    api->cfg = *cfg;
    const struct sets_store_config store = { .db = cfg->db,
                                             .keys = cfg->keys,
                                             .require_namespaces = cfg->require_namespaces,
                                             .selector_set_bytes = cfg->selector_set_bytes,
                                             .on_commit = on_commit,
                                             .arg = api };
    const struct room_limits room = { .watches_each = (int)cfg->watches_each,
                                      .bytes = (size_t)cfg->watch_bytes };
    api->store = sets_store_new(&store);
    api->room = room_new(&room);
    api->requests = metrics_family(cfg->metrics, &requests_desc);
    api->watching = metrics_family(cfg->metrics, &watching_desc);
    api->delayed = metrics_family(cfg->metrics, &delayed_desc);
    metric_set(api->watching, 0, METRIC_LABELS(NULL));
    metric_add(api->delayed, 0, METRIC_LABELS(NULL));
    if (sets_hub_start(api, &api->hub, err) < 0 || sets_ready_start(api, &api->ready, err) < 0 ||
        start_server(api, err) < 0) {
        sets_api_stop(api, 0);
        return -1;
    }
    *ret = api;
    return 0;
}

uint16_t sets_api_port(const struct sets_api *api)
{
    return http_server_port(api->server);
}

struct sets_store *sets_api_store(struct sets_api *api)
{
    return api->store;
}

int sets_api_set_cert(struct sets_api *api, const char *cert_pem, const struct secret *key_pem,
                      struct error **err)
{
    return http_server_set_cert(api->server, cert_pem, key_pem, err);
}

void sets_api_stop(struct sets_api *api, int64_t grace_ms)
{
    if (!api)
        return;
    atomic_store(&api->draining, true);
    if (api->server)
        http_server_stop(api->server, grace_ms);
    sets_ready_stop(api->ready);
    sets_hub_stop(api->hub);
    room_free(api->room);
    sets_store_free(api->store);
    free(api);
}

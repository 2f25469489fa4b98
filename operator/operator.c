#include "operator/operator.h"

#include <string.h>

#include "operator/controllers.h"
#include "operator/endpoints.h"
#include "operator/role.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/version.h"
#include "pkg/controller/manager.h"
#include "pkg/kube/leader.h"
#include "pkg/net/http_client.h"

#define FLUSH_EVENTS_MS 2000

/* A controller as the manager runs it. */
struct controller_runnable {
    struct runnable base;
    struct runnable warm_up; /* before it leads: takes over with a full queue */
    char *warm_up_name;
    struct operator_controller *controller;
};

/* Everything of the process, in the order in which it is made; released in the opposite one. */
struct process {
    const struct operator_options *opt;
    int64_t settings[SETTING_COUNT];
    struct services sv;
    struct metrics *metrics;
    struct http_client *http;
    struct http_peer *internet, *azure;
    struct kube_config *config;
    struct kube_client *kube, *event_kube, *lease_kube;
    struct event_recorder *events;
    struct kube_cache *cache;
    struct lease *lease;
    struct endpoints *endpoints;
    struct controller_runnable *controllers;
    size_t controllers_len;
    struct manager *manager;
    json *self; /* the Deployment that Events about the process refer to */
};

bool operator_role_parse(const char *text, enum operator_role *ret)
{
    static const struct {
        const char *name;
        enum operator_role role;
    } rows[] = { { "master", ROLE_MASTER }, { "worker", ROLE_WORKER } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(text, rows[i].name) == 0) {
            *ret = rows[i].role;
            return true;
        }
    }
    return false;
}

/* ---- clients ---- */

static int refuse_writes_without_lease(void *arg, struct error **err)
{
    const struct process *p = arg;
    if (!p->lease || clock_mono_ns(p->opt->clock) < lease_leader_until_ns(p->lease))
        return 0;
    return error_set(err, ERR_CANCELLED, "this master is not the leader any more");
}

/* What failed for lack of an API server would wait for as long as that was away, up to 1000 s. */
static void retry_failed(void *arg)
{
    const struct process *p = arg;
    for (size_t i = 0; i < p->controllers_len; i++)
        operator_controller_retry_now(p->controllers[i].controller);
}

/* Leases have connections of their own. Events need no leadership: one of them tells its loss. */
enum client_use { USE_WORK, USE_EVENTS, USE_LEASE };

static int make_kube(struct process *p, enum client_use use, struct kube_client **ret,
                     struct error **err)
{
    bool for_lease = use == USE_LEASE;
    struct kube_client_options opt = {
        .user_agent = operator_role_name(p->opt->role),
        .user_agent_suffix = for_lease ? "leader-election" : NULL,
        .traffic = for_lease ? HTTP_CLASS_LEASE : HTTP_CLASS_REQUEST,
        /* A reply that never comes over a connection that lives would hold its controller for ever. */
        .request_timeout_ms = p->settings[SETTING_REQUEST_TIMEOUT_MS],
        .idle_ms = p->settings[SETTING_CONN_IDLE_MS],
        .ping_ms = p->settings[SETTING_CONN_PING_MS],
        .clock = p->opt->clock,
        .rng = p->opt->rng,
        .env = p->opt->env,
        .log = p->opt->log,
        .metrics = p->metrics,
        .before_write = use == USE_WORK ? refuse_writes_without_lease : NULL,
        .before_write_arg = p,
        .quiet_outages = use != USE_WORK,
        .on_outage_over = use == USE_WORK ? retry_failed : NULL,
        .on_outage_over_arg = p,
    };
    if (for_lease) { /* a hung server must cost neither the whole deadline nor a half-open connection long */
        opt.request_timeout_ms = p->settings[SETTING_LEASE_RENEW_DEADLINE_MS] / 2;
        opt.idle_ms = opt.idle_ms / 2;
        opt.ping_ms = opt.ping_ms * 2 / 3;
    }
    return kube_client_new(p->http, p->config, &opt, ret, err);
}

static int make_clients(struct process *p, struct error **err)
{
    int64_t gather_ms = p->settings[SETTING_WATCH_GATHER_MS];
    struct http_client_config http = { .clock = p->opt->clock,
                                       .env = p->opt->env,
                                       .log = p->opt->log,
                                       .watch_gather_ms = gather_ms > 0 ? gather_ms : -1 };
    if (http_client_new(&http, &p->http, err) < 0)
        return -1;
    struct http_peer_config direct = { .proxy_url = "" };
    struct http_peer_config azure = { 0 };
    if (http_peer_new(p->http, &direct, &p->internet, err) < 0 ||
        http_peer_new(p->http, &azure, &p->azure, err) < 0)
        return -1;

    struct kube_config_options load = { .path = p->opt->kubeconfig,
                                        .env = p->opt->env,
                                        .log = p->opt->log };
    if (kube_config_load(&load, &p->config, err) < 0)
        return error_wrap(err, "finding the cluster");
    if (make_kube(p, USE_WORK, &p->kube, err) < 0 ||
        make_kube(p, USE_EVENTS, &p->event_kube, err) < 0 ||
        make_kube(p, USE_LEASE, &p->lease_kube, err) < 0)
        return -1;

    struct event_recorder_config events = {
        .client = p->event_kube,
        .component = operator_role_name(p->opt->role),
        .host = env_get(p->opt->env, "HOSTNAME"),
        .clock = p->opt->clock,
        .rng = p->opt->rng,
        .log = p->opt->log,
    };
    return event_recorder_new(&events, &p->events, err);
}

/* ---- parts ---- */

static void fill_services(struct process *p)
{
    p->sv = (struct services){
        .role = p->opt->role,
        .version = version_commit(),
        .kube = p->kube,
        .cache = p->cache,
        .internet = http_peer_transport(p->internet),
        .azure = http_peer_transport(p->azure),
        .events = p->events,
        .clock = p->opt->clock,
        .rng = p->opt->rng,
        .env = p->opt->env,
        .log = p->opt->log,
        .metrics = p->metrics,
        .settings = p->settings,
        .before_write = refuse_writes_without_lease,
        .before_write_arg = p,
    };
}

static void make_cache(struct process *p)
{
    struct kube_cache_options opt = {
        .resync_ms = p->settings[SETTING_RESYNC_MS],
        .allow_streaming_list = true,
        .clock = p->opt->clock,
        .rng = p->opt->rng,
        .log = p->opt->log,
        .metrics = p->metrics,
    };
    p->cache = kube_cache_new(p->kube, &opt);
}

static void record_leadership(void *arg, const char *message)
{
    const struct process *p = arg;
    event_record(p->events, p->self, "Normal", "LeaderElection", "%s", message);
}

static int make_lease(struct process *p, struct error **err)
{
    if (p->opt->role != ROLE_MASTER || !p->opt->leader_elect)
        return 0;
    p->self = json_make("{'apiVersion':'coordination.k8s.io/"
                        "v1','kind':'Lease','metadata':{'name':%s,'namespace':%s}}",
                        operator_role_name(p->opt->role), OPERATOR_NAMESPACE);
    struct lease_config cfg = {
        .client = p->lease_kube,
        .nspace = OPERATOR_NAMESPACE,
        .name = operator_role_name(p->opt->role),
        .duration_ms = p->settings[SETTING_LEASE_DURATION_MS],
        .renew_deadline_ms = p->settings[SETTING_LEASE_RENEW_DEADLINE_MS],
        .retry_ms = p->settings[SETTING_LEASE_RETRY_MS],
        .release_on_exit = true,
        .clock = p->opt->clock,
        .rng = p->opt->rng,
        .log = p->opt->log,
        .metrics = p->metrics,
        .on_change = record_leadership,
        .on_change_arg = p,
    };
    return lease_new(&cfg, &p->lease, err);
}

static int run_controller(struct runnable *r, const struct opctx *ctx, struct error **err)
{
    struct controller_runnable *c = container_of(r, struct controller_runnable, base);
    return operator_controller_run(c->controller, ctx, err);
}

static int warm_up_controller(struct runnable *r, const struct opctx *ctx, struct error **err)
{
    struct controller_runnable *c = container_of(r, struct controller_runnable, warm_up);
    return operator_controller_warm_up(c->controller, ctx, err);
}

static int make_controllers(struct process *p, struct error **err)
{
    p->controllers = xcalloc(operator_controllers_len, sizeof(*p->controllers));
    for (size_t i = 0; i < operator_controllers_len; i++) {
        const struct controller_desc *desc = operator_controllers[i];
        if (!(desc->roles & p->opt->role))
            continue;
        struct controller_runnable *c = &p->controllers[p->controllers_len];
        c->base = (struct runnable){ .name = desc->name, .run = run_controller };
        c->warm_up_name = xasprintf("warm-up of %s", desc->name);
        c->warm_up = (struct runnable){ .name = c->warm_up_name, .run = warm_up_controller };
        if (operator_controller_new(desc, &p->sv, &c->controller, err) < 0)
            return error_wrap(err, "starting controller %s", desc->name);
        p->controllers_len++;
    }
    return 0;
}

static int make_endpoints(struct process *p, struct error **err)
{
    struct endpoints_config cfg = {
        .bind_address = p->opt->bind_address,
        .health_port = p->opt->health_port,
        .metrics_port = p->opt->metrics_port,
        .sv = &p->sv,
        .http = p->http,
        .lease = p->lease,
    };
    return endpoints_start(&cfg, &p->endpoints, err);
}

static int add_controller(struct process *p, struct controller_runnable *c, struct error **err)
{
    if (!p->lease)
        return manager_add(p->manager, GROUP_OTHERS, &c->base, err);
    if (manager_add(p->manager, GROUP_WARMUP, &c->warm_up, err) < 0)
        return -1;
    return manager_add(p->manager, GROUP_LEADER, &c->base, err);
}

static int make_manager(struct process *p, struct error **err)
{
    struct manager_config cfg = {
        .clock = p->opt->clock,
        .rng = p->opt->rng,
        .log = p->opt->log,
        .leader = p->lease ? lease_leader(p->lease) : NULL,
        .grace_ms = p->settings[SETTING_GRACE_MS],
        .ready_timeout_ms = -1, /* an API server that is away is waited for; readiness tells */
    };
    p->manager = manager_new(&cfg);
    if (manager_add(p->manager, GROUP_CACHES, kube_cache_runnable(p->cache), err) < 0)
        return -1;
    for (size_t i = 0; i < p->controllers_len; i++)
        if (add_controller(p, &p->controllers[i], err) < 0)
            return -1;
    return 0;
}

static int make_process(struct process *p, struct error **err)
{
    if (settings_load(operator_settings, SETTING_COUNT, p->opt->env, p->settings, err) < 0)
        return -1;
    p->metrics = metrics_new();
    if (make_clients(p, err) < 0)
        return -1;
    make_cache(p);
    fill_services(p);
    if (make_lease(p, err) < 0 || make_controllers(p, err) < 0 || make_endpoints(p, err) < 0)
        return -1;
    return make_manager(p, err);
}

static void release_process(struct process *p)
{
    manager_free(p->manager);
    endpoints_stop(p->endpoints);
    for (size_t i = 0; i < p->controllers_len; i++) {
        operator_controller_free(p->controllers[i].controller);
        free(p->controllers[i].warm_up_name);
    }
    free(p->controllers);
    if (p->events)
        event_recorder_stop(p->events, FLUSH_EVENTS_MS);
    lease_free(p->lease);
    kube_cache_free(p->cache);
    kube_client_free(p->lease_kube);
    kube_client_free(p->event_kube);
    kube_client_free(p->kube);
    kube_config_free(p->config);
    http_peer_unref(p->azure);
    http_peer_unref(p->internet);
    http_client_free(p->http);
    metrics_free(p->metrics);
    json_free(p->self);
}

int operator_run(const struct operator_options *opt, struct stop *stop, bool *ret_busy,
                 struct error **err)
{
    if (str_eq_nocase(env_get(opt->env, "RP_MODE"), "development"))
        log_info(opt->log, "RP_MODE is development: a developer's resource provider deployed this");
    struct process *p = xnew(struct process);
    p->opt = opt;
    int rcode = make_process(p, err);
    if (rcode == 0) {
        log_info(
            opt->log,
            "starting aro-operator %s, commit %s: %zu controller%s, health on port %u, metrics "
            "on port %u",
            opt->role == ROLE_MASTER ? "master" : "worker", version_commit(), p->controllers_len,
            p->controllers_len == 1 ? "" : "s", endpoints_health_port(p->endpoints),
            endpoints_metrics_port(p->endpoints));
        rcode = manager_run(p->manager, stop, err);
    }
    /* Who did not end in time still works with all of this: it goes with the process. */
    *ret_busy = p->manager && manager_stragglers(p->manager) > 0;
    if (*ret_busy)
        return rcode;
    release_process(p);
    free(p);
    return rcode;
}

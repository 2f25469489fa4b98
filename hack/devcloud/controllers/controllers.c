#include "hack/devcloud/controllers/controllers.h"

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/served.h"
#include "pkg/base/mem.h"
#include "pkg/controller/manager.h"

#define WATCHES_MAX 4
#define MINOR_WITHOUT_SECRETS 24 /* accounts have no Secrets from that version on */
#define GRACE_MS 5000
#define CONFLICT_PAUSE_MS 20

static const struct behaviour *const behaviours[] = {
    &accounts_behaviour,   &account_secrets_behaviour, &daemonset_behaviour, &deployment_behaviour,
    &endpoints_behaviour,  &garbage_behaviour,         &namespace_behaviour, &nodes_behaviour,
    &replicaset_behaviour, &scheduler_behaviour,
};

struct running { /* one behaviour */
    struct runnable runnable;
    const struct behaviour *behaviour;
    struct control *control;
    struct controller *controller;
    struct source *own; /* of give_source */
    struct source *sources[WATCHES_MAX + 1];
    size_t sources_len;
};

struct process {
    const struct controllers_config *cfg;
    struct http_client *http;
    struct kube_client *kube;
    struct control control;
    struct running running[ARRAY_LEN(behaviours)];
    struct manager *manager;
};

/* ---- one behaviour ---- */

static int run_key(void *arg, const struct opctx *ctx, const char *key, struct result *ret,
                   struct error **err)
{
    struct running *r = arg;
    struct error *e = NULL;
    if (r->behaviour->reconcile(r->control, r->own, ctx, key, ret, &e) == 0)
        return 0;
    if (!error_is(e, ERR_CONFLICT))
        return error_move(err, &e);
    error_free(e); /* somebody was faster: no fault, but worth another look */
    ret->requeue_after_ms = CONFLICT_PAUSE_MS;
    return 0;
}

static int run_controller(struct runnable *base, const struct opctx *ctx, struct error **err)
{
    return controller_run(container_of(base, struct running, runnable)->controller, ctx, err);
}

static struct source *give_watch(struct control *c, const struct behaviour_watch *w)
{
    struct predicate test = { .test = w->test };
    struct informer_config informer = { .gvr = w->gvr, .field_selector = w->field_selector };
    struct kube_source_config cfg = { .informer = kube_cache_informer(c->cache, &informer),
                                      .map = w->map,
                                      .owner_group = w->owner_group,
                                      .owner_kind = w->owner_kind,
                                      .fixed_key = BEHAVIOUR_FIXED_KEY,
                                      .predicates = &test,
                                      .predicates_len = w->test ? 1 : 0 };
    return kube_source_new(&cfg);
}

static int prepare(struct process *p, struct running *r, const struct behaviour *b,
                   struct error **err)
{
    r->behaviour = b;
    r->control = &p->control;
    r->runnable = (struct runnable){ .name = b->name, .run = run_controller };
    for (size_t i = 0; i < b->watches_len; i++)
        r->sources[r->sources_len++] = give_watch(&p->control, &b->watches[i]);
    if (b->give_source)
        r->sources[r->sources_len++] = r->own = b->give_source(&p->control);
    struct controller_config cfg = { .name = b->name,
                                     .reconcile = run_key,
                                     .arg = r,
                                     .sources = r->sources,
                                     .sources_len = r->sources_len,
                                     .sync_timeout_ms = -1,
                                     .clock = p->cfg->clock,
                                     .rng = p->cfg->rng,
                                     .log = p->cfg->log,
                                     .queue = { .max_delay_ms = 10000, .qps = -1 } };
    r->controller = controller_new(&cfg);
    return manager_add(p->manager, GROUP_OTHERS, &r->runnable, err);
}

static void release(struct running *r)
{
    controller_free(r->controller);
    for (size_t i = 0; i < r->sources_len; i++)
        if (r->sources[i] != r->own)
            kube_source_free(r->sources[i]);
    if (r->own)
        r->behaviour->free_source(r->own);
}

/* ---- all of them ---- */

static int read_version(struct process *p, const struct opctx *ctx, struct error **err)
{
    struct kube_raw raw = { .method = "GET", .path = "/version" };
    cleanup_response struct http_response response = { 0 };
    cleanup_json json *version = NULL;
    const char *minor;
    if (kube_send_raw(p->kube, ctx, &raw, &response, err) < 0 ||
        json_parse_object(response.body.data, response.body.len, &version, err) < 0 ||
        json_need_str(version, "minor", &minor, err) < 0)
        return error_wrap(err, "asking for the server's version");
    p->control.account_secrets = strtol(minor, NULL, 10) < MINOR_WITHOUT_SECRETS; /* "20+" */
    return 0;
}

static int open_client(struct process *p, struct error **err)
{
    const struct controllers_config *cfg = p->cfg;
    struct http_client_config http = { .clock = cfg->clock, .env = cfg->env, .log = cfg->log };
    struct kube_client_options client = { .user_agent = "devcloud-controllers",
                                          .qps = -1,
                                          .clock = cfg->clock,
                                          .rng = cfg->rng,
                                          .env = cfg->env,
                                          .log = cfg->log };
    if (cfg->transport)
        return kube_client_new_over(cfg->transport, cfg->kube, &client, &p->kube, err);
    return http_client_new(&http, &p->http, err) < 0
               ? -1
               : kube_client_new(p->http, cfg->kube, &client, &p->kube, err);
}

static int open_process(struct process *p, const struct opctx *ctx, struct error **err)
{
    const struct controllers_config *cfg = p->cfg;
    struct kube_cache_options cache = { .clock = cfg->clock, .rng = cfg->rng, .log = cfg->log };
    struct manager_config manager = {
        .clock = cfg->clock, .rng = cfg->rng, .log = cfg->log, .grace_ms = GRACE_MS
    };
    if (open_client(p, err) < 0 || read_version(p, ctx, err) < 0)
        return -1;
    p->control.kube = p->kube;
    p->control.cache = kube_cache_new(p->kube, &cache);
    p->control.served = served_new(p->kube);
    p->control.ca_pem = cfg->kube->ca_pem;
    p->control.garbage = cfg->garbage;
    p->control.clock = cfg->clock;
    p->manager = manager_new(&manager);
    if (manager_add(p->manager, GROUP_CACHES, kube_cache_runnable(p->control.cache), err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(behaviours); i++)
        if (prepare(p, &p->running[i], behaviours[i], err) < 0)
            return -1;
    return 0;
}

static void close_process(struct process *p)
{
    for (size_t i = 0; i < ARRAY_LEN(behaviours); i++)
        release(&p->running[i]);
    manager_free(p->manager);
    served_free(p->control.served);
    kube_cache_free(p->control.cache);
    kube_client_free(p->kube);
    http_client_free(p->http);
    free(p);
}

int controllers_run(const struct controllers_config *cfg, struct stop *stop, bool *ret_straggles,
                    struct error **err)
{
    struct process *p = xnew(struct process);
    struct opctx ctx = opctx_root(cfg->clock, cfg->rng, stop, cfg->log);
    p->cfg = cfg;
    int rcode = open_process(p, &ctx, err);
    if (rcode == 0)
        rcode = manager_run(p->manager, stop, err);
    bool straggles = p->manager && manager_stragglers(p->manager) > 0;
    if (ret_straggles)
        *ret_straggles = straggles;
    if (straggles)
        return error_set(err, ERR_TIMEOUT, "controllers do not end"); /* they use what p holds */
    close_process(p);
    return rcode;
}

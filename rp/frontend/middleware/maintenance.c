#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/frontend/chain.h"

/* One gauge at once and one in every interval until the handler ends, so that whoever watches the
 * cluster does not take what the handler does for an outage. */
struct signal {
    struct request *req;
    char *resource_id; /* own: the thread must not read what the handler may change */
    struct stop *stop;
    pthread_t thread;
    bool runs;
};

static void send(const struct signal *s)
{
    const struct statsd_dim dims[] = { { "resourceId", s->resource_id } };
    statsd_gauge(s->req->f->cfg.statsd, "frontend.maintenance.unplanned", 1, dims, ARRAY_LEN(dims));
}

static void run(void *arg)
{
    const struct signal *s = arg;
    const struct frontend_config *cfg = &s->req->f->cfg;
    struct opctx ctx = opctx_root(cfg->clock, cfg->rng, s->stop, NULL);
    while (opctx_sleep_ms(&ctx, rp_env_ms(cfg->env, INTERVAL_HEARTBEAT), NULL) == 0)
        send(s);
}

static int begin(struct request *req, struct error **err)
{
    (void)err;
    if (!(req->route->flags & ROUTE_MAINTENANCE))
        return 0;
    struct signal *s = xnew(struct signal);
    s->req = req;
    s->resource_id = xstrdup(req->resource_id ? req->resource_id : "");
    s->stop = stop_new(NULL);
    send(s);
    s->runs = thread_start(&s->thread, "maintenance", run, s, NULL) == 0;
    req->maintenance = s;
    return 0;
}

static void end(struct request *req)
{
    struct signal *s = req->maintenance;
    if (!s)
        return;
    req->maintenance = NULL;
    stop_request(s->stop);
    if (s->runs)
        pthread_join(s->thread, NULL);
    stop_unref(s->stop);
    free(s->resource_id);
    free(s);
}

const struct middleware middleware_maintenance = { .name = "UnplannedMaintenance",
                                                   .before = begin,
                                                   .after = end };

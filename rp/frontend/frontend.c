#include "rp/frontend/frontend.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/base/version.h"
#include "rp/frontend/feeds.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/serve.h"

struct process {
    struct frontend f;
    struct listener listeners[2]; /* TLS, plain */
    struct http_server *servers[2];
    struct stop *stop; /* of the heartbeat */
    pthread_t heartbeat;
    bool beats;
};

static struct process *process_of(struct frontend *f)
{
    return container_of(f, struct process, f);
}

/* At once and in every interval, while requests are welcome. */
static void beat(void *arg)
{
    struct process *p = arg;
    const struct frontend_config *cfg = &p->f.cfg;
    struct opctx ctx = opctx_root(cfg->clock, cfg->rng, p->stop, cfg->log);
    const struct statsd_dim dims[] = { { "version", version_commit() } };
    do {
        if (frontend_is_ready(&p->f, &ctx, NULL))
            statsd_gauge(cfg->statsd, "frontend.heartbeat", 1, dims, ARRAY_LEN(dims));
    } while (opctx_sleep_ms(&ctx, rp_env_ms(cfg->env, INTERVAL_HEARTBEAT), NULL) == 0);
}

static int start_listener(struct process *p, bool is_plain, struct error **err)
{
    struct listener *l = &p->listeners[is_plain];
    *l = (struct listener){ .f = &p->f, .is_plain = is_plain };
    struct http_server_config cfg = listener_config(l);
    if (http_server_start(&cfg, &p->servers[is_plain], err) < 0)
        return error_wrap(err, "%s",
                          is_plain ? "the plain listener (--plain-port)"
                                   : "the TLS listener (--port)");
    *(is_plain ? &p->f.plain_port : &p->f.port) = http_server_port(p->servers[is_plain]);
    return 0;
}

static void end(struct process *p, int64_t grace_ms)
{
    for (size_t i = 0; i < ARRAY_LEN(p->servers); i++)
        if (p->servers[i])
            http_server_stop(p->servers[i], grace_ms);
    stop_request(p->stop);
    if (p->beats)
        pthread_join(p->heartbeat, NULL);
    feeds_free(p->f.feeds);
    stop_unref(p->stop);
    frontend_release(&p->f);
    free(p);
}

int frontend_start(const struct frontend_config *cfg, struct frontend **ret, struct error **err)
{
    struct process *p = xnew(struct process);

    frontend_init(&p->f, cfg, frontend_routes, frontend_routes_len);
    p->stop = stop_new(NULL);
    p->f.feeds = feeds_new(&p->f);
    if (feeds_start(p->f.feeds, err) < 0 || (cfg->cert_pem && start_listener(p, false, err) < 0) ||
        (cfg->plain && start_listener(p, true, err) < 0) ||
        thread_start(&p->heartbeat, "heartbeat", beat, p, err) < 0) {
        end(p, 0);
        return error_wrap(err, "starting the frontend");
    }
    p->beats = true;
    *ret = &p->f;
    return 0;
}

uint16_t frontend_port(const struct frontend *f)
{
    return f->port;
}

uint16_t frontend_plain_port(const struct frontend *f)
{
    return f->plain_port;
}

int frontend_set_cert(struct frontend *f, const char *cert_pem, const struct secret *key_pem,
                      struct error **err)
{
    struct http_server *tls = process_of(f)->servers[false];
    return tls ? http_server_set_cert(tls, cert_pem, key_pem, err) : 0;
}

void frontend_stop(struct frontend *f, struct stop *at_once)
{
    const struct frontend_config *cfg = &f->cfg;
    struct opctx ctx = opctx_root(cfg->clock, cfg->rng, at_once, cfg->log);

    atomic_store(&f->stopping, true);
    if (!rp_env_has(cfg->env, FEATURE_DISABLE_READINESS_DELAY))
        (void)opctx_sleep_ms(&ctx, rp_env_ms(cfg->env, INTERVAL_STOP_DELAY), NULL);
    end(process_of(f), stop_is_set(at_once) ? 0 : rp_env_ms(cfg->env, INTERVAL_STOP_GRACE));
}

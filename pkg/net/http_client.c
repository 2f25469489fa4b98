#include "pkg/net/http_client.h"

#include <pthread.h>
#include <stdlib.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/http_impl.h"

#define WATCH_GATHER_MS_DEFAULT 20
#define TICK_MIN_NS (10 * NS_PER_MS)
#define TICK_MAX_NS NS_PER_S

/* Debian's libcurl brings GnuTLS along, for protocols that are not used here. It sets itself up whenever it is
 * loaded, 0.7 MB and 2 ms in each process, unless it finds this name (GNUTLS_SKIP_GLOBAL_INIT of its header). */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
int _gnutls_global_init_skip(void);
int _gnutls_global_init_skip(void)
{
    return 1;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void init_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort(); /* memory ended */
}

static int64_t tick_of(const struct http_peer *p)
{
    int64_t shorter = p->idle_ns < p->ping_ns ? p->idle_ns : p->ping_ns;
    return shorter / 4;
}

static void on_tick(struct loop_timer *t)
{
    struct http_client *c = container_of(t, struct http_client, tick);
    int64_t now = clock_mono_ns(c->clock);
    int64_t period = TICK_MAX_NS;
    for (struct http_peer *p = c->peers; p; p = p->next) {
        probe_tick(p, now);
        if (tick_of(p) < period)
            period = tick_of(p);
    }
    if (period < TICK_MIN_NS)
        period = TICK_MIN_NS;
    if (c->peers)
        loop_timer_set(c->loop, t, loop_now_ns(c->loop) + period);
}

static int load_connect_to(struct http_client *c, const struct http_client_config *cfg,
                           struct error **err)
{
    const char *path = env_get_or(cfg->env, "ARO_CONNECT_TO", NULL);
    if (!path)
        return 0;
    if (cfg->refuse_connect_to)
        return error_set(err, ERR_INVALID, "ARO_CONNECT_TO must not be set in production");
    if (connect_to_load(path, &c->connect_to, err) < 0)
        return -1;
    struct log log;
    if (cfg->log) {
        log = log_with(cfg->log, "file", path);
        log_warning(&log, "ARO_CONNECT_TO is set: %zu names are dialled at other addresses",
                    connect_to_len(c->connect_to));
    }
    return 0;
}

static int64_t gather_ns_of(const struct http_client_config *cfg)
{
    if (cfg->watch_gather_ms < 0)
        return 0;
    return (cfg->watch_gather_ms ? cfg->watch_gather_ms : WATCH_GATHER_MS_DEFAULT) * NS_PER_MS;
}

int http_client_new(const struct http_client_config *cfg, struct http_client **ret,
                    struct error **err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, init_curl);
    cleanup_http_client struct http_client *c = xnew(struct http_client);
    c->clock = cfg->clock;
    mutex_init(&c->share_mu);
    c->tick.fn = on_tick;
    c->watch_gather_ns = gather_ns_of(cfg);
    c->roots = tls_roots_new(cfg->env, cfg->clock, cfg->log);
    if (proxy_rules_new(cfg->env, &c->proxies, err) < 0 || load_connect_to(c, cfg, err) < 0 ||
        loop_new(clock_system(), "http-io", &c->loop, err) < 0)
        return error_wrap(err, "starting the HTTP client");
    *ret = take(c);
    return 0;
}

void http_client_free(struct http_client *c)
{
    if (!c)
        return;
    loop_free(c->loop);
    connect_to_free(c->connect_to);
    proxy_rules_free(c->proxies);
    tls_roots_free(c->roots);
    pthread_mutex_destroy(&c->share_mu);
    free(c);
}

int64_t http_client_heartbeat_age_ms(const struct http_client *c)
{
    return loop_age_ms(c->loop);
}

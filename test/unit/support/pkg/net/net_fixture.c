#include "test/unit/support/pkg/net/net_fixture.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void setup(struct net_fixture *f, const struct clock *clock, const char *name,
                  const char *value)
{
    *f = (struct net_fixture){ 0 };
    (void)signal(SIGPIPE, SIG_IGN); /* the scripted server's TLS writes to clients that are gone */
    fake_env_init(&f->env);
    if (name)
        fake_env_set(&f->env, name, value);
    const struct http_client_config cfg = { .clock = clock, .env = &f->env.base };
    must(http_client_new(&cfg, &f->client, NULL) == 0);
    f->ca = test_ca_new("Test authority");
    f->cert = test_cert_new(f->ca, "server", "DNS:api.test,IP:127.0.0.1");
    f->stop = stop_new(NULL);
    struct opctx root = opctx_root(clock_system(), rng_system(), f->stop, NULL);
    f->ctx = opctx_with_timeout_ms(&root, 60000);
}

void net_setup_env(struct net_fixture *f, const char *name, const char *value)
{
    setup(f, clock_system(), name, value);
}

void net_setup_clock(struct net_fixture *f, const struct clock *clock)
{
    setup(f, clock, NULL, NULL);
}

void net_setup(struct net_fixture *f)
{
    net_setup_clock(f, clock_system());
}

void net_teardown(struct net_fixture *f)
{
    http_client_free(f->client);
    test_cert_free(f->ca);
    test_cert_free(f->cert);
    stop_unref(f->stop);
    fake_env_release(&f->env);
}

struct tls_server *net_serve(struct net_fixture *f, bool tls, server_script script, void *arg)
{
    return tls_server_start(
        &(struct tls_server_config){ .cert = tls ? f->cert : NULL, .script = script, .arg = arg });
}

struct http_peer *net_peer(struct net_fixture *f, const struct http_peer_config *cfg)
{
    struct http_peer_config own = cfg ? *cfg : (struct http_peer_config){ 0 };
    if (!own.ca_pem && !own.insecure)
        own.ca_pem = f->ca->cert_pem;
    struct http_peer *p = NULL;
    must(http_peer_new(f->client, &own, &p, NULL) == 0);
    return p;
}

int net_get(struct net_fixture *f, struct http_peer *p, char *url, struct http_response *ret,
            struct error **err)
{
    struct http_response ignored = { 0 };
    struct http_response *resp = ret ? ret : &ignored;
    const struct http_request req = { .method = "GET", .url = url };
    int status =
        http_send(http_peer_transport(p), &f->ctx, &req, resp, err) == 0 ? resp->status : -1;
    http_response_release(&ignored);
    free(url);
    return status;
}

void net_call_init(struct net_call *c, struct net_fixture *f, struct http_peer *p, const char *url)
{
    *c = (struct net_call){ .peer = p, .req = { .method = "GET", .url = url }, .ctx = f->ctx };
}

static void run_call(void *arg)
{
    struct net_call *c = arg;
    bool ok = http_send(http_peer_transport(c->peer), &c->ctx, &c->req, &c->resp, &c->err) == 0;
    c->status = ok ? c->resp.status : -1;
}

void net_call_start(struct net_call *c)
{
    must(thread_start(&c->thread, "net-call", run_call, c, NULL) == 0);
}

int net_call_join(struct net_call *c)
{
    pthread_join(c->thread, NULL);
    return c->status;
}

void net_call_release(struct net_call *c)
{
    http_request_release(&c->req);
    http_response_release(&c->resp);
    error_free(c->err);
}

size_t net_open_fds(void)
{
    size_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    must(dir != NULL);
    while (readdir(dir)) /* NOLINT(concurrency-mt-unsafe) */
        n++;
    (void)closedir(dir);
    return n;
}

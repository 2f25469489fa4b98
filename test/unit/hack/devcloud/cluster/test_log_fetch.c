#include <string.h>

#include "hack/devcloud/cluster/log_fetch.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/server.h"
#include "test/unit/support/hack/devcloud/served_cluster.h"
#include "test/unit/support/test.h"

#define PODS "/api/v1/namespaces/default/pods"
#define LOG PODS "/p/log"

/* A kubelet that has one log, and what it was asked. */
struct kubelet {
    struct http_server *server;
    pthread_mutex_t mu;
    char *asked, *user;
};

static int answer(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    struct kubelet *k = arg;
    struct x509_facts facts = { 0 };
    size_t len;
    (void)ctx;
    (void)err;
    const void *der = http_call_client_cert(call, &len);
    (void)pthread_mutex_lock(&k->mu);
    free(k->asked);
    k->asked = xasprintf("%s?%s", http_call_path(call),
                         http_call_query(call) ? http_call_query(call) : "");
    if (der && x509_read_der(der, len, &facts, NULL) == 0) {
        free(k->user);
        k->user = xstrdup(facts.common_name);
    }
    (void)pthread_mutex_unlock(&k->mu);
    x509_facts_release(&facts);
    http_call_reply(call, 200, "text/plain", "line 1\nline 2\n");
    return 0;
}

static void kubelet_open(struct kubelet *k)
{
    *k = (struct kubelet){ 0 };
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    int64_t now = clock_wall_ns(clock_system());
    const char *const addresses[] = { "127.0.0.1", NULL };
    struct x509_request rq = { .common_name = "kubelet",
                               .ip_addresses = addresses,
                               .is_server = true,
                               .not_before_wall_ns = now - 3600 * NS_PER_S,
                               .not_after_wall_ns = now + 3600 * NS_PER_S };
    assert_int_equal(x509_make(&rq, &cert, &key, NULL), 0);
    static const struct http_route routes[] = { { .handle = answer } };
    struct http_server_config cfg = { .name = "kubelet",
                                      .bind_address = "127.0.0.1",
                                      .cert_pem = cert,
                                      .key_pem = key,
                                      .request_client_cert = true,
                                      .routes = routes,
                                      .routes_len = ARRAY_LEN(routes),
                                      .arg = k,
                                      .clock = clock_system(),
                                      .rng = rng_system() };
    (void)pthread_mutex_init(&k->mu, NULL);
    assert_int_equal(http_server_start(&cfg, &k->server, NULL), 0);
}

static void kubelet_close(struct kubelet *k)
{
    if (k->server)
        http_server_stop(k->server, 10000);
    (void)pthread_mutex_destroy(&k->mu);
    free(k->asked);
    free(k->user);
}

static void make_pod(struct served_cluster *s, uint16_t port)
{
    cleanup_free char *node = xasprintf("{'metadata':{'name':'n'},'status':{'addresses':[{'type':'"
                                        "InternalIP','address':'127.0.0.1'}],'daemonEndpoints':{"
                                        "'kubeletEndpoint':{'Port':%u}}}}",
                                        (unsigned)port);
    assert_int_equal(served_cluster_ask(s, "POST", "/api/v1/nodes", node), 201);
    assert_int_equal(served_cluster_ask(s, "POST", PODS,
                                        "{'metadata':{'name':'p'},'spec':{'nodeName':'n','"
                                        "containers':[{'name':'c','image':'x'}]}}"),
                     201);
}

static void passes_logs_on(void **state)
{
    (void)state;
    struct kubelet k;
    kubelet_open(&k);
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, true);
    make_pod(&s, http_server_port(k.server));

    for (int i = 0; i < 2; i++) { /* the second over the same connection */
        assert_int_equal(served_cluster_ask(&s, "GET", LOG "?tailLines=2", NULL), 200);
        assert_string_equal(buf_str(&s.reply.body), "line 1\nline 2\n");
        assert_string_equal(http_headers_get(&s.reply.headers, "Content-Type"), "text/plain");
    }

    http_server_stop(k.server, 10000);
    k.server = NULL;
    assert_string_equal(k.asked, "/containerLogs/default/p/c?tailLines=2");
    assert_string_equal(k.user, "kube-apiserver-kubelet-client");
    kubelet_close(&k);
}

static void a_kubelet_that_is_gone_cuts_the_log(void **state)
{
    (void)state;
    struct kubelet k;
    kubelet_open(&k);
    uint16_t port = http_server_port(k.server);
    kubelet_close(&k);
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, true);
    make_pod(&s, port);

    assert_int_equal(served_cluster_ask(&s, "GET", LOG, NULL), -1);

    assert_int_equal(served_cluster_ask(&s, "GET", PODS "/p", NULL), 200);
}

static void no_kubelets_have_no_logs(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    make_pod(&s, 1);

    assert_int_equal(served_cluster_ask(&s, "GET", LOG, NULL), 501);
}

static void nothing_is_freed(void **state)
{
    (void)state;
    log_fetcher_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("logs of kubelets are passed on as they are", passes_logs_on),
        CASE("a kubelet that is gone cuts the log", a_kubelet_that_is_gone_cuts_the_log),
        CASE("a cluster without kubelets has no logs", no_kubelets_have_no_logs),
        CASE("no fetcher is freed in peace", nothing_is_freed),
    };
    return RUN_CASES("log_fetch", tests);
}

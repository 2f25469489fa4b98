/* Certificates and kubeconfigs of a graph, used as a cluster and its clients use them: over TLS. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/config.h"
#include "pkg/net/http_client.h"
#include "pkg/net/server.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/installer.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/rp/cluster/installer_contract.h"
#include "test/unit/support/test.h"

static struct install_inputs s;
static struct opctx ctx;
static struct fake_env env;
static struct http_client *client;
static json *graph;
static struct secret *ignition, *signer;

/* Whom the API server would take the caller for; 401 without an admitted certificate. */
static int who_am_i(struct http_call *call, const struct opctx *call_ctx, void *arg,
                    struct error **err)
{
    (void)call_ctx;
    (void)arg;
    size_t len;
    const void *der = http_call_client_cert(call, &len);
    struct x509_facts facts = { 0 };
    if (!der)
        return error_set(err, ERR_UNAUTHORIZED, "no certificate");
    if (x509_verify_client(der, len, secret_reveal(signer, NULL), clock_wall_ns(clock_system()),
                           err) < 0 ||
        x509_read_der(der, len, &facts, err) < 0)
        return -1;
    cleanup_free char *groups = strv_give_joined(&facts.organizations, ",");
    cleanup_free char *text = xasprintf("%s in %s", facts.common_name, groups);
    http_call_reply(call, 200, "text/plain", text);
    x509_facts_release(&facts);
    return 0;
}

static struct http_server *serve(const char *pair)
{
    static const struct http_route routes[] = { { .method = "GET", .handle = who_am_i } };
    cleanup_free char *cert_path = xasprintf("/opt/openshift/tls/%s.crt", pair);
    cleanup_free char *key_path = xasprintf("/opt/openshift/tls/%s.key", pair);
    cleanup_secret struct secret *cert = contract_give_file(ignition, cert_path);
    cleanup_secret struct secret *key = contract_give_file(ignition, key_path);
    struct http_server_config cfg = { .name = "api",
                                      .bind_address = "127.0.0.1",
                                      .cert_pem = secret_reveal(cert, NULL),
                                      .key_pem = key,
                                      .request_client_cert = true,
                                      .routes = routes,
                                      .routes_len = ARRAY_LEN(routes),
                                      .clock = clock_system(),
                                      .rng = rng_system() };
    struct http_server *server = NULL;
    assert_int_equal(http_server_start(&cfg, &server, NULL), 0);
    return server;
}

/* With all that the kubeconfig says; only the address is ours. */
static int ask(const struct kube_config *config, const char *url, const struct http_server *server,
               struct http_response *ret, struct error **err)
{
    cleanup_free char *address = xasprintf("127.0.0.1:%u", http_server_port(server));
    struct http_peer_config cfg = { .ca_pem = config->ca_pem,
                                    .client_cert_pem = config->cert_pem,
                                    .client_key_pem = config->key_pem,
                                    .dial_address = address };
    cleanup_http_peer struct http_peer *peer = NULL;
    assert_int_equal(http_peer_new(client, &cfg, &peer, NULL), 0);
    struct http_request req = { .method = "GET", .url = url };
    return http_send(http_peer_transport(peer), &ctx, &req, ret, err);
}

static struct kube_config *read_config(const struct secret *text)
{
    size_t len;
    const char *data = secret_reveal(text, &len);
    struct kube_config *config = NULL;
    assert_int_equal(kube_config_parse(data, len, NULL, &config, NULL), 0);
    return config;
}

static int give_admin(const json *g, int64_t wall_ns, struct secret **ret, struct error **err)
{
    (void)wall_ns;
    return graph_give_admin_kubeconfig(g, ret, err);
}

struct login_case {
    const char *name;
    int (*give)(const json *g, int64_t wall_ns, struct secret **ret, struct error **err);
    const char *want;
};
static struct login_case logins[] = {
    { "the installed admin is let in", give_admin, "system:admin in system:masters" },
    { "the service is let in", graph_give_service_kubeconfig,
      "system:aro-service in system:masters" },
    { "an engineer is let in, into no group", graph_give_sre_kubeconfig, "system:aro-sre in " },
};

static void logs_in(void **state)
{
    const struct login_case *c = *state;
    cleanup_secret struct secret *text = NULL;
    assert_int_equal(c->give(graph, clock_wall_ns(clock_system()), &text, NULL), 0);
    cleanup_kube_config struct kube_config *config = read_config(text);
    struct http_server *server = serve("kube-apiserver-lb-server");
    struct http_response resp = { 0 };
    cleanup_error struct error *err = NULL;

    int rc = ask(config, config->server, server, &resp, &err);

    if (rc < 0)
        fail_msg("%s", error_text(err));
    assert_int_equal(resp.status, 200);
    assert_string_equal(buf_str(&resp.body), c->want);
    http_response_release(&resp);
    http_server_stop(server, 0);
}

static void other_names_are_not_served(void **state)
{
    (void)state;
    cleanup_secret struct secret *text = NULL;
    assert_int_equal(graph_give_admin_kubeconfig(graph, &text, NULL), 0);
    cleanup_kube_config struct kube_config *config = read_config(text);
    struct http_server *server = serve("kube-apiserver-internal-lb-server");
    struct http_response resp = { 0 };
    cleanup_error struct error *err = NULL;

    int rc = ask(config, "https://api." SAMPLE_DOMAIN ":6443", server, &resp, &err);

    assert_int_equal(rc, -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_TLS);
    http_response_release(&resp);
    http_server_stop(server, 0);
}

/* The machines' own way: the root CA of their pointer vouches for the server of their configuration. */
static void machines_trust_their_pointer(void **state)
{
    (void)state;
    cleanup_free char *root = NULL;
    assert_int_equal(graph_give_root_ca(graph, &root, NULL), 0);
    struct kube_config config = { .ca_pem = root };
    struct http_server *server = serve("machine-config-server");
    struct http_response resp = { 0 };
    cleanup_error struct error *err = NULL;

    int rc = ask(&config, "https://api-int." SAMPLE_DOMAIN ":22623", server, &resp, &err);

    if (rc < 0)
        fail_msg("%s", error_text(err));
    assert_int_equal(resp.status, 401); /* whoever asks has no certificate yet */
    http_response_release(&resp);
    http_server_stop(server, 0);
}

static int set_up(void **state)
{
    (void)state;
    struct installer *i = installer_builtin_new();
    ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    ctx = opctx_with_timeout_ms(&ctx, 60000);
    fake_env_init(&env);
    install_inputs_init(&s, INSTALLER_V2);
    const struct http_client_config cfg = { .clock = clock_system(), .env = &env.base };
    int rc = http_client_new(&cfg, &client, NULL);
    if (rc == 0)
        rc = installer_generate(i, &ctx, &s.in, &graph, NULL);
    installer_free(i);
    if (rc < 0 || graph_give_bootstrap_ignition(graph, &ignition, NULL) < 0)
        return -1;
    signer = contract_give_file(ignition, "/opt/openshift/tls/admin-kubeconfig-signer.crt");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_client_free(client);
    json_free_wiped(graph);
    secret_unref(ignition);
    secret_unref(signer);
    install_inputs_release(&s);
    fake_env_release(&env);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF(logins[0].name, logs_in, &logins[0]),
        CASE_OF(logins[1].name, logs_in, &logins[1]),
        CASE_OF(logins[2].name, logs_in, &logins[2]),
        CASE("a server is not taken for one of another name", other_names_are_not_served),
        CASE("machines trust whom their pointer says", machines_trust_their_pointer),
    };
    return _cmocka_run_group_tests("builtin_tls", tests, ARRAY_LEN(tests), set_up, tear_down);
}

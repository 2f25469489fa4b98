/* Clients over the real HTTP client, against a server that asks for a client certificate. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/kube/client.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

struct fixture {
    struct net_fixture net;
    struct fake_clock clock; /* of the client; the context of requests has real time */
    struct fake_env env;
    struct tls_server *server;
    char *dir;
    struct test_cert *jane, *john, *ca2;
    struct kube_config cfg;
    struct kube_client_options opt;
    struct kube_client *client;
    /* what the server saw of the last request */
    pthread_mutex_t mu;
    char seen[128];
    unsigned connection;
};

static bool answer(struct server_call *call)
{
    struct fixture *f = call->arg;
    const char *authorization = http_headers_get(&call->req->headers, "Authorization");
    pthread_mutex_lock(&f->mu);
    (void)snprintf(f->seen, sizeof(f->seen), "%s|%s|%s|%s", call->req->target,
                   call->req->client_name, call->req->sni, authorization ? authorization : "");
    f->connection = call->req->connection;
    pthread_mutex_unlock(&f->mu);
    if (strcmp(call->req->target, "/401") == 0)
        call_reply(call, 401, "", "");
    else
        call_reply(call, 200, "Content-Type: application/json\r\n", "{}");
    return true;
}

static int setup(void **state)
{
    struct fixture *f = xnew(struct fixture);
    net_setup(&f->net);
    fake_clock_init(&f->clock);
    fake_env_init(&f->env);
    pthread_mutex_init(&f->mu, NULL);
    f->dir = temp_dir_give();
    f->jane = test_cert_new(f->net.ca, "jane", NULL);
    f->john = test_cert_new(f->net.ca, "john", NULL);
    f->ca2 = test_ca_new("Other authority");
    f->server = tls_server_start(&(struct tls_server_config){
        .cert = f->net.cert, .client_ca = f->net.ca, .script = answer, .arg = f });
    f->cfg.server = tls_server_give_url(f->server, "127.0.0.1", "");
    f->cfg.nspace = (char[]){ "default" };
    f->cfg.ca_pem = f->net.ca->cert_pem;
    f->opt = (struct kube_client_options){
        .qps = -1, .clock = &f->clock.base, .rng = rng_system(), .env = &f->env.base
    };
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    kube_client_free(f->client);
    tls_server_stop(f->server);
    test_cert_free(f->jane);
    test_cert_free(f->john);
    test_cert_free(f->ca2);
    temp_dir_free(f->dir);
    secret_unref(f->cfg.key_pem);
    free(f->cfg.server);
    free(f->cfg.ca_file);
    free(f->cfg.cert_file);
    free(f->cfg.key_file);
    pthread_mutex_destroy(&f->mu);
    fake_env_release(&f->env);
    fake_clock_release(&f->clock);
    net_teardown(&f->net);
    free(f);
    return 0;
}

static void start(struct fixture *f)
{
    cleanup_error struct error *err = NULL;
    if (kube_client_new(f->net.client, &f->cfg, &f->opt, &f->client, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void write_file(struct fixture *f, const char *name, const char *text)
{
    free(temp_dir_write(f->dir, name, text));
}

static int get(struct fixture *f, const char *path, struct error **err)
{
    cleanup_response struct http_response r = { 0 };
    return kube_send_raw(f->client, &f->net.ctx,
                         &(struct kube_raw){ .method = "GET", .path = path }, &r, err);
}

/* The connection on which the request arrived. */
static unsigned assert_get(struct fixture *f, const char *seen)
{
    cleanup_error struct error *err = NULL;
    if (get(f, "/x", &err) < 0)
        fail_msg("%s", error_text(err));
    pthread_mutex_lock(&f->mu);
    cleanup_free char *got = xstrdup(f->seen);
    unsigned connection = f->connection;
    pthread_mutex_unlock(&f->mu);
    assert_string_equal(got, seen);
    return connection;
}

static void use_files(struct fixture *f)
{
    f->cfg.ca_pem = NULL;
    f->cfg.ca_file = temp_dir_write(f->dir, "ca", f->net.ca->cert_pem);
    f->cfg.cert_file = temp_dir_write(f->dir, "cert", f->jane->cert_pem);
    f->cfg.key_file = temp_dir_write(f->dir, "key", f->jane->key_pem);
}

static void pass_5_min(struct fixture *f)
{
    fake_clock_advance_ms(&f->clock, 300 * 1000);
}

static void test_data(void **state)
{
    struct fixture *f = *state;
    f->cfg.cert_pem = f->jane->cert_pem;
    f->cfg.key_pem = secret_new(f->jane->key_pem, strlen(f->jane->key_pem));
    start(f);
    unsigned first = assert_get(f, "/x|jane||");
    assert_int_equal(assert_get(f, "/x|jane||"), first);
}

static void test_server_name_and_dial(void **state)
{
    struct fixture *f = *state;
    cleanup_free char *address = xasprintf("127.0.0.1:%u", tls_server_port(f->server));
    free(f->cfg.server);
    f->cfg.server = xstrdup("https://name-that-is-nowhere.test:6443");
    f->cfg.server_name = (char[]){ "api.test" };
    f->opt.dial_address = address;
    start(f);
    assert_get(f, "/x||api.test|");
}

/* Whatever is dialled has to prove the name of the URL. */
static void test_dialled_server_of_another_name(void **state)
{
    struct fixture *f = *state;
    cleanup_free char *address = xasprintf("127.0.0.1:%u", tls_server_port(f->server));
    free(f->cfg.server);
    f->cfg.server = xstrdup("https://name-that-is-nowhere.test:6443");
    f->opt.dial_address = address;
    start(f);
    cleanup_error struct error *err = NULL;
    assert_int_equal(get(f, "/x", &err), -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_TLS);
}

static void test_wrong_authority(void **state)
{
    struct fixture *f = *state;
    f->cfg.ca_pem = f->ca2->cert_pem;
    start(f);
    cleanup_error struct error *err = NULL;
    assert_int_equal(get(f, "/x", &err), -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_TLS);
}

static void test_insecure_with_authority(void **state)
{
    struct fixture *f = *state;
    f->cfg.insecure = true;
    cleanup_error struct error *err = NULL;
    assert_int_equal(kube_client_new(f->net.client, &f->cfg, &f->opt, &f->client, &err), -1);
    assert_int_equal(error_kind(err), ERR_INVALID);
    f->client = NULL;
}

static void test_client_cert_rotation(void **state)
{
    struct fixture *f = *state;
    use_files(f);
    start(f);
    unsigned first = assert_get(f, "/x|jane||");
    write_file(f, "cert", f->john->cert_pem);
    write_file(f, "key", f->john->key_pem);
    assert_int_equal(assert_get(f, "/x|jane||"), first); /* not looked at yet */
    pass_5_min(f);
    unsigned second = assert_get(f, "/x|john||");
    assert_int_not_equal(second, first);
    pass_5_min(f);
    assert_int_equal(assert_get(f, "/x|john||"), second); /* the same bytes */
    write_file(f, "cert", "");
    pass_5_min(f);
    assert_int_equal(assert_get(f, "/x|john||"), second);
}

static void test_ca_rotation(void **state)
{
    struct fixture *f = *state;
    use_files(f);
    start(f);
    unsigned first = assert_get(f, "/x|jane||");
    cleanup_free char *both = xasprintf("%s%s", f->ca2->cert_pem, f->net.ca->cert_pem);
    write_file(f, "ca", both);
    pass_5_min(f);
    assert_int_not_equal(assert_get(f, "/x|jane||"), first);
    write_file(f, "ca", f->ca2->cert_pem);
    pass_5_min(f);
    cleanup_error struct error *err = NULL;
    assert_int_equal(get(f, "/x", &err), -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_TLS);
}

static void test_missing_files(void **state)
{
    struct fixture *f = *state;
    f->cfg.cert_file = xstrdup("/nonexistent/cert");
    cleanup_error struct error *err = NULL;
    assert_int_equal(kube_client_new(f->net.client, &f->cfg, &f->opt, &f->client, &err), -1);
    assert_non_null(strstr(error_text(err), "/nonexistent/cert"));
    f->client = NULL;
}

/* ---- a plugin that gives certificates ---- */

static char *give_script(const struct test_cert *cert)
{
    cleanup_json json *j =
        json_make("{'kind':'ExecCredential','apiVersion':'client.authentication.k8s.io/v1',"
                  "'status':{'clientCertificateData':%s,'clientKeyData':%s}}",
                  cert->cert_pem, cert->key_pem);
    cleanup_free char *text = json_give_text(j);
    return xasprintf("cat <<'END'\n%s\nEND\n", text);
}

static void use_plugin(struct fixture *f, struct kube_exec_config *exec, const char *script)
{
    write_file(f, "plugin", script);
    exec->api_version = xstrdup("client.authentication.k8s.io/v1");
    exec->command = xstrdup("/bin/sh");
    cleanup_free char *path = path_give_joined(f->dir, "plugin");
    strv_add(&exec->args, path);
    f->cfg.exec = exec;
}

static void release_plugin(struct kube_exec_config *exec)
{
    free(exec->api_version);
    free(exec->command);
    strv_release(&exec->args);
}

static void test_plugin_cert(void **state)
{
    struct fixture *f = *state;
    struct kube_exec_config exec = { 0 };
    cleanup_free char *jane = give_script(f->jane);
    cleanup_free char *john = give_script(f->john);
    use_plugin(f, &exec, jane);
    start(f);
    unsigned first = assert_get(f, "/x|jane||");
    write_file(f, "plugin", john);
    assert_int_equal(assert_get(f, "/x|jane||"), first); /* the answer is still good */
    cleanup_error struct error *err = NULL;
    assert_int_equal(get(f, "/401", &err), -1);
    assert_int_equal(error_kind(err), ERR_UNAUTHORIZED);
    unsigned second = assert_get(f, "/x|john||"); /* changed: a new connection */
    assert_int_not_equal(second, first);
    error_clear(&err);
    assert_int_equal(get(f, "/401", &err), -1);
    assert_int_equal(assert_get(f, "/x|john||"), second); /* run again, the same: none */
    release_plugin(&exec);
}

static void test_plugin_token(void **state)
{
    struct fixture *f = *state;
    struct kube_exec_config exec = { 0 };
    use_plugin(f, &exec,
               "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":"
               "\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"t\"}}'\n");
    start(f);
    unsigned first = assert_get(f, "/x|||Bearer t");
    assert_int_equal(assert_get(f, "/x|||Bearer t"), first);
    release_plugin(&exec);
}

/* Equal but for the token, which is no matter of the connection. */
static void test_equal_clients_share(void **state)
{
    struct fixture *f = *state;
    start(f);
    struct kube_client *first = f->client;
    unsigned connection = assert_get(f, "/x|||");
    f->cfg.token = secret_new("t", 1);
    start(f);
    assert_int_equal(assert_get(f, "/x|||Bearer t"), connection);
    kube_client_free(first);
    assert_int_equal(assert_get(f, "/x|||Bearer t"), connection);
    secret_unref(take(f->cfg.token));
}

static void test_unequal_clients_never_share(void **state)
{
    struct fixture *f = *state;
    start(f);
    struct kube_client *first = f->client;
    unsigned connection = assert_get(f, "/x|||");
    f->cfg.cert_pem = f->jane->cert_pem;
    f->cfg.key_pem = secret_new(f->jane->key_pem, strlen(f->jane->key_pem));
    start(f);
    assert_int_not_equal(assert_get(f, "/x|jane||"), connection);
    kube_client_free(f->client);
    f->client = first;
    assert_int_equal(assert_get(f, "/x|||"), connection);
    f->cfg.cert_pem = NULL;
}

#define PEER_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEER_CASE("a client certificate from data is presented, on one connection", test_data),
        PEER_CASE("the server's name is independent of the address that is dialled",
                  test_server_name_and_dial),
        PEER_CASE("a dialled server with a certificate of another name is refused",
                  test_dialled_server_of_another_name),
        PEER_CASE("a server of another authority is refused", test_wrong_authority),
        PEER_CASE("no verification together with an authority is refused",
                  test_insecure_with_authority),
        PEER_CASE("a changed client certificate is seen after 5 minutes and reconnects",
                  test_client_cert_rotation),
        PEER_CASE("a changed authority is seen after 5 minutes", test_ca_rotation),
        PEER_CASE("a certificate file that cannot be read is an error", test_missing_files),
        PEER_CASE("a plugin's changed certificate reconnects, the same does not", test_plugin_cert),
        PEER_CASE("a plugin's token is a bearer token", test_plugin_token),
        PEER_CASE("clients of equal configuration share a connection", test_equal_clients_share),
        PEER_CASE("clients of unequal configuration never do", test_unequal_clients_never_share),
    };
    return RUN_CASES("conn_peer", tests);
}

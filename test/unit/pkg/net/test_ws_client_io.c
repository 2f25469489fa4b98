/* How a WebSocket reaches its server, and how that fails. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/net/ws_client.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/pkg/net/relay.h"
#include "test/unit/support/pkg/net/ws_script.h"
#include "test/unit/support/test.h"

/* Says SNI and Host in one message. */
static bool say_names(struct server_call *c)
{
    cleanup_free char *text =
        xasprintf("%s %s", c->req->sni, http_headers_get(&c->req->headers, "Host"));
    ws_script_accept(c, NULL);
    ws_script_send(c, 0x81, text, strlen(text));
    call_stall(c);
    return false;
}

static void expect_names(struct net_fixture *f, const struct http_peer_config *cfg, const char *url,
                         const char *want)
{
    struct http_peer *p = net_peer(f, cfg);
    struct ws_conn *ws = NULL;
    struct error *err = NULL;
    (void)ws_conn_open(p, &f->ctx, &(struct ws_conn_config){ .url = url }, &ws, &err);
    assert_string_equal(error_text(err), "");
    bool binary;
    const char *data;
    size_t len;
    assert_int_equal(ws_conn_read(ws, &f->ctx, &binary, &data, &len, NULL), 1);
    assert_string_equal(data, want);
    ws_conn_close(ws);
    http_peer_unref(p);
}

static void test_dial_address_and_server_name_apply(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    cleanup_free char *dial = xasprintf("127.0.0.1:%u", tls_server_port(s));

    expect_names(&f, &(struct http_peer_config){ .dial_address = dial },
                 "https://api.test:6443/exec", "api.test api.test:6443");
    expect_names(&f, &(struct http_peer_config){ .dial_address = dial, .server_name = "api.test" },
                 "https://10.0.0.1/exec", "api.test 10.0.0.1");

    tls_server_stop(s);
    net_teardown(&f);
}

static void test_proxy_is_tunnelled_through_even_without_tls(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, say_names, NULL);
    struct relay *proxy = relay_start(&(struct relay_config){ .proxied_port = tls_server_port(s) });
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u", relay_port(proxy));

    expect_names(&f, &(struct http_peer_config){ .proxy_url = url }, "http://api.test/exec",
                 " api.test");

    cleanup_free char *request = relay_give_request(proxy);
    assert_string_equal(request, "CONNECT api.test:80 HTTP/1.1");
    relay_stop(proxy);
    tls_server_stop(s);
    net_teardown(&f);
}

struct fail_case {
    const char *sentence, *url, *code;
};
static struct fail_case fail_cases[] = {
    { "an unknown name", "https://no-such-host.invalid/", HTTP_ERR_DNS },
    { "a certificate of another name", "https://localhost:PORT/", HTTP_ERR_TLS },
};

static void check_fail(void **state)
{
    const struct fail_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *own = tls_server_give_url(s, "localhost", "/");
    struct ws_conn *ws = NULL;
    struct error *err = NULL;
    const struct ws_conn_config cfg = { .url = strstr(c->url, "PORT") ? own : c->url };

    assert_int_equal(ws_conn_open(p, &f.ctx, &cfg, &ws, &err), -1);

    assert_int_equal(error_kind(err), ERR_CONN);
    assert_string_equal(error_get_code(err), c->code);
    error_free(err);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

struct opener {
    struct net_fixture *f;
    struct http_peer *peer;
    const char *url;
    int status;
    struct error *err;
};

static void open_one(void *arg)
{
    struct opener *o = arg;
    struct ws_conn *ws = NULL;
    o->status =
        ws_conn_open(o->peer, &o->f->ctx, &(struct ws_conn_config){ .url = o->url }, &ws, &o->err);
}

static bool never_answer(struct server_call *c)
{
    gate_count(c->arg);
    call_stall(c);
    return false;
}

static void test_stop_ends_a_handshake_that_waits(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, true, never_answer, &gate);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct opener o = { .f = &f, .peer = net_peer(&f, NULL), .url = url };
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "opener", open_one, &o, NULL), 0);
    gate_await(&gate, 1);

    stop_request(f.stop);
    pthread_join(thread, NULL);

    assert_int_equal(o.status, -1);
    assert_int_equal(error_kind(o.err), ERR_CANCELLED);
    error_free(o.err);
    http_peer_unref(o.peer);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
}

static void test_no_descriptor_stays_open(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    size_t before = net_open_fds();
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    cleanup_free char *want = xasprintf(" 127.0.0.1:%u", tls_server_port(s));

    for (int i = 0; i < 3; i++)
        expect_names(&f, NULL, url, want);
    tls_server_stop(s);

    assert_int_equal(net_open_fds(), before);
    net_teardown(&f);
}

int main(void)
{
    struct CMUnitTest tests[4 + ARRAY_LEN(fail_cases)] = {
        CASE("dial address and server name apply", test_dial_address_and_server_name_apply),
        CASE("a proxy is tunnelled through, even without TLS",
             test_proxy_is_tunnelled_through_even_without_tls),
        CASE("a stop ends a handshake that waits", test_stop_ends_a_handshake_that_waits),
        CASE("no descriptor stays open", test_no_descriptor_stays_open),
    };
    for (size_t i = 0; i < ARRAY_LEN(fail_cases); i++)
        tests[4 + i] =
            (struct CMUnitTest)CASE_OF(fail_cases[i].sentence, check_fail, &fail_cases[i]);
    return RUN_CASES("ws_client_io", tests);
}

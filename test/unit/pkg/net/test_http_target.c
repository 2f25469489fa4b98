/* Addresses that replace a name's own, and proxies. */
#include <string.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/http_target.h"
#include "test/unit/support/pkg/net/h2_front.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/pkg/net/relay.h"
#include "test/unit/support/test.h"

/* Answers with what it was asked for: "Host sni". */
static bool say_names(struct server_call *c)
{
    cleanup_free char *text =
        xasprintf("%s %s", http_headers_get(&c->req->headers, "Host"), c->req->sni);
    call_reply(c, 200, "", text);
    return true;
}

static void expect_body(struct net_fixture *f, struct http_peer *p, char *url, const char *want)
{
    struct http_response resp;
    struct error *err = NULL;
    int status = net_get(f, p, url, &resp, &err);
    assert_string_equal(error_text(err), "");
    assert_int_equal(status, 200);
    assert_string_equal(buf_str(&resp.body), want);
    http_response_release(&resp);
}

static void test_dial_address_leaves_names_alone(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    cleanup_free char *dial = xasprintf("127.0.0.1:%u", tls_server_port(s));
    struct http_peer *p = net_peer(&f, &(struct http_peer_config){ .dial_address = dial });

    expect_body(&f, p, xstrdup("https://api.test/"), "api.test api.test");
    expect_body(&f, p, xstrdup("https://api.test:6443/"), "api.test:6443 api.test");

    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_dial_address_without_port_keeps_the_urls(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    struct http_peer *p = net_peer(&f, &(struct http_peer_config){ .dial_address = "127.0.0.1" });
    cleanup_free char *want = xasprintf("api.test:%u api.test", tls_server_port(s));

    expect_body(&f, p, tls_server_give_url(s, "api.test", "/"), want);

    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_map_of_the_environment_is_followed(void **state)
{
    (void)state;
    struct net_fixture probe; /* only to have a server before the client */
    net_setup(&probe);
    struct tls_server *s = net_serve(&probe, true, say_names, NULL);
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    cleanup_free char *path = xasprintf("%s/target-map", tmp ? tmp : "/tmp");
    cleanup_free char *rules = xasprintf("*.test:443 127.0.0.1:%u\n", tls_server_port(s));
    assert_int_equal(file_write_atomic(path, rules, strlen(rules), 0600, NULL), 0);
    struct net_fixture f;
    net_setup_env(&f, "ARO_CONNECT_TO", path);
    struct http_peer *p = net_peer(&f, &(struct http_peer_config){ .ca_pem = probe.ca->cert_pem });

    expect_body(&f, p, xstrdup("https://api.test/"), "api.test api.test");

    http_peer_unref(p);
    net_teardown(&f);
    tls_server_stop(s);
    net_teardown(&probe);
    unlink(path);
}

/* ---- proxies ---- */

static void test_tunnel_goes_to_the_name(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    struct relay *proxy = relay_start(
        &(struct relay_config){ .proxied_port = tls_server_port(s),
                                .credentials = "Proxy-Authorization: Basic dXNlcjpwQHNz" });
    cleanup_free char *url = xasprintf("http://user:p%%40ss@127.0.0.1:%u", relay_port(proxy));
    struct http_peer *p = net_peer(&f, &(struct http_peer_config){ .proxy_url = url });

    expect_body(&f, p, xstrdup("https://api.test:6443/"), "api.test:6443 api.test");

    cleanup_free char *request = relay_give_request(proxy);
    assert_string_equal(request, "CONNECT api.test:6443 HTTP/1.1");
    http_peer_unref(p);
    relay_stop(proxy);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_tunnel_goes_to_the_dial_address(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    struct relay *proxy = relay_start(&(struct relay_config){ .proxied_port = tls_server_port(s) });
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u", relay_port(proxy));
    struct http_peer *p = net_peer(
        &f, &(struct http_peer_config){ .proxy_url = url, .dial_address = "10.9.8.7:6443" });

    expect_body(&f, p, xstrdup("https://api.test/"), "api.test api.test");

    cleanup_free char *request = relay_give_request(proxy);
    assert_string_equal(request, "CONNECT 10.9.8.7:6443 HTTP/1.1");
    http_peer_unref(p);
    relay_stop(proxy);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_socks_proxy_gets_the_name(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, say_names, NULL);
    struct relay *proxy =
        relay_start(&(struct relay_config){ .proxied_port = tls_server_port(s), .socks = true });
    cleanup_free char *url = xasprintf("socks5://127.0.0.1:%u", relay_port(proxy));
    struct http_peer *p = net_peer(&f, &(struct http_peer_config){ .proxy_url = url });

    expect_body(&f, p, xstrdup("https://api.test:6443/"), "api.test:6443 api.test");

    cleanup_free char *request = relay_give_request(proxy);
    assert_string_equal(request, "api.test:6443");
    http_peer_unref(p);
    relay_stop(proxy);
    tls_server_stop(s);
    net_teardown(&f);
}

static void check_refusal(const struct relay_config *cfg)
{
    struct net_fixture f;
    net_setup(&f);
    struct relay *proxy = relay_start(cfg);
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u", relay_port(proxy));
    struct http_peer *p = net_peer(&f, &(struct http_peer_config){ .proxy_url = url });
    struct error *err = NULL;

    int status = net_get(&f, p, xstrdup("https://api.test/"), NULL, &err);

    assert_int_equal(status, -1);
    assert_int_equal(error_kind(err), ERR_CONN);
    assert_string_equal(error_get_code(err), HTTP_ERR_PROXY);
    error_free(err);
    http_peer_unref(p);
    relay_stop(proxy);
    net_teardown(&f);
}

static void test_proxy_that_wants_credentials(void **state)
{
    (void)state;
    check_refusal(&(struct relay_config){ .credentials = "Proxy-Authorization: Basic x" });
}

static void test_proxy_that_forbids(void **state)
{
    (void)state;
    check_refusal(&(struct relay_config){ .refuse_status = 403 });
}

static void test_environment_proxy_and_ways_around_it(void **state)
{
    (void)state;
    struct net_fixture server;
    net_setup(&server);
    struct tls_server *s = net_serve(&server, true, say_names, NULL);
    struct relay *proxy = relay_start(&(struct relay_config){ .proxied_port = tls_server_port(s) });
    cleanup_free char *url = xasprintf("127.0.0.1:%u", relay_port(proxy));
    cleanup_free char *dial = xasprintf("127.0.0.1:%u", tls_server_port(s));
    struct net_fixture f;
    net_setup_env(&f, "HTTPS_PROXY", url);
    struct http_peer_config by_env = { .ca_pem = server.ca->cert_pem };
    struct http_peer_config none = { .ca_pem = server.ca->cert_pem,
                                     .proxy_url = "",
                                     .dial_address = dial };
    struct http_peer *a = net_peer(&f, &by_env), *b = net_peer(&f, &none);

    expect_body(&f, a, xstrdup("https://api.test/"), "api.test api.test");
    assert_int_equal(relay_connections(proxy), 1);
    expect_body(&f, b, xstrdup("https://api.test/"), "api.test api.test");
    assert_int_equal(relay_connections(proxy), 1);
    by_env.dial_address = dial;
    struct http_peer *c = net_peer(&f, &by_env);
    struct net_call call;
    net_call_init(&call, &f, c, "https://api.test/");
    call.req.ignore_proxy = true;
    net_call_start(&call);
    assert_int_equal(net_call_join(&call), 200);
    assert_int_equal(relay_connections(proxy), 1);

    net_call_release(&call);
    http_peer_unref(a);
    http_peer_unref(b);
    http_peer_unref(c);
    net_teardown(&f);
    relay_stop(proxy);
    tls_server_stop(s);
    net_teardown(&server);
}

static void test_plain_http_goes_through_a_proxy_too(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, say_names, NULL);
    /* Without a tunnel the server sees the proxy's kind of request: here, the relay only passes it on. */
    struct relay *proxy = relay_start(&(struct relay_config){ .target_port = tls_server_port(s) });
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u", relay_port(proxy));
    struct http_peer *p = net_peer(&f, &(struct http_peer_config){ .proxy_url = url });

    expect_body(&f, p, xstrdup("http://api.test/"), "api.test ");

    http_peer_unref(p);
    relay_stop(proxy);
    tls_server_stop(s);
    net_teardown(&f);
}

/* Once for a connection to a name, never for an address or a connection that is there. */
static void test_resolution_is_told(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, say_names, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    static const struct {
        const char *host;
        bool told;
    } steps[] = { { "127.0.0.1", false }, { "localhost", true }, { "localhost", false } };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct http_response resp;
        char *url = tls_server_give_url(s, steps[i].host, "/");
        assert_int_equal(net_get(&f, p, url, &resp, NULL), 200);
        assert_int_equal(resp.dns_ns > 0, steps[i].told);
        http_response_release(&resp);
    }
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("a dial address leaves URL, Host and SNI alone", test_dial_address_leaves_names_alone),
        CASE("a dial address without port keeps the URL's",
             test_dial_address_without_port_keeps_the_urls),
        CASE("ARO_CONNECT_TO is followed", test_map_of_the_environment_is_followed),
        CASE("a tunnel goes to the name, with credentials", test_tunnel_goes_to_the_name),
        CASE("a tunnel goes to the dial address", test_tunnel_goes_to_the_dial_address),
        CASE("a SOCKS5 proxy gets the name", test_socks_proxy_gets_the_name),
        CASE("a proxy that wants credentials is a failure of the proxy",
             test_proxy_that_wants_credentials),
        CASE("a proxy that forbids is a failure of the proxy", test_proxy_that_forbids),
        CASE("the environment's proxy is used, and can be gone around",
             test_environment_proxy_and_ways_around_it),
        CASE("plain HTTP goes through a proxy, too", test_plain_http_goes_through_a_proxy_too),
        CASE("the time of resolving a name is told, once a connection", test_resolution_is_told),
    };
    return RUN_CASES("http_target", tests);
}

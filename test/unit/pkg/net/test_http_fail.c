/* Transport failures and what callers are told of them. */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

struct fail_case {
    const char *sentence, *wire; /* what the server says before the end; NULL: nothing */
    bool reset, tls;
    enum err_kind kind;
    const char *code;
    int status; /* that has arrived */
};
static struct fail_case fail_cases[] = {
    { "an end before the reply is an EOF", NULL, false, false, ERR_CONN, HTTP_ERR_EOF, 0 },
    { "an end before the reply is an EOF with TLS, too", NULL, false, true, ERR_CONN, HTTP_ERR_EOF,
      0 },
    { "a reset before the reply", NULL, true, false, ERR_CONN, HTTP_ERR_RESET, 0 },
    { "a reset before the reply with TLS", NULL, true, true, ERR_CONN, HTTP_ERR_RESET, 0 },
    { "a reset within the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", true, false,
      ERR_CONN, HTTP_ERR_RESET, 200 },
    { "an end within the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", false, false,
      ERR_CONN, HTTP_ERR_EOF, 200 },
    { "an end within the body with TLS", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", false,
      true, ERR_CONN, HTTP_ERR_EOF, 200 },
    { "an end within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
      false, false, ERR_CONN, HTTP_ERR_EOF, 200 },
    { "an end between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
      false, true, ERR_CONN, HTTP_ERR_EOF, 200 },
    { "a reply that is no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", false, false, ERR_INTERNAL, NULL, 0 },
    { "a chunk size that is no number",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", false, false, ERR_CONN,
      HTTP_ERR_RESET, 200 },
    { "a body that is no gzip",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot a gzip !", false,
      false, ERR_INTERNAL, NULL, 200 },
};

static bool say_and_end(struct server_call *c)
{
    const struct fail_case *f = c->arg;
    if (f->wire)
        call_writes(c, f->wire);
    return f->reset ? call_reset(c) : call_cut(c);
}

static void check_fail(void **state)
{
    struct fail_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, c->tls, say_and_end, c);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/secret?sig=hunter2");
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.req.gzip = true;

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), -1);
    assert_int_equal(error_kind(call.err), c->kind);
    assert_true(str_eq(error_get_code(call.err), c->code));
    assert_int_equal(call.resp.status, c->status);
    assert_null(strstr(error_text(call.err), "secret"));
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_unknown_name(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct http_peer *p = net_peer(&f, NULL);
    struct error *err = NULL;

    int status = net_get(&f, p, xstrdup("https://no-such-host.invalid/"), NULL, &err);

    assert_int_equal(status, -1);
    assert_int_equal(error_kind(err), ERR_CONN);
    assert_string_equal(error_get_code(err), HTTP_ERR_DNS);
    error_free(err);
    http_peer_unref(p);
    net_teardown(&f);
}

/* A socket that is bound and does not listen: its port refuses, and nobody else can take it. */
static int bind_only(unsigned *ret_port)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    *ret_port = ntohs(addr.sin_port);
    return fd;
}

static void test_refused_port(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct http_peer *p = net_peer(&f, NULL);
    unsigned port;
    int fd = bind_only(&port);
    struct error *err = NULL;

    int status = net_get(&f, p, xasprintf("http://127.0.0.1:%u/", port), NULL, &err);

    assert_int_equal(status, -1);
    assert_int_equal(error_kind(err), ERR_CONN);
    assert_string_equal(error_get_code(err), HTTP_ERR_REFUSED);
    assert_true(error_is_retriable(err));
    error_free(err);
    close(fd);
    http_peer_unref(p);
    net_teardown(&f);
}

static void test_refused_proxy(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    unsigned port;
    int fd = bind_only(&port);
    cleanup_free char *proxy = xasprintf("http://user:hunter2@127.0.0.1:%u", port);
    struct http_peer *p = net_peer(&f, &(struct http_peer_config){ .proxy_url = proxy });
    struct error *err = NULL;

    int status = net_get(&f, p, xstrdup("https://api.test/"), NULL, &err);

    assert_int_equal(status, -1);
    assert_string_equal(error_get_code(err), HTTP_ERR_PROXY);
    assert_null(strstr(error_text(err), "hunter2"));
    error_free(err);
    close(fd);
    http_peer_unref(p);
    net_teardown(&f);
}

/* Accepts nothing: the backlog takes the connection, TLS never answers. */
static void test_connect_timeout_covers_tls(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct http_peer *p = net_peer(&f, NULL);
    unsigned port;
    int fd = bind_only(&port);
    assert_int_equal(listen(fd, 8), 0);
    cleanup_free char *url = xasprintf("https://127.0.0.1:%u/", port);
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.req.connect_timeout_ms = 50;

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), -1);
    assert_int_equal(error_kind(call.err), ERR_TIMEOUT);
    net_call_release(&call);
    close(fd);
    http_peer_unref(p);
    net_teardown(&f);
}

int main(void)
{
    struct CMUnitTest tests[4 + ARRAY_LEN(fail_cases)] = {
        CASE("an unknown name is a failure of name resolution", test_unknown_name),
        CASE("a closed port refuses", test_refused_port),
        CASE("a proxy that refuses is a failure of the proxy, its password untold",
             test_refused_proxy),
        CASE("the connect timeout covers the TLS handshake", test_connect_timeout_covers_tls),
    };
    for (size_t i = 0; i < ARRAY_LEN(fail_cases); i++)
        tests[4 + i] =
            (struct CMUnitTest)CASE_OF(fail_cases[i].sentence, check_fail, &fail_cases[i]);
    return RUN_CASES("http_fail", tests);
}

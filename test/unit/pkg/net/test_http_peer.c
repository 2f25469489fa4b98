/* Peers: separation, closing, redirects, configuration. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

static bool answer(struct server_call *c)
{
    call_reply(c, 200, "", "ok");
    return true;
}

static bool stall(struct server_call *c)
{
    gate_count(c->arg);
    call_stall(c);
    return false;
}

static void test_two_peers_never_share(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, answer, NULL);
    struct http_peer *a = net_peer(&f, NULL), *b = net_peer(&f, NULL);

    for (int i = 0; i < 3; i++) {
        assert_int_equal(net_get(&f, a, tls_server_give_url(s, "127.0.0.1", "/"), NULL, NULL), 200);
        assert_int_equal(net_get(&f, b, tls_server_give_url(s, "127.0.0.1", "/"), NULL, NULL), 200);
    }

    assert_int_equal(tls_server_connections(s), 2);
    http_peer_unref(a);
    http_peer_unref(b);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_closing_connections_ends_transfers_and_dials_again(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *stalling = net_serve(&f, true, stall, &gate);
    struct tls_server *answering = net_serve(&f, true, answer, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    assert_int_equal(net_get(&f, p, tls_server_give_url(answering, "127.0.0.1", "/"), NULL, NULL),
                     200);
    cleanup_free char *url = tls_server_give_url(stalling, "127.0.0.1", "/");
    struct net_call call;
    net_call_init(&call, &f, p, url);
    net_call_start(&call);
    gate_await(&gate, 1);

    http_peer_close_connections(p);

    assert_int_equal(net_call_join(&call), -1);
    assert_string_equal(error_get_code(call.err), HTTP_ERR_RESET);
    assert_int_equal(net_get(&f, p, tls_server_give_url(answering, "127.0.0.1", "/"), NULL, NULL),
                     200);
    assert_int_equal(tls_server_connections(answering), 2);
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(stalling);
    tls_server_stop(answering);
    gate_release(&gate);
    net_teardown(&f);
}

static void test_references_keep_a_peer(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, answer, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    struct http_peer *again = http_peer_ref(p);

    http_peer_unref(p);

    assert_int_equal(net_get(&f, again, tls_server_give_url(s, "127.0.0.1", "/"), NULL, NULL), 200);
    http_peer_unref(again);
    tls_server_stop(s);
    net_teardown(&f);
}

/* ---- redirects ---- */

struct hops {
    const char *to; /* Location of everything but /end */
    int status;
    char first[512], last[512];
};

static void describe(const struct server_request *req, char out[512])
{
    const char *auth = http_headers_get(&req->headers, "Authorization");
    const char *keep = http_headers_get(&req->headers, "X-Keep");
    (void)snprintf(out, 512, "%s %s auth=%s keep=%s body=%s", req->method, req->target,
                   auth ? auth : "none", keep ? keep : "none", buf_str(&req->body));
}

static bool redirect(struct server_call *c)
{
    struct hops *h = c->arg;
    if (strcmp(c->req->target, "/end") == 0) {
        describe(c->req, h->last);
        call_reply(c, 200, "", "end");
        return true;
    }
    describe(c->req, h->first);
    cleanup_free char *headers = xasprintf("Location: %s\r\n", h->to);
    call_reply(c, h->status, headers, "moved");
    return true;
}

struct redirect_case {
    const char *sentence, *method;
    int status;
    const char *last; /* as describe says */
};
static struct redirect_case redirect_cases[] = {
    { "302 turns POST into GET", "POST", 302, "GET /end auth=t keep=k body=" },
    { "303 turns PUT into GET", "PUT", 303, "GET /end auth=t keep=k body=" },
    { "307 keeps method and body", "POST", 307, "POST /end auth=t keep=k body=b" },
    { "308 keeps method and body", "PUT", 308, "PUT /end auth=t keep=k body=b" },
    { "301 keeps DELETE", "DELETE", 301, "DELETE /end auth=t keep=k body=b" },
};

static int send_redirected(struct net_fixture *f, struct http_peer *p, const char *url,
                           const char *method, int max_redirects, struct net_call *call)
{
    net_call_init(call, f, p, url);
    call->req.method = method;
    call->req.body = "b";
    call->req.body_len = 1;
    call->req.max_redirects = max_redirects;
    http_headers_add(&call->req.headers, "Authorization", "t");
    http_headers_add(&call->req.headers, "X-Keep", "k");
    net_call_start(call);
    return net_call_join(call);
}

static void check_redirect(void **state)
{
    const struct redirect_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct hops hops = { .to = "end", .status = c->status };
    struct tls_server *s = net_serve(&f, true, redirect, &hops);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/start");
    struct net_call call;

    int status = send_redirected(&f, p, url, c->method, 10, &call);

    assert_int_equal(status, 200);
    assert_string_equal(buf_str(&call.resp.body), "end");
    assert_string_equal(hops.last, c->last);
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_credentials_stay_with_their_origin(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct hops there = { .status = 307 };
    struct tls_server *other = net_serve(&f, true, redirect, &there);
    cleanup_free char *end = tls_server_give_url(other, "127.0.0.1", "/end");
    struct hops here = { .to = end, .status = 307 };
    struct tls_server *s = net_serve(&f, true, redirect, &here);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/start");
    struct net_call call;

    int status = send_redirected(&f, p, url, "POST", 1, &call);

    assert_int_equal(status, 200);
    assert_string_equal(here.first, "POST /start auth=t keep=k body=b");
    assert_string_equal(there.last, "POST /end auth=none keep=k body=b");
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    tls_server_stop(other);
    net_teardown(&f);
}

static void test_redirects_are_returned_unless_asked_for_and_beyond_the_limit(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct hops hops = { .to = "/again", .status = 302 };
    struct tls_server *s = net_serve(&f, true, redirect, &hops);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/start");
    struct net_call none, three;

    assert_int_equal(send_redirected(&f, p, url, "GET", 0, &none), 302);
    assert_string_equal(hops.first, "GET /start auth=t keep=k body=b");
    assert_string_equal(buf_str(&none.resp.body), "moved");
    assert_string_equal(http_headers_get(&none.resp.headers, "location"), "/again");

    assert_int_equal(send_redirected(&f, p, url, "GET", 3, &three), 302);
    assert_string_equal(hops.first, "GET /again auth=t keep=k body=b");
    net_call_release(&none);
    net_call_release(&three);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_redirect_to_a_foreign_scheme_fails(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct hops hops = { .to = "file:///etc/passwd", .status = 302 };
    struct tls_server *s = net_serve(&f, true, redirect, &hops);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/start");
    struct net_call call;

    assert_int_equal(send_redirected(&f, p, url, "GET", 5, &call), -1);

    assert_int_equal(error_kind(call.err), ERR_INVALID);
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

/* ---- configuration ---- */

struct config_case {
    const char *sentence;
    struct http_peer_config cfg;
};
static struct config_case config_cases[] = {
    { "a dial address that is a name is refused", { .dial_address = "host" } },
    { "a dial address with a bad port is refused", { .dial_address = "10.0.0.1:0" } },
    { "an unknown proxy scheme is refused", { .proxy_url = "ftp://proxy" } },
    { "a probe path that is no path is refused", { .probe_path = "version" } },
    { "a probe path with a line end is refused", { .probe_path = "/a\r\nb" } },
    { "a bundle together with no verification is refused", { .ca_pem = "x", .insecure = true } },
};

static void check_config(void **state)
{
    const struct config_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct http_peer *p = NULL;
    struct error *err = NULL;

    assert_int_equal(http_peer_new(f.client, &c->cfg, &p, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    error_free(err);
    net_teardown(&f);
}

int main(void)
{
    enum { FIXED = 6, REDIRECT = ARRAY_LEN(redirect_cases), CONFIG = ARRAY_LEN(config_cases) };
    struct CMUnitTest tests[FIXED + REDIRECT + CONFIG] = {
        CASE("two peers never share a connection, equal as they are", test_two_peers_never_share),
        CASE("closing connections ends their transfers; the next request dials again",
             test_closing_connections_ends_transfers_and_dials_again),
        CASE("a reference keeps the peer", test_references_keep_a_peer),
        CASE("credentials stay with their origin", test_credentials_stay_with_their_origin),
        CASE("redirects are returned unless asked for, and beyond the limit",
             test_redirects_are_returned_unless_asked_for_and_beyond_the_limit),
        CASE("a redirect to a foreign scheme fails", test_redirect_to_a_foreign_scheme_fails),
    };
    struct CMUnitTest *t = tests + FIXED;
    for (size_t i = 0; i < REDIRECT; i++)
        *t++ = (struct CMUnitTest)CASE_OF(redirect_cases[i].sentence, check_redirect,
                                          &redirect_cases[i]);
    for (size_t i = 0; i < CONFIG; i++)
        *t++ = (struct CMUnitTest)CASE_OF(config_cases[i].sentence, check_config, &config_cases[i]);
    return RUN_CASES("http_peer", tests);
}

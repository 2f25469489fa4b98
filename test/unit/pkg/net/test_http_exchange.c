/* Waiting, cancelling, and many callers at once. */
#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/h2_front.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

static bool hold(struct server_call *c)
{
    gate_pass(c->arg);
    call_reply(c, 200, "", c->req->target);
    return true;
}

static bool stall(struct server_call *c)
{
    gate_count(c->arg);
    call_stall(c);
    return false;
}

static void test_cancel_ends_a_waiting_call(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, true, stall, &gate);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call call;
    net_call_init(&call, &f, p, url);
    net_call_start(&call);
    gate_await(&gate, 1);

    stop_request(f.stop);

    assert_int_equal(net_call_join(&call), -1);
    assert_int_equal(error_kind(call.err), ERR_CANCELLED);
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
}

static void test_cancelled_context_sends_nothing(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, true, stall, &gate);
    struct http_peer *p = net_peer(&f, NULL);
    stop_request(f.stop);
    struct error *err = NULL;

    int status = net_get(&f, p, tls_server_give_url(s, "127.0.0.1", "/"), NULL, &err);

    assert_int_equal(status, -1);
    assert_int_equal(error_kind(err), ERR_CANCELLED);
    assert_int_equal(tls_server_connections(s), 0);
    error_free(err);
    http_peer_unref(p);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
}

/* The context's own clock decides, so this test's time stands still until it says otherwise. */
static void test_attempt_timeout_is_of_the_contexts_clock(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, true, stall, &gate);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.ctx = opctx_root(&clock.base, rng_system(), f.stop, NULL);
    call.req.timeout_ms = 30000;
    net_call_start(&call);
    gate_await(&gate, 1);

    fake_clock_advance_ms(&clock, 30000);

    assert_int_equal(net_call_join(&call), -1);
    assert_int_equal(error_kind(call.err), ERR_TIMEOUT);
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    gate_release(&gate);
    fake_clock_release(&clock);
    net_teardown(&f);
}

static bool stall_then_answer(struct server_call *c)
{
    if (c->req->connection == 1)
        return stall(c);
    call_reply(c, 200, "", "ok");
    return true;
}

static void test_timed_out_connection_is_not_used_again(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, true, stall_then_answer, &gate);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.req.timeout_ms = 100;
    net_call_start(&call);
    assert_int_equal(net_call_join(&call), -1);

    int status = net_get(&f, p, xstrdup(url), NULL, NULL);

    assert_int_equal(status, 200);
    assert_int_equal(tls_server_connections(s), 2);
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
}

static void test_cancelled_stream_leaves_the_others_alone(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, false, hold, &gate);
    struct h2_front *front = h2_front_start(f.cert, tls_server_port(s), NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = h2_front_give_url(front, "/x");
    struct net_call stays, goes;
    net_call_init(&stays, &f, p, url);
    net_call_init(&goes, &f, p, url);
    struct stop *stop = stop_new(NULL);
    goes.ctx = opctx_with_stop(&f.ctx, stop);
    net_call_start(&stays);
    net_call_start(&goes);
    gate_await(&gate, 2);

    stop_request(stop);
    assert_int_equal(net_call_join(&goes), -1);
    gate_open(&gate);
    assert_int_equal(net_call_join(&stays), 200);

    struct http_peer_stats stats;
    http_peer_get_stats(p, &stats);
    assert_int_equal(stats.connections_opened, 1);
    net_call_release(&stays);
    net_call_release(&goes);
    stop_unref(stop);
    http_peer_unref(p);
    h2_front_stop(front);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
}

static void check_many(bool http2)
{
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, !http2, hold, &gate);
    struct h2_front *front = http2 ? h2_front_start(f.cert, tls_server_port(s), NULL) : NULL;
    struct http_peer *p = net_peer(&f, NULL);
    struct net_call calls[100];
    char *urls[100];
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        char path[32];
        (void)snprintf(path, sizeof(path), "/%zu", i);
        urls[i] =
            http2 ? h2_front_give_url(front, path) : tls_server_give_url(s, "127.0.0.1", path);
        net_call_init(&calls[i], &f, p, urls[i]);
        net_call_start(&calls[i]);
    }

    gate_await(&gate, ARRAY_LEN(calls)); /* all of them wait at the same time */
    gate_open(&gate);

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        assert_int_equal(net_call_join(&calls[i]), 200);
        assert_string_equal(buf_str(&calls[i].resp.body), strrchr(urls[i], '/'));
        assert_int_equal(calls[i].resp.version, http2 ? 20 : 11);
        net_call_release(&calls[i]);
        free(urls[i]);
    }
    struct http_peer_stats stats;
    http_peer_get_stats(p, &stats);
    if (http2)
        assert_in_range(stats.connections_opened, 1, 2);
    http_peer_unref(p);
    h2_front_stop(front);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
}

static void test_a_hundred_threads_http1(void **state)
{
    (void)state;
    check_many(false);
}

static void test_a_hundred_threads_http2(void **state)
{
    (void)state;
    check_many(true);
}

static void test_all_are_cancelled_at_once(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, true, stall, &gate);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
    struct net_call calls[40];
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        net_call_init(&calls[i], &f, p, url);
        net_call_start(&calls[i]);
    }
    gate_await(&gate, ARRAY_LEN(calls) / 2); /* the rest is on its way */

    stop_request(f.stop);

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        assert_int_equal(net_call_join(&calls[i]), -1);
        assert_int_equal(error_kind(calls[i].err), ERR_CANCELLED);
        net_call_release(&calls[i]);
    }
    http_peer_unref(p);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
}

struct bad_case {
    const char *sentence, *method, *url, *name, *value;
};
static struct bad_case bad_cases[] = {
    { "a method with a blank is refused", "GET /x", "http://127.0.0.1:1/", "A", "b" },
    { "an empty method is refused", "", "http://127.0.0.1:1/", "A", "b" },
    { "a header name with a colon is refused", "GET", "http://127.0.0.1:1/", "A:", "b" },
    { "a header value with a line end is refused", "GET", "http://127.0.0.1:1/", "A", "b\r\nC: d" },
    { "a relative URL is refused", "GET", "/path", "A", "b" },
    { "another scheme is refused", "GET", "socks5://127.0.0.1/", "A", "b" },
    { "a URL with a line end is refused", "GET", "http://127.0.0.1:1/\r\nA:", "A", "b" },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct net_fixture f;
    net_setup(&f);
    struct http_peer *p = net_peer(&f, NULL);
    struct net_call call;
    net_call_init(&call, &f, p, c->url);
    call.req.method = c->method;
    http_headers_add(&call.req.headers, c->name, c->value);

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), -1);
    assert_int_equal(error_kind(call.err), ERR_INVALID);
    net_call_release(&call);
    http_peer_unref(p);
    net_teardown(&f);
}

int main(void)
{
    struct CMUnitTest tests[8 + ARRAY_LEN(bad_cases)] = {
        CASE("cancelling ends a call that waits", test_cancel_ends_a_waiting_call),
        CASE("a cancelled context sends nothing", test_cancelled_context_sends_nothing),
        CASE("the attempt's time runs on the context's clock",
             test_attempt_timeout_is_of_the_contexts_clock),
        CASE("a timed-out connection is not used again",
             test_timed_out_connection_is_not_used_again),
        CASE("a cancelled stream leaves the others of its connection alone",
             test_cancelled_stream_leaves_the_others_alone),
        CASE("a hundred threads get their own answers over HTTP/1.1", test_a_hundred_threads_http1),
        CASE("a hundred threads get their own answers over HTTP/2", test_a_hundred_threads_http2),
        CASE("all are cancelled at once", test_all_are_cancelled_at_once),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[8 + i] = (struct CMUnitTest)CASE_OF(bad_cases[i].sentence, check_bad, &bad_cases[i]);
    return RUN_CASES("http_exchange", tests);
}

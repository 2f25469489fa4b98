/* Which requests share a connection. */
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/h2_front.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

static bool hold(struct server_call *c)
{
    gate_pass(c->arg);
    call_reply(c, 200, "", "ok");
    return true;
}

static bool answer(struct server_call *c)
{
    call_reply(c, 200, "", "ok");
    return true;
}

static uint64_t opened(struct http_peer *p)
{
    struct http_peer_stats stats;
    http_peer_get_stats(p, &stats);
    return stats.connections_opened;
}

static void run_class(struct net_fixture *f, struct http_peer *p, const char *url,
                      enum http_class traffic, bool fresh)
{
    struct net_call call;
    net_call_init(&call, f, p, url);
    call.req.traffic = traffic;
    call.req.fresh_connection = fresh;
    net_call_start(&call);
    assert_int_equal(net_call_join(&call), 200);
    net_call_release(&call);
}

static void test_requests_after_one_another_share_a_connection(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, answer, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");

    for (int i = 0; i < 10; i++)
        run_class(&f, p, url, HTTP_CLASS_REQUEST, false);

    assert_int_equal(tls_server_connections(s), 1);
    assert_int_equal(opened(p), 1);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_traffic_classes_never_share(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, true, answer, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");

    for (int round = 0; round < 2; round++) {
        for (enum http_class c = 0; c < HTTP_CLASSES; c++)
            run_class(&f, p, url, c, false);
    }

    assert_int_equal(tls_server_connections(s), HTTP_CLASSES);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_fresh_connection_is_neither_borrowed_nor_left(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, answer, NULL);
    struct h2_front *front = h2_front_start(f.cert, tls_server_port(s), NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = h2_front_give_url(front, "/");

    run_class(&f, p, url, HTTP_CLASS_REQUEST, false);
    run_class(&f, p, url, HTTP_CLASS_REQUEST, true);
    run_class(&f, p, url, HTTP_CLASS_REQUEST, true);
    run_class(&f, p, url, HTTP_CLASS_REQUEST, false);

    assert_int_equal(opened(p), 3);
    http_peer_unref(p);
    h2_front_stop(front);
    tls_server_stop(s);
    net_teardown(&f);
}

/* Starts n calls that all wait at the server at once; the number of connections that took. */
static uint64_t connections_for(size_t n, const char *const *front_options, bool disable_http2)
{
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, false, hold, &gate);
    struct h2_front *front = h2_front_start(f.cert, tls_server_port(s), front_options);
    struct http_peer *p =
        net_peer(&f, &(struct http_peer_config){ .disable_http2 = disable_http2 });
    cleanup_free char *url = h2_front_give_url(front, "/");
    struct net_call *calls = xcalloc(n, sizeof(*calls));
    for (size_t i = 0; i < n; i++) {
        net_call_init(&calls[i], &f, p, url);
        net_call_start(&calls[i]);
    }

    gate_await(&gate, (int)n);
    uint64_t connections = opened(p);
    gate_open(&gate);

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(net_call_join(&calls[i]), 200);
        net_call_release(&calls[i]);
    }
    free(calls);
    http_peer_unref(p);
    h2_front_stop(front);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
    return connections;
}

static void test_streams_share_one_connection(void **state)
{
    (void)state;
    assert_int_equal(connections_for(30, NULL, false), 1);
}

static void test_stream_limit_opens_further_connections(void **state)
{
    (void)state;
    const char *const options[] = { "--frontend-http2-max-concurrent-streams=8", NULL };
    assert_int_equal(connections_for(30, options, false), 4);
}

static void test_without_http2_each_waiting_request_has_its_own(void **state)
{
    (void)state;
    assert_int_equal(connections_for(12, NULL, true), 12);
}

static void run_at_once(struct net_fixture *f, struct http_peer *p, const char *url,
                        struct gate *gate, size_t n)
{
    struct net_call *calls = xcalloc(n, sizeof(*calls));
    for (size_t i = 0; i < n; i++) {
        net_call_init(&calls[i], f, p, url);
        net_call_start(&calls[i]);
    }
    gate_await(gate, (int)n);
    gate_open(gate);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(net_call_join(&calls[i]), 200);
        net_call_release(&calls[i]);
    }
    free(calls);
}

struct two_gates {
    struct gate first, second;
};

static bool hold_by_path(struct server_call *c)
{
    struct two_gates *g = c->arg;
    gate_pass(strcmp(c->req->target, "/first") == 0 ? &g->first : &g->second);
    call_reply(c, 200, "", "ok");
    return true;
}

static void test_25_idle_connections_are_kept(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct two_gates gates;
    gate_init(&gates.first);
    gate_init(&gates.second);
    struct tls_server *s = net_serve(&f, false, hold_by_path, &gates);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *first = tls_server_give_url(s, "127.0.0.1", "/first");
    cleanup_free char *second = tls_server_give_url(s, "127.0.0.1", "/second");

    run_at_once(&f, p, first, &gates.first, 40);
    assert_int_equal(opened(p), 40);
    run_at_once(&f, p, second, &gates.second, 40);

    /* curl drops one for each that ends, by the limit of then: when some end together it keeps a few more. */
    assert_in_range(opened(p), 40 + 40 - 32, 40 + 40 - 24);
    http_peer_unref(p);
    tls_server_stop(s);
    gate_release(&gates.first);
    gate_release(&gates.second);
    net_teardown(&f);
}

/* Connections that GOAWAY has ended are replaced; nobody notices. */
static void test_goaway_between_requests_goes_unnoticed(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, answer, NULL);
    const char *const options[] = { "--frontend-max-requests=2", NULL };
    struct h2_front *front = h2_front_start(f.cert, tls_server_port(s), options);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = h2_front_give_url(front, "/");

    for (int i = 0; i < 20; i++)
        run_class(&f, p, url, HTTP_CLASS_REQUEST, false);

    assert_in_range(opened(p), 4, 20);
    http_peer_unref(p);
    h2_front_stop(front);
    tls_server_stop(s);
    net_teardown(&f);
}

/* What ends in "/hold" is held. */
static bool hold_some(struct server_call *c)
{
    if (strcmp(c->req->target, "/hold") == 0)
        return hold(c);
    return answer(c);
}

/* GOAWAY while streams run: those finish, and what is new goes elsewhere. */
static void test_goaway_lets_running_streams_finish(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct gate gate;
    gate_init(&gate);
    struct tls_server *s = net_serve(&f, false, hold_some, &gate);
    const char *const options[] = { "--frontend-max-requests=4", NULL };
    struct h2_front *front = h2_front_start(f.cert, tls_server_port(s), options);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *held_url = h2_front_give_url(front, "/hold");
    cleanup_free char *url = h2_front_give_url(front, "/");
    struct net_call calls[3];
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        net_call_init(&calls[i], &f, p, held_url);
        net_call_start(&calls[i]);
    }
    gate_await(&gate, ARRAY_LEN(calls));

    while (opened(p) == 1) /* until GOAWAY has arrived */
        run_class(&f, p, url, HTTP_CLASS_REQUEST, false);
    gate_open(&gate);

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        assert_int_equal(net_call_join(&calls[i]), 200);
        net_call_release(&calls[i]);
    }
    http_peer_unref(p);
    h2_front_stop(front);
    tls_server_stop(s);
    gate_release(&gate);
    net_teardown(&f);
}

/* curl's resolver gets this one: "many.test" has three addresses that refuse and one that does not. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    if (strcmp(host, "many.test") != 0) {
        int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
        *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
        return real(host, service, hints, ret);
    }
    static const uint32_t addresses[] = { 0x7f000009, 0x7f000008, 0x7f000007, 0x7f000001 };
    *ret = NULL;
    for (size_t i = ARRAY_LEN(addresses); i-- > 0;) {
        /* one block each: so freeaddrinfo wants it */
        struct addrinfo *ai = calloc(1, sizeof(*ai) + sizeof(struct sockaddr_in));
        struct sockaddr_in *addr = (struct sockaddr_in *)(void *)(ai + 1);
        addr->sin_family = AF_INET;
        addr->sin_addr.s_addr = htonl(addresses[i]);
        addr->sin_port = htons((uint16_t)strtol(service, NULL, 10));
        ai->ai_family = AF_INET;
        ai->ai_socktype = SOCK_STREAM;
        ai->ai_addr = (struct sockaddr *)addr;
        ai->ai_addrlen = sizeof(*addr);
        ai->ai_next = *ret;
        *ret = ai;
    }
    return 0;
}

static void test_addresses_that_refuse_are_passed_over(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    struct tls_server *s = net_serve(&f, false, answer, NULL);
    struct http_peer *p = net_peer(&f, NULL);
    cleanup_free char *url = tls_server_give_url(s, "many.test", "/");
    struct net_call call;
    net_call_init(&call, &f, p, url);
    call.req.timeout_ms = 12000; /* left alone, curl would need 15 s */

    net_call_start(&call);

    assert_int_equal(net_call_join(&call), 200);
    assert_int_equal(opened(p), 1);
    net_call_release(&call);
    http_peer_unref(p);
    tls_server_stop(s);
    net_teardown(&f);
}

static void test_no_descriptor_stays_open(void **state)
{
    (void)state;
    struct net_fixture f;
    net_setup(&f);
    size_t before = net_open_fds();

    for (int round = 0; round < 3; round++) {
        struct tls_server *s = net_serve(&f, true, answer, NULL);
        struct http_peer *p = net_peer(&f, NULL);
        cleanup_free char *url = tls_server_give_url(s, "127.0.0.1", "/");
        for (enum http_class c = 0; c < HTTP_CLASSES; c++) {
            run_class(&f, p, url, c, false);
            run_class(&f, p, url, c, true);
        }
        (void)net_get(&f, p, xstrdup("https://no-such-host.invalid/"), NULL, NULL);
        http_peer_unref(p);
        tls_server_stop(s);
    }

    assert_int_equal(net_open_fds(), before);
    net_teardown(&f);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("requests after one another share a connection",
             test_requests_after_one_another_share_a_connection),
        CASE("traffic classes never share a connection", test_traffic_classes_never_share),
        CASE("a fresh connection is neither borrowed nor left for others",
             test_fresh_connection_is_neither_borrowed_nor_left),
        CASE("streams share one connection", test_streams_share_one_connection),
        CASE("a stream limit opens further connections",
             test_stream_limit_opens_further_connections),
        CASE("without HTTP/2 each waiting request has its own connection",
             test_without_http2_each_waiting_request_has_its_own),
        CASE("25 idle connections are kept", test_25_idle_connections_are_kept),
        CASE("GOAWAY between requests goes unnoticed", test_goaway_between_requests_goes_unnoticed),
        CASE("GOAWAY lets running streams finish", test_goaway_lets_running_streams_finish),
        CASE("addresses that refuse are passed over at once",
             test_addresses_that_refuse_are_passed_over),
        CASE("no descriptor stays open", test_no_descriptor_stays_open),
    };
    return RUN_CASES("http_lane", tests);
}

/* Peers that fall silent. */
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/net/http_impl.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/h2_front.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/pkg/net/relay.h"
#include "test/unit/support/test.h"

/* A server behind an HTTP/2 front behind a relay that can fall silent. */
struct silent {
    struct net_fixture f;
    struct gate asked, probed;
    struct tls_server *server;
    struct h2_front *front;
    struct relay *relay;
    struct http_peer *peer;
    char *url;
};

/* Everything but the probe is held until the gate opens. */
static bool hold_all_but_probes(struct server_call *c)
{
    struct silent *s = c->arg;
    if (strcmp(c->req->target, "/version") == 0)
        gate_count(&s->probed);
    else
        gate_pass(&s->asked);
    call_reply(c, strcmp(c->req->target, "/version") == 0 ? 401 : 200, "", "ok");
    return true;
}

static void silent_setup_on(struct silent *s, const struct clock *clock,
                            const struct http_peer_config *cfg)
{
    net_setup_clock(&s->f, clock);
    gate_init(&s->asked);
    gate_init(&s->probed);
    s->server = net_serve(&s->f, false, hold_all_but_probes, s);
    s->front = h2_front_start(s->f.cert, tls_server_port(s->server), NULL);
    s->relay = relay_start(&(struct relay_config){ .target_port = h2_front_port(s->front) });
    s->peer = net_peer(&s->f, cfg);
    s->url = xasprintf("https://127.0.0.1:%u/", relay_port(s->relay));
}

static void silent_setup(struct silent *s, int64_t idle_ms, int64_t ping_ms, const char *probe_path)
{
    silent_setup_on(s, clock_system(),
                    &(struct http_peer_config){
                        .idle_ms = idle_ms, .ping_ms = ping_ms, .probe_path = probe_path });
}

static void silent_setup_http1(struct silent *s, int64_t idle_ms, int64_t ping_ms)
{
    silent_setup_on(s, clock_system(),
                    &(struct http_peer_config){ .idle_ms = idle_ms,
                                                .ping_ms = ping_ms,
                                                .probe_path = "/version",
                                                .disable_http2 = true });
}

static void silent_teardown(struct silent *s)
{
    http_peer_unref(s->peer);
    relay_stop(s->relay);
    h2_front_stop(s->front);
    gate_open(&s->asked);
    tls_server_stop(s->server);
    gate_release(&s->asked);
    gate_release(&s->probed);
    free(s->url);
    net_teardown(&s->f);
}

static uint64_t lost(struct http_peer *p)
{
    struct http_peer_stats stats;
    http_peer_get_stats(p, &stats);
    return stats.connections_lost;
}

/* Three calls wait when the peer falls silent; the number of connections that were cut. */
static uint64_t cut_three(struct silent *s)
{
    struct net_call calls[3];
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        net_call_init(&calls[i], &s->f, s->peer, s->url);
        net_call_start(&calls[i]);
    }
    gate_await(&s->asked, ARRAY_LEN(calls));

    relay_stall(s->relay);

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        assert_int_equal(net_call_join(&calls[i]), -1);
        assert_int_equal(error_kind(calls[i].err), ERR_CONN);
        assert_string_equal(error_get_code(calls[i].err), HTTP_ERR_LOST);
        net_call_release(&calls[i]);
    }
    return lost(s->peer);
}

static void test_silent_peer_is_cut(void **state)
{
    (void)state;
    struct silent s;
    silent_setup(&s, 100, 100, "/version");
    assert_int_equal(cut_three(&s), 1);
    silent_teardown(&s);
}

static void test_silent_peer_is_cut_over_http1(void **state)
{
    (void)state;
    struct silent s;
    silent_setup_http1(&s, 100, 100);
    assert_int_equal(cut_three(&s), 3);
    silent_teardown(&s);
}

static void test_request_after_the_cut_dials_again(void **state)
{
    (void)state;
    struct silent s;
    silent_setup(&s, 100, 100, "/version");
    struct net_call call, next;
    net_call_init(&call, &s.f, s.peer, s.url);
    net_call_start(&call);
    gate_await(&s.asked, 1);
    relay_stall(s.relay);
    assert_int_equal(net_call_join(&call), -1);

    net_call_init(&next, &s.f, s.peer, s.url);
    next.req.timeout_ms = 200;
    net_call_start(&next);
    (void)net_call_join(&next);

    assert_int_equal(relay_connections(s.relay), 2);
    net_call_release(&call);
    net_call_release(&next);
    silent_teardown(&s);
}

static void test_answered_probes_keep_the_connection(void **state)
{
    (void)state;
    struct silent s;
    silent_setup(&s, 30, 20000, "/version");
    struct net_call call;
    net_call_init(&call, &s.f, s.peer, s.url);
    net_call_start(&call);

    gate_await(&s.probed, 4); /* it was silent four times over, and answered */
    gate_open(&s.asked);

    assert_int_equal(net_call_join(&call), 200);
    assert_int_equal(relay_connections(s.relay), 1);
    struct http_peer_stats stats;
    http_peer_get_stats(s.peer, &stats);
    assert_int_equal(stats.connections_opened, 1);
    assert_int_equal(stats.connections_lost, 0);
    net_call_release(&call);
    silent_teardown(&s);
}

static void test_without_a_path_nothing_is_probed(void **state)
{
    (void)state;
    struct silent s;
    silent_setup(&s, 10, 10, NULL);
    struct net_call call;
    net_call_init(&call, &s.f, s.peer, s.url);
    call.req.timeout_ms = 300;
    net_call_start(&call);

    assert_int_equal(net_call_join(&call), -1);

    assert_int_equal(error_kind(call.err), ERR_TIMEOUT);
    net_call_release(&call);
    silent_teardown(&s);
}

/* ---- HTTP/1.1 ---- */

struct look {
    struct http_peer *peer;
    bool probing;
};

static void look(void *arg)
{
    struct look *l = arg;
    l->probing = l->peer->host_probe.ex != NULL;
}

static void look_after_tick(void *arg)
{
    struct look *l = arg;
    probe_tick(l->peer, clock_mono_ns(l->peer->client->clock));
    look(l);
}

/* A tick of the I/O thread; whether it leaves a probe under way. */
static bool tick(struct silent *s)
{
    struct look l = { .peer = s->peer };
    loop_call(s->f.client->loop, look_after_tick, &l);
    return l.probing;
}

static void await_probe(struct silent *s)
{
    struct look l = { .peer = s->peer, .probing = true };
    for (; l.probing; sched_yield())
        loop_call(s->f.client->loop, look, &l);
}

static void test_one_http1_probe_speaks_for_all(void **state)
{
    (void)state;
    struct silent s;
    struct fake_clock clock;
    fake_clock_init(&clock);
    silent_setup_on(
        &s, &clock.base,
        &(struct http_peer_config){
            .idle_ms = 30000, .ping_ms = 20000, .probe_path = "/version", .disable_http2 = true });
    struct net_call calls[3];
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        net_call_init(&calls[i], &s.f, s.peer, s.url);
        net_call_start(&calls[i]);
    }
    gate_await(&s.asked, ARRAY_LEN(calls));
    tick(&s); /* it sees how many bytes there were */

    for (size_t probes = 1; probes <= 3; probes++) {
        fake_clock_advance_ms(&clock, 30000);
        tick(&s);
        await_probe(&s);
        assert_false(tick(&s)); /* enough is known */
        assert_int_equal(relay_connections(s.relay), ARRAY_LEN(calls) + probes);
    }
    gate_open(&s.asked);

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        assert_int_equal(net_call_join(&calls[i]), 200);
        net_call_release(&calls[i]);
    }
    assert_int_equal(lost(s.peer), 0);
    silent_teardown(&s);
    fake_clock_release(&clock);
}

/* Replies "ok" to what is held, and resets the connections of probes. */
static bool reset_probes(struct server_call *c)
{
    struct silent *s = c->arg;
    if (strcmp(c->req->target, "/version") == 0) {
        gate_count(&s->probed);
        return call_reset(c);
    }
    gate_pass(&s->asked);
    call_reply(c, 200, "", "ok");
    return true;
}

static void test_reset_probe_is_life(void **state)
{
    (void)state;
    struct silent s;
    net_setup(&s.f);
    gate_init(&s.asked);
    gate_init(&s.probed);
    s.server = net_serve(&s.f, false, reset_probes, &s);
    s.peer = net_peer(&s.f, &(struct http_peer_config){
                                .idle_ms = 20, .ping_ms = 20000, .probe_path = "/version" });
    s.url = tls_server_give_url(s.server, "127.0.0.1", "/");
    struct net_call call;
    net_call_init(&call, &s.f, s.peer, s.url);
    net_call_start(&call);

    gate_await(&s.probed, 3);
    gate_open(&s.asked);

    assert_int_equal(net_call_join(&call), 200);
    assert_int_equal(lost(s.peer), 0);
    net_call_release(&call);
    http_peer_unref(s.peer);
    tls_server_stop(s.server);
    gate_release(&s.asked);
    gate_release(&s.probed);
    free(s.url);
    net_teardown(&s.f);
}

/* The host answers its probes, this connection says nothing. */
static void test_too_long_a_silence_ends_http1(void **state)
{
    (void)state;
    struct silent s;
    silent_setup_http1(&s, 30, 20000);
    struct net_call call;
    net_call_init(&call, &s.f, s.peer, s.url);
    call.req.silence_ms = 200;
    net_call_start(&call);

    assert_int_equal(net_call_join(&call), -1);

    assert_string_equal(error_get_code(call.err), HTTP_ERR_LOST);
    net_call_release(&call);
    silent_teardown(&s);
}

static void test_silence_does_not_end_http2(void **state)
{
    (void)state;
    struct silent s;
    silent_setup(&s, 30, 20000, "/version");
    struct net_call call;
    net_call_init(&call, &s.f, s.peer, s.url);
    call.req.silence_ms = 20;
    net_call_start(&call);

    gate_await(&s.probed, 4);
    gate_open(&s.asked);

    assert_int_equal(net_call_join(&call), 200);
    net_call_release(&call);
    silent_teardown(&s);
}

/* ---- handshakes ---- */

struct dial {
    struct http_peer *peer;
    struct opctx ctx;
    const char *url;
    struct error *err;
    atomic_bool done;
};

static void run_dial(void *arg)
{
    struct dial *d = arg;
    const struct http_request req = { .method = "GET", .url = d->url };
    struct http_response resp = { 0 };
    (void)http_send(http_peer_transport(d->peer), &d->ctx, &req, &resp, &d->err);
    http_response_release(&resp);
    atomic_store(&d->done, true);
}

/* The client's ages run on the clock that it was given. */
static void test_endless_handshake_times_out(void **state)
{
    (void)state;
    struct net_fixture f;
    struct fake_clock clock;
    fake_clock_init(&clock);
    net_setup_clock(&f, &clock.base);
    struct dial d = { .ctx = f.ctx };
    assert_int_equal(
        http_peer_new(f.client, &(struct http_peer_config){ .idle_ms = 40 }, &d.peer, NULL), 0);
    struct tls_server *plain = net_serve(&f, false, hold_all_but_probes, NULL);
    cleanup_free char *url = tls_server_give_url(plain, "127.0.0.1", "/");
    cleanup_free char *https = xasprintf("https%s", url + 4);
    d.url = https;
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "dial", run_dial, &d, NULL), 0);

    while (!atomic_load(&d.done)) {
        fake_clock_advance_ms(&clock, 1000);
        sched_yield();
    }
    pthread_join(thread, NULL);

    assert_int_equal(error_kind(d.err), ERR_TIMEOUT);
    assert_non_null(strstr(error_text(d.err), "handshake"));
    error_free(d.err);
    http_peer_unref(d.peer);
    tls_server_stop(plain);
    net_teardown(&f);
    fake_clock_release(&clock);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("a peer that falls silent is cut, with all its streams", test_silent_peer_is_cut),
        CASE("so it is over HTTP/1.1", test_silent_peer_is_cut_over_http1),
        CASE("one HTTP/1.1 probe speaks for all connections to its host",
             test_one_http1_probe_speaks_for_all),
        CASE("a probe that is reset is a sign of life", test_reset_probe_is_life),
        CASE("too long a silence ends an HTTP/1.1 transfer although its host lives",
             test_too_long_a_silence_ends_http1),
        CASE("silence does not end an HTTP/2 stream whose connection answers",
             test_silence_does_not_end_http2),
        CASE("the request after the cut dials again", test_request_after_the_cut_dials_again),
        CASE("answered probes keep the connection", test_answered_probes_keep_the_connection),
        CASE("a TLS handshake that does not end times out", test_endless_handshake_times_out),
        CASE("without a probe path nothing is probed", test_without_a_path_nothing_is_probed),
    };
    return RUN_CASES("http_probe", tests);
}

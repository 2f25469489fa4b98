#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

/* Starting, stopping, limits of the whole server. */

struct fixture {
    struct gate gate, closed;
    struct http_stream *stream;
    struct http_server *server;
    pthread_t stopper;
    bool was_cancelled, busy;
};

static int plain(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    buf_addf(http_call_out(c), "plain %s", http_call_local_address(c));
    return 0;
}

static int wait_at_gate(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)err;
    struct fixture *f = arg;
    gate_pass(&f->gate);
    http_call_reply(c, 200, "text/plain", "waited");
    return 0;
}

/* Works until somebody cancels it. */
static int wait_for_cancel(struct http_call *c, const struct opctx *ctx, void *arg,
                           struct error **err)
{
    (void)c;
    struct fixture *f = arg;
    gate_count(&f->gate);
    if (opctx_sleep_ms(ctx, INT64_C(3600) * 1000, err) == 0)
        return 0;
    f->was_cancelled = true;
    return -1;
}

static void on_close(void *arg)
{
    struct fixture *f = arg;
    gate_count(&f->closed);
}

static int watch(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)err;
    struct fixture *f = arg;
    f->stream = http_call_begin_stream(c, 1000, on_close, f);
    gate_count(&f->gate);
    return 0;
}

static const struct http_route routes[] = {
    { "GET", "/plain", plain, true },
    { "GET", "/wait", wait_at_gate, false },
    { "GET", "/cancel", wait_for_cancel, false },
    { "GET", "/watch", watch, false },
};

static struct http_server_config init_fixture(struct fixture *f)
{
    *f = (struct fixture){ 0 };
    gate_init(&f->gate);
    gate_init(&f->closed);
    return fixture_config(routes, ARRAY_LEN(routes), f);
}

static void release_fixture(struct fixture *f)
{
    http_stream_unref(f->stream);
    gate_release(&f->gate);
    gate_release(&f->closed);
}

/* ---- stopping ---- */

static void stop_patiently(void *arg)
{
    struct fixture *f = arg;
    http_server_stop(f->server, FIXTURE_GRACE_MS);
}

static bool can_connect(uint16_t port)
{
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    struct http_server *s = NULL;
    cfg.port = port;
    /* Whoever else listens there keeps us from it. */
    if (http_server_start(&cfg, &s, NULL) < 0)
        return true;
    http_server_stop(s, 0);
    return false;
}

static void closes_idle_connections_at_once(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    f.server = fixture_start(&cfg);
    uint16_t port = http_server_port(f.server);
    cleanup_wire struct wire used = fixture_dial(f.server);
    cleanup_wire struct wire unused = fixture_dial(f.server);
    free(wire_give_answer(&used, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"));

    http_server_stop(f.server, INT64_C(3600) * 1000);

    assert_true(wire_is_closed(&used));
    assert_true(wire_is_closed(&unused));
    assert_false(can_connect(port));
    release_fixture(&f);
}

static void lets_running_calls_end(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    f.server = fixture_start(&cfg);
    cleanup_wire struct wire idle = fixture_dial(f.server);
    free(wire_give_answer(&idle, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"));
    cleanup_wire struct wire w = fixture_dial(f.server);
    wire_send(&w, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f.gate, 1);

    assert_int_equal(thread_start(&f.stopper, "stopper", stop_patiently, &f, NULL), 0);
    assert_true(wire_is_closed(&idle)); /* stopping has begun */
    gate_open(&f.gate);
    cleanup_free char *rest = wire_give_rest(&w);
    pthread_join(f.stopper, NULL);

    assert_non_null(strstr(rest, "\r\n\r\nwaited"));
    release_fixture(&f);
}

static void cancels_calls_after_the_grace(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    f.server = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(f.server);
    wire_send(&w, "GET /cancel HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f.gate, 1);

    http_server_stop(f.server, 50);

    assert_true(f.was_cancelled);
    assert_true(wire_is_closed(&w));
    release_fixture(&f);
}

static void drops_waiting_calls_without_grace(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    cfg.workers = 1;
    f.server = fixture_start(&cfg);
    struct wire clients[5];
    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        clients[i] = fixture_dial(f.server);
        wire_send(&clients[i], "GET /cancel HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    gate_await(&f.gate, 1);

    http_server_stop(f.server, 0);

    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        assert_true(wire_is_closed(&clients[i]));
        wire_close(&clients[i]);
    }
    assert_int_equal(f.gate.arrived, 1);
    release_fixture(&f);
}

static void ends_streams_regularly(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    f.server = fixture_start(&cfg);
    cleanup_wire struct wire w = fixture_dial(f.server);
    wire_send(&w, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f.gate, 1);
    http_stream_write(f.stream, "last", 4);

    http_server_stop(f.server, INT64_C(3600) * 1000);

    cleanup_free char *rest = wire_give_rest(&w);
    assert_true(str_ends(rest, "4\r\nlast\r\n0\r\n\r\n"));
    gate_await(&f.closed, 1);
    assert_int_equal(http_stream_write(f.stream, "x", 1), -1); /* outlives its server */
    release_fixture(&f);
}

/* ---- limits ---- */

static int note_code(struct http_call *call, const struct error *e, void *arg)
{
    (void)call;
    struct fixture *f = arg;
    f->busy = error_is(e, ERR_UNAVAILABLE) && str_eq(error_get_code(e), HTTP_CODE_BUSY);
    return -1;
}

static void answers_503_when_the_queue_is_full(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    cfg.workers = 1;
    cfg.queue_max = 1;
    cfg.on_error = note_code;
    f.server = fixture_start(&cfg);
    cleanup_wire struct wire running = fixture_dial(f.server);
    cleanup_wire struct wire waiting = fixture_dial(f.server);
    cleanup_wire struct wire refused = fixture_dial(f.server);

    wire_send(&running, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f.gate, 1);
    /* An inline answer on the same connection proves that the call before it was queued. */
    wire_send(&waiting,
              "GET /plain HTTP/1.1\r\nHost: a\r\n\r\nGET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    free(wire_give_reply(&waiting));
    free(fixture_give_answer(f.server, "/plain"));
    cleanup_free char *reply = wire_give_answer(&refused, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *other = wire_give_answer(&refused, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_open(&f.gate);
    cleanup_free char *late = wire_give_reply(&waiting);
    http_server_stop(f.server, FIXTURE_GRACE_MS);

    assert_true(f.busy);
    assert_true(str_starts(reply, "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_non_null(strstr(reply, "\r\nRetry-After: 1\r\n"));
    assert_true(str_starts(other, "HTTP/1.1 200 OK\r\n"));
    assert_true(str_ends(late, "waited"));
    release_fixture(&f);
}

static void lets_clients_wait_while_all_have_calls(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    cfg.max_connections = 2;
    f.server = fixture_start(&cfg);
    struct wire running[2];
    for (size_t i = 0; i < ARRAY_LEN(running); i++) {
        running[i] = fixture_dial(f.server);
        wire_send(&running[i], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    gate_await(&f.gate, 2);

    cleanup_wire struct wire third = fixture_dial(f.server);
    wire_send(&third, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_open(&f.gate);
    cleanup_free char *reply = wire_give_reply(&third); /* although nobody leaves */

    assert_true(str_starts(reply, "HTTP/1.1 200 OK\r\n"));
    for (size_t i = 0; i < ARRAY_LEN(running); i++) {
        cleanup_free char *late = wire_give_reply(&running[i]);
        assert_true(str_ends(late, "waited"));
        wire_close(&running[i]);
    }
    http_server_stop(f.server, FIXTURE_GRACE_MS);
    release_fixture(&f);
}

static void cuts_who_waited_longest_for_its_request(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    cfg.max_connections = 2;
    f.server = fixture_start(&cfg);
    cleanup_wire struct wire first = fixture_dial(f.server), second = fixture_dial(f.server);
    free(wire_give_answer(&second, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"));
    free(wire_give_answer(&first, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"));
    wire_send(&second, "GET /plain HT"); /* does not make it any younger */

    cleanup_free char *third = fixture_give_answer(f.server, "/plain");

    assert_true(str_starts(third, "HTTP/1.1 200 OK\r\n"));
    assert_true(wire_is_closed(&second));
    cleanup_free char *again = wire_give_answer(&first, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(str_starts(again, "HTTP/1.1 200 OK\r\n"));
    http_server_stop(f.server, FIXTURE_GRACE_MS);
    release_fixture(&f);
}

static void answers_beside_many_slow_clients(void **state)
{
    (void)state;
    static const char *const beginnings[] = {
        "", "GET /plain HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        "GET /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nslow"
    };
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    cfg.max_connections = 8;
    f.server = fixture_start(&cfg);
    cleanup_wire struct wire running = fixture_dial(f.server);
    wire_send(&running, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f.gate, 1);
    struct wire slow[120];
    for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
        slow[i] = fixture_dial(f.server);
        wire_send(&slow[i], beginnings[i % ARRAY_LEN(beginnings)]);
    }

    cleanup_free char *reply = fixture_give_answer(f.server, "/plain");
    gate_open(&f.gate);
    cleanup_free char *late = wire_give_reply(&running);

    assert_true(str_starts(reply, "HTTP/1.1 200 OK\r\n"));
    assert_true(str_ends(late, "waited"));
    for (size_t i = 0; i < ARRAY_LEN(slow); i++)
        wire_close(&slow[i]);
    http_server_stop(f.server, FIXTURE_GRACE_MS);
    release_fixture(&f);
}

/* ---- starting ---- */

static void tells_the_address_that_was_dialled(void **state)
{
    (void)state;
    struct fixture f;
    struct http_server_config cfg = init_fixture(&f);
    cfg.bind_address = NULL; /* all */
    f.server = fixture_start(&cfg);
    cleanup_wire struct wire w = wire_connect("127.64.0.5", http_server_port(f.server));

    cleanup_free char *reply = wire_give_answer(&w, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");

    cleanup_free char *want = xasprintf("plain 127.64.0.5:%u", http_server_port(f.server));
    assert_string_equal(strstr(reply, "\r\n\r\n") + 4, want);
    http_server_stop(f.server, FIXTURE_GRACE_MS);
    release_fixture(&f);
}

static void refuses_a_port_in_use(void **state)
{
    (void)state;
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);
    cleanup_server struct http_server *s = fixture_start(&cfg);
    struct http_server *other = NULL;
    struct error *e = NULL;
    cfg.port = http_server_port(s);

    assert_int_equal(http_server_start(&cfg, &other, &e), -1);

    assert_non_null(strstr(error_text(e), "in use"));
    assert_null(other);
    error_clear(&e);
}

static void runs_many_servers(void **state)
{
    (void)state;
    struct http_server *servers[8];
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), NULL);

    for (size_t i = 0; i < ARRAY_LEN(servers); i++)
        servers[i] = fixture_start(&cfg);
    for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
        cleanup_free char *reply = fixture_give_answer(servers[i], "/plain");
        assert_true(str_starts(reply, "HTTP/1.1 200 OK\r\n"));
    }
    for (size_t i = 0; i < ARRAY_LEN(servers); i++)
        http_server_stop(servers[i], FIXTURE_GRACE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("closes idle connections at once when it stops", closes_idle_connections_at_once),
        CASE("lets running calls end when it stops", lets_running_calls_end),
        CASE("cancels calls after the grace", cancels_calls_after_the_grace),
        CASE("drops waiting calls when there is no grace", drops_waiting_calls_without_grace),
        CASE("ends streams regularly when it stops", ends_streams_regularly),
        CASE("answers 503 with Retry-After when the queue is full",
             answers_503_when_the_queue_is_full),
        CASE("lets clients wait while all connections have calls",
             lets_clients_wait_while_all_have_calls),
        CASE("cuts the client that has waited longest for its request when there is no room",
             cuts_who_waited_longest_for_its_request),
        CASE("answers beside many slow clients, and cuts none that has a call",
             answers_beside_many_slow_clients),
        CASE("tells the address that was dialled", tells_the_address_that_was_dialled),
        CASE("refuses a port in use", refuses_a_port_in_use),
        CASE("runs beside other servers", runs_many_servers),
    };
    return RUN_CASES("server", tests);
}

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

struct fixture {
    struct gate begun, closed;
    struct ws *ws;
    const char *const *offered;
    struct http_server *server;
};

/* Echoes; "close" closes. */
static void on_message(struct ws *ws, bool binary, const void *data, size_t len, void *arg)
{
    (void)arg;
    if (len == 5 && memcmp(data, "close", 5) == 0)
        ws_close(ws, 4001);
    else
        (void)ws_send(ws, binary, data, len);
}

static void on_close(struct ws *ws, void *arg)
{
    (void)ws;
    struct fixture *f = arg;
    gate_count(&f->closed);
}

static int begin(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    static const struct ws_callbacks callbacks = { on_message, on_close };
    (void)ctx;
    struct fixture *f = arg;
    if (http_call_begin_ws(c, f->offered, &callbacks, f, &f->ws, err) < 0)
        return -1;
    gate_count(&f->begun);
    return 0;
}

static const struct http_route routes[] = {
    { "GET", "/ws", begin, false },
    { "GET", "/inline", begin, true },
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ 0 };
    gate_init(&f.begun);
    gate_init(&f.closed);
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), &f);
    cfg.max_body_bytes = 200000; /* also the largest message */
    f.server = fixture_start(&cfg);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    http_server_stop(f->server, FIXTURE_GRACE_MS);
    ws_unref(f->ws);
    gate_release(&f->begun);
    gate_release(&f->closed);
    return 0;
}

#define REQUEST(path, more) \
    "GET " path " HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n" \
    "Upgrade: websocket\r\n" more "\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

static struct wire open_ws(struct fixture *f, const char *path)
{
    struct wire w = fixture_dial(f->server);
    cleanup_free char *request = xasprintf("GET %s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                                           "Upgrade: websocket\r\n" KEY VERSION "\r\n",
                                           path);
    wire_send(&w, request);
    cleanup_free char *head = wire_give_until(&w, "\r\n\r\n");
    assert_true(str_starts(head, "HTTP/1.1 101 Switching Protocols\r\n"));
    return w;
}

#define MASK "\0\0\0\0"
#define assert_bytes(w, bytes) \
    do { \
        cleanup_free char *got_ = wire_give_bytes((w), sizeof(bytes) - 1); \
        assert_memory_equal(got_, bytes, sizeof(bytes) - 1); \
    } while (0)
#define send_bytes(w, bytes) wire_send_n((w), bytes, sizeof(bytes) - 1)

/* ---- the handshake ---- */

struct handshake_case {
    const char *name, *request;
    const char *offered[3];
    const char *want; /* part of the reply */
    const char *not_wanted;
};
static struct handshake_case handshakes[] = {
    { "answers the key of RFC 6455's example",
      REQUEST("/ws", KEY VERSION),
      { NULL },
      "Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
      "Connection: Upgrade\r\n\r\n",
      "Content-Length" },
    { "chooses the first protocol of its own that the client names",
      REQUEST("/ws", KEY VERSION "Sec-WebSocket-Protocol: x, v2\r\nSec-WebSocket-Protocol: v1\r\n"),
      { "v1", "v2" },
      "Sec-WebSocket-Protocol: v1\r\n",
      "v2" },
    { "refuses when no protocol is common",
      REQUEST("/ws", KEY VERSION "Sec-WebSocket-Protocol: v3\r\n"),
      { "v1", "v2" },
      "400 Bad Request",
      "101" },
    { "refuses another version and tells its own",
      REQUEST("/ws", KEY "Sec-WebSocket-Version: 8\r\n"),
      { NULL },
      "426 Upgrade Required\r\n",
      "101" },
    { "refuses a key that is no 16 bytes",
      REQUEST("/ws", VERSION "Sec-WebSocket-Key: dGhl\r\n"),
      { NULL },
      "400 Bad Request",
      "101" },
    { "refuses an ordinary request",
      "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n",
      { NULL },
      "400 Bad Request",
      "101" },
};

static void check_handshake(void **state)
{
    struct handshake_case *c = *state;
    void *raw;
    set_up(&raw);
    struct fixture *f = raw;
    f->offered = c->offered[0] ? c->offered : NULL;
    cleanup_wire struct wire w = fixture_dial(f->server);

    cleanup_free char *reply = wire_give_answer(&w, c->request);

    assert_non_null(strstr(reply, c->want));
    assert_null(strstr(reply, c->not_wanted));
    tear_down(&raw);
}

/* ---- talking ---- */

static void echoes_text_and_binary(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = open_ws(f, "/ws");

    send_bytes(&w, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    assert_bytes(&w, "\x81\x05Hello");
    send_bytes(&w, "\x02\x82" MASK "ab");
    send_bytes(&w, "\x80\x81" MASK "c");
    assert_bytes(&w, "\x82\x03"
                     "abc");
}

static void answers_pings_between_fragments(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = open_ws(f, "/inline");

    send_bytes(&w, "\x01\x81" MASK "a"
                   "\x89\x82" MASK "hi"
                   "\x80\x81" MASK "b");

    assert_bytes(&w, "\x8a\x02hi"
                     "\x81\x02"
                     "ab");
}

static void takes_frames_sent_with_the_handshake(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = fixture_dial(f->server);

    send_bytes(&w, REQUEST("/ws", KEY VERSION) "\x81\x82" MASK "hi");
    free(wire_give_until(&w, "\r\n\r\n"));

    assert_bytes(&w, "\x81\x02hi");
}

static void sends_from_any_thread(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = open_ws(f, "/ws");
    gate_await(&f->begun, 1);

    assert_int_equal(ws_send(f->ws, false, "hello", 5), 0);

    assert_bytes(&w, "\x81\x05hello");
}

static void answers_a_close_and_ends(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = open_ws(f, "/ws");
    gate_await(&f->begun, 1);

    send_bytes(&w, "\x88\x82" MASK "\x03\xe8");

    assert_bytes(&w, "\x88\x02\x03\xe8");
    assert_true(wire_is_closed(&w));
    gate_await(&f->closed, 1);
    assert_int_equal(ws_send(f->ws, false, "x", 1), -1);
}

static void closes_on_its_own(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = open_ws(f, "/ws");

    send_bytes(&w, "\x81\x85" MASK "close");

    assert_bytes(&w, "\x88\x02\x0f\xa1");
    assert_true(wire_is_closed(&w));
    gate_await(&f->closed, 1);
}

static void tells_what_was_wrong(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire unmasked = open_ws(f, "/ws");
    send_bytes(&unmasked, "\x81\x02hi");
    assert_bytes(&unmasked, "\x88\x02\x03\xea");
    assert_true(wire_is_closed(&unmasked));

    gate_await(&f->closed, 1);
    ws_unref(take(f->ws));
    cleanup_wire struct wire large = open_ws(f, "/ws");
    send_bytes(&large, "\x82\xff\x00\x00\x00\x00\x00\x04\x00\x00" MASK);
    assert_bytes(&large, "\x88\x02\x03\xf1");
    assert_true(wire_is_closed(&large));
}

static void tells_when_the_client_leaves(void **state)
{
    struct fixture *f = *state;
    struct wire w = open_ws(f, "/ws");
    gate_await(&f->begun, 1);

    wire_close(&w);
    gate_await(&f->closed, 1);

    assert_int_equal(ws_send(f->ws, false, "x", 1), -1);
}

static void goes_away_when_the_server_stops(void **state)
{
    (void)state;
    void *raw;
    set_up(&raw);
    struct fixture *f = raw;
    cleanup_wire struct wire w = open_ws(f, "/ws");
    gate_await(&f->begun, 1);

    http_server_stop(f->server, 50);

    assert_bytes(&w, "\x88\x02\x03\xe9");
    assert_true(wire_is_closed(&w));
    gate_await(&f->closed, 1);
    ws_unref(f->ws);
    gate_release(&f->begun);
    gate_release(&f->closed);
}

static void cuts_a_client_that_does_not_read(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = open_ws(f, "/ws");
    gate_await(&f->begun, 1);
    cleanup_free char *block = xcalloc(1, 65536);

    while (ws_send(f->ws, true, block, 65536) == 0)
        ;
    gate_await(&f->closed, 1);
    assert_int_equal(ws_send(f->ws, true, block, 1), -1);
}

static void carries_a_large_message(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = open_ws(f, "/ws");
    cleanup_free char *block = xcalloc(1, 100000);
    memset(block, 'x', 100000);

    send_bytes(&w, "\x81\xff\x00\x00\x00\x00\x00\x01\x86\xa0" MASK);
    wire_send_n(&w, block, 100000);

    assert_bytes(&w, "\x81\x7f\x00\x00\x00\x00\x00\x01\x86\xa0");
    cleanup_free char *echo = wire_give_bytes(&w, 100000);
    assert_memory_equal(echo, block, 100000);
}

#define WITH_SERVER(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = set_up, .teardown_func = tear_down \
    }
static const struct CMUnitTest more[] = {
    WITH_SERVER("echoes text and binary messages", echoes_text_and_binary),
    WITH_SERVER("answers pings between fragments", answers_pings_between_fragments),
    WITH_SERVER("takes frames sent with the handshake", takes_frames_sent_with_the_handshake),
    WITH_SERVER("sends from any thread", sends_from_any_thread),
    WITH_SERVER("answers a close and ends", answers_a_close_and_ends),
    WITH_SERVER("closes on its own", closes_on_its_own),
    WITH_SERVER("tells what was wrong", tells_what_was_wrong),
    WITH_SERVER("tells when the client leaves", tells_when_the_client_leaves),
    CASE("goes away when the server stops", goes_away_when_the_server_stops),
    WITH_SERVER("cuts a client that does not read", cuts_a_client_that_does_not_read),
    WITH_SERVER("carries a large message", carries_a_large_message),
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(handshakes) + ARRAY_LEN(more)];
    for (size_t i = 0; i < ARRAY_LEN(handshakes); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(handshakes[i].name, check_handshake, &handshakes[i]);
    memcpy(tests + ARRAY_LEN(handshakes), more, sizeof(more));
    return RUN_CASES("WebSocket server", tests);
}

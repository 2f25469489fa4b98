#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/net/server.h"
#include "pkg/net/ws_client.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/pkg/net/ws_script.h"
#include "test/unit/support/test.h"

struct talk {
    struct net_fixture f;
    struct tls_server *server;
    struct http_peer *peer;
    struct ws_conn *ws;
};

static void talk_setup(struct talk *t, server_script script, void *arg,
                       const struct ws_conn_config *cfg)
{
    net_setup(&t->f);
    t->server = net_serve(&t->f, true, script, arg);
    t->peer = net_peer(&t->f, NULL);
    cleanup_free char *url = tls_server_give_url(t->server, "127.0.0.1", "/exec?x=y");
    struct ws_conn_config own = cfg ? *cfg : (struct ws_conn_config){ 0 };
    own.url = url;
    struct error *err = NULL;
    t->ws = NULL;
    (void)ws_conn_open(t->peer, &t->f.ctx, &own, &t->ws, &err);
    assert_string_equal(error_text(err), "");
}

static void talk_teardown(struct talk *t)
{
    ws_conn_close(t->ws);
    http_peer_unref(t->peer);
    tls_server_stop(t->server);
    net_teardown(&t->f);
}

static void expect_message(struct talk *t, bool binary, const char *text)
{
    bool got_binary = !binary;
    const char *data = NULL;
    size_t len = 0;
    assert_int_equal(ws_conn_read(t->ws, &t->f.ctx, &got_binary, &data, &len, NULL), 1);
    assert_int_equal(got_binary, binary);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(data, text, len);
}

/* 0 = closed; -1 with kind and code. */
static void expect_end(struct talk *t, int want, enum err_kind kind, const char *code)
{
    bool binary;
    const char *data;
    size_t len;
    struct error *err = NULL;
    assert_int_equal(ws_conn_read(t->ws, &t->f.ctx, &binary, &data, &len, &err), want);
    if (want < 0) {
        assert_int_equal(error_kind(err), kind);
        assert_true(str_eq(error_get_code(err), code));
    }
    error_free(err);
}

/* ---- what the server says ---- */

static bool say_messages(struct server_call *c)
{
    ws_script_accept(c, NULL);
    ws_script_send(c, 0x81, "one", 3);
    ws_script_send(c, 0x02, "t", 1); /* fragments with a ping between */
    ws_script_send(c, 0x89, "p", 1);
    ws_script_send(c, 0x00, "w", 1);
    ws_script_send(c, 0x80, "o", 1);
    ws_script_send(c, 0x82, "", 0);
    char data[125];
    size_t len = 0;
    int first = ws_script_read(c, data, sizeof(data), &len);
    ws_script_send(c, 0x81, first == 0x8a && len == 1 && data[0] == 'p' ? "ponged" : "no", 6);
    ws_script_send(c, 0x88, "\x03\xe8", 2);
    first = ws_script_read(c, data, sizeof(data), &len);
    return first != 0x88; /* our close is answered with theirs, then the connection ends */
}

static void test_messages_arrive_whole(void **state)
{
    (void)state;
    struct talk t;
    talk_setup(&t, say_messages, NULL, NULL);

    expect_message(&t, false, "one");
    expect_message(&t, true, "two");
    expect_message(&t, true, "");
    expect_message(&t, false, "ponged");
    expect_end(&t, 0, 0, NULL);

    talk_teardown(&t);
}

struct end_case {
    const char *sentence;
    unsigned char first;
    const char *data;
    size_t len;
    int want;
    enum err_kind kind;
    const char *code;
};
static struct end_case end_cases[] = {
    { "a close without code is regular", 0x88, "", 0, 0, 0, NULL },
    { "a close because the server goes away is regular", 0x88, "\x03\xe9", 2, 0, 0, NULL },
    { "a close with an error code is an error", 0x88, "\x03\xf3oops", 6, -1, ERR_CONN,
      HTTP_ERR_EOF },
    { "an end without close is an error", 0, NULL, 0, -1, ERR_CONN, HTTP_ERR_EOF },
    { "a reserved bit is an error", 0xc1, "x", 1, -1, ERR_INTERNAL, NULL },
    { "a message beyond the limit is an error", 0x82, "0123456789abcdefg", 17, -1, ERR_TOO_LARGE,
      NULL },
};

static bool say_end(struct server_call *c)
{
    const struct end_case *e = c->arg;
    ws_script_accept(c, NULL);
    if (e->data)
        ws_script_send(c, e->first, e->data, e->len);
    else
        return call_cut(c);
    call_stall(c);
    return false;
}

static void check_end(void **state)
{
    struct end_case *c = *state;
    struct talk t;
    talk_setup(&t, say_end, c, &(struct ws_conn_config){ .max_message = 16 });

    expect_end(&t, c->want, c->kind, c->code);

    talk_teardown(&t);
}

/* ---- what we say ---- */

/* Sends every frame back as it came. */
static bool echo_frames(struct server_call *c)
{
    size_t max = 4 << 20, len = 0;
    cleanup_free char *data = xmalloc(max);
    ws_script_accept(c, NULL);
    for (int first; (first = ws_script_read(c, data, max, &len)) >= 0 && first != 0x88;)
        ws_script_send(c, (unsigned char)first, data, len);
    return false;
}

static void test_messages_of_every_size_go_out_and_come_back(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 125, 126, 65535, 65536, 1 << 20 };
    struct talk t;
    talk_setup(&t, echo_frames, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        cleanup_free char *text = xmalloc(sizes[i] + 1);
        for (size_t k = 0; k < sizes[i]; k++)
            text[k] = (char)('a' + k % 26);
        text[sizes[i]] = '\0';
        assert_int_equal(ws_conn_send(t.ws, &t.f.ctx, i % 2, text, sizes[i], NULL), 0);
        expect_message(&t, i % 2, text);
    }
    talk_teardown(&t);
}

struct sender {
    struct talk *t;
    int status;
};

static void send_many(void *arg)
{
    struct sender *s = arg;
    static char data[100000];
    for (int i = 0; i < 20 && s->status == 0; i++)
        s->status = ws_conn_send(s->t->ws, &s->t->f.ctx, true, data, sizeof(data), NULL);
}

static void test_threads_send_while_another_reads(void **state)
{
    (void)state;
    struct talk t;
    talk_setup(&t, echo_frames, NULL, NULL);
    struct sender senders[3] = { { &t, 0 }, { &t, 0 }, { &t, 0 } };
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(thread_start(&threads[i], "sender", send_many, &senders[i], NULL), 0);

    for (int i = 0; i < 60; i++) {
        bool binary;
        const char *data;
        size_t len = 0;
        assert_int_equal(ws_conn_read(t.ws, &t.f.ctx, &binary, &data, &len, NULL), 1);
        assert_int_equal(len, 100000);
    }

    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(senders[i].status, 0);
    }
    talk_teardown(&t);
}

/* ---- silence ---- */

static bool accept_and_stall(struct server_call *c)
{
    ws_script_accept(c, NULL);
    call_stall(c);
    return false;
}

static void test_peer_that_answers_no_ping_is_lost(void **state)
{
    (void)state;
    struct talk t;
    talk_setup(&t, accept_and_stall, NULL,
               &(struct ws_conn_config){ .ping_every_ms = 20, .pong_timeout_ms = 50 });

    expect_end(&t, -1, ERR_CONN, HTTP_ERR_LOST);

    talk_teardown(&t);
}

static bool answer_pings(struct server_call *c)
{
    char data[125];
    size_t len = 0;
    ws_script_accept(c, NULL);
    for (int pings = 0; pings < 10; pings++) {
        if (ws_script_read(c, data, sizeof(data), &len) != 0x89)
            return false;
        ws_script_send(c, 0x8a, data, len);
    }
    ws_script_send(c, 0x81, "alive", 5);
    call_stall(c);
    return false;
}

static void test_answered_pings_keep_it(void **state)
{
    (void)state;
    struct talk t;
    talk_setup(&t, answer_pings, NULL,
               &(struct ws_conn_config){ .ping_every_ms = 5, .pong_timeout_ms = 20000 });

    expect_message(&t, false, "alive");

    talk_teardown(&t);
}

static bool accept_and_read_nothing(struct server_call *c)
{
    ws_script_accept(c, NULL);
    gate_pass(c->arg);
    return false;
}

static void test_peer_that_reads_nothing_times_out(void **state)
{
    (void)state;
    struct gate gate;
    gate_init(&gate);
    struct talk t;
    talk_setup(&t, accept_and_read_nothing, &gate,
               &(struct ws_conn_config){ .write_timeout_ms = 50 });
    enum { PIECE = 256 << 10, ENOUGH = 64 << 20 }; /* beyond every socket buffer */
    cleanup_free char *data = xcalloc(PIECE, 1);
    struct error *err = NULL;

    int status = 0;
    for (size_t sent = 0; status == 0 && sent < ENOUGH; sent += PIECE)
        status = ws_conn_send(t.ws, &t.f.ctx, true, data, PIECE, &err);

    assert_int_equal(status, -1);
    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    error_free(err);
    gate_open(&gate);
    talk_teardown(&t);
    gate_release(&gate);
}

struct reader {
    struct talk *t;
    struct gate *started;
    int status;
    struct error *err;
};

static void read_one(void *arg)
{
    struct reader *r = arg;
    bool binary;
    const char *data;
    size_t len;
    gate_count(r->started);
    r->status = ws_conn_read(r->t->ws, &r->t->f.ctx, &binary, &data, &len, &r->err);
}

static void test_stop_ends_a_waiting_read(void **state)
{
    (void)state;
    struct talk t;
    talk_setup(&t, accept_and_stall, NULL, NULL);
    struct gate started;
    gate_init(&started);
    struct reader r = { .t = &t, .started = &started };
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "reader", read_one, &r, NULL), 0);
    gate_await(&started, 1);

    stop_request(t.f.stop);
    pthread_join(thread, NULL);

    assert_int_equal(r.status, -1);
    assert_int_equal(error_kind(r.err), ERR_CANCELLED);
    error_free(r.err);
    gate_release(&started);
    talk_teardown(&t);
}

/* ---- with our own server ---- */

static void send_back(struct ws *ws, bool binary, const void *data, size_t len, void *arg)
{
    (void)arg;
    (void)ws_send(ws, binary, data, len);
}

static void let_go(struct ws *ws, void *arg)
{
    (void)arg;
    ws_unref(ws);
}

static int upgrade(struct http_call *call, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    static const char *const offered[] = { "v4.test", NULL };
    static const struct ws_callbacks callbacks = { .on_message = send_back, .on_close = let_go };
    struct ws *ws = NULL;
    return http_call_begin_ws(call, offered, &callbacks, NULL, &ws, err);
}

static void test_our_server_and_our_client_understand_each_other(void **state)
{
    (void)state;
    struct talk t = { 0 };
    net_setup(&t.f);
    static const struct http_route routes[] = {
        { .method = "GET", .pattern = "/ws", .handle = upgrade }
    };
    struct secret *key = secret_new(t.f.cert->key_pem, strlen(t.f.cert->key_pem));
    const struct http_server_config cfg = { .name = "ws-test",
                                            .bind_address = "127.0.0.1",
                                            .cert_pem = t.f.cert->cert_pem,
                                            .key_pem = key,
                                            .routes = routes,
                                            .routes_len = 1,
                                            .clock = clock_system(),
                                            .rng = rng_system() };
    struct http_server *server = NULL;
    assert_int_equal(http_server_start(&cfg, &server, NULL), 0);
    t.peer = net_peer(&t.f, NULL);
    cleanup_free char *url = xasprintf("https://127.0.0.1:%u/ws", http_server_port(server));
    static const char *const offered[] = { "v5.test", "v4.test", NULL };
    struct error *err = NULL;
    (void)ws_conn_open(t.peer, &t.f.ctx,
                       &(struct ws_conn_config){ .url = url, .subprotocols = offered }, &t.ws,
                       &err);
    assert_string_equal(error_text(err), "");

    assert_string_equal(ws_conn_subprotocol(t.ws), "v4.test");
    assert_int_equal(ws_conn_send(t.ws, &t.f.ctx, false, "hello", 5, NULL), 0);
    expect_message(&t, false, "hello");

    ws_conn_close(t.ws);
    http_peer_unref(t.peer);
    http_server_stop(server, 0);
    secret_unref(key);
    net_teardown(&t.f);
}

int main(void)
{
    struct CMUnitTest tests[8 + ARRAY_LEN(end_cases)] = {
        CASE("messages arrive whole, pings are answered in between", test_messages_arrive_whole),
        CASE("messages of every size go out and come back",
             test_messages_of_every_size_go_out_and_come_back),
        CASE("threads send while another reads", test_threads_send_while_another_reads),
        CASE("a peer that answers no ping is lost", test_peer_that_answers_no_ping_is_lost),
        CASE("answered pings keep the connection", test_answered_pings_keep_it),
        CASE("a peer that reads nothing times out", test_peer_that_reads_nothing_times_out),
        CASE("a stop ends a read that waits", test_stop_ends_a_waiting_read),
        CASE("our server and our client understand each other",
             test_our_server_and_our_client_understand_each_other),
    };
    for (size_t i = 0; i < ARRAY_LEN(end_cases); i++)
        tests[8 + i] = (struct CMUnitTest)CASE_OF(end_cases[i].sentence, check_end, &end_cases[i]);
    return RUN_CASES("ws_client", tests);
}

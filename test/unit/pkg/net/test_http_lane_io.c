/* How watch input gathers. The clock that tells what quick succession is stands still; rests last by real time. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/net/net_fixture.h"
#include "test/unit/support/test.h"

#define PIECES 20
#define HOUR_MS 3600000
#define BEFORE_REST 3 /* pieces that are read at once, at least: the head was the first wake-up */

/* What the server and the reader of a stream know of one another. */
struct stream {
    struct net_fixture f;
    struct http_client *client;
    struct fake_clock clock;
    struct http_sink sink;
    pthread_mutex_t mu;
    pthread_cond_t changed;
    bool resets;
    size_t heads, bytes; /* read */
    int64_t pause_ms;    /* between pieces, on the clock */
    size_t awaited; /* pieces that the server writes one by one, each when the former was read */
    size_t written, allowed; /* pieces; it does not write more */
};

static void set(struct stream *s, size_t *what, size_t n)
{
    pthread_mutex_lock(&s->mu);
    *what = n;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mu);
}

static void await(struct stream *s, const size_t *what, size_t n)
{
    pthread_mutex_lock(&s->mu);
    while (*what < n)
        pthread_cond_wait(&s->changed, &s->mu);
    pthread_mutex_unlock(&s->mu);
}

static size_t get(struct stream *s, const size_t *what)
{
    pthread_mutex_lock(&s->mu);
    size_t n = *what;
    pthread_mutex_unlock(&s->mu);
    return n;
}

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    struct stream *s = container_of(sink, struct stream, sink);
    set(s, &s->heads, 1);
    return head->status == 200;
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    (void)data;
    (void)err;
    struct stream *s = container_of(sink, struct stream, sink);
    pthread_mutex_lock(&s->mu);
    s->bytes += len;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mu);
    return 0;
}

static bool write_pieces(struct server_call *c)
{
    struct stream *s = c->arg;
    if (strcmp(c->req->target, "/ping") == 0) {
        call_reply(c, 200, "", "pong");
        return true;
    }
    call_writes(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    await(s, &s->heads, 1);
    for (size_t i = 1; i <= PIECES; i++) {
        await(s, &s->allowed, i);
        fake_clock_advance_ms(&s->clock, s->pause_ms);
        call_writes(c, "5\r\npiece\r\n");
        set(s, &s->written, i);
        if (i <= s->awaited)
            await(s, &s->bytes, i * 5);
    }
    if (s->resets)
        return call_reset(c);
    call_writes(c, "0\r\n\r\n");
    return true;
}

static void setup(struct stream *s, int64_t gather_ms)
{
    *s = (struct stream){ .allowed = PIECES,
                          .sink = { .on_head = on_head, .on_data = on_data },
                          .mu = PTHREAD_MUTEX_INITIALIZER,
                          .changed = PTHREAD_COND_INITIALIZER };
    net_setup(&s->f);
    fake_clock_init(&s->clock);
    const struct http_client_config cfg = { .clock = &s->clock.base,
                                            .env = &s->f.env.base,
                                            .watch_gather_ms = gather_ms };
    assert_int_equal(http_client_new(&cfg, &s->client, NULL), 0);
}

static void teardown(struct stream *s)
{
    http_client_free(s->client);
    fake_clock_release(&s->clock);
    net_teardown(&s->f);
}

struct reading {
    struct tls_server *server;
    struct http_peer *peer;
    char *url, *ping_url;
    struct net_call call;
};

static void begin(struct reading *r, struct stream *s, enum http_class traffic)
{
    r->server = net_serve(&s->f, false, write_pieces, s);
    assert_int_equal(http_peer_new(s->client, &(struct http_peer_config){ 0 }, &r->peer, NULL), 0);
    r->url = tls_server_give_url(r->server, "127.0.0.1", "/");
    r->ping_url = tls_server_give_url(r->server, "127.0.0.1", "/ping");
    net_call_init(&r->call, &s->f, r->peer, r->url);
    r->call.req.traffic = traffic;
    r->call.req.sink = &s->sink;
    net_call_start(&r->call);
}

static void end(struct reading *r)
{
    net_call_release(&r->call);
    http_peer_unref(r->peer);
    tls_server_stop(r->server);
    free(r->url);
    free(r->ping_url);
}

/* Everything is read, whoever waits for whom. */
static void check_all_is_read(struct stream *s, enum http_class traffic)
{
    struct reading r;
    begin(&r, s, traffic);
    assert_int_equal(net_call_join(&r.call), 200);
    end(&r);
    assert_int_equal(s->bytes, PIECES * 5);
    teardown(s);
}

/* The I/O thread has turned since the piece was written when another request was answered. */
static bool is_read(struct stream *s, struct reading *r, size_t piece)
{
    await(s, &s->written, piece);
    assert_int_equal(net_get(&s->f, r->peer, xstrdup(r->ping_url), NULL, NULL), 200);
    return get(s, &s->bytes) >= piece * 5;
}

static void test_quick_watch_input_gathers(void **state)
{
    (void)state;
    struct stream s;
    struct reading r;
    setup(&s, HOUR_MS);
    s.allowed = 1;
    begin(&r, &s, HTTP_CLASS_WATCH);

    size_t piece = 1;
    while (is_read(&s, &r, piece) && piece < PIECES)
        set(&s, &s.allowed, ++piece);
    size_t bytes = get(&s, &s.bytes);
    set(&s, &s.allowed, PIECES);
    stop_request(s.f.stop);

    assert_int_equal(net_call_join(&r.call), -1);
    assert_int_equal(bytes, (piece - 1) * 5);
    end(&r);
    teardown(&s);
}

static void test_gathered_input_is_read_at_the_end_of_the_rest(void **state)
{
    (void)state;
    struct stream s;
    setup(&s, 1);
    s.awaited = PIECES;
    check_all_is_read(&s, HTTP_CLASS_WATCH);
}

static void test_slow_watch_input_is_read_at_once(void **state)
{
    (void)state;
    struct stream s;
    setup(&s, HOUR_MS);
    s.awaited = PIECES;
    s.pause_ms = HOUR_MS;
    check_all_is_read(&s, HTTP_CLASS_WATCH);
}

static void test_other_classes_do_not_gather(void **state)
{
    (void)state;
    static const enum http_class classes[] = { HTTP_CLASS_REQUEST, HTTP_CLASS_LEASE,
                                               HTTP_CLASS_LOG };
    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        struct stream s;
        setup(&s, HOUR_MS);
        s.awaited = PIECES;
        check_all_is_read(&s, classes[i]);
    }
}

static void test_gathering_can_be_switched_off(void **state)
{
    (void)state;
    struct stream s;
    setup(&s, -1);
    s.awaited = PIECES;
    check_all_is_read(&s, HTTP_CLASS_WATCH);
}

static void test_reset_ends_a_rest(void **state)
{
    (void)state;
    struct stream s;
    struct reading r;
    setup(&s, HOUR_MS);
    s.awaited = BEFORE_REST;
    s.resets = true;
    begin(&r, &s, HTTP_CLASS_WATCH);

    assert_int_equal(net_call_join(&r.call), -1);

    assert_int_equal(error_kind(r.call.err), ERR_CONN);
    end(&r);
    teardown(&s);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("watch input in quick succession gathers", test_quick_watch_input_gathers),
        CASE("what gathered is read at the end of the rest",
             test_gathered_input_is_read_at_the_end_of_the_rest),
        CASE("watch input after a quiet time is read at once",
             test_slow_watch_input_is_read_at_once),
        CASE("input of other classes does not gather", test_other_classes_do_not_gather),
        CASE("gathering can be switched off", test_gathering_can_be_switched_off),
        CASE("a connection that is reset ends the rest", test_reset_ends_a_rest),
    };
    return RUN_CASES("http_lane_io", tests);
}

#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

struct watch {
    struct gate opened, closed; /* counted by the handler and by on_close */
    struct http_stream *stream;
    size_t max_queued;
    bool fail;
    int state_frees;
};

static void on_close(void *arg)
{
    struct watch *w = arg;
    gate_count(&w->closed);
}

static void on_state_free(void *state)
{
    struct watch *w = state;
    w->state_frees++;
}

static int watch(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    struct watch *w = arg;
    http_call_set_header(c, "Content-Type", "application/json");
    http_call_set_state(c, w, on_state_free);
    w->stream = http_call_begin_stream(c, w->max_queued, on_close, w);
    http_stream_write(w->stream, "early ", 6);
    gate_count(&w->opened);
    return w->fail ? error_set(err, ERR_FORBIDDEN, "not for you") : 0;
}

static int plain(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)ctx;
    (void)arg;
    (void)err;
    http_call_reply(c, 200, NULL, "plain");
    return 0;
}

static const struct http_route routes[] = {
    { "GET", "/watch", watch, false },
    { "GET", "/inline", watch, true },
    { "GET", "/plain", plain, false },
};

struct fixture {
    struct watch watch;
    struct http_server *server;
};

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ .watch = { .max_queued = 1 << 20 } };
    gate_init(&f.watch.opened);
    gate_init(&f.watch.closed);
    struct http_server_config cfg = fixture_config(routes, ARRAY_LEN(routes), &f.watch);
    f.server = fixture_start(&cfg);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    http_server_stop(f->server, FIXTURE_GRACE_MS);
    http_stream_unref(f->watch.stream);
    gate_release(&f->watch.opened);
    gate_release(&f->watch.closed);
    return 0;
}

#define HEAD_CHUNKED "Transfer-Encoding: chunked\r\n\r\n"

static void check_stream_on(struct fixture *f, const char *path)
{
    cleanup_wire struct wire w = fixture_dial(f->server);
    cleanup_free char *request = xasprintf("GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);

    wire_send(&w, request);
    cleanup_free char *head = wire_give_until(&w, HEAD_CHUNKED "6\r\nearly \r\n");
    assert_non_null(strstr(head, "Content-Type: application/json\r\n"));
    assert_int_equal(http_stream_write(f->watch.stream, "one", 3), 0);
    free(wire_give_until(&w, "3\r\none\r\n"));
    assert_int_equal(http_stream_write(f->watch.stream, "", 0), 0);
    assert_int_equal(http_stream_write(f->watch.stream, "twelve bytes", 12), 0);
    http_stream_end(f->watch.stream);
    cleanup_free char *rest = wire_give_until(&w, "0\r\n\r\n");
    assert_string_equal(rest, "c\r\ntwelve bytes\r\n0\r\n\r\n");
    gate_await(&f->watch.closed, 1);
    assert_false(http_stream_is_open(f->watch.stream));
    assert_int_equal(http_stream_write(f->watch.stream, "x", 1), -1);

    cleanup_free char *next = wire_give_answer(&w, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(str_ends(next, "\r\n\r\nplain"));
    assert_int_equal(f->watch.state_frees, 1);
}

static void streams_from_a_pool_handler(void **state)
{
    check_stream_on(*state, "/watch");
}

static void streams_from_an_inline_handler(void **state)
{
    check_stream_on(*state, "/inline");
}

static void answers_what_was_asked_during_a_stream(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = fixture_dial(f->server);

    wire_send(&w, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\nGET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f->watch.opened, 1);
    http_stream_end(f->watch.stream);
    free(wire_give_until(&w, "0\r\n\r\n"));
    cleanup_free char *next = wire_give_reply(&w);

    assert_true(str_ends(next, "\r\n\r\nplain"));
}

static void tells_when_the_client_leaves(void **state)
{
    struct fixture *f = *state;
    struct wire w = fixture_dial(f->server);

    wire_send(&w, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f->watch.opened, 1);
    free(wire_give_until(&w, "early"));
    wire_close(&w);
    gate_await(&f->watch.closed, 1);

    assert_int_equal(http_stream_write(f->watch.stream, "x", 1), -1);
}

static void cuts_a_client_that_does_not_read(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = fixture_dial(f->server);
    cleanup_free char *line = xcalloc(1, 65536);

    wire_send(&w, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f->watch.opened, 1);
    while (http_stream_write(f->watch.stream, line, 65536) == 0)
        ; /* the kernel's buffers, ours, then the limit */
    gate_await(&f->watch.closed, 1);
    assert_false(http_stream_is_open(f->watch.stream));
    while (w.in.len < 65536 && recv(w.fd, line, 65536, 0) > 0)
        ; /* what was under way ends in the middle */
    cleanup_free char *other = fixture_give_answer(f->server, "/plain");

    assert_true(str_ends(other, "\r\n\r\nplain"));
}

static void aborts_in_the_middle(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = fixture_dial(f->server);

    wire_send(&w, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    free(wire_give_until(&w, "early \r\n"));
    http_stream_abort(f->watch.stream);
    cleanup_free char *rest = wire_give_rest(&w);

    assert_string_equal(rest, "");
    gate_await(&f->watch.closed, 1);
}

static void ends_when_its_owner_lets_go(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = fixture_dial(f->server);

    wire_send(&w, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f->watch.opened, 1);
    http_stream_unref(take(f->watch.stream));
    free(wire_give_until(&w, "early \r\n0\r\n\r\n"));
    gate_await(&f->watch.closed, 1);
}

static void closes_http_1_0_at_the_end(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = fixture_dial(f->server);

    wire_send(&w, "GET /watch HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    gate_await(&f->watch.opened, 1);
    http_stream_write(f->watch.stream, "late", 4);
    http_stream_end(f->watch.stream);
    cleanup_free char *all = wire_give_rest(&w);

    assert_non_null(strstr(all, "Connection: close\r\n"));
    assert_true(str_ends(all, "\r\n\r\nearly late"));
}

static void answers_head_with_the_head_alone(void **state)
{
    struct fixture *f = *state;
    cleanup_wire struct wire w = fixture_dial(f->server);

    wire_send(&w, "HEAD /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    free(wire_give_until(&w, HEAD_CHUNKED));
    gate_await(&f->watch.closed, 1);
    cleanup_free char *next = wire_give_answer(&w, "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");

    assert_true(str_ends(next, "\r\n\r\nplain"));
}

static void drops_the_stream_when_the_handler_fails(void **state)
{
    struct fixture *f = *state;
    f->watch.fail = true;

    cleanup_free char *reply = fixture_give_answer(f->server, "/watch");

    assert_true(str_starts(reply, "HTTP/1.1 403 Forbidden\r\n"));
    assert_true(str_ends(reply, "\r\n\r\nnot for you\n"));
    gate_await(&f->watch.closed, 1);
    assert_int_equal(http_stream_write(f->watch.stream, "x", 1), -1);
}

static void carries_megabytes(void **state)
{
    struct fixture *f = *state;
    f->watch.max_queued = 16 << 20;
    cleanup_wire struct wire w = fixture_dial(f->server);
    cleanup_free char *block = xcalloc(1, 1 << 20);
    memset(block, 'm', 1 << 20);

    wire_send(&w, "GET /watch HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_await(&f->watch.opened, 1);
    for (int i = 0; i < 8; i++)
        assert_int_equal(http_stream_write(f->watch.stream, block, 1 << 20), 0);
    http_stream_end(f->watch.stream);
    cleanup_free char *all = wire_give_until(&w, "\r\n0\r\n\r\n");

    size_t letters = 0;
    for (const char *p = strstr(all, "\r\n\r\n"); *p; p++)
        letters += *p == 'm';
    assert_int_equal(letters, 8 << 20);
}

#define WITH_SERVER(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = set_up, .teardown_func = tear_down \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER("streams from a pool handler, then serves the next request",
                    streams_from_a_pool_handler),
        WITH_SERVER("streams from an inline handler, then serves the next request",
                    streams_from_an_inline_handler),
        WITH_SERVER("answers what was asked during a stream",
                    answers_what_was_asked_during_a_stream),
        WITH_SERVER("tells when the client leaves", tells_when_the_client_leaves),
        WITH_SERVER("cuts a client that does not read", cuts_a_client_that_does_not_read),
        WITH_SERVER("aborts in the middle", aborts_in_the_middle),
        WITH_SERVER("ends when its owner lets go", ends_when_its_owner_lets_go),
        WITH_SERVER("closes an HTTP/1.0 connection at the end", closes_http_1_0_at_the_end),
        WITH_SERVER("answers HEAD with the head alone", answers_head_with_the_head_alone),
        WITH_SERVER("drops the stream when the handler fails",
                    drops_the_stream_when_the_handler_fails),
        WITH_SERVER("carries megabytes", carries_megabytes),
    };
    return RUN_CASES("server streams", tests);
}

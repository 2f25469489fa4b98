#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define JSON_TYPE "Content-Type: application/json\r\n"
#define CLUSTER "{\"name\":\"cluster1\",\"namespace\":\"foo\",\"kubeconfig\":\"foobar\"}"

static int ask(struct sets_rig *r, const char *method, const char *path, const char *headers,
               const char *body)
{
    int status;
    free(sets_rig_ask(r, method, path, headers, body, &status));
    return status;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static void patch(struct sets_rig *r, const char *labels)
{
    cleanup_free char *body = xasprintf("{\"metadata\":{\"labels\":%s}}", labels);
    assert_int_equal(ask(r, "PATCH", "/v1/clusters/foo/cluster1",
                         "Content-Type: application/merge-patch+json\r\n", body),
                     200);
}

static void await(struct wire *w, const char *what)
{
    cleanup_free char *text = wire_give_until(w, what);
    assert_non_null(text);
}
static void a_selector_is_entered_and_left(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&w, GET("/v1/clusters?watch=true&labelSelector=env%3Dprod"));
    await(&w, "initial-events-end");
    patch(&r, "{\"env\":\"prod\"}");
    await(&w, "{\"type\":\"ADDED\"");
    patch(&r, "{\"env\":\"prod\",\"x\":\"y\"}");
    await(&w, "{\"type\":\"MODIFIED\"");
    patch(&r, "{\"env\":null}");
    await(&w, "{\"type\":\"DELETED\"");
    sets_rig_release(&r);
}

static bool counts(struct sets_rig *r, const char *line)
{
    cleanup_free char *metrics = sets_rig_ask(r, "GET", "/metrics", "", "", NULL);
    return strstr(metrics, line) != NULL;
}

static void await_count(struct sets_rig *r, const char *line)
{
    while (!counts(r, line))
        ;
}

static void watches_are_counted_while_they_last(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    await_count(&r, "syncsets_watch_active 0\n");
    struct wire w = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&w, GET("/v1/clusters?watch=true"));
    await_count(&r, "syncsets_watch_active 1\n");
    wire_close(&w);
    await_count(&r, "syncsets_watch_active 0\n");
    sets_rig_release(&r);
}

static void a_watch_resumes_and_another_ends_in_time(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    patch(&r, "{\"a\":\"b\"}");
    cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&w, GET("/v1/clusters/foo?watch=true&resourceVersion=2"));
    cleanup_free char *all = wire_give_until(&w, "\"type\":\"MODIFIED\"");
    assert_null(strstr(all, "\"type\":\"ADDED\"")); /* that was before */
    cleanup_wire struct wire v = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&v, GET("/v1/clusters/foo?watch=true&resourceVersion=2&timeoutSeconds=1"));
    free(wire_give_until(&v, "0\r\n\r\n"));
    sets_rig_release(&r);
}

static void too_old_and_too_new_are_told(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "relay", 3, NULL), 0);
    assert_int_equal(sets_cursor_set(&r.ctx, r.store, "matcher", 3, NULL), 0);
    assert_int_equal(sets_compact(&r.ctx, r.store, -10, NULL), 0);
    cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&w, GET("/v1/clusters?watch=true&resourceVersion=1"));
    cleanup_free char *old = wire_give_until(&w, "0\r\n\r\n");
    assert_non_null(strstr(old, "\"type\":\"ERROR\""));
    assert_non_null(strstr(old, "\"code\":410"));
    cleanup_wire struct wire v = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&v, GET("/v1/clusters?watch=true&resourceVersion=999"));
    cleanup_free char *young = wire_give_until(&v, "0\r\n\r\n");
    assert_non_null(strstr(young, "\"type\":\"ERROR\""));
    assert_non_null(strstr(young, "\"code\":504"));
    sets_rig_release(&r);
}

/* More than there are threads for requests: none of them is taken while they wait. */
static void what_is_to_come_is_waited_for_by_nobody_else(void **state)
{
    enum { WAITERS = 40 };
    struct sets_rig r;
    struct wire waiters[WAITERS];
    int64_t now;
    (void)state;
    sets_rig_init(&r);
    r.ahead_ms = 3600000; /* however long it takes until all are connected */
    sets_rig_serve(&r, NULL);
    assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, CLUSTER), 201);
    assert_int_equal(sets_revision(&r.ctx, r.store, &now, NULL), 0);
    cleanup_free char *watch =
        xasprintf("GET /v1/clusters?watch=true&resourceVersion=%lld HTTP/1.1\r\nHost: x\r\n\r\n",
                  (long long)now + 1);
    for (size_t i = 0; i < WAITERS; i++) {
        waiters[i] = wire_connect("127.0.0.1", sets_api_port(r.api));
        wire_send(&waiters[i], watch);
    }

    patch(&r, "{\"a\":\"b\"}"); /* what they have seen already */
    patch(&r, "{\"a\":\"c\"}");

    for (size_t i = 0; i < WAITERS; i++) {
        cleanup_free char *text = wire_give_until(&waiters[i], "\"a\":\"c\"");
        assert_null(strstr(text, "\"a\":\"b\""));
        wire_close(&waiters[i]);
    }
    sets_rig_release(&r);
}

/* Of the machine's own buffers as little as can be, so that few bytes make a client late. */
static struct wire connect_lazily(struct sets_rig *r)
{
    struct wire w = wire_connect("127.0.0.1", sets_api_port(r->api));
    const int room = 65536;
    assert_int_equal(setsockopt(w.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)), 0);
    return w;
}

static void a_slow_reader_is_told_and_others_go_on(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    r.watch_queue_max = (size_t)1 << 20;
    sets_rig_serve(&r, NULL);
    cleanup_free char *pad = xcalloc(1, 200001);
    memset(pad, 'x', 200000);
    cleanup_wire struct wire slow = connect_lazily(&r);
    cleanup_wire struct wire quick = wire_connect("127.0.0.1", sets_api_port(r.api));
    wire_send(&slow, GET("/v1/clusters?watch=true"));
    wire_send(&quick, GET("/v1/clusters?watch=true&labelSelector=%21nothing"));
    await(&slow, "initial-events-end");
    await(&quick, "initial-events-end");
    for (int i = 0; i < 90 && !counts(&r, "syncsets_watch_active 1\n"); i++) {
        cleanup_free char *body = xasprintf("{\"metadata\":{\"name\":\"c%d\",\"namespace\":\"foo\","
                                            "\"annotations\":{\"p\":\"%s\"}}}",
                                            i, pad);
        assert_int_equal(ask(&r, "POST", "/v1/clusters", JSON_TYPE, body), 201);
        cleanup_free char *name = xasprintf("\"name\":\"c%d\"", i);
        await(&quick, name);
        await(&quick, "\n");
    }
    await(&slow, "\"code\":429");
    sets_rig_release(&r);
}

/* What a handler writes waits until it has returned. */
static int write_small_events(struct http_call *call, const struct opctx *ctx, void *arg,
                              struct error **err)
{
    struct sets_watch *w = arg;
    (void)ctx;
    (void)err;
    w->stream = http_call_begin_stream(call, (size_t)16 << 20, NULL, NULL);
    for (int i = 0; i < WATCH_PENDING_MAX; i++)
        assert_int_equal(sets_watch_send(w, "{}\n", 3), 0);
    assert_int_equal(sets_watch_pending(w), WATCH_PENDING_MAX);
    assert_int_equal(sets_watch_send(w, "{}\n", 3), -1);
    http_stream_unref(w->stream);
    return 0;
}

static void small_events_that_nobody_took_are_counted(void **state)
{
    cleanup_free struct sets_watch *w = xnew(struct sets_watch);
    w->queue_max = WATCH_QUEUE_MAX;
    const struct http_route routes[] = { { "GET", "/", write_small_events, false } };
    const struct http_server_config cfg = { .name = "test",
                                            .bind_address = "127.0.0.1",
                                            .routes = routes,
                                            .routes_len = 1,
                                            .arg = w,
                                            .clock = clock_system(),
                                            .rng = rng_system() };
    struct http_server *server;
    (void)state;
    assert_int_equal(http_server_start(&cfg, &server, NULL), 0);
    {
        cleanup_wire struct wire c = wire_connect("127.0.0.1", http_server_port(server));
        wire_send(&c, GET("/"));
        await(&c, "\"code\":429");
    }
    http_server_stop(server, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a selector is entered and left", a_selector_is_entered_and_left),
        CASE("watches are counted while they last", watches_are_counted_while_they_last),
        CASE("a watch resumes, and another ends in time", a_watch_resumes_and_another_ends_in_time),
        CASE("too old and too new are told", too_old_and_too_new_are_told),
        CASE("what is to come is waited for by nobody else",
             what_is_to_come_is_waited_for_by_nobody_else),
        CASE("small events that nobody took are counted",
             small_events_that_nobody_took_are_counted),
        CASE("a slow reader is told and others go on", a_slow_reader_is_told_and_others_go_on),
    };
    return RUN_CASES("watch", tests);
}

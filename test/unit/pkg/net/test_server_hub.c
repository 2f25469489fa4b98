#include <libwebsockets.h>

#include "pkg/base/mem.h"
#include "pkg/net/server_impl.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/test.h"

/* The hub with a context that nobody serves: what is put in comes out, or is freed. */
struct fixture {
    struct http_server server;
    struct server_peer peer;
    struct server_hub *hub;
    struct lws_context *cx;
    struct gate freed;
};

static void on_free(void *arg)
{
    gate_count(arg);
}

static struct http_call *make_call(struct fixture *f, uint64_t id)
{
    struct framer_request req = { .method = xstrdup("GET"), .target = xstrdup("/") };
    struct http_call *c = call_new(&f->server, id, &f->peer, &req);
    http_call_set_state(c, &f->freed, on_free);
    return c;
}

static void free_outlet(struct outlet *o)
{
    outlet_release(o);
    free(o);
}

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ .peer = { .refs = 1 } };
    f.server.cfg.clock = clock_system();
    gate_init(&f.freed);
    f.hub = server_hub_new();
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .fd_limit_per_thread = 8,
    };
    lws_set_log_level(0, NULL);
    f.cx = lws_create_context(&info);
    server_hub_open(f.hub, f.cx);
    *state = &f;
    return f.cx ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    server_hub_close(f->hub);
    lws_context_destroy(f->cx);
    server_hub_unref(f->hub);
    gate_release(&f->freed);
    return 0;
}

static void hands_over_calls_in_order(void **state)
{
    struct fixture *f = *state;

    for (uint64_t id = 1; id <= 3; id++)
        server_hub_done(f->hub, make_call(f, id));
    for (uint64_t id = 1; id <= 3; id++) {
        struct http_call *c = server_hub_pop_done(f->hub);
        assert_non_null(c);
        assert_int_equal(c->conn_id, id);
        call_free(c);
    }

    assert_null(server_hub_pop_done(f->hub));
}

static void hands_over_an_outlet_once_until_it_was_taken(void **state)
{
    struct fixture *f = *state;
    struct outlet *o = xnew(struct outlet);
    outlet_init(o, f->hub, 1, 10, free_outlet);

    server_hub_wake(f->hub, o);
    server_hub_wake(f->hub, o);
    assert_ptr_equal(server_hub_pop_woken(f->hub), o);
    assert_null(server_hub_pop_woken(f->hub));
    outlet_unref(o);
    server_hub_wake(f->hub, o); /* again, after it was taken */
    assert_ptr_equal(server_hub_pop_woken(f->hub), o);
    outlet_unref(o);

    outlet_unref(o);
}

static void frees_what_comes_after_the_end(void **state)
{
    struct fixture *f = *state;
    struct outlet *o = xnew(struct outlet);
    outlet_init(o, f->hub, 1, 10, free_outlet);
    server_hub_done(f->hub, make_call(f, 1));
    server_hub_wake(f->hub, o);

    server_hub_close(f->hub);
    assert_int_equal(f->freed.arrived, 1);
    server_hub_done(f->hub, make_call(f, 2));
    assert_int_equal(f->freed.arrived, 2);
    server_hub_wake(f->hub, o);

    assert_null(server_hub_pop_woken(f->hub));
    outlet_unref(o);
}

static void passes_the_grace_on(void **state)
{
    struct fixture *f = *state;
    int64_t grace_ms = 0;

    assert_false(server_hub_is_stopping(f->hub, &grace_ms));
    server_hub_stop(f->hub, 1234);

    assert_true(server_hub_is_stopping(f->hub, &grace_ms));
    assert_int_equal(grace_ms, 1234);
}

#define WITH_HUB(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = set_up, .teardown_func = tear_down \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HUB("hands over calls in order", hands_over_calls_in_order),
        WITH_HUB("hands over an outlet once until it was taken",
                 hands_over_an_outlet_once_until_it_was_taken),
        WITH_HUB("frees what comes after the end", frees_what_comes_after_the_end),
        WITH_HUB("passes the grace on", passes_the_grace_on),
    };
    return RUN_CASES("server hub", tests);
}

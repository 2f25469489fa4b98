#include "pkg/base/mem.h"
#include "pkg/net/server_impl.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/test.h"

/* The pool with calls that no connection waits for: its hub is closed and frees them. */
struct fixture {
    struct http_server server;
    struct http_route route;
    struct server_hub *hub;
    struct server_pool *pool;
    struct server_peer peer;
    struct gate gate, freed;
};

static int wait_at_gate(struct http_call *c, const struct opctx *ctx, void *arg, struct error **err)
{
    (void)c;
    (void)ctx;
    (void)err;
    struct fixture *f = arg;
    gate_pass(&f->gate);
    return 0;
}

static void on_free(void *arg)
{
    gate_count(arg);
}

static struct http_call *make_call(struct fixture *f)
{
    struct framer_request req = { .method = xstrdup("GET"), .target = xstrdup("/") };
    struct http_call *c = call_new(&f->server, 1, &f->peer, &req);
    c->route = &f->route;
    http_call_set_state(c, &f->freed, on_free);
    return c;
}

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){ .route = { .handle = wait_at_gate } };
    f.server.cfg.clock = clock_system();
    f.server.cfg.rng = rng_system();
    f.server.cfg.arg = &f;
    atomic_init(&f.peer.refs, 1);
    gate_init(&f.gate);
    gate_init(&f.freed);
    f.hub = server_hub_new();
    *state = &f;
    return server_pool_start("pool", 2, 3, f.hub, &f.pool, NULL);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    server_hub_unref(f->hub);
    gate_release(&f->gate);
    gate_release(&f->freed);
    return 0;
}

static void runs_two_and_queues_three(void **state)
{
    struct fixture *f = *state;

    assert_true(server_pool_submit(f->pool, make_call(f)));
    assert_true(server_pool_submit(f->pool, make_call(f)));
    gate_await(&f->gate, 2);
    for (int i = 0; i < 3; i++)
        assert_true(server_pool_submit(f->pool, make_call(f)));
    struct http_call *refused = make_call(f);
    assert_false(server_pool_submit(f->pool, refused));
    call_free(refused);
    gate_open(&f->gate);
    gate_await(&f->freed, 6);

    assert_int_equal(f->gate.arrived, 5);
    server_pool_stop(f->pool);
}

static void wakes_somebody_for_each_burst(void **state)
{
    struct fixture *f = *state;
    gate_open(&f->gate);

    for (int burst = 1; burst <= 300; burst++) {
        assert_true(server_pool_submit(f->pool, make_call(f)));
        assert_true(server_pool_submit(f->pool, make_call(f)));
        gate_await(&f->freed, 2 * burst); /* from then on both threads are, or will be, idle */
    }

    assert_int_equal(f->gate.arrived, 600);
    server_pool_stop(f->pool);
}

static void drops_what_waits_when_it_stops(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 2; i++)
        assert_true(server_pool_submit(f->pool, make_call(f)));
    gate_await(&f->gate, 2);
    for (int i = 0; i < 3; i++)
        assert_true(server_pool_submit(f->pool, make_call(f)));
    server_pool_start_nothing(f->pool);
    gate_open(&f->gate);
    server_pool_stop(f->pool);

    assert_int_equal(f->gate.arrived, 2);
    assert_int_equal(f->freed.arrived, 5);
}

static void stops_idle(void **state)
{
    struct fixture *f = *state;

    server_pool_stop(f->pool);
    server_pool_stop(NULL);

    assert_int_equal(f->gate.arrived, 0);
}

#define WITH_POOL(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = set_up, .teardown_func = tear_down \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_POOL("runs and queues as much as it may, no more", runs_two_and_queues_three),
        WITH_POOL("wakes somebody for each burst of calls", wakes_somebody_for_each_burst),
        WITH_POOL("drops what waits when it stops", drops_what_waits_when_it_stops),
        WITH_POOL("stops when idle", stops_idle),
    };
    return RUN_CASES("server pool", tests);
}

#include <string.h>

#include "pkg/base/thread.h"
#include "pkg/controller/workqueue.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct workqueue *q;
};

static void set_up(struct fixture *f)
{
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    f->q = workqueue_new(&(struct workqueue_config){ .name = "q", .clock = &f->clock.base });
}

static void tear_down(struct fixture *f)
{
    workqueue_free(f->q);
    fake_clock_release(&f->clock);
}

/* Takes the next key, which must be this one; "" stands for an empty queue. */
static void expect_get(struct workqueue *q, const char *want)
{
    if (!*want) {
        assert_int_equal(workqueue_len(q), 0);
        return;
    }
    assert_true(workqueue_len(q) > 0);
    cleanup_free char *key = NULL;
    int priority;
    assert_true(workqueue_get(q, &key, &priority));
    assert_string_equal(key, want);
}

static void expect_run(struct workqueue *q, const char *want)
{
    expect_get(q, want);
    workqueue_done(q, want);
}

static void check_shutdown(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "running");
    expect_get(f.q, "running");
    workqueue_add(f.q, "running");
    workqueue_add(f.q, "queued");
    workqueue_add_after(f.q, "delayed", 100, 0);
    workqueue_add_every(f.q, "queued", 50);

    workqueue_shutdown(f.q);
    workqueue_shutdown(f.q);
    workqueue_add(f.q, "new");
    workqueue_add_after(f.q, "new", 1, 0);
    workqueue_add_rate_limited(f.q, "new", 0);
    workqueue_add_every(f.q, "new", 1);
    fake_clock_advance_ms(&f.clock, 1000);

    expect_run(f.q, "queued");
    cleanup_free char *key = NULL;
    assert_false(workqueue_get(f.q, &key, NULL));
    assert_null(key);
    workqueue_done(f.q, "running"); /* was to run again before the end came */
    expect_run(f.q, "running");
    assert_false(workqueue_get(f.q, &key, NULL));
    assert_int_equal(workqueue_failures(f.q, "new"), 0);
    tear_down(&f);
}

struct getter {
    struct workqueue *q;
    pthread_t thread;
    bool got;
    char *key;
};

static void get_one(void *arg)
{
    struct getter *g = arg;
    g->got = workqueue_get(g->q, &g->key, NULL);
}

static void start_getters(struct fixture *f, struct getter *g, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g[i] = (struct getter){ .q = f->q };
        assert_int_equal(thread_start(&g[i].thread, "getter", get_one, &g[i], NULL), 0);
    }
    fake_clock_await(&f->clock, n);
}

static void check_blocked_get(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    struct getter g[3];
    start_getters(&f, g, 3);

    workqueue_add(f.q, "a");
    fake_clock_await(&f.clock, 2);
    workqueue_shutdown(f.q);

    int got = 0;
    for (size_t i = 0; i < 3; i++) {
        pthread_join(g[i].thread, NULL);
        got += g[i].got;
        if (g[i].got)
            assert_string_equal(g[i].key, "a");
        free(g[i].key);
    }
    assert_int_equal(got, 1);
    tear_down(&f);
}

/* All wait for the end of one long delay; a shorter one comes, and then, after one getter left with
 * other work, a shorter one still. None of them may be waited for too long. */
static void check_deadline_of_getters(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_after(f.q, "long", 100000, 0);
    struct getter g[3];
    start_getters(&f, g, 3);

    workqueue_add_after(f.q, "short", 50, 0);
    workqueue_add(f.q, "now");
    workqueue_add_after(f.q, "shorter", 20, 0);
    bool seen[3] = { false };
    fake_clock_await(&f.clock, 2);
    fake_clock_advance_ms(&f.clock, 20);
    fake_clock_await(&f.clock, 1);
    fake_clock_advance_ms(&f.clock, 30);

    static const char *const want[] = { "now", "shorter", "short" };
    for (size_t i = 0; i < 3; i++) {
        pthread_join(g[i].thread, NULL);
        assert_true(g[i].got);
        for (size_t k = 0; k < 3; k++)
            seen[k] |= strcmp(g[i].key, want[k]) == 0;
        free(g[i].key);
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    tear_down(&f);
}

struct drainer {
    struct fixture *f;
    struct stop *stop;
    int64_t timeout_ms; /* 0: none */
    pthread_t thread;
    int rcode;
    enum err_kind kind;
};

static void drain(void *arg)
{
    struct drainer *d = arg;
    struct opctx ctx = opctx_root(&d->f->clock.base, &d->f->rng.base, d->stop, NULL);
    if (d->timeout_ms)
        ctx = opctx_with_timeout_ms(&ctx, d->timeout_ms);
    cleanup_error struct error *err = NULL;
    d->rcode = workqueue_drain(d->f->q, &ctx, &err);
    d->kind = error_kind(err);
}

static void start_drain(struct drainer *d)
{
    assert_int_equal(thread_start(&d->thread, "drainer", drain, d, NULL), 0);
    fake_clock_await(&d->f->clock, 1);
}

static void check_drain(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "a");
    expect_get(f.q, "a");
    workqueue_add(f.q, "a"); /* dirty while processing: has to run before the end */
    workqueue_add(f.q, "b");
    struct drainer d = { .f = &f };
    start_drain(&d);

    workqueue_add(f.q, "new");
    expect_run(f.q, "b");
    workqueue_done(f.q, "a");
    expect_get(f.q, "a");
    fake_clock_await(&f.clock, 1);
    workqueue_done(f.q, "a");

    pthread_join(d.thread, NULL);
    assert_int_equal(d.rcode, 0);
    cleanup_free char *key = NULL;
    assert_false(workqueue_get(f.q, &key, NULL));
    tear_down(&f);
}

static void check_drain_of_nothing(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_after(f.q, "delayed", 1000, 0);
    struct opctx ctx = opctx_root(&f.clock.base, &f.rng.base, NULL, NULL);

    assert_int_equal(workqueue_drain(f.q, &ctx, NULL), 0);

    tear_down(&f);
}

struct drain_end_case {
    const char *name;
    enum { BY_SHUTDOWN, BY_STOP, BY_DEADLINE } how;
    enum err_kind kind;
};
static struct drain_end_case drain_end_cases[] = {
    { "a plain shutdown ends a waiting drain", BY_SHUTDOWN, ERR_CANCELLED },
    { "a stop ends a waiting drain", BY_STOP, ERR_CANCELLED },
    { "a deadline ends a waiting drain", BY_DEADLINE, ERR_TIMEOUT },
};

static void check_drain_end(void **state)
{
    const struct drain_end_case *c = *state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "a");
    expect_get(f.q, "a");
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct drainer d = { .f = &f, .stop = stop, .timeout_ms = 1000 };
    start_drain(&d);

    if (c->how == BY_SHUTDOWN)
        workqueue_shutdown(f.q);
    else if (c->how == BY_STOP)
        stop_request(stop);
    else
        fake_clock_advance_ms(&f.clock, 1000);

    pthread_join(d.thread, NULL);
    assert_int_equal(d.rcode, -1);
    assert_int_equal(d.kind, c->kind);
    tear_down(&f);
}

int main(void)
{
    struct CMUnitTest tests[10] = {
        CASE("after shutdown queued keys are handed out, nothing is taken in", check_shutdown),
        CASE("blocked getters wake for a key and for the shutdown", check_blocked_get),
        CASE("getters wake for whichever delay ends first", check_deadline_of_getters),
        CASE("a drain waits for queued and running keys", check_drain),
        CASE("a drain does not wait for delayed keys", check_drain_of_nothing),
    };
    size_t n = 5;
    for (size_t i = 0; i < ARRAY_LEN(drain_end_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(drain_end_cases[i].name, check_drain_end,
                                                &drain_end_cases[i]);
    return _cmocka_run_group_tests("workqueue_end", tests, n, NULL, NULL);
}

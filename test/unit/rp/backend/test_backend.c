#include <pthread.h>
#include <sched.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/subscriptions.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

/* Backends that run on threads of their own, by the real clock; nothing here waits for time to pass. */
struct running {
    struct backend_rig *r;
    struct backend *b;
    struct stop *stop;
    struct opctx ctx;
    pthread_t thread;
    atomic_bool ended;
    int rcode;
};

static void run(void *arg)
{
    struct running *k = arg;
    k->rcode = backend_run(k->b, &k->ctx, NULL);
    atomic_store(&k->ended, true);
}

static void start(struct backend_rig *r, struct running *k)
{
    *k = (struct running){ .r = r, .stop = stop_new(NULL) };
    r->cfg.clock = clock_system();
    r->cfg.rng = rng_system();
    k->b = backend_new(&r->cfg);
    k->ctx = opctx_root(clock_system(), rng_system(), k->stop, &r->log);
    assert_int_equal(thread_start(&k->thread, "backend", run, k, NULL), 0);
}

static void join(struct running *k)
{
    pthread_join(k->thread, NULL);
    assert_int_equal(k->rcode, 0);
    assert_int_equal(backend_workers(k->b), 0);
    backend_free(k->b);
    stop_unref(k->stop);
}

static void create(struct backend_rig *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cleanup_free char *name = xasprintf("c%zu", i);
        backend_rig_cluster(r, name, "Updating", "");
    }
}

static void assert_states(struct backend_rig *r, size_t n, const char *want)
{
    for (size_t i = 0; i < n; i++) {
        cleanup_free char *name = xasprintf("c%zu", i);
        backend_rig_assert_state(r, name, want);
    }
}

static int mark_deleted(json *tree, void *arg, struct error **err)
{
    (void)arg;
    json_put(tree, "deleting", json_new_bool(true));
    return json_set_str(tree, "subscription.state", "Deleted", err);
}

/* ---- cases ---- */

static void works_on_no_more_than_it_may(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct running k;
    backend_rig_open(&r);
    r.steps = "b";
    r.cfg.settings.workers = 2;
    create(&r, 7);
    /* A subscription in the queue, too: its place is one of the two. */
    assert_int_equal(
        subscriptions_patch(&r.ctx, r.db, RIG_SUBSCRIPTION, mark_deleted, NULL, NULL, NULL), 0);

    start(&r, &k);
    backend_rig_await_blocked(&r, 2);
    assert_int_equal(backend_workers(k.b), 2);
    assert_int_equal(r.heard.len, 2);
    backend_rig_release(&r);
    backend_rig_await_heard(&r, 14);
    stop_request(k.stop);
    join(&k);

    assert_int_equal(r.heard.len, 14); /* each cluster one step and one close */
}

static void many_backends_work_on_each_document_once(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct running k[5];
    backend_rig_open(&r);
    create(&r, 20);

    for (size_t i = 0; i < ARRAY_LEN(k); i++)
        start(&r, &k[i]);
    backend_rig_await_heard(&r, 60);
    for (size_t i = 0; i < ARRAY_LEN(k); i++)
        stop_request(k[i].stop);
    for (size_t i = 0; i < ARRAY_LEN(k); i++)
        join(&k[i]);

    assert_int_equal(r.heard.len, 60); /* two steps and a close */
    assert_states(&r, 20, "Succeeded");
}

static void stops_at_once_when_idle(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct running k;
    backend_rig_open(&r);
    r.cfg.settings.tick_ms = 3600000;

    start(&r, &k);
    stop_request(k.stop);

    join(&k);
    assert_int_equal(r.heard.len, 0);
}

static void a_stop_waits_for_what_is_at_work(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct running k;
    backend_rig_open(&r);
    r.steps = "b.";
    r.cfg.settings.workers = 1; /* at the limit */
    create(&r, 2);
    start(&r, &k);
    backend_rig_await_blocked(&r, 1);

    stop_request(k.stop);
    assert_false(atomic_load(&k.ended));
    backend_rig_release(&r);
    join(&k);

    assert_int_equal(r.heard.len, 3); /* the other one was not taken */
}

static void a_second_stop_hands_over_at_the_next_step(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct running k;
    backend_rig_open(&r);
    r.steps = "b.";
    create(&r, 1);
    start(&r, &k);
    backend_rig_await_blocked(&r, 1);

    stop_request(k.stop);
    backend_hand_over(k.b);
    backend_rig_release(&r);
    join(&k);

    backend_rig_assert_heard(&r, "update 0, close");
    assert_states(&r, 1, "Updating");
    backend_rig_assert_cluster(&r, "c0", "leaseOwner", NULL);
    backend_rig_assert_async(&r, "c0", "asyncOperation.status", "Updating");
}

static void a_hasty_one_hands_over_at_the_first_stop(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct running k;
    backend_rig_open(&r);
    r.steps = "b.";
    r.cfg.hasty = true;
    create(&r, 1);
    start(&r, &k);
    backend_rig_await_blocked(&r, 1);

    stop_request(k.stop);
    while (!log_capture_has(&r.capture, "stopping when 1 documents")) /* it has seen the stop */
        sched_yield();
    backend_rig_release(&r);
    join(&k);

    backend_rig_assert_heard(&r, "update 0, close");
    assert_states(&r, 1, "Updating");
}

static void hears_of_new_documents_before_its_tick(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct running k;
    backend_rig_open(&r);
    r.cfg.settings.tick_ms = 3600000;
    start(&r, &k);

    create(&r, 1);
    backend_rig_await_heard(&r, 3);

    stop_request(k.stop);
    join(&k);
    assert_states(&r, 1, "Succeeded");
}

static void goes_on_after_a_database_outage(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    struct running k;
    backend_rig_open(&r);
    r.cfg.settings.tick_ms = 1;
    create(&r, 1);
    atomic_store(&r.store->crashed, true);
    start(&r, &k);
    while (!log_capture_has(&r.capture, "taking a cluster"))
        sched_yield();

    atomic_store(&r.store->crashed, false);
    backend_rig_await_heard(&r, 3);

    stop_request(k.stop);
    join(&k);
    assert_states(&r, 1, "Succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("works on no more than it may", works_on_no_more_than_it_may),
        CASE("many backends work on each document once", many_backends_work_on_each_document_once),
        CASE("stops at once when idle", stops_at_once_when_idle),
        CASE("a stop waits for what is at work", a_stop_waits_for_what_is_at_work),
        CASE("a second stop hands over at the next step",
             a_second_stop_hands_over_at_the_next_step),
        CASE("a hasty one hands over at the first stop", a_hasty_one_hands_over_at_the_first_stop),
        CASE("hears of new documents before its tick", hears_of_new_documents_before_its_tick),
        CASE("goes on after a database outage", goes_on_after_a_database_outage),
    };
    return RUN_CASES("backend", tests);
}

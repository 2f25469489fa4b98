#include "pkg/controller/controller.h"
#include "test/unit/support/pkg/controller/controller_fixture.h"
#include "test/unit/support/test.h"

static void check_sync_first(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    struct test_source second = controller_test_source("machines");
    f.source.keys[0] = "cluster";
    second.never_syncs = true;
    f.sources[1] = &second.base;
    f.cfg.sources_len = 2;

    controller_start(&f);
    for (int i = 0; i < 20; i++)
        fake_clock_step(&f.clock);
    assert_int_equal(f.runs.len, 0);
    assert_false(controller_has_synced(f.c));
    fake_clock_await(&f.clock, 1);
    atomic_store(&second.synced, true);
    fake_clock_step(&f.clock);

    controller_await_runs(&f, 1);
    assert_true(controller_has_synced(f.c));
    controller_await_idle(&f);
    controller_finish(&f);
    assert_false(controller_has_synced(f.c));
    assert_int_equal(f.source.starts, 1);
    assert_int_equal(f.source.stops, 1);
    assert_int_equal(second.stops, 1);
    controller_tear_down(&f);
}

static void check_optional(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    struct test_source second = controller_test_source("machines");
    f.source.keys[0] = "cluster";
    second.never_syncs = true;
    second.base.optional = true;
    f.sources[1] = &second.base;
    f.cfg.sources_len = 2;

    controller_start(&f);

    controller_await_runs(&f, 1);
    controller_await_idle(&f);
    controller_finish(&f);
    assert_int_equal(f.rcode, 0);
    assert_int_equal(second.stops, 1);
    controller_tear_down(&f);
}

static void check_sync_timeout(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.source.never_syncs = true;
    f.source.keys[0] = "cluster";
    int64_t waited_ns = 0;

    controller_start(&f);
    while (waited_ns < 2 * 60 * NS_PER_S)
        waited_ns += fake_clock_step(&f.clock);
    pthread_join(f.thread, NULL);

    assert_int_equal(waited_ns, 2 * 60 * NS_PER_S);
    assert_int_equal(f.rcode, -1);
    assert_true(error_is(f.err, ERR_TIMEOUT));
    assert_string_equal(error_text(f.err), "controller Banner: no sync within 120000 ms: clusters");
    assert_int_equal(f.runs.len, 0);
    assert_int_equal(f.source.stops, 1);
    controller_tear_down(&f);
}

static void check_endless_sync(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.source.never_syncs = true;
    f.source.keys[0] = "cluster";
    f.cfg.sync_timeout_ms = -1;

    controller_start(&f);
    for (int i = 0; i < 5; i++) {
        fake_clock_await(&f.clock, 1);
        fake_clock_advance_ms(&f.clock, 3600 * 1000);
    }
    fake_clock_await(&f.clock, 1);
    atomic_store(&f.source.synced, true);
    fake_clock_step(&f.clock);

    controller_await_runs(&f, 1);
    controller_await_idle(&f);
    controller_finish(&f);
    assert_int_equal(f.rcode, 0);
    controller_tear_down(&f);
}

static void check_stop_while_syncing(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.source.never_syncs = true;

    controller_start(&f);
    fake_clock_await(&f.clock, 1);
    controller_finish(&f);

    assert_int_equal(f.rcode, 0);
    assert_null(f.err);
    assert_int_equal(f.source.stops, 1);
    controller_tear_down(&f);
}

static void check_start_failure(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    struct test_source second = controller_test_source("machines");
    second.fails = true;
    f.sources[1] = &second.base;
    f.cfg.sources_len = 2;

    controller_start(&f);
    pthread_join(f.thread, NULL);

    assert_int_equal(f.rcode, -1);
    assert_string_equal(error_text(f.err),
                        "controller Banner: starting source machines: not allowed");
    assert_true(error_is(f.err, ERR_FORBIDDEN));
    assert_int_equal(f.source.stops, 1);
    assert_int_equal(second.stops, 0);
    controller_tear_down(&f);
}

static void check_started_twice(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    controller_start(&f);
    controller_await_idle(&f);
    const struct opctx ctx = opctx_root(&f.clock.base, &f.rng.base, f.stop, NULL);
    cleanup_error struct error *err = NULL;

    assert_int_equal(controller_run(f.c, &ctx, &err), -1);

    assert_string_equal(error_text(err), "controller Banner: started twice");
    assert_int_equal(f.source.starts, 1);
    controller_finish(&f);
    assert_int_equal(f.rcode, 0);
    controller_tear_down(&f);
}

static void check_stopped_before(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.source.keys[0] = "cluster";
    stop_request(f.stop);

    controller_start(&f);
    pthread_join(f.thread, NULL);

    assert_int_equal(f.rcode, 0);
    assert_int_equal(f.runs.len, 0);
    controller_tear_down(&f);
}

/* ---- workers ---- */

static void check_concurrency(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.cfg.max_concurrent = 3;
    f.hold = true;
    f.source.keys[0] = "a";
    f.source.keys[1] = "b";
    f.source.keys[2] = "c";
    f.source.keys[3] = "d";

    controller_start(&f);
    controller_await_runs(&f, 3);
    workqueue_add(controller_queue(f.c), "a");
    pthread_mutex_lock(&f.mu);
    assert_int_equal(f.active, 3);
    f.hold = false;
    pthread_cond_broadcast(&f.cv);
    pthread_mutex_unlock(&f.mu);
    controller_await_runs(&f, 5);
    controller_await_idle(&f);
    controller_finish(&f);

    assert_int_equal(f.most_active, 3);
    assert_false(f.same_key_twice);
    assert_int_equal(f.runs.len, 5);
    controller_tear_down(&f);
}

static void check_one_worker(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.source.keys[0] = "a";
    f.source.keys[1] = "b";
    f.source.keys[2] = "c";

    controller_start(&f);
    controller_await_runs(&f, 3);
    controller_await_idle(&f);
    controller_finish(&f);

    assert_int_equal(f.most_active, 1);
    controller_tear_down(&f);
}

static void check_stop_while_running(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.hold = true;
    f.source.keys[0] = "running";
    f.source.keys[1] = "queued";

    controller_start(&f);
    controller_await_runs(&f, 1);
    controller_finish(&f); /* returns: the run saw the stop */

    assert_int_equal(f.rcode, 0);
    assert_int_equal(f.runs.len, 1); /* what was queued is left */
    assert_int_equal(f.source.stops, 1);
    controller_tear_down(&f);
}

static int act_break(struct controller_fixture *f, const struct opctx *ctx, int n,
                     struct result *ret, struct error **err)
{
    (void)f, (void)ctx, (void)n, (void)ret;
    return error_set(err, ERR_CONN, "broken off");
}

static void check_failure_while_stopping(void **state)
{
    (void)state;
    struct controller_fixture f;
    controller_set_up(&f);
    f.hold = true;
    f.act = act_break;
    f.source.keys[0] = "cluster";

    controller_start(&f);
    controller_await_runs(&f, 1);
    controller_finish(&f);

    assert_int_equal(f.rcode, 0);
    assert_true(log_capture_has(&f.capture, "broken off"));
    assert_false(log_capture_has(&f.capture, "level=error"));
    controller_tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("nothing runs before every source has synced", check_sync_first),
        CASE("optional sources are not waited for", check_optional),
        CASE("a source that does not sync in time is named", check_sync_timeout),
        CASE("a negative timeout waits for ever", check_endless_sync),
        CASE("a stop while waiting for the sync is no error", check_stop_while_syncing),
        CASE("a source that cannot start is named, the others stop", check_start_failure),
        CASE("a second run is refused and leaves the first alone", check_started_twice),
        CASE("a stop before the start runs nothing", check_stopped_before),
        CASE("as many keys run at once as there are workers, none twice", check_concurrency),
        CASE("without a number there is one worker", check_one_worker),
        CASE("what a stop breaks off is no error in the log", check_failure_while_stopping),
        CASE("a stop ends running reconciles and leaves the queued", check_stop_while_running),
    };
    return RUN_CASES("controller_start", tests);
}

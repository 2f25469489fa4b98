/* The standby: sources that run before anybody reconciles. */
#include "pkg/controller/controller.h"
#include "test/unit/support/pkg/controller/controller_fixture.h"
#include "test/unit/support/test.h"

static int warm_up(struct controller_fixture *f, struct error **err)
{
    const struct opctx ctx = opctx_root(&f->clock.base, &f->rng.base, f->stop, NULL);
    return controller_warm_up(f->c, &ctx, err);
}

static void set_up(struct controller_fixture *f)
{
    controller_set_up(f);
    f->source.keys[0] = "cluster";
    f->c = controller_new(&f->cfg);
}

static void check_take_over(void **state)
{
    (void)state;
    struct controller_fixture f;
    set_up(&f);

    assert_int_equal(warm_up(&f, NULL), 0);

    assert_true(controller_has_synced(f.c));
    assert_int_equal(workqueue_len(controller_queue(f.c)), 1);
    assert_int_equal(f.runs.len, 0);
    workqueue_add(controller_queue(f.c), "later"); /* the sources go on */
    controller_start(&f);
    controller_await_runs(&f, 2);
    controller_await_idle(&f);
    assert_int_equal(f.source.starts, 1);
    assert_int_equal(f.source.stops, 0);
    controller_finish(&f);
    assert_int_equal(f.rcode, 0);
    assert_int_equal(f.source.starts, 1);
    assert_int_equal(f.source.stops, 1);
    controller_tear_down(&f);
    assert_int_equal(f.source.stops, 1);
}

static void check_never_led(void **state)
{
    (void)state;
    struct controller_fixture f;
    set_up(&f);

    assert_int_equal(warm_up(&f, NULL), 0);
    controller_tear_down(&f);

    assert_int_equal(f.source.stops, 1);
    assert_int_equal(f.runs.len, 0);
}

static void check_timeout(void **state)
{
    (void)state;
    struct controller_fixture f;
    cleanup_error struct error *err = NULL;
    set_up(&f);
    f.source.never_syncs = true;
    atomic_store(&f.clock.auto_advance, true);

    assert_int_equal(warm_up(&f, &err), -1);

    assert_string_equal(error_text(err), "controller Banner: no sync within 120000 ms: clusters");
    assert_int_equal(f.source.stops, 1);
    assert_false(controller_has_synced(f.c));
    controller_tear_down(&f);
    assert_int_equal(f.source.stops, 1);
}

static void check_stop(void **state)
{
    (void)state;
    struct controller_fixture f;
    cleanup_error struct error *err = NULL;
    set_up(&f);
    f.source.never_syncs = true;
    stop_request(f.stop);

    assert_int_equal(warm_up(&f, &err), 0);

    assert_null(err);
    assert_int_equal(f.source.stops, 1);
    controller_tear_down(&f);
}

static void check_twice(void **state)
{
    (void)state;
    struct controller_fixture f;
    cleanup_error struct error *err = NULL;
    set_up(&f);
    assert_int_equal(warm_up(&f, NULL), 0);

    assert_int_equal(warm_up(&f, &err), -1);

    assert_string_equal(error_text(err), "controller Banner: started twice");
    assert_int_equal(f.source.starts, 1);
    controller_tear_down(&f);
}

static void check_too_late(void **state)
{
    (void)state;
    struct controller_fixture f;
    set_up(&f);
    controller_start(&f);
    controller_await_runs(&f, 1);

    assert_int_equal(warm_up(&f, NULL), -1);

    controller_await_idle(&f);
    controller_finish(&f);
    assert_int_equal(f.source.starts, 1);
    controller_tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("who was warmed up finds its queue full and starts no source again", check_take_over),
        CASE("who never leads stops its sources in the end", check_never_led),
        CASE("a source that does not sync in time is named", check_timeout),
        CASE("a stop while warming up is no error", check_stop),
        CASE("a second warm-up is refused", check_twice),
        CASE("a warm-up of who runs already is refused", check_too_late),
    };
    return RUN_CASES("controller_warm_up", tests);
}

#include "pkg/controller/controller.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct opctx ctx;
    struct workqueue *q;
};

static void set_up(struct fixture *f)
{
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, NULL, NULL);
    f->q = workqueue_new(&(struct workqueue_config){ .name = "q", .clock = &f->clock.base });
}

static void tear_down(struct fixture *f)
{
    workqueue_free(f->q);
    fake_clock_release(&f->clock);
}

static void expect_run(struct workqueue *q, const char *want)
{
    assert_int_equal(workqueue_len(q), 1);
    cleanup_free char *key = NULL;
    assert_true(workqueue_get(q, &key, NULL));
    assert_string_equal(key, want);
    workqueue_done(q, key);
}

static void check_period(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    struct source *s = source_timer_new("hourly", "cluster", 3600 * 1000);
    assert_string_equal(s->name, "hourly");
    assert_false(s->optional);
    assert_false(s->has_synced(s));

    assert_int_equal(s->start(s, f.q, &f.ctx, NULL), 0);

    assert_true(s->has_synced(s));
    expect_run(f.q, "cluster");
    for (int i = 0; i < 3; i++) {
        fake_clock_advance_ms(&f.clock, 3600 * 1000 - 1);
        assert_int_equal(workqueue_len(f.q), 0);
        fake_clock_advance_ms(&f.clock, 1);
        expect_run(f.q, "cluster");
    }
    s->stop(s);
    fake_clock_advance_ms(&f.clock, 3600 * 1000);
    assert_int_equal(workqueue_len(f.q), 0);
    source_timer_free(s);
    tear_down(&f);
}

static void check_once(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    struct source *s = source_timer_new("once", "cluster", 0);

    assert_int_equal(s->start(s, f.q, &f.ctx, NULL), 0);

    expect_run(f.q, "cluster");
    fake_clock_advance_ms(&f.clock, INT64_C(1000) * 3600 * 1000);
    assert_int_equal(workqueue_len(f.q), 0);
    s->stop(s);
    source_timer_free(s);
    source_timer_free(NULL);
    tear_down(&f);
}

static void check_twice(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    struct source *s = source_timer_new("timer", "cluster", 1000);
    assert_int_equal(s->start(s, f.q, &f.ctx, NULL), 0);
    cleanup_error struct error *err = NULL;

    assert_int_equal(s->start(s, f.q, &f.ctx, &err), -1);

    assert_string_equal(error_text(err), "timer timer: started twice");
    s->stop(s);
    assert_int_equal(s->start(s, f.q, &f.ctx, NULL), 0);
    s->stop(s);
    source_timer_free(s);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the key comes at once and then every period, until stopped", check_period),
        CASE("without a period the key comes once", check_once),
        CASE("a running timer cannot be started again", check_twice),
    };
    return RUN_CASES("source_timer", tests);
}

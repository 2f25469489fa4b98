#include "rp/syncsets/controllers/impl.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

struct warn_rig {
    struct fake_clock clock;
    struct log_capture capture;
    struct log log;
    struct sets_controllers k;
};

static void rig_init(struct warn_rig *r)
{
    *r = (struct warn_rig){ 0 };
    fake_clock_init(&r->clock);
    fake_clock_advance_ms(&r->clock, 1);
    log_capture_init(&r->capture, &r->clock.base);
    r->log = log_root(&r->capture.base);
    r->k.cfg.log = &r->log;
    r->k.cfg.clock = &r->clock.base;
}

static void rig_release(struct warn_rig *r)
{
    log_capture_release(&r->capture);
    fake_clock_release(&r->clock);
}

static void a_full_disk_is_told_of_seldom(void **state)
{
    (void)state;
    struct warn_rig r;
    cleanup_error struct error *full = NULL;
    rig_init(&r);
    (void)error_set(&full, ERR_UNAVAILABLE, SQL_FULL_TEXT);
    error_code(&full, SQL_CODE_FULL);
    for (int i = 0; i < 1000; i++)
        controllers_warn(&r.k, "taking work", full);
    assert_int_equal(log_capture_len(&r.capture), 1);
    assert_true(log_capture_has(&r.capture, "taking work: " SQL_FULL_TEXT));
    fake_clock_advance_ns(&r.clock, FULL_AGAIN_NS);
    controllers_warn(&r.k, NULL, full);
    controllers_warn(&r.k, NULL, full);
    assert_int_equal(log_capture_len(&r.capture), 2);
    rig_release(&r);
}

static void everything_else_is_told_of_each_time(void **state)
{
    (void)state;
    struct warn_rig r;
    cleanup_error struct error *err = NULL;
    rig_init(&r);
    (void)error_set(&err, ERR_UNAVAILABLE, "away");
    controllers_warn(&r.k, NULL, err);
    controllers_warn(&r.k, "taking work", err);
    assert_int_equal(log_capture_len(&r.capture), 2);
    rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a full disk is told of seldom", a_full_disk_is_told_of_seldom),
        CASE("everything else is told of each time", everything_else_is_told_of_each_time),
    };
    return RUN_CASES("warn", tests);
}

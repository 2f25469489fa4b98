#include <string.h>

#include "pkg/controller/manager.h"
#include "test/unit/support/pkg/controller/manager_fixture.h"
#include "test/unit/support/test.h"

/* The record, with the two that stop at the same time in one order. */
static void assert_record(struct manager_fixture *f, const char *want)
{
    cleanup_free char *record = manager_give_record(f);
    char *swapped = strstr(record, "-warmup -others");
    if (swapped)
        memcpy(swapped, "-others -warmup", strlen("-others -warmup"));
    assert_string_equal(record, want);
}

/* ---- order ---- */

static void check_order(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);

    manager_start(&f);
    manager_await(&f, "acquire");
    manager_set(&f, &f.elect);
    manager_await(&f, "+leaders");
    stop_request(f.stop);
    manager_join(&f);

    assert_int_equal(f.rcode, 0);
    assert_int_equal(manager_stragglers(f.m), 0);
    assert_record(&f, "+servers +caches +others +warmup acquire elected +leaders "
                      "-others -warmup -leaders -caches -servers held released");
    manager_tear_down(&f);
}

static void check_no_election(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);

    manager_start(&f);
    manager_await(&f, "+leaders");
    stop_request(f.stop);
    manager_join(&f);

    assert_int_equal(f.rcode, 0);
    assert_record(&f, "+servers +caches +others +warmup +leaders "
                      "-others -warmup -leaders -caches -servers");
    manager_tear_down(&f);
}

static void check_readiness(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    atomic_store(&f.r[GROUP_CACHES].ready, false);

    manager_start(&f);
    manager_await(&f, "+caches");
    for (int i = 0; i < 20; i++)
        fake_clock_step(&f.clock);
    fake_clock_await(&f.clock, 1);
    assert_false(manager_recorded(&f, "+others"));
    atomic_store(&f.r[GROUP_CACHES].ready, true);
    fake_clock_step(&f.clock);

    manager_await(&f, "+leaders");
    stop_request(f.stop);
    manager_join(&f);
    assert_int_equal(f.rcode, 0);
    manager_tear_down(&f);
}

static void check_ready_timeout(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    atomic_store(&f.r[GROUP_CACHES].ready, false);
    int64_t waited_ns = 0;

    manager_start(&f);
    while (waited_ns < 2 * 60 * NS_PER_S)
        waited_ns += fake_clock_step(&f.clock);
    manager_join(&f);

    assert_int_equal(f.rcode, -1);
    assert_string_equal(error_text(f.err), "caches: not ready within 120000 ms");
    assert_record(&f, "+servers +caches -caches -servers");
    manager_tear_down(&f);
}

static void check_endless_readiness(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    f.cfg.ready_timeout_ms = -1;
    atomic_store(&f.r[GROUP_CACHES].ready, false);

    manager_start(&f);
    for (int i = 0; i < 5; i++) {
        fake_clock_await(&f.clock, 1);
        fake_clock_advance_ms(&f.clock, 3600 * 1000);
    }
    fake_clock_await(&f.clock, 1);
    atomic_store(&f.r[GROUP_CACHES].ready, true);
    fake_clock_step(&f.clock);

    manager_await(&f, "+leaders");
    stop_request(f.stop);
    manager_join(&f);
    assert_int_equal(f.rcode, 0);
    manager_tear_down(&f);
}

static void check_stop_while_starting(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    atomic_store(&f.r[GROUP_CACHES].ready, false);

    manager_start(&f);
    manager_await(&f, "+caches");
    stop_request(f.stop);
    manager_join(&f);

    assert_int_equal(f.rcode, 0);
    assert_record(&f, "+servers +caches -caches -servers");
    manager_tear_down(&f);
}

static void check_stopped_before(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);
    stop_request(f.stop);

    manager_start(&f);
    manager_join(&f);

    assert_int_equal(f.rcode, 0);
    assert_record(&f, "");
    manager_tear_down(&f);
}

static void check_one_shot(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    f.r[GROUP_OTHERS].ends = true;
    atomic_store(&f.r[GROUP_OTHERS].ready, false); /* and never will be: its end will do */

    manager_start(&f);
    manager_await(&f, "+leaders");
    assert_false(manager_has_returned(&f));
    stop_request(f.stop);
    manager_join(&f);

    assert_int_equal(f.rcode, 0);
    manager_tear_down(&f);
}

/* ---- errors ---- */

static void check_failure(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    f.r[GROUP_LEADER].ends = true;
    f.r[GROUP_LEADER].err = ERR_CONN;
    f.r[GROUP_SERVERS].err = ERR_IO;       /* at its stop */
    f.r[GROUP_CACHES].err = ERR_CANCELLED; /* no error at a stop */

    manager_start(&f);
    manager_join(&f);

    assert_int_equal(f.rcode, -1);
    assert_true(error_is(f.err, ERR_CONN));
    assert_string_equal(error_text(f.err), "leaders: broken\nservers: broken");
    assert_record(&f, "+servers +caches +others +warmup +leaders -leaders "
                      "-others -warmup -caches -servers");
    manager_tear_down(&f);
}

static void check_early_failure(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);
    f.r[GROUP_SERVERS].ends = true;
    f.r[GROUP_SERVERS].err = ERR_IO; /* say, the address is taken */
    atomic_store(&f.r[GROUP_SERVERS].ready, false);

    manager_start(&f);
    manager_join(&f);

    assert_int_equal(f.rcode, -1);
    assert_string_equal(error_text(f.err), "servers: broken");
    assert_record(&f, "+servers -servers");
    manager_tear_down(&f);
}

static void check_started_twice(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_start(&f);
    manager_await(&f, "+leaders");
    cleanup_error struct error *err = NULL;

    assert_int_equal(manager_run(f.m, f.stop, &err), -1);

    assert_string_equal(error_text(err), "manager: started twice");
    stop_request(f.stop);
    manager_join(&f);
    assert_int_equal(f.rcode, 0);
    manager_tear_down(&f);
}

/* ---- adding ---- */

static void check_late_add(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    struct test_runnable late = manager_test_runnable(&f, "late");
    struct test_runnable same = manager_test_runnable(&f, "caches");
    struct test_runnable too_late = manager_test_runnable(&f, "too-late");
    manager_start(&f);
    manager_await(&f, "+leaders");
    cleanup_error struct error *err = NULL;

    assert_int_equal(manager_add(f.m, GROUP_CACHES, &late.base, NULL), 0);
    manager_await(&f, "+late");
    assert_int_equal(manager_add(f.m, GROUP_OTHERS, &same.base, &err), -1);
    assert_true(error_is(err, ERR_EXISTS));
    stop_request(f.stop);
    manager_join(&f);

    assert_true(manager_recorded(&f, "-late"));
    assert_int_equal(manager_add(f.m, GROUP_CACHES, &too_late.base, &err), -1);
    assert_true(error_is(err, ERR_CANCELLED));
    assert_false(manager_recorded(&f, "+too-late"));
    assert_int_equal(f.rcode, 0);
    manager_tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("groups start and stop in their order, the lease is released last", check_order),
        CASE("without election the leader's group just runs", check_no_election),
        CASE("a group starts when the former is ready", check_readiness),
        CASE("a group that does not get ready in time is an error that names it",
             check_ready_timeout),
        CASE("a negative timeout waits for ever", check_endless_readiness),
        CASE("a stop while starting stops what was started", check_stop_while_starting),
        CASE("a stop before the start starts nothing", check_stopped_before),
        CASE("a runnable may end without an error", check_one_shot),
        CASE("an error stops all and is joined by errors of stopping", check_failure),
        CASE("an error while starting ends the start", check_early_failure),
        CASE("a second run is refused", check_started_twice),
        CASE("runnables added while running start at once, others are refused", check_late_add),
    };
    return RUN_CASES("manager", tests);
}

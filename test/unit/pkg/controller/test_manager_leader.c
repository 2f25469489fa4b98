/* Grace, the election, and who may still run when the lease is given back. */
#include <string.h>

#include "pkg/controller/manager.h"
#include "test/unit/support/pkg/controller/manager_fixture.h"
#include "test/unit/support/test.h"

static void start_leading(struct manager_fixture *f)
{
    manager_with_election(f);
    f->elect = true;
    manager_start(f);
    manager_await(f, "+leaders");
}

/* ---- grace ---- */

static void check_grace_ends(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    f.r[GROUP_LEADER].stubborn = true;
    start_leading(&f);

    stop_request(f.stop);
    manager_await(&f, "-others");
    manager_await(&f, "-warmup");
    fake_clock_await(&f.clock, 1);
    fake_clock_advance_ms(&f.clock, 29999);
    fake_clock_await(&f.clock, 1);
    assert_false(manager_has_returned(&f));
    fake_clock_advance_ms(&f.clock, 1);
    manager_join(&f);

    assert_int_equal(f.rcode, -1);
    assert_true(error_is(f.err, ERR_TIMEOUT));
    assert_non_null(f.err);
    assert_true(manager_stragglers(f.m) >= 1);
    assert_false(manager_recorded(&f, "released")); /* they still believe in it */
    manager_set(&f, &f.let_go);
    manager_await(&f, "-leaders");
    manager_await(&f, "-servers");
    manager_await(&f, "-caches");
    manager_await(&f, "held");
    manager_tear_down(&f);
}

static void check_endless_grace(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    f.cfg.grace_ms = -1;
    f.r[GROUP_LEADER].stubborn = true;
    start_leading(&f);

    stop_request(f.stop);
    manager_await(&f, "-others");
    manager_await(&f, "-warmup");
    fake_clock_await(&f.clock, 1);
    fake_clock_advance_ms(&f.clock, INT64_C(1000) * 3600 * 24);
    assert_false(manager_has_returned(&f));
    assert_false(manager_recorded(&f, "held")); /* the lease is renewed meanwhile */
    manager_set(&f, &f.let_go);
    manager_join(&f);

    assert_int_equal(f.rcode, 0);
    assert_true(manager_recorded(&f, "released"));
    manager_tear_down(&f);
}

static void check_no_grace(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    f.cfg.grace_ms = 0;
    f.r[GROUP_LEADER].stubborn = true;
    start_leading(&f);

    stop_request(f.stop);
    manager_join(&f);

    assert_int_equal(f.rcode, 0);
    assert_true(manager_stragglers(f.m) >= 1);
    assert_false(manager_recorded(&f, "released"));
    manager_set(&f, &f.let_go);
    static const char *const ends[] = { "-leaders", "-servers", "-caches",
                                        "-others",  "-warmup",  "held" };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        manager_await(&f, ends[i]);
    manager_tear_down(&f);
}

/* ---- the lease ---- */

static void check_lost(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    f.r[GROUP_LEADER].stubborn = true;
    start_leading(&f);

    manager_set(&f, &f.lose);
    manager_join(&f); /* no clock moved: nobody was waited for */

    assert_int_equal(f.rcode, -1);
    assert_string_equal(error_text(f.err), "leadership lost: somebody else leads");
    assert_false(manager_recorded(&f, "released"));
    assert_true(manager_stragglers(f.m) >= 1);
    manager_set(&f, &f.let_go);
    static const char *const ends[] = { "-leaders", "-servers", "-caches", "-others", "-warmup" };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        manager_await(&f, ends[i]);
    manager_tear_down(&f);
}

static void check_lost_while_stopping(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    f.cfg.grace_ms = -1;
    f.r[GROUP_LEADER].stubborn = true;
    start_leading(&f);

    stop_request(f.stop);
    manager_await(&f, "-others");
    manager_set(&f, &f.lose);
    manager_join(&f);

    assert_int_equal(f.rcode, -1);
    assert_string_equal(error_text(f.err), "leadership lost: somebody else leads");
    assert_false(manager_recorded(&f, "released"));
    manager_set(&f, &f.let_go);
    static const char *const ends[] = { "-leaders", "-servers", "-caches", "-warmup" };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        manager_await(&f, ends[i]);
    manager_tear_down(&f);
}

/* A controller must not run while it warms up. */
static void check_warm_up_first(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);
    f.elect = true;
    f.r[GROUP_WARMUP].base.is_ready = NULL;
    f.r[GROUP_WARMUP].stubborn = true;
    manager_start(&f);
    manager_await(&f, "+warmup");
    fake_clock_await(&f.clock, 1); /* the coordinator has gone as far as it can */

    manager_set(&f, &f.let_go);
    manager_await(&f, "+leaders");
    stop_request(f.stop);
    manager_join(&f);

    cleanup_free char *record = manager_give_record(&f);
    assert_non_null(strstr(record, "-warmup acquire elected +leaders"));
    assert_int_equal(f.rcode, 0);
    manager_tear_down(&f);
}

static void check_stop_while_waiting(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);
    f.r[GROUP_OTHERS].stubborn = true;
    manager_start(&f);
    manager_await(&f, "acquire");

    stop_request(f.stop);
    manager_await(&f, "no-election"); /* while others still stop */
    manager_set(&f, &f.elect);
    manager_set(&f, &f.let_go);
    manager_join(&f);

    assert_int_equal(f.rcode, 0);
    assert_false(manager_recorded(&f, "+leaders"));
    assert_false(manager_recorded(&f, "elected"));
    assert_false(manager_recorded(&f, "released"));
    manager_tear_down(&f);
}

static void check_failure_while_waiting(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);
    f.r[GROUP_CACHES].stubborn = true;
    f.r[GROUP_CACHES].err = ERR_CONN;
    manager_start(&f);
    manager_await(&f, "acquire");

    manager_set(&f, &f.let_go);
    manager_join(&f);

    assert_int_equal(f.rcode, -1);
    assert_string_equal(error_text(f.err), "caches: broken");
    assert_false(manager_recorded(&f, "+leaders"));
    manager_tear_down(&f);
}

static void check_broken_election(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);
    f.break_acquire = true;

    manager_start(&f);
    manager_join(&f);

    assert_int_equal(f.rcode, -1);
    assert_string_equal(error_text(f.err), "leader election: leases are not ours");
    assert_false(manager_recorded(&f, "+leaders"));
    assert_false(manager_recorded(&f, "released"));
    manager_tear_down(&f);
}

static void check_failed_leader_releases(void **state)
{
    (void)state;
    struct manager_fixture f;
    manager_set_up(&f);
    manager_with_election(&f);
    f.elect = true;
    f.r[GROUP_LEADER].ends = true;
    f.r[GROUP_LEADER].err = ERR_CONN;

    manager_start(&f);
    manager_join(&f);

    assert_int_equal(f.rcode, -1);
    assert_string_equal(error_text(f.err), "leaders: broken");
    assert_true(manager_recorded(&f, "released"));
    manager_tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("grace ends with an error and without releasing the lease", check_grace_ends),
        CASE("endless grace waits, and holds the lease meanwhile", check_endless_grace),
        CASE("without grace nobody is waited for", check_no_grace),
        CASE("a lost lease ends everything at once", check_lost),
        CASE("a lease lost while stopping ends the grace", check_lost_while_stopping),
        CASE("nobody stands for election before its warm-up is over", check_warm_up_first),
        CASE("a stop while waiting for the election ends the waiting first",
             check_stop_while_waiting),
        CASE("a failure while waiting for the election ends it", check_failure_while_waiting),
        CASE("an election that cannot work is an error", check_broken_election),
        CASE("the lease is released after a failure, too", check_failed_leader_releases),
    };
    return RUN_CASES("manager_leader", tests);
}

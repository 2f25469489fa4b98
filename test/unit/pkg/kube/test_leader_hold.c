/* Staying leader, losing it, giving it back. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/leader.h"
#include "test/unit/support/pkg/kube/lease_fixture.h"
#include "test/unit/support/test.h"

struct rig {
    struct lease_fixture f;
    size_t stop_after;             /* PUTs */
    const char *touch, *take_over; /* before the second PUT: somebody's label, somebody's claim */
    bool cut;                      /* after the second PUT the server is gone */
    bool vanish;                   /* before the second PUT the Lease is deleted */
    int64_t stand_still_ms;        /* between the second PUT's handling and its reply */
    size_t puts;
    int64_t last_write_ns;
    pthread_t thread;
    int rcode;
    struct error *err;
};

static void before_put(struct rig *r)
{
    struct lease_fixture *f = &r->f;
    if (r->puts != 2)
        return;
    if (r->touch)
        lease_server_set(&f->server, "metadata.labels.team", json_new_str(r->touch));
    if (r->take_over)
        lease_server_set(&f->server, "spec.holderIdentity", json_new_str(r->take_over));
    if (r->vanish)
        lease_server_put(&f->server, NULL);
}

static void after_put(struct rig *r)
{
    struct lease_fixture *f = &r->f;
    if (r->puts == 2 && r->stand_still_ms)
        fake_clock_advance_ms(&f->clock, r->stand_still_ms);
    if (r->puts == 2 && r->cut)
        lease_server_fail(&f->server, &f->server.down, 1000);
    if (r->stop_after && r->puts == r->stop_after)
        stop_request(f->stop);
}

static void follow(void *arg, const char *method, bool handled)
{
    struct rig *r = arg;
    if (strcmp(method, "PUT") != 0)
        return;
    r->puts += !handled;
    if (handled)
        after_put(r);
    else
        before_put(r);
    r->last_write_ns = clock_mono_ns(&r->f.clock.base);
}

static void start_leading(struct rig *r)
{
    struct lease_fixture *f = &r->f;
    lease_fixture_start(f);
    assert_int_equal(f->leader->acquire(f->leader, &f->ctx, NULL), 0);
    lease_server_clear_log(&f->server);
    f->server.hook = follow;
    f->server.hook_arg = r;
}

static void set_up(struct rig *r)
{
    *r = (struct rig){ 0 };
    lease_fixture_init(&r->f);
    atomic_store(&r->f.clock.auto_advance, true);
}

static void tear_down(struct rig *r)
{
    error_free(r->err);
    lease_fixture_finish(&r->f);
}

static int hold(struct rig *r)
{
    struct lease_fixture *f = &r->f;
    return f->leader->hold(f->leader, &f->ctx, &r->err);
}

static void assert_log(struct rig *r, const char *want)
{
    cleanup_free char *log = lease_server_give_log(&r->f.server);
    assert_string_equal(log, want);
}

static double metric(struct rig *r, const char *name, enum metric_type type, const char *help)
{
    const struct metric_desc desc = {
        .name = name, .help = help, .type = type, .labels = { "name" }
    };
    return metric_get(metrics_family(r->f.metrics, &desc), METRIC_LABELS("lock"));
}

static double slow_paths(struct rig *r)
{
    return metric(r, "leader_election_slowpath_total", METRIC_COUNTER,
                  "Renewals that had to read the lease first");
}

static double status(struct rig *r)
{
    return metric(r, "leader_election_master_status", METRIC_GAUGE,
                  "Whether this process leads: 1 or 0");
}

/* ---- renewing ---- */

static void check_fast_path(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.stop_after = 5;
    start_leading(&r);
    assert_true(status(&r) == 1);
    int64_t began = clock_mono_ns(&r.f.clock.base);

    assert_int_equal(hold(&r), 0);

    assert_log(&r, "PUT 200, PUT 200, PUT 200, PUT 200, PUT 200");
    assert_int_equal(clock_mono_ns(&r.f.clock.base) - began, 5 * LEASE_RETRY_MS * NS_PER_MS);
    cleanup_free char *renewed = lease_server_give_str(&r.f.server, "spec.renewTime");
    assert_string_equal(renewed, "2024-02-03T04:05:16.000000Z");
    assert_true(slow_paths(&r) == 0);
    assert_true(status(&r) == 0);
    assert_int_equal(lease_server_int(&r.f.server, "spec.leaseTransitions"), 0);
    assert_string_equal(r.f.changes.v[1], "me stopped leading");
    assert_int_equal(lease_leader_until_ns(r.f.lease), 0);
    tear_down(&r);
}

static void check_foreign_label(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.touch = "red";
    r.stop_after = 4;
    start_leading(&r);

    assert_int_equal(hold(&r), 0);

    assert_log(&r, "PUT 200, PUT 409, GET 200, PUT 200, PUT 200");
    assert_true(slow_paths(&r) == 1);
    cleanup_free char *label = lease_server_give_str(&r.f.server, "metadata.labels.team");
    assert_string_equal(label, "red");
    tear_down(&r);
}

static void check_lost_reply(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.stop_after = 3;
    start_leading(&r);
    lease_server_fail(&r.f.server, &r.f.server.deaf, 1);

    assert_int_equal(hold(&r), 0);

    assert_log(&r, "PUT 200 lost, GET 200, PUT 200, PUT 200");
    assert_int_equal(lease_server_int(&r.f.server, "spec.leaseTransitions"), 0);
    tear_down(&r);
}

static void check_deleted(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.vanish = true;
    r.stop_after = 3;
    start_leading(&r);

    assert_int_equal(hold(&r), 0);

    assert_log(&r, "PUT 200, PUT 404, GET 404, POST 201, PUT 200");
    tear_down(&r);
}

/* ---- losing ---- */

static void check_replaced(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.take_over = "you";
    start_leading(&r);

    assert_int_equal(hold(&r), -1);

    assert_log(&r, "PUT 200, PUT 409, GET 200"); /* and nothing more */
    assert_string_equal(error_text(r.err), "lease lock: held by you");
    assert_int_equal(lease_leader_until_ns(r.f.lease), 0);
    assert_string_equal(r.f.changes.v[1], "me stopped leading");
    assert_true(status(&r) == 0);
    tear_down(&r);
}

static void check_server_gone(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.cut = true;
    start_leading(&r);
    int64_t began = clock_mono_ns(&r.f.clock.base);

    assert_int_equal(hold(&r), -1);

    int64_t last_success = began + 2 * LEASE_RETRY_MS * NS_PER_MS;
    assert_int_equal(clock_mono_ns(&r.f.clock.base), last_success + LEASE_DEADLINE_MS * NS_PER_MS);
    assert_true(r.last_write_ns < last_success + LEASE_DEADLINE_MS * NS_PER_MS);
    assert_true(str_starts(error_text(r.err), "lease lock: not renewed within 10000 ms: "));
    assert_true(lease_server_count(&r.f.server, "GET down") >= 3);
    tear_down(&r);
}

static void check_server_silent(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    start_leading(&r);
    int64_t until = lease_leader_until_ns(r.f.lease);
    lease_server_fail(&r.f.server, &r.f.server.mute, 1000);

    assert_int_equal(hold(&r), -1);

    assert_int_equal(clock_mono_ns(&r.f.clock.base), until);
    assert_int_equal(lease_server_count(&r.f.server, "PUT 2"), 0);
    tear_down(&r);
}

/* The write arrives in time, its reply does not: what it proves is over. */
static void check_slow_reply(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.stand_still_ms = LEASE_DEADLINE_MS;
    start_leading(&r);

    assert_int_equal(hold(&r), -1);

    assert_log(&r, "PUT 200, PUT 200");
    assert_int_equal(lease_leader_until_ns(r.f.lease), 0);
    tear_down(&r);
}

static void run_hold(void *arg)
{
    struct rig *r = arg;
    r->rcode = hold(r);
}

struct thaw_case {
    const char *name;
    int64_t frozen_ms;
    int rcode;
    const char *log;
};
static struct thaw_case thaw_cases[] = {
    { "after standing still for less than the deadline the lease is renewed", 9999, 0, "PUT 200" },
    { "after standing still for the deadline nothing is written, it is lost", 10000, -1, "" },
    { "after standing still for a day nothing is written, it is lost", 24 * 3600 * 1000, -1, "" },
};

static void check_thaw(void **state)
{
    const struct thaw_case *c = *state;
    struct rig r;
    set_up(&r);
    r.stop_after = 1;
    start_leading(&r);
    atomic_store(&r.f.clock.auto_advance, false);
    assert_int_equal(thread_start(&r.thread, "hold", run_hold, &r, NULL), 0);
    fake_clock_await(&r.f.clock, 1);

    fake_clock_advance_ms(&r.f.clock, c->frozen_ms);
    pthread_join(r.thread, NULL);

    assert_int_equal(r.rcode, c->rcode);
    assert_log(&r, c->log);
    tear_down(&r);
}

/* Frozen between the look at the clock and the request's way out; meanwhile another took over. */
static void freeze_and_replace(void *arg, const char *method, bool handled)
{
    struct lease_fixture *f = arg;
    if (handled || strcmp(method, "PUT") != 0)
        return;
    fake_clock_advance_ms(&f->clock, 3600 * 1000);
    lease_server_set(&f->server, "spec.holderIdentity", json_new_str("you"));
}

static void check_frozen_in_flight(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    start_leading(&r);
    r.f.server.hook = freeze_and_replace;
    r.f.server.hook_arg = &r.f;

    assert_int_equal(hold(&r), -1);

    assert_log(&r, "PUT 409");
    cleanup_free char *holder = lease_server_give_str(&r.f.server, "spec.holderIdentity");
    assert_string_equal(holder, "you");
    r.f.leader->release(r.f.leader, &r.f.ctx);
    assert_int_equal(lease_server_count(&r.f.server, "PUT"), 1);
    tear_down(&r);
}

/* ---- releasing ---- */

static void check_release(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    r.stop_after = 1;
    start_leading(&r);
    lease_server_set(&r.f.server, "metadata.labels.team", json_new_str("red"));
    assert_int_equal(hold(&r), 0);
    lease_server_clear_log(&r.f.server);
    const struct opctx ctx = opctx_root(&r.f.clock.base, &r.f.rng.base, NULL, NULL);

    r.f.leader->release(r.f.leader, &ctx);

    assert_log(&r, "GET 200, PUT 200");
    cleanup_free char *holder = lease_server_give_str(&r.f.server, "spec.holderIdentity");
    cleanup_free char *label = lease_server_give_str(&r.f.server, "metadata.labels.team");
    assert_string_equal(holder, "");
    assert_string_equal(label, "red");
    assert_int_equal(lease_server_int(&r.f.server, "spec.leaseDurationSeconds"), 1);
    assert_int_equal(lease_server_int(&r.f.server, "spec.leaseTransitions"), 0);
    tear_down(&r);
}

static void touch_once(void *arg, const char *method, bool handled)
{
    struct lease_fixture *f = arg;
    if (!handled && strcmp(method, "PUT") == 0 && lease_server_count(&f->server, "PUT") == 0)
        lease_server_set(&f->server, "metadata.labels.team", json_new_str("red"));
}

struct release_case {
    const char *name;
    enum { PLAIN, CONFLICTS, OTHERS, ABSENT, OVERDUE, UNWANTED, DOWN } how;
    const char *log;
};
static struct release_case release_cases[] = {
    { "a release that meets a conflict reads again", CONFLICTS,
      "GET 200, PUT 409, GET 200, PUT 200" },
    { "somebody else's Lease is left alone", OTHERS, "GET 200" },
    { "a Lease that is gone is left alone", ABSENT, "GET 404" },
    { "a Lease that may be another's by now is not written", OVERDUE, "GET 200" },
    { "nothing is released unless asked for", UNWANTED, "" },
    { "a server that is down ends the release", DOWN, "GET down" },
};

static void prepare_release(struct rig *r, const struct release_case *c)
{
    struct lease_server *s = &r->f.server;
    lease_server_clear_log(s);
    s->hook = NULL;
    if (c->how == CONFLICTS) {
        s->hook_arg = &r->f;
        s->hook = touch_once;
    } else if (c->how == OTHERS) {
        lease_server_set(s, "spec.holderIdentity", json_new_str("you"));
    } else if (c->how == ABSENT) {
        lease_server_put(s, NULL);
    } else if (c->how == OVERDUE) {
        fake_clock_advance_ms(&r->f.clock, LEASE_DEADLINE_MS);
    } else if (c->how == DOWN) {
        lease_server_fail(s, &s->down, 1);
    }
}

static void check_release_case(void **state)
{
    const struct release_case *c = *state;
    struct rig r;
    set_up(&r);
    r.stop_after = 1;
    r.f.cfg.release_on_exit = c->how != UNWANTED;
    start_leading(&r);
    assert_int_equal(hold(&r), 0);
    prepare_release(&r, c);
    const struct opctx ctx = opctx_root(&r.f.clock.base, &r.f.rng.base, NULL, NULL);

    r.f.leader->release(r.f.leader, &ctx);

    assert_log(&r, c->log);
    tear_down(&r);
}

/* ---- health ---- */

static void check_health(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    lease_fixture_start(&r.f);
    cleanup_error struct error *err = NULL;

    fake_clock_advance_ms(&r.f.clock, 3600 * 1000);
    assert_int_equal(lease_check_health(r.f.lease, &err), 0); /* does not lead */
    assert_int_equal(r.f.leader->acquire(r.f.leader, &r.f.ctx, NULL), 0);
    fake_clock_advance_ms(&r.f.clock, LEASE_DURATION_MS + 20000);
    assert_int_equal(lease_check_health(r.f.lease, &err), 0);
    fake_clock_advance_ms(&r.f.clock, 1);
    assert_int_equal(lease_check_health(r.f.lease, &err), -1);

    assert_string_equal(error_text(err), "lease lock: leads, but renewed it 35 s ago");
    tear_down(&r);
}

int main(void)
{
    struct CMUnitTest tests[40] = {
        CASE("renewals are one write each, every retry period", check_fast_path),
        CASE("somebody's label makes one slow renewal and survives", check_foreign_label),
        CASE("a renewal whose reply was lost is repeated", check_lost_reply),
        CASE("a deleted Lease is made again", check_deleted),
        CASE("being replaced ends the leadership at once", check_replaced),
        CASE("without a server it ends with the renew deadline", check_server_gone),
        CASE("with a silent server it ends with the renew deadline", check_server_silent),
        CASE("a renewal whose reply came too late does not count", check_slow_reply),
        CASE("a renewal frozen on its way is refused, and nothing follows", check_frozen_in_flight),
        CASE("a release empties the Lease and keeps the rest", check_release),
        CASE("health complains only of a leader whose renewal is too old", check_health),
    };
    size_t n = 11;
    for (size_t i = 0; i < ARRAY_LEN(thaw_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(thaw_cases[i].name, check_thaw, &thaw_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(release_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(release_cases[i].name, check_release_case,
                                                &release_cases[i]);
    return _cmocka_run_group_tests("leader_hold", tests, n, NULL, NULL);
}

/* Becoming leader; test_leader_hold.c: staying it; test_leader_model.c: two at once. */
#include <string.h>

#include "pkg/kube/leader.h"
#include "test/unit/support/pkg/kube/lease_fixture.h"
#include "test/unit/support/test.h"

static int64_t elapsed_ms(struct lease_fixture *f)
{
    return (clock_mono_ns(&f->clock.base) - FAKE_MONO_NS) / NS_PER_MS;
}

static void assert_holder(struct lease_fixture *f, const char *want)
{
    cleanup_free char *holder = lease_server_give_str(&f->server, "spec.holderIdentity");
    assert_string_equal(holder, want);
}

static void assert_log(struct lease_fixture *f, const char *want)
{
    cleanup_free char *log = lease_server_give_log(&f->server);
    assert_string_equal(log, want);
}

static void check_create(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    lease_fixture_start(&f);
    assert_int_equal(lease_leader_until_ns(f.lease), 0);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_log(&f, "GET 404, POST 201");
    assert_holder(&f, "me");
    cleanup_free char *renewed = lease_server_give_str(&f.server, "spec.renewTime");
    assert_string_equal(renewed, "2024-02-03T04:05:06.000000Z");
    assert_int_equal(lease_server_int(&f.server, "spec.leaseDurationSeconds"), 15);
    assert_int_equal(lease_leader_until_ns(f.lease), FAKE_MONO_NS + LEASE_DEADLINE_MS * NS_PER_MS);
    assert_int_equal(f.changes.len, 1);
    assert_string_equal(f.changes.v[0], "me became leader");
    lease_fixture_finish(&f);
}

static void steal(void *arg, const char *method, bool handled)
{
    struct lease_fixture *f = arg;
    if (handled || strcmp(method, "POST") != 0 || lease_server_count(&f->server, "POST") > 0)
        return;
    cleanup_free char *text = lease_fixture_give_foreign(f, 0, 15);
    lease_server_put(&f->server, text);
}

static void check_create_race(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    atomic_store(&f.clock.auto_advance, true);
    f.server.hook = steal;
    f.server.hook_arg = &f;
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    cleanup_free char *log = lease_server_give_log(&f.server);
    assert_true(str_starts(log, "GET 404, POST 409, GET 200, GET 200"));
    assert_int_equal(lease_server_count(&f.server, "PUT"), 1); /* after its 15 s */
    assert_true(elapsed_ms(&f) >= 15000);
    lease_fixture_finish(&f);
}

struct skew_case {
    const char *name;
    int64_t renewed_ago_ms, duration_s;
};
static struct skew_case skew_cases[] = {
    { "a silent holder is waited for as long as its lease says", 0, 15 },
    { "a holder whose clock is an hour behind is not cut short", 3600 * 1000, 15 },
    { "a holder whose clock is an hour ahead is not waited for longer", -3600 * 1000, 15 },
    { "the record's duration counts, not ours", 0, 300 },
};

static void check_silent_holder(void **state)
{
    const struct skew_case *c = *state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    atomic_store(&f.clock.auto_advance, true);
    cleanup_free char *text = lease_fixture_give_foreign(&f, c->renewed_ago_ms, c->duration_s);
    lease_server_put(&f.server, text);
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_true(elapsed_ms(&f) >= c->duration_s * 1000);
    assert_true(elapsed_ms(&f) <= c->duration_s * 1000 + LEASE_RETRY_MS * 22 / 10);
    assert_int_equal(lease_server_count(&f.server, "PUT"), 1);
    assert_int_equal(lease_server_int(&f.server, "spec.leaseTransitions"), 4);
    assert_true(log_capture_has(&f.capture, "held by you"));
    lease_fixture_finish(&f);
}

static void renew_foreign(void *arg, const char *method, bool handled)
{
    struct lease_fixture *f = arg;
    (void)method;
    if (handled)
        return;
    char now[TIME_TEXT_MAX];
    time_rfc3339_micro(clock_wall_ns(&f->clock.base), now);
    lease_server_set(&f->server, "spec.renewTime", json_new_str(now));
    if (lease_server_count(&f->server, "GET") == 50)
        stop_request(f->stop);
}

static void check_lively_holder(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    atomic_store(&f.clock.auto_advance, true);
    cleanup_free char *text = lease_fixture_give_foreign(&f, 0, 15);
    lease_server_put(&f.server, text);
    f.server.hook = renew_foreign;
    f.server.hook_arg = &f;
    lease_fixture_start(&f);
    cleanup_error struct error *err = NULL;

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, &err), -1);

    assert_true(error_is(err, ERR_CANCELLED));
    assert_int_equal(lease_server_count(&f.server, "PUT"), 0);
    assert_holder(&f, "you");
    assert_int_equal(f.changes.len, 0);
    lease_fixture_finish(&f);
}

static void check_tries_spread(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    static const uint64_t most[] = { UINT64_MAX };
    fake_rng_init_values(&f.rng, most, 1);
    atomic_store(&f.clock.auto_advance, true);
    lease_server_fail(&f.server, &f.server.down, 1);
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_in_range(elapsed_ms(&f), LEASE_RETRY_MS * 22 / 10 - 2, LEASE_RETRY_MS * 22 / 10);
    lease_fixture_finish(&f);
}

static void check_released_lease(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    cleanup_free char *text = lease_fixture_give_foreign(&f, 0, 15);
    lease_server_put(&f.server, text);
    lease_server_set(&f.server, "spec.holderIdentity", json_new_str(""));
    lease_server_set(&f.server, "metadata.labels", NULL);
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_log(&f, "GET 200, PUT 200"); /* at once */
    assert_int_equal(lease_server_int(&f.server, "spec.leaseTransitions"), 4);
    lease_fixture_finish(&f);
}

static void check_own_lease(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    cleanup_free char *text = lease_fixture_give_foreign(&f, 5000, 15);
    lease_server_put(&f.server, text);
    lease_server_set(&f.server, "spec.holderIdentity", json_new_str("me"));
    cleanup_free char *acquired = lease_server_give_str(&f.server, "spec.acquireTime");
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_log(&f, "GET 200, PUT 200");
    assert_int_equal(lease_server_int(&f.server, "spec.leaseTransitions"), 3);
    cleanup_free char *kept = lease_server_give_str(&f.server, "spec.acquireTime");
    assert_string_equal(kept, acquired);
    lease_fixture_finish(&f);
}

static void touch(void *arg, const char *method, bool handled)
{
    struct lease_fixture *f = arg;
    if (!handled && strcmp(method, "PUT") == 0 && lease_server_count(&f->server, "PUT") == 0)
        lease_server_set(&f->server, "metadata.labels.team", json_new_str("red"));
}

static void check_conflict(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    atomic_store(&f.clock.auto_advance, true);
    cleanup_free char *text = lease_fixture_give_foreign(&f, 0, 15);
    lease_server_put(&f.server, text);
    lease_server_set(&f.server, "spec.holderIdentity", json_new_str(""));
    f.server.hook = touch;
    f.server.hook_arg = &f;
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_log(&f, "GET 200, PUT 409, GET 200, PUT 200");
    cleanup_free char *label = lease_server_give_str(&f.server, "metadata.labels.team");
    assert_string_equal(label, "red");
    lease_fixture_finish(&f);
}

static void check_no_version(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    atomic_store(&f.clock.auto_advance, true);
    cleanup_free char *text = lease_fixture_give_foreign(&f, 0, 15);
    lease_server_put(&f.server, text);
    lease_server_set(&f.server, "spec.holderIdentity", json_new_str(""));
    f.server.hides_version = true;
    f.server.hook = renew_foreign; /* ends it */
    f.server.hook_arg = &f;
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), -1);

    assert_int_equal(lease_server_count(&f.server, "PUT"), 0);
    lease_fixture_finish(&f);
}

/* The reply to the claim comes after the time that it is good for: we stood still meanwhile. */
static void stand_still(void *arg, const char *method, bool handled)
{
    struct lease_fixture *f = arg;
    if (handled && strcmp(method, "POST") == 0)
        fake_clock_advance_ms(&f->clock, LEASE_DEADLINE_MS);
}

static void check_late_reply(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    atomic_store(&f.clock.auto_advance, true);
    f.server.hook = stand_still;
    f.server.hook_arg = &f;
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_log(&f, "GET 404, POST 201, GET 200, PUT 200");
    assert_true(lease_leader_until_ns(f.lease) > clock_mono_ns(&f.clock.base));
    lease_fixture_finish(&f);
}

static void check_hanging_server(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    atomic_store(&f.clock.auto_advance, true);
    lease_server_fail(&f.server, &f.server.mute, 1);
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_true(elapsed_ms(&f) >= LEASE_DEADLINE_MS / 2);
    assert_true(elapsed_ms(&f) <= LEASE_DEADLINE_MS / 2 + LEASE_RETRY_MS * 22 / 10);
    assert_log(&f, "GET mute, GET 404, POST 201");
    lease_fixture_finish(&f);
}

/* ---- configuration ---- */

struct timing_case {
    const char *name;
    int64_t duration_ms, renew_deadline_ms, retry_ms;
    const char *identity;
    const char *error; /* NULL: accepted */
};
static struct timing_case timing_cases[] = {
    { "the defaults are valid", 0, 0, 0, "me", NULL },
    { "client-go's durations are valid", 15000, 10000, 2000, "me", NULL },
    { "the duration must be longer than the renew deadline", 10000, 10000, 2000, "me",
      "lease lock: the duration must be longer than the renew deadline" },
    { "the renew deadline must be more than 1.2 retry periods", 15000, 2400, 2000, "me",
      "lease lock: the renew deadline must be more than 1.2 times the retry period" },
    { "the retry period must be positive", 15000, 10000, -1, "me",
      "lease lock: the retry period must be positive" },
    { "the identity must not be empty", 0, 0, 0, "", "lease lock: the identity is empty" },
};

static void check_timing(void **state)
{
    const struct timing_case *c = *state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    f.cfg.duration_ms = c->duration_ms;
    f.cfg.renew_deadline_ms = c->renew_deadline_ms;
    f.cfg.retry_ms = c->retry_ms;
    f.cfg.identity = c->identity;
    cleanup_error struct error *err = NULL;

    int rcode = lease_new(&f.cfg, &f.lease, &err);

    assert_int_equal(rcode, c->error ? -1 : 0);
    if (c->error)
        assert_string_equal(error_text(err), c->error);
    lease_fixture_finish(&f);
}

static void check_defaults(void **state)
{
    (void)state;
    struct lease_fixture f;
    lease_fixture_init(&f);
    f.cfg.duration_ms = f.cfg.renew_deadline_ms = f.cfg.retry_ms = 0;
    f.cfg.identity = NULL;
    f.cfg.metrics = NULL;
    f.cfg.on_change = NULL;
    lease_fixture_start(&f);

    assert_int_equal(f.leader->acquire(f.leader, &f.ctx, NULL), 0);

    assert_int_equal(lease_server_int(&f.server, "spec.leaseDurationSeconds"), 137);
    assert_int_equal(lease_leader_until_ns(f.lease), FAKE_MONO_NS + 107 * NS_PER_S);
    char host[256] = "";
    assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
    cleanup_free char *holder = lease_server_give_str(&f.server, "spec.holderIdentity");
    assert_true(str_starts(holder, host));
    assert_int_equal(strlen(holder), strlen(host) + 1 + UUID_LEN);
    lease_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[40] = {
        CASE("without a Lease one is created", check_create),
        CASE("who creates second has lost", check_create_race),
        CASE("a holder that renews is never cut", check_lively_holder),
        CASE("tries are spread by up to 1.2 retry periods", check_tries_spread),
        CASE("a released Lease is taken at once", check_released_lease),
        CASE("a Lease that is ours already is renewed", check_own_lease),
        CASE("a conflict is a failed try, and the other's change survives", check_conflict),
        CASE("without a resourceVersion nothing is written", check_no_version),
        CASE("a claim whose reply came too late does not count", check_late_reply),
        CASE("a server that does not answer is tried again", check_hanging_server),
        CASE("defaults are OpenShift's, the identity is host and UUID", check_defaults),
    };
    size_t n = 11;
    for (size_t i = 0; i < ARRAY_LEN(skew_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(skew_cases[i].name, check_silent_holder, &skew_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(timing_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(timing_cases[i].name, check_timing, &timing_cases[i]);
    return _cmocka_run_group_tests("leader", tests, n, NULL, NULL);
}

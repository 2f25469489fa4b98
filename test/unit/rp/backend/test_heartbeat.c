#include <stdatomic.h>

#include "pkg/base/strv.h"
#include "rp/backend/heartbeat.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

/* ---- renewals as a test writes them ---- */

/* '.': renewed, 'x': a passing error, 'l': somebody else has it, 'g': gone; the last one repeats. */
static struct {
    const char *script;
    atomic_size_t calls;
} fake;

static int renew(const struct opctx *ctx, struct database *db, const char *key, const char *token,
                 struct document *ret, struct error **err)
{
    (void)ctx;
    (void)db;
    assert_string_equal(key, "key");
    assert_string_equal(token, "token");
    assert_null(ret);
    size_t i = atomic_fetch_add(&fake.calls, 1);
    size_t last = strlen(fake.script) - 1;
    switch (fake.script[i < last ? i : last]) {
    case 'x':
        return error_set(err, ERR_UNAVAILABLE, "not now");
    case 'g':
        return error_set(err, ERR_NOT_FOUND, "gone");
    case 'l':
        (void)error_set(err, ERR_CONFLICT, "somebody else's");
        error_code(err, DATABASE_LOST_LEASE);
        return -1;
    default:
        return 0;
    }
}

struct rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct log_capture capture;
    struct log log;
    struct heartbeat *beat;
};

static void set_up(struct rig *r, const char *script)
{
    fake.script = script;
    atomic_store(&fake.calls, 0);
    fake_clock_init(&r->clock);
    fake_rng_init(&r->rng, 1);
    log_capture_init(&r->capture, &r->clock.base);
    r->log = log_root(&r->capture.base);
    const struct opctx root = opctx_root(&r->clock.base, &r->rng.base, NULL, &r->log);
    const struct heartbeat_config cfg = { .renew = renew,
                                          .key = "key",
                                          .token = "token",
                                          .since_ns = FAKE_MONO_NS,
                                          .heartbeat_ms = 10000,
                                          .retry_ms = 1000,
                                          .trust_ms = 50000 };
    assert_int_equal(heartbeat_start(&root, &cfg, &r->beat, NULL), 0);
}

static void tear_down(struct rig *r)
{
    heartbeat_free(r->beat);
    log_capture_release(&r->capture);
    fake_clock_release(&r->clock);
}

/* Blocks until the work is told. */
static void await_loss(const struct rig *r)
{
    struct waker w;
    waker_init(&w, heartbeat_ctx(r->beat));
    waker_lock(&w);
    while (waker_wait(&w, CLOCK_NEVER, NULL) == 0)
        ;
    waker_unlock(&w);
    waker_release(&w);
}

/* ---- cases ---- */

static void renews_at_once_and_then_regularly(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, ".");

    for (unsigned i = 1; i <= 20; i++) {
        fake_clock_await(&r.clock, 1);
        assert_int_equal(heartbeat_renewals(r.beat), i);
        fake_clock_advance_ms(&r.clock, 10000);
    }

    assert_true(heartbeat_is_held(r.beat));
    assert_int_equal(opctx_check(heartbeat_ctx(r.beat), NULL), 0);
    tear_down(&r);
}

static void survives_one_error(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, ".x.");
    fake_clock_await(&r.clock, 1);
    fake_clock_advance_ms(&r.clock, 10000);
    fake_clock_await(&r.clock, 1);
    assert_int_equal(heartbeat_renewals(r.beat), 1);

    fake_clock_advance_ms(&r.clock, 1000); /* sooner than a heartbeat */
    fake_clock_await(&r.clock, 1);

    assert_int_equal(heartbeat_renewals(r.beat), 2);
    assert_true(heartbeat_is_held(r.beat));
    tear_down(&r);
}

static void ends_the_work_when_errors_last(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, ".x");
    int64_t waited_ns = 0;
    fake_clock_await(&r.clock, 1);
    while (heartbeat_is_held(r.beat))
        waited_ns += fake_clock_step(&r.clock);

    await_loss(&r);

    assert_int_equal(waited_ns, 50 * NS_PER_S);
    assert_int_equal(opctx_check(heartbeat_ctx(r.beat), NULL), -1);
    assert_true(log_capture_has(&r.capture, "no renewal succeeded in time"));
    tear_down(&r);
}

static void ends_the_work_at_once_when_the_lease_is_lost(void **state)
{
    struct rig r;
    set_up(&r, *state);

    await_loss(&r);

    assert_false(heartbeat_is_held(r.beat));
    assert_int_equal(atomic_load(&fake.calls), 1);
    tear_down(&r);
}

static void is_not_held_right_after_a_long_freeze(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, ".x");
    fake_clock_await(&r.clock, 1);

    fake_clock_advance_ms(&r.clock, 90000);

    assert_false(heartbeat_is_held(r.beat)); /* whether or not the thread has run */
    await_loss(&r);
    tear_down(&r);
}

static void stops_without_ending_the_work(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, ".");
    fake_clock_await(&r.clock, 1);

    heartbeat_stop(r.beat);
    heartbeat_stop(r.beat);
    fake_clock_advance_ms(&r.clock, 49999);

    assert_int_equal(heartbeat_renewals(r.beat), 1);
    assert_true(heartbeat_is_held(r.beat));
    assert_int_equal(opctx_check(heartbeat_ctx(r.beat), NULL), 0);
    fake_clock_advance_ms(&r.clock, 1);
    assert_false(heartbeat_is_held(r.beat));
    tear_down(&r);
}

int main(void)
{
    static char lost[] = "l", gone[] = "g";
    const struct CMUnitTest tests[] = {
        CASE("renews at once and then regularly", renews_at_once_and_then_regularly),
        CASE("survives one error", survives_one_error),
        CASE("ends the work when errors last", ends_the_work_when_errors_last),
        CASE_OF("ends the work at once when somebody else has the lease",
                ends_the_work_at_once_when_the_lease_is_lost, lost),
        CASE_OF("ends the work at once when the document is gone",
                ends_the_work_at_once_when_the_lease_is_lost, gone),
        CASE("is not held right after a long freeze", is_not_held_right_after_a_long_freeze),
        CASE("stops without ending the work", stops_without_ending_the_work),
    };
    return RUN_CASES("heartbeat", tests);
}

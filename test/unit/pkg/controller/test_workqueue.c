#include "pkg/controller/workqueue.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct workqueue *q;
};

static void set_up(struct fixture *f)
{
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    f->q = workqueue_new(&(struct workqueue_config){ .name = "q", .clock = &f->clock.base });
}

static void tear_down(struct fixture *f)
{
    workqueue_free(f->q);
    fake_clock_release(&f->clock);
}

/* Takes the next key, which must be this one; "" stands for an empty queue. */
static void expect_get(struct workqueue *q, const char *want)
{
    if (!*want) {
        assert_int_equal(workqueue_len(q), 0);
        return;
    }
    assert_true(workqueue_len(q) > 0);
    cleanup_free char *key = NULL;
    int priority;
    assert_true(workqueue_get(q, &key, &priority));
    assert_string_equal(key, want);
}

static void expect_run(struct workqueue *q, const char *want)
{
    expect_get(q, want);
    workqueue_done(q, want);
}

/* ---- dirty and processing ---- */

static void check_fifo(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    workqueue_add(f.q, "b");
    workqueue_add(f.q, "a");
    workqueue_add(f.q, "b");
    assert_int_equal(workqueue_len(f.q), 2);

    expect_run(f.q, "b");
    expect_run(f.q, "a");
    expect_get(f.q, "");
    tear_down(&f);
}

static void check_add_while_processing(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "a");
    expect_get(f.q, "a");

    workqueue_add(f.q, "a");
    workqueue_add(f.q, "a");
    expect_get(f.q, ""); /* nobody else gets it meanwhile */
    workqueue_done(f.q, "a");

    expect_run(f.q, "a");
    expect_get(f.q, "");
    tear_down(&f);
}

static void check_readd_after_done(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "a");
    expect_run(f.q, "a");

    workqueue_add(f.q, "a");

    expect_run(f.q, "a");
    tear_down(&f);
}

static void check_stray_done(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "a");

    workqueue_done(f.q, "a");
    workqueue_done(f.q, "unknown");

    expect_run(f.q, "a");
    expect_get(f.q, "");
    tear_down(&f);
}

static void check_forget_keeps_key(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_rate_limited(f.q, "a", 0);
    assert_int_equal(workqueue_failures(f.q, "a"), 1);

    workqueue_forget(f.q, "a");

    assert_int_equal(workqueue_failures(f.q, "a"), 0);
    fake_clock_advance_ms(&f.clock, 5);
    expect_run(f.q, "a");
    tear_down(&f);
}

/* ---- delays ---- */

static void check_delay_order(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_after(f.q, "late", 300, 0);
    workqueue_add_after(f.q, "early", 100, 0);
    workqueue_add_after(f.q, "middle", 200, 0);
    expect_get(f.q, "");

    fake_clock_advance_ms(&f.clock, 100);
    expect_run(f.q, "early");
    expect_get(f.q, "");
    fake_clock_advance_ms(&f.clock, 200);
    expect_run(f.q, "middle");
    expect_run(f.q, "late");
    tear_down(&f);
}

struct delay_case {
    const char *name;
    int64_t first_ms, second_ms; /* of two adds of one key */
    int64_t before_ms;           /* not ready yet then */
    int64_t ready_ms;
};
static struct delay_case delay_cases[] = {
    { "the earlier of two delays wins when it comes second", 500, 100, 99, 100 },
    { "the earlier of two delays wins when it comes first", 100, 500, 99, 100 },
    { "a zero delay promotes a waiting key", 500, 0, -1, 0 },
    { "a negative delay is no delay", 500, -7, -1, 0 },
};

static void check_two_delays(void **state)
{
    const struct delay_case *c = *state;
    struct fixture f;
    set_up(&f);

    workqueue_add_after(f.q, "a", c->first_ms, 0);
    workqueue_add_after(f.q, "a", c->second_ms, 0);

    if (c->before_ms >= 0) {
        fake_clock_advance_ms(&f.clock, c->before_ms);
        expect_get(f.q, "");
        fake_clock_advance_ms(&f.clock, c->ready_ms - c->before_ms);
    }
    expect_run(f.q, "a");
    fake_clock_advance_ms(&f.clock, 10000);
    expect_get(f.q, ""); /* the other delay is gone */
    tear_down(&f);
}

static void check_delay_of_ready(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "a");

    workqueue_add_after(f.q, "a", 100, 0);

    expect_run(f.q, "a");
    fake_clock_advance_ms(&f.clock, 100);
    expect_get(f.q, "");
    tear_down(&f);
}

static void check_delay_while_processing(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add(f.q, "a");
    expect_get(f.q, "a");

    workqueue_add_after(f.q, "a", 100, 0);
    fake_clock_advance_ms(&f.clock, 100);
    expect_get(f.q, "");
    workqueue_done(f.q, "a");
    expect_run(f.q, "a");

    workqueue_add(f.q, "a");
    expect_get(f.q, "a");
    workqueue_add_after(f.q, "a", 100, 0);
    workqueue_done(f.q, "a");
    expect_get(f.q, "");
    fake_clock_advance_ms(&f.clock, 100);
    expect_run(f.q, "a");
    tear_down(&f);
}

static void check_endless_delay(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    workqueue_add_after(f.q, "a", INT64_MAX, 0);
    fake_clock_advance_ms(&f.clock, INT64_C(1000) * 3600 * 24 * 365);
    expect_get(f.q, "");
    workqueue_add(f.q, "a");

    expect_run(f.q, "a");
    tear_down(&f);
}

static void check_every(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    workqueue_add_every(f.q, "tick", 1000);
    expect_run(f.q, "tick");
    expect_get(f.q, "");
    for (int i = 0; i < 3; i++) {
        fake_clock_advance_ms(&f.clock, 999);
        expect_get(f.q, "");
        fake_clock_advance_ms(&f.clock, 1);
        expect_run(f.q, "tick");
    }
    fake_clock_advance_ms(&f.clock, 10000); /* late: one run, not ten */
    expect_run(f.q, "tick");
    expect_get(f.q, "");
    workqueue_end_every(f.q, "tick");
    workqueue_end_every(f.q, "unknown");
    fake_clock_advance_ms(&f.clock, 10000);
    expect_get(f.q, "");
    tear_down(&f);
}

static void check_every_replaced(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);

    workqueue_add_every(f.q, "tick", 1000);
    workqueue_add_every(f.q, "tick", 5000);
    workqueue_add_every(f.q, "once", 0);
    expect_run(f.q, "tick");
    expect_run(f.q, "once");
    fake_clock_advance_ms(&f.clock, 4999);
    expect_get(f.q, "");
    fake_clock_advance_ms(&f.clock, 1);

    expect_run(f.q, "tick");
    expect_get(f.q, "");
    tear_down(&f);
}

/* ---- priorities ---- */

static void check_levels(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_priority(f.q, "low1", PRIORITY_LOW);
    workqueue_add_priority(f.q, "normal1", PRIORITY_NORMAL);
    workqueue_add_priority(f.q, "low2", PRIORITY_LOW);
    workqueue_add_priority(f.q, "top", INT32_MAX);
    workqueue_add_priority(f.q, "normal2", PRIORITY_NORMAL);
    workqueue_add_priority(f.q, "bottom", INT32_MIN);

    static const char *const want[] = { "top", "normal1", "normal2", "low1", "low2", "bottom" };
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        expect_run(f.q, want[i]);
    tear_down(&f);
}

static void check_raise(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_priority(f.q, "a", PRIORITY_LOW);
    workqueue_add_priority(f.q, "b", 0);
    workqueue_add_priority(f.q, "c", 0);

    workqueue_add_priority(f.q, "a", 0);            /* to the back of its new level */
    workqueue_add_priority(f.q, "b", PRIORITY_LOW); /* never down */
    workqueue_add_priority(f.q, "b", 0);            /* no move within a level */

    expect_run(f.q, "b");
    expect_run(f.q, "c");
    expect_run(f.q, "a");
    tear_down(&f);
}

static void check_raise_while_waiting(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_after(f.q, "a", 100, PRIORITY_LOW);
    workqueue_add_after(f.q, "a", 900, 7); /* later, but more important */
    workqueue_add_priority(f.q, "b", 3);

    fake_clock_advance_ms(&f.clock, 100);

    cleanup_free char *key = NULL;
    int priority;
    assert_true(workqueue_get(f.q, &key, &priority));
    assert_string_equal(key, "a");
    assert_int_equal(priority, 7);
    tear_down(&f);
}

/* What became ready later stands behind what was ready before, though it was added earlier. */
static void check_fresh_turn(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_after(f.q, "waiting", 100, 0);
    workqueue_add(f.q, "ready");
    fake_clock_advance_ms(&f.clock, 100);

    expect_run(f.q, "ready");
    expect_run(f.q, "waiting");
    tear_down(&f);
}

static void check_priority_of_rerun(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    workqueue_add_priority(f.q, "a", 9);
    expect_get(f.q, "a");
    workqueue_add_priority(f.q, "a", PRIORITY_LOW);
    workqueue_done(f.q, "a");

    cleanup_free char *key = NULL;
    int priority;
    assert_true(workqueue_get(f.q, &key, &priority));
    assert_int_equal(priority, PRIORITY_LOW); /* the 9 was for the run that is over */
    tear_down(&f);
}

/* ---- rate limit ---- */

static void check_rate_limited(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    static const int64_t delays_ms[] = { 5, 10, 20, 40 };

    for (size_t i = 0; i < ARRAY_LEN(delays_ms); i++) {
        workqueue_add_rate_limited(f.q, "a", 0);
        assert_int_equal(workqueue_failures(f.q, "a"), (int)i + 1);
        fake_clock_advance_ms(&f.clock, delays_ms[i] - 1);
        expect_get(f.q, "");
        fake_clock_advance_ms(&f.clock, 1);
        expect_run(f.q, "a");
    }
    tear_down(&f);
}

static void check_retry_now(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f);
    static const char *const failed[] = { "a", "b" };
    for (size_t i = 0; i < ARRAY_LEN(failed); i++) {
        for (int n = 0; n < 10; n++) {
            workqueue_add_rate_limited(f.q, failed[i], 0);
            fake_clock_advance_ms(&f.clock, INT64_C(1000) * 1000);
            expect_run(f.q, failed[i]);
        }
    }
    workqueue_add_after(f.q, "periodic", 60000, 0);
    workqueue_add_rate_limited(f.q, "a", 0); /* 5.12 s */
    workqueue_add(f.q, "b");
    expect_get(f.q, "b");

    workqueue_retry_now(f.q);

    expect_run(f.q, "a");
    expect_get(f.q, ""); /* neither what asked for its time, nor what runs */
    workqueue_add_rate_limited(f.q, "b", 0);
    workqueue_done(f.q, "b");
    assert_int_equal(workqueue_failures(f.q, "a"), 0);
    fake_clock_advance_ms(&f.clock, 5); /* the first delay again */
    expect_run(f.q, "b");
    fake_clock_advance_ms(&f.clock, 60000);
    expect_run(f.q, "periodic");
    tear_down(&f);
}

int main(void)
{
    struct CMUnitTest tests[40] = {
        CASE("keys come first in, first out, and collapse", check_fifo),
        CASE("a key added while it is processed runs once more", check_add_while_processing),
        CASE("a key added after done runs again", check_readd_after_done),
        CASE("done for a key that nobody has changes nothing", check_stray_done),
        CASE("forget clears the failures and keeps the key", check_forget_keeps_key),
        CASE("failed keys may be tried at once, with no failures to their name", check_retry_now),
        CASE("delayed keys come by due time", check_delay_order),
        CASE("a delay for a ready key changes nothing", check_delay_of_ready),
        CASE("a delay that ends while the key is processed waits for done",
             check_delay_while_processing),
        CASE("an endless delay neither overflows nor holds up an add", check_endless_delay),
        CASE("a periodic key comes once a period and never twice", check_every),
        CASE("a second period replaces the first, none means once", check_every_replaced),
        CASE("higher priorities come first", check_levels),
        CASE("adding again raises and never lowers", check_raise),
        CASE("a waiting key is raised, too", check_raise_while_waiting),
        CASE("a key that becomes ready gets a fresh turn", check_fresh_turn),
        CASE("a rerun has the priority of its own adds", check_priority_of_rerun),
        CASE("rate-limited adds wait twice as long each time", check_rate_limited),
    };
    size_t n = 18;
    for (size_t i = 0; i < ARRAY_LEN(delay_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(delay_cases[i].name, check_two_delays, &delay_cases[i]);
    return _cmocka_run_group_tests("workqueue", tests, n, NULL, NULL);
}

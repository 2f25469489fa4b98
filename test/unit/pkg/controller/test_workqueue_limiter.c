#include "pkg/base/mem.h"
#include "pkg/controller/workqueue.h"
#include "pkg/controller/workqueue_limiter.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct limiter limiter;
};

static void set_up(struct fixture *f, struct workqueue_config cfg)
{
    fake_clock_init(&f->clock);
    cfg.clock = &f->clock.base;
    limiter_init(&f->limiter, &cfg);
}

static void tear_down(struct fixture *f)
{
    limiter_release(&f->limiter);
    fake_clock_release(&f->clock);
}

static int64_t next_ms(struct fixture *f, const char *key)
{
    return limiter_next_ns(&f->limiter, key) / NS_PER_MS;
}

static void check_doubling(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, (struct workqueue_config){ .qps = -1 });

    static const int64_t want[] = { 5, 10, 20, 40, 80 };
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(next_ms(&f, "a"), want[i]);
    assert_int_equal(next_ms(&f, "b"), 5);
    assert_int_equal(limiter_failures(&f.limiter, "a"), 5);
    assert_int_equal(limiter_failures(&f.limiter, "b"), 1);
    assert_int_equal(limiter_failures(&f.limiter, "c"), 0);
    limiter_forget(&f.limiter, "a");
    limiter_forget(&f.limiter, "unknown");
    assert_int_equal(limiter_failures(&f.limiter, "a"), 0);
    assert_int_equal(next_ms(&f, "a"), 5);
    tear_down(&f);
}

static void check_cap(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, (struct workqueue_config){ .qps = -1 });

    int64_t last = 0;
    for (int i = 0; i < 300; i++) { /* far beyond what 64 bits of doubling hold */
        int64_t ms = next_ms(&f, "a");
        assert_true(ms >= last);
        last = ms;
    }

    assert_int_equal(last, 1000 * 1000);
    assert_int_equal(limiter_failures(&f.limiter, "a"), 300);
    tear_down(&f);
}

static void check_huge_settings(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, (struct workqueue_config){
                   .qps = -1, .base_delay_ms = INT64_MAX / 2, .max_delay_ms = INT64_MAX });

    for (int i = 0; i < 5; i++)
        assert_true(limiter_next_ns(&f.limiter, "a") == INT64_MAX);
    tear_down(&f);
}

static void check_base_above_cap(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, (struct workqueue_config){ .qps = -1, .base_delay_ms = 100, .max_delay_ms = 30 });

    assert_int_equal(next_ms(&f, "a"), 30);
    assert_int_equal(next_ms(&f, "a"), 30);
    tear_down(&f);
}

/* 100 at once, then each waits a tenth of a second longer: reservations add up. */
static void check_bucket(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, (struct workqueue_config){ .base_delay_ms = 1 });

    for (int i = 0; i < 100; i++) {
        cleanup_free char *key = xasprintf("k%d", i);
        assert_int_equal(next_ms(&f, key), 1);
    }
    assert_int_equal(next_ms(&f, "x"), 100);
    assert_int_equal(next_ms(&f, "y"), 200);
    fake_clock_advance_ms(&f.clock, 1000); /* ten tokens: two were spent ahead */
    for (int i = 0; i < 8; i++) {
        cleanup_free char *key = xasprintf("z%d", i);
        assert_int_equal(next_ms(&f, key), 1);
    }
    assert_int_equal(next_ms(&f, "last"), 100);
    fake_clock_advance_ms(&f.clock, INT64_C(3600) * 1000 * 24); /* never more than the burst */
    for (int i = 0; i < 100; i++) {
        cleanup_free char *key = xasprintf("w%d", i);
        assert_int_equal(next_ms(&f, key), 1);
    }
    assert_int_equal(next_ms(&f, "v"), 100);
    tear_down(&f);
}

static void check_longer_wins(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, (struct workqueue_config){ .base_delay_ms = 150, .qps = 10, .burst = 1 });

    assert_int_equal(next_ms(&f, "a"), 150); /* bucket 0 */
    assert_int_equal(next_ms(&f, "b"), 150); /* bucket 100 */
    assert_int_equal(next_ms(&f, "c"), 200); /* bucket 200 */
    assert_int_equal(next_ms(&f, "a"), 300); /* both 300 */
    assert_int_equal(next_ms(&f, "a"), 600); /* bucket 400 */
    tear_down(&f);
}

static void check_staleness(void **state)
{
    (void)state;
    struct fixture f;
    set_up(&f, (struct workqueue_config){ .qps = -1 });
    next_ms(&f, "a");
    next_ms(&f, "a");

    fake_clock_advance_ms(&f.clock, 59 * 60 * 1000);
    next_ms(&f, "b");
    assert_int_equal(limiter_failures(&f.limiter, "a"), 2);
    fake_clock_advance_ms(&f.clock, 60 * 1000);
    assert_int_equal(limiter_failures(&f.limiter, "a"), 0);
    next_ms(&f, "c");

    assert_int_equal(map_len(f.limiter.failures), 2); /* b and c: a leaks nothing */
    assert_int_equal(next_ms(&f, "a"), 5);
    tear_down(&f);
}

static void check_staleness_of_slow_keys(void **state)
{
    (void)state;
    struct fixture f;
    int64_t two_hours_ms = 2 * 3600 * 1000;
    set_up(&f, (struct workqueue_config){
                   .qps = -1, .base_delay_ms = two_hours_ms, .max_delay_ms = two_hours_ms });

    next_ms(&f, "a");
    fake_clock_advance_ms(&f.clock, two_hours_ms);

    assert_int_equal(limiter_failures(&f.limiter, "a"), 1);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a key's delay doubles with each failure until it is forgotten", check_doubling),
        CASE("the delay stops at its cap, however many failures", check_cap),
        CASE("huge settings do not overflow", check_huge_settings),
        CASE("a base above the cap is cut", check_base_above_cap),
        CASE("the bucket lets a burst through and reserves ahead", check_bucket),
        CASE("the longer of both delays wins", check_longer_wins),
        CASE("counts of keys that were not seen for an hour are dropped", check_staleness),
        CASE("a count outlives the delay that it causes", check_staleness_of_slow_keys),
    };
    return RUN_CASES("workqueue_limiter", tests);
}

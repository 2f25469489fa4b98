#include "pkg/base/thread.h"
#include "pkg/net/ratelimit.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

static void test_burst_is_free_then_one_token_an_interval(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct bucket *b = bucket_new(&clock.base, 5, 10);

    for (int i = 0; i < 10; i++)
        assert_int_equal(bucket_reserve_ns(b), 0);
    for (int i = 1; i <= 30; i++)
        assert_in_range(bucket_reserve_ns(b), i * 200 * NS_PER_MS - 5, i * 200 * NS_PER_MS + 5);

    bucket_free(b);
    fake_clock_release(&clock);
}

static void test_saved_tokens_never_exceed_the_burst(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct bucket *b = bucket_new(&clock.base, 100, 3);
    for (int i = 0; i < 3; i++)
        (void)bucket_reserve_ns(b);

    fake_clock_advance_ms(&clock, 3600 * 1000);

    for (int i = 0; i < 3; i++)
        assert_int_equal(bucket_reserve_ns(b), 0);
    assert_in_range(bucket_reserve_ns(b), 10 * NS_PER_MS - 5, 10 * NS_PER_MS + 5);
    bucket_free(b);
    fake_clock_release(&clock);
}

static void test_no_limit_never_waits(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct bucket *b = bucket_new(&clock.base, -1, 0);

    for (int i = 0; i < 1000; i++)
        assert_int_equal(bucket_reserve_ns(b), 0);

    bucket_free(b);
    fake_clock_release(&clock);
}

static void test_take_waits_for_its_token(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    atomic_store(&clock.auto_advance, true);
    struct opctx ctx = opctx_root(&clock.base, rng_system(), NULL, NULL);
    struct bucket *b = bucket_new(&clock.base, 2, 1);
    int64_t waited_ms = -1;
    assert_int_equal(bucket_take(b, &ctx, &waited_ms, NULL), 0);
    assert_int_equal(waited_ms, 0);
    int64_t before = clock_mono_ns(&clock.base);

    assert_int_equal(bucket_take(b, &ctx, &waited_ms, NULL), 0);

    assert_int_equal(waited_ms, 500);
    assert_int_equal(clock_mono_ns(&clock.base) - before, 500 * NS_PER_MS);
    bucket_free(b);
    fake_clock_release(&clock);
}

static void test_nearer_deadline_fails_at_once_and_takes_nothing(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct opctx root = opctx_root(&clock.base, rng_system(), NULL, NULL);
    struct bucket *b = bucket_new(&clock.base, 1, 1);
    (void)bucket_reserve_ns(b);
    struct opctx ctx = opctx_with_timeout_ms(&root, 900);
    struct error *err = NULL;

    for (int i = 0; i < 5; i++)
        assert_int_equal(bucket_take(b, &ctx, NULL, &err), -1);

    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_in_range(bucket_reserve_ns(b), NS_PER_S - 5, NS_PER_S + 5);
    error_free(err);
    bucket_free(b);
    fake_clock_release(&clock);
}

struct taker {
    struct bucket *b;
    struct opctx ctx;
    int status;
    struct error *err;
};

static void take_one(void *arg)
{
    struct taker *t = arg;
    t->status = bucket_take(t->b, &t->ctx, NULL, &t->err);
}

static void test_stop_while_waiting_gives_the_token_back(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct stop *stop = stop_new(NULL);
    struct taker t = { .b = bucket_new(&clock.base, 1, 1),
                       .ctx = opctx_root(&clock.base, rng_system(), stop, NULL) };
    (void)bucket_reserve_ns(t.b);
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "taker", take_one, &t, NULL), 0);
    fake_clock_await(&clock, 1);

    stop_request(stop);
    pthread_join(thread, NULL);

    assert_int_equal(t.status, -1);
    assert_int_equal(error_kind(t.err), ERR_CANCELLED);
    assert_in_range(bucket_reserve_ns(t.b), NS_PER_S - 5, NS_PER_S + 5);
    error_free(t.err);
    bucket_free(t.b);
    stop_unref(stop);
    fake_clock_release(&clock);
}

struct sharers {
    struct bucket *b;
    atomic_llong sum_ns;
};

static void reserve_ten(void *arg)
{
    struct sharers *s = arg;
    for (int i = 0; i < 10; i++)
        atomic_fetch_add(&s->sum_ns, bucket_reserve_ns(s->b));
}

static void test_a_hundred_threads_get_distinct_tokens(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct sharers s = { .b = bucket_new(&clock.base, 1000, 1) };
    atomic_init(&s.sum_ns, 0);
    pthread_t threads[100];

    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(thread_start(&threads[i], "sharer", reserve_ten, &s, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);

    /* 0 + 1 + ... + 999 ms, whoever got which */
    assert_in_range(atomic_load(&s.sum_ns), 499500 * NS_PER_MS - 5000, 499500 * NS_PER_MS + 5000);
    bucket_free(s.b);
    fake_clock_release(&clock);
}

static void test_backoff_grows_to_its_cap(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct fake_rng rng;
    fake_rng_init_values(&rng, (uint64_t[]){ 0 }, 1);
    struct backoff b = { .base_ms = 800, .cap_ms = 30000, .factor = 2, .jitter = 1 };
    static const int64_t want[] = { 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000 };

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_int_equal(backoff_next_ms(&b, &clock.base, &rng.base), want[i]);
    backoff_reset(&b);

    assert_int_equal(backoff_next_ms(&b, &clock.base, &rng.base), 800);
    fake_clock_release(&clock);
}

static void test_jitter_stretches_beyond_the_step_only(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct fake_rng rng;
    fake_rng_init_values(&rng, (uint64_t[]){ UINT64_MAX / 2 + 1 }, 1);
    struct backoff b = { .base_ms = 1000, .cap_ms = 2000, .factor = 2, .jitter = 0.5 };

    assert_int_equal(backoff_next_ms(&b, &clock.base, &rng.base), 1250);
    assert_int_equal(backoff_next_ms(&b, &clock.base, &rng.base), 2500);
    assert_int_equal(backoff_next_ms(&b, &clock.base, &rng.base), 2500);
    fake_clock_release(&clock);
}

static void test_quiet_time_starts_the_backoff_again(void **state)
{
    (void)state;
    struct fake_clock clock;
    fake_clock_init(&clock);
    struct fake_rng rng;
    fake_rng_init_values(&rng, (uint64_t[]){ 0 }, 1);
    struct backoff b = { .base_ms = 10, .cap_ms = 1000, .reset_after_ms = 5000, .factor = 3 };
    (void)backoff_next_ms(&b, &clock.base, &rng.base);

    fake_clock_advance_ms(&clock, 4999);
    assert_int_equal(backoff_next_ms(&b, &clock.base, &rng.base), 30);
    fake_clock_advance_ms(&clock, 5000);
    assert_int_equal(backoff_next_ms(&b, &clock.base, &rng.base), 10);
    fake_clock_release(&clock);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("the burst is free, then a token comes each interval",
             test_burst_is_free_then_one_token_an_interval),
        CASE("saved tokens never exceed the burst", test_saved_tokens_never_exceed_the_burst),
        CASE("no limit never waits", test_no_limit_never_waits),
        CASE("take waits for its token", test_take_waits_for_its_token),
        CASE("a deadline nearer than the wait fails at once and takes no token",
             test_nearer_deadline_fails_at_once_and_takes_nothing),
        CASE("a stop while waiting gives the token back",
             test_stop_while_waiting_gives_the_token_back),
        CASE("a hundred threads get distinct tokens", test_a_hundred_threads_get_distinct_tokens),
        CASE("the back-off grows to its cap", test_backoff_grows_to_its_cap),
        CASE("jitter stretches a step and does not accumulate",
             test_jitter_stretches_beyond_the_step_only),
        CASE("quiet time starts the back-off again", test_quiet_time_starts_the_backoff_again),
    };
    return RUN_CASES("ratelimit", tests);
}

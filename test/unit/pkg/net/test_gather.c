#include "pkg/base/clock.h"
#include "pkg/net/gather.h"
#include "test/unit/support/test.h"

#define SPAN (20 * NS_PER_MS)

/* Wakes n times, each so long after the one before; whether the last found a succession. */
static bool wake(struct gather *g, int64_t *now, int64_t gap_ns, int n)
{
    bool gathers = false;
    for (int i = 0; i < n; i++)
        gathers = gather_wakes(g, *now += gap_ns);
    return gathers;
}

static void test_quick_succession_gathers(void **state)
{
    (void)state;
    struct gather g = { .span_ns = SPAN };
    int64_t now = 3600 * NS_PER_S;

    assert_false(wake(&g, &now, SPAN, 1));
    assert_false(wake(&g, &now, 2 * NS_PER_MS, 2));
    assert_true(wake(&g, &now, 2 * NS_PER_MS, 1));
    assert_true(gather_rests(&g, 100));
}

static void test_slow_input_never_gathers(void **state)
{
    (void)state;
    struct gather g = { .span_ns = SPAN };
    int64_t now = 3600 * NS_PER_S;

    for (int i = 0; i < 100; i++)
        assert_false(wake(&g, &now, SPAN / 2, 1));
}

static void test_pairs_never_gather(void **state)
{
    (void)state;
    struct gather g = { .span_ns = SPAN };
    int64_t now = 3600 * NS_PER_S;

    for (int i = 0; i < 100; i++) {
        assert_false(wake(&g, &now, SPAN, 1));
        assert_false(wake(&g, &now, 1000, 1));
    }
}

static void test_rests_follow_one_another_while_they_bring_something(void **state)
{
    (void)state;
    struct gather g = { .span_ns = SPAN };
    int64_t now = 3600 * NS_PER_S;
    assert_true(wake(&g, &now, 1000, 4));

    for (int i = 0; i < 100; i++)
        assert_true(gather_rests(&g, 1));
    assert_false(gather_rests(&g, 0));
}

static void test_quiet_time_ends_the_succession(void **state)
{
    (void)state;
    struct gather g = { .span_ns = SPAN };
    int64_t now = 3600 * NS_PER_S;
    assert_true(wake(&g, &now, 1000, 4));
    assert_false(gather_rests(&g, 0));

    assert_false(wake(&g, &now, 1000, 2));
    assert_true(wake(&g, &now, 1000, 1));
}

/* A lot at once is read as fast as it comes. */
static void test_bulk_does_not_rest(void **state)
{
    (void)state;
    struct gather g = { .span_ns = SPAN };
    int64_t now = 3600 * NS_PER_S;
    assert_true(wake(&g, &now, 1000, 4));

    assert_true(gather_rests(&g, GATHER_MAX_BYTES));
    assert_false(gather_rests(&g, GATHER_MAX_BYTES + 1));
    assert_true(wake(&g, &now, 1000, 1));
}

static void test_without_a_span_nothing_gathers(void **state)
{
    (void)state;
    struct gather g = { 0 };
    int64_t now = 3600 * NS_PER_S;

    assert_false(wake(&g, &now, 0, 100));
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("input in quick succession gathers", test_quick_succession_gathers),
        CASE("slow input is read at once", test_slow_input_never_gathers),
        CASE("two pieces at a time are no succession", test_pairs_never_gather),
        CASE("rests follow one another while they bring something",
             test_rests_follow_one_another_while_they_bring_something),
        CASE("a quiet time ends the succession", test_quiet_time_ends_the_succession),
        CASE("a lot at once is not left waiting", test_bulk_does_not_rest),
        CASE("without a span nothing gathers", test_without_a_span_nothing_gathers),
    };
    return RUN_CASES("gather", tests);
}

#include "rp/syncsets/controllers/decide.h"
#include "test/unit/support/test.h"

static void a_set_is_applied_when_something_asks_for_it(void **state)
{
    (void)state;
    const struct attempt good = { true, false, 3, "h", 0, 0 };
    const struct attempt bad = { true, true, 3, "h", 100, 2 };
    const struct attempt none = { 0 };
    const struct attempt flawed = { true, true, 3, NULL, 100, 1 };
    assert_false(decide_needs(&good, false, 3, "h", 50));
    assert_true(decide_needs(&good, true, 3, "h", 50));
    assert_true(decide_needs(&good, false, 4, "h", 50));
    assert_true(decide_needs(&good, false, 3, "other", 50));
    assert_true(decide_needs(&none, false, 3, "h", 50));
    assert_false(decide_needs(&bad, false, 3, "h", 99));
    assert_true(decide_needs(&bad, false, 3, "h", 100));
    assert_false(decide_needs(&flawed, false, 3, NULL, 99));
    assert_true(decide_needs(&flawed, false, 3, "h", 99));
}

static void backoff_doubles_to_its_limit(void **state)
{
    (void)state;
    assert_int_equal(decide_backoff_s(1, rng_system()), 1);
    assert_int_equal(decide_backoff_s(4, rng_system()), 8);
    for (int i = 0; i < 100; i++) {
        assert_in_range(decide_backoff_s(9, rng_system()), 231, 281);
        assert_in_range(decide_backoff_s(1000, rng_system()), 900, 1000);
    }
}

static void intervals_are_drawn_within_a_tenth(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_in_range(decide_next_full_s(1000, 7200, rng_system()), 8200, 8920);
    assert_true(decide_is_full(0, 1000));
    assert_true(decide_is_full(1000, 1000));
    assert_false(decide_is_full(1001, 1000));
}

static void intervals_have_units_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t s; /* -1: no interval */
    } cases[] = { { "2h", 7200 },  { "90m", 5400 }, { "1h30m", 5400 }, { "45s", 45 },
                  { "", -1 },      { "2", -1 },     { "h", -1 },       { "30m1h", -1 },
                  { "1h1h", -1 },  { "-1h", -1 },   { "1.5h", -1 },    { "99999999999h", -1 },
                  { "9000h", -1 }, { NULL, -1 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t s = -1;
        assert_int_equal(decide_parse_interval(cases[i].text, &s), cases[i].s >= 0);
        assert_int_equal(s, cases[i].s);
    }
}

static int64_t interval(const char *annotation)
{
    cleanup_json json *cluster =
        json_make("{'metadata':{'annotations':{%s:%s}}}", ANNOTATION_INTERVAL, annotation);
    return decide_interval_s(cluster, 7200);
}

static void a_cluster_may_ask_for_a_shorter_interval(void **state)
{
    (void)state;
    assert_int_equal(interval("15m"), 900);
    assert_int_equal(interval("1m"), 600);
    assert_int_equal(interval("5h"), 7200);
    assert_int_equal(interval("soon"), 7200);
    assert_int_equal(decide_interval_s(NULL, 7200), 7200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a set is applied when something asks for it",
             a_set_is_applied_when_something_asks_for_it),
        CASE("backoff doubles to its limit", backoff_doubles_to_its_limit),
        CASE("intervals are drawn within a tenth", intervals_are_drawn_within_a_tenth),
        CASE("intervals have units in order", intervals_have_units_in_order),
        CASE("a cluster may ask for a shorter interval", a_cluster_may_ask_for_a_shorter_interval),
    };
    return RUN_CASES("decide", tests);
}

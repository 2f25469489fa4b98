#include "rp/env/intervals.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

static void check_settings(const struct setting *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct setting *s = &table[i];
        assert_non_null(s->doc);
        assert_true(s->min <= s->dflt && s->dflt <= s->max);
    }
}

static void check_table(void **state)
{
    (void)state;
    check_settings(rp_intervals, INTERVALS);
    check_settings(rp_limits, LIMITS);
}

static void check_environment(void **state)
{
    (void)state;
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "ARO_RP_STOP_DELAY_MS", "5");
    int64_t values[INTERVALS];

    assert_int_equal(settings_load(rp_intervals, INTERVALS, &env.base, values, NULL), 0);

    assert_int_equal(values[INTERVAL_STOP_DELAY], 5);
    int64_t limits[LIMITS];
    fake_env_set(&env, "ARO_RP_BACKEND_WORKERS", "7");
    assert_int_equal(settings_load(rp_limits, LIMITS, &env.base, limits, NULL), 0);
    assert_int_equal(limits[LIMIT_BACKEND_WORKERS], 7);
    fake_env_release(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every default lies within its bounds", check_table),
        CASE("a variable changes an interval, or a limit", check_environment),
    };
    return RUN_CASES("intervals of the resource provider", tests);
}

#include "operator/settings.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

static void check_defaults(void **state)
{
    (void)state;
    struct fake_env env;
    fake_env_init(&env);
    int64_t values[SETTING_COUNT];

    assert_int_equal(settings_load(operator_settings, SETTING_COUNT, &env.base, values, NULL), 0);

    assert_int_equal(values[SETTING_CHECK_INTERVAL_MS], 3600000);
    /* What the lease's own validation asks for must hold for the defaults. */
    assert_true(values[SETTING_LEASE_DURATION_MS] > values[SETTING_LEASE_RENEW_DEADLINE_MS]);
    assert_true(values[SETTING_LEASE_RENEW_DEADLINE_MS] * 10 > values[SETTING_LEASE_RETRY_MS] * 12);
    fake_env_release(&env);
}

static void check_environment(void **state)
{
    (void)state;
    struct fake_env env;
    fake_env_init(&env);
    fake_env_set(&env, "ARO_CHECK_INTERVAL_MS", "500");
    int64_t values[SETTING_COUNT];

    assert_int_equal(settings_load(operator_settings, SETTING_COUNT, &env.base, values, NULL), 0);

    assert_int_equal(values[SETTING_CHECK_INTERVAL_MS], 500);
    fake_env_release(&env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the defaults are consistent", check_defaults),
        CASE("a variable changes an interval", check_environment),
    };
    return RUN_CASES("settings", tests);
}

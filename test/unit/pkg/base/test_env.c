#include <string.h>

#include "pkg/base/env.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

static const struct setting table[] = {
    { "lease_ms", "T_LEASE_MS", 60000, 1, 100000, "lease" },
    { "retry_ms", "T_RETRY_MS", 500, 0, 1000, "retry" },
    { "fixed_ms", NULL, 7, 0, 10, "not to be changed" },
};

static int setup(void **state)
{
    static struct fake_env e;
    fake_env_init(&e);
    *state = &e;
    return 0;
}

static int teardown(void **state)
{
    fake_env_release(*state);
    return 0;
}

static void check_get(void **state)
{
    struct fake_env *e = *state;
    fake_env_set(e, "A", "1");
    fake_env_set(e, "EMPTY", "");

    assert_string_equal(env_get(&e->base, "A"), "1");
    assert_string_equal(env_get(&e->base, "EMPTY"), "");
    assert_null(env_get(&e->base, "B"));
    assert_string_equal(env_get_or(&e->base, "A", "d"), "1");
    assert_string_equal(env_get_or(&e->base, "EMPTY", "d"), "d");
    assert_string_equal(env_get_or(&e->base, "B", "d"), "d");
    assert_null(env_get_or(&e->base, "B", NULL));
}

static void check_process(void **state)
{
    (void)state;
    const char *path = getenv("PATH");

    assert_non_null(path);
    assert_string_equal(env_get(env_process(), "PATH"), path);
    assert_null(env_get(env_process(), "NO_SUCH_VARIABLE_OF_TEST_ENV"));
}

static void check_settings(void **state)
{
    struct fake_env *e = *state;
    int64_t values[3] = { 0 };
    fake_env_set(e, "T_LEASE_MS", "100000");
    fake_env_set(e, "T_RETRY_MS", "");

    assert_int_equal(settings_load(table, 3, &e->base, values, NULL), 0);

    assert_int_equal(values[0], 100000);
    assert_int_equal(values[1], 500);
    assert_int_equal(values[2], 7);
}

static void check_bad_settings(void **state)
{
    struct fake_env *e = *state;
    cleanup_error struct error *err = NULL;
    int64_t values[3] = { 1, 2, 3 };
    fake_env_set(e, "T_LEASE_MS", "0");
    fake_env_set(e, "T_RETRY_MS", "10s");

    assert_int_equal(settings_load(table, 3, &e->base, values, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_string_equal(error_text(err), "T_LEASE_MS: '0' is not a whole number from 1 to 100000\n"
                                         "T_RETRY_MS: '10s' is not a whole number from 0 to 1000");
    assert_int_equal(values[0], 1);
    assert_int_equal(values[2], 3);
}

#define ENV_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENV_CASE("an empty variable takes the default, too", check_get),
        CASE("the process environment is read", check_process),
        ENV_CASE("settings come from the environment or their defaults", check_settings),
        ENV_CASE("all bad settings are reported together", check_bad_settings),
    };
    return RUN_CASES("env", tests);
}

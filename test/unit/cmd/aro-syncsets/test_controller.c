#include <string.h>

#include "cmd/aro-syncsets/commands.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

static void sqlite_is_not_shared(void **state)
{
    (void)state;
    struct fake_env env;
    cleanup_error struct error *err = NULL;
    fake_env_init(&env);
    const struct command_options opt = { .env = &env.base,
                                         .clock = clock_system(),
                                         .rng = rng_system() };
    assert_int_equal(command_controller(&opt, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_non_null(strstr(error_text(err), "POSTGRES_PARAMS"));
    fake_env_release(&env);
}

static void an_argument_too_many_is_refused(void **state)
{
    (void)state;
    const char *const args[] = { "now" };
    cleanup_error struct error *err = NULL;
    const struct command_options opt = {
        .clock = clock_system(), .rng = rng_system(), .args = args, .args_len = 1
    };
    assert_int_equal(command_controller(&opt, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("SQLite is not shared", sqlite_is_not_shared),
        CASE("an argument too many is refused", an_argument_too_many_is_refused),
    };
    return RUN_CASES("controller", tests);
}

#include <string.h>

#include "rp/backend/settings.h"
#include "rp/env/env.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

static struct backend_settings load(const char *variable, const char *value)
{
    struct fake_env env;
    cleanup_rp_env struct rp_env *e = NULL;
    fake_env_init(&env);
    fake_env_set(&env, "RP_MODE", "test");
    if (variable)
        fake_env_set(&env, variable, value);
    assert_int_equal(rp_env_load(&env.base, &e, NULL), 0);
    fake_env_release(&env);
    return backend_settings_of(e);
}

static void has_defaults_that_fit_together(void **state)
{
    (void)state;

    const struct backend_settings s = load(NULL, NULL);

    assert_int_equal(s.workers, 100);
    assert_int_equal(s.child_after, 2);
    assert_int_equal(s.tick_ms, 10000);
    assert_int_equal(s.delete_delay_ms, 20000);
    assert_int_equal(s.queue_length_ms, 60000);
    assert_true(s.heartbeat_ms + s.retry_ms < s.trust_ms);
    assert_true(s.trust_ms + s.child_grace_ms < 60000); /* the lease */
}

static void takes_the_environment(void **state)
{
    (void)state;

    assert_int_equal(load("ARO_RP_BACKEND_WORKERS", "3").workers, 3);
    assert_int_equal(load("ARO_RP_BACKEND_HEARTBEAT_MS", "25").heartbeat_ms, 25);
    assert_int_equal(load("ARO_RP_BACKEND_LEASE_TRUST_MS", "10026").trust_ms, 10026);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("has defaults that fit together", has_defaults_that_fit_together),
        CASE("takes the environment", takes_the_environment),
    };
    return RUN_CASES("settings", tests);
}

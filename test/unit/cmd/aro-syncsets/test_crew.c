#include <string.h>

#include "cmd/aro-syncsets/crew.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void a_crew_works_by_its_settings(void **state)
{
    (void)state;
    static const char *const bad[][2] = { { "SYNCSETS_WORKERS", "none" },
                                          { "SYNCSETS_LEASE_S", "5" },
                                          { "SYNCSET_REAPPLY_INTERVAL", "soon" },
                                          { "SYNCSETS_DIAL_ALLOWED", "everything" },
                                          { "SYNCSETS_ALLOW_INSECURE", "yes" } };
    struct crew_rig c;
    struct crew *crew = NULL;
    crew_rig_init(&c);
    const struct command_options opt = { .env = &c.env.base,
                                         .clock = clock_system(),
                                         .rng = rng_system() };
    const struct crew_config cfg = { &opt, c.r.store, c.queue, c.metrics };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cleanup_error struct error *err = NULL;
        fake_env_set(&c.env, bad[i][0], bad[i][1]);
        assert_int_equal(crew_start(&cfg, &crew, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
        assert_non_null(strstr(error_text(err), bad[i][0]));
        fake_env_set(&c.env, bad[i][0], NULL);
    }
    fake_env_set(&c.env, "SYNCSETS_WORKERS", "2");
    fake_env_set(&c.env, "SYNCSETS_PROBERS", "1");
    assert_int_equal(crew_connections(&c.env.base), 9);
    assert_int_equal(crew_start(&cfg, &crew, NULL), 0);
    assert_int_equal(crew_check(crew, NULL), 0);
    crew_stop(crew);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a crew works by its settings", a_crew_works_by_its_settings),
    };
    return RUN_CASES("crew", tests);
}

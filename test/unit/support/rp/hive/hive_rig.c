#include "test/unit/support/rp/hive/hive_rig.h"

#include "test/unit/support/test.h"

static const char *const hidden[] = { "Accept", "Content-Type", NULL };

static void load_env(struct hive_rig *r)
{
    static const char *const values[][2] = {
        { "RP_MODE", "test" },
        { "SYNCSETS_API_URL", "https://sets.test" },
        { "ARO_ADOPT_BY_HIVE", "true" },
    };
    fake_env_init(&r->env);
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        fake_env_set(&r->env, values[i][0], values[i][1]);
    assert_int_equal(rp_env_load(&r->env.base, &r->rp_env, NULL), 0);
}

void hive_rig_open(struct hive_rig *r, const struct script_step *steps, size_t len)
{
    *r = (struct hive_rig){ 0 };
    load_env(r);
    fake_clock_init(&r->clock);
    scripted_transport_init(&r->server, steps, len);
    r->server.hidden = hidden;
    r->ctx = opctx_root(&r->clock.base, rng_system(), NULL, NULL);
    const struct hive_config cfg = { .env = r->rp_env, .transport = &r->server.base };
    assert_int_equal(hive_open(&cfg, &r->hive, NULL), 0);
    assert_non_null(r->hive);
}

void hive_rig_close(struct hive_rig *r)
{
    hive_close(r->hive);
    scripted_transport_check(&r->server);
    scripted_transport_release(&r->server);
    fake_clock_release(&r->clock);
    rp_env_free(r->rp_env);
    fake_env_release(&r->env);
}

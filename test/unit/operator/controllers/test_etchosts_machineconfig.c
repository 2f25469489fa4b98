#include "operator/controllers/etchosts_machineconfig.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/pool_rig.h"
#include "test/unit/support/test.h"

#define NAME "99-custom-aro-etc-hosts-gateway-domains"

static const struct controller_desc *const self = &etchosts_machineconfig_controller;

struct run_case {
    const char *name, *state, *force, *enabled, *managed, *key;
    bool is_made;
};
static struct run_case run_cases[] = {
    { "makes nothing when disabled", "Partial", "false", "false", "true", NAME, false },
    { "makes nothing when not managed", "Partial", "false", "true", "false", NAME, false },
    { "makes it during an upgrade", "Partial", "false", "true", "true", NAME, true },
    { "makes it when forced", "Completed", "true", "true", "true", NAME, true },
    { "makes nothing outside of an upgrade", "Completed", "false", "true", "true", NAME, false },
    { "nor when it is not managed there", "Completed", "false", "true", "false", NAME, false },
    { "leaves other names alone", "Partial", "false", "true", "true", "99-custom-ssh", false },
    { "leaves other names alone outside of an upgrade", "Completed", "false", "true", "true",
      "99-custom-ssh", false },
    { "leaves the Cluster's own key to others", NULL, "false", "true", "true", CLUSTER_NAME,
      false },
};

static void start(struct fake_cluster *f, const struct run_case *c)
{
    pool_rig_start(f, c->state);
    pool_rig_add_pool(f, "custom");
    pool_rig_set_flag(f, "aro.etchosts.enabled", c->enabled);
    pool_rig_set_flag(f, "aro.etchosts.managed", c->managed);
    pool_rig_set_flag(f, "aro.forcereconciliation", c->force);
}

static void check_missing(void **state)
{
    const struct run_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    start(&f, c);

    pool_rig_must(&f, self, c->key);

    assert_int_equal(fake_cluster_writes(&f, "machineconfigs"), c->is_made);
    assert_int_equal(pool_rig_config(&f, NAME) != NULL, c->is_made);
    fake_cluster_release(&f);
}

/* It never deletes, and mends what it may make. */
static void check_edited(void **state)
{
    const struct run_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    start(&f, c);
    pool_rig_spoil(&f, NAME);

    pool_rig_must(&f, self, c->key);

    assert_non_null(pool_rig_config(&f, NAME));
    assert_int_equal(pool_rig_is_spoilt(&f, NAME), !c->is_made);
    fake_cluster_release(&f);
}

static void without_the_pool_none_is_made(void **state)
{
    struct fake_cluster *f = *state;
    start(f, &run_cases[2]);
    fake_cluster_del(f, &GVR_MACHINECONFIGPOOLS, NULL, "custom");

    pool_rig_must(f, self, NAME);

    assert_null(pool_rig_config(f, NAME));
    assert_string_equal(fake_cluster_condition(f, "EtcHostsMachineConfigControllerDegraded"),
                        "False");
}

static void one_goes_with_its_pool(void **state)
{
    struct fake_cluster *f = *state;
    start(f, &run_cases[2]);
    pool_rig_doom_pool(f, "custom");

    pool_rig_must(f, self, NAME);

    assert_null(pool_rig_config(f, NAME));
}

static void an_unknown_version_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, NULL);

    pool_rig_must_fail(f, self, NAME, "error getting the ClusterVersion: ");
}

int main(void)
{
    struct CMUnitTest missing[ARRAY_LEN(run_cases)], edited[ARRAY_LEN(run_cases)];
    for (size_t i = 0; i < ARRAY_LEN(run_cases); i++) {
        missing[i] = (struct CMUnitTest)CASE_OF(run_cases[i].name, check_missing, &run_cases[i]);
        edited[i] = (struct CMUnitTest)CASE_OF(run_cases[i].name, check_edited, &run_cases[i]);
    }
    const struct CMUnitTest tests[] = {
        FAKE_CASE("makes none without the pool", without_the_pool_none_is_made),
        FAKE_CASE("makes none for a pool that is being deleted", one_goes_with_its_pool),
        FAKE_CASE("tells that the version cannot be read", an_unknown_version_is_an_error),
    };
    return RUN_CASES("etchosts_machineconfig_missing", missing) +
           RUN_CASES("etchosts_machineconfig_edited", edited) +
           RUN_CASES("etchosts_machineconfig", tests);
}

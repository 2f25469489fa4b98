#include "operator/controllers/dnsmasq_machineconfig.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/pool_rig.h"
#include "test/unit/support/test.h"

#define NAME "99-custom-aro-dns"

static const struct controller_desc *const self = &dnsmasq_machineconfig_controller;

static void start(struct fake_cluster *f, const char *state)
{
    pool_rig_start(f, state);
    pool_rig_add_pool(f, "custom");
}

static void without_a_cluster_nothing_happens(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "Completed");
    fake_cluster_del(f, &GVR_CLUSTERS, NULL, CLUSTER_NAME);

    pool_rig_must(f, self, NAME);

    fake_cluster_must_not_write(f);
}

static void disabled_makes_nothing(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "Partial");
    pool_rig_set_flag(f, "aro.dnsmasq.enabled", "false");

    pool_rig_must(f, self, NAME);

    assert_null(pool_rig_config(f, NAME));
}

static void an_unknown_version_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    start(f, NULL);

    pool_rig_must_fail(f, self, NAME, "error getting the ClusterVersion: ");

    assert_null(pool_rig_config(f, NAME));
}

/* Those of others are none of its business, even when the version cannot be read. */
static void other_names_are_none_of_its_business(void **state)
{
    static const char *const keys[] = { "99-custom-ssh", "99-aro-dns", "00-worker",
                                        "99-custom-aro-dns-2", CLUSTER_NAME };
    struct fake_cluster *f = *state;
    start(f, NULL);

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        pool_rig_must(f, self, keys[i]);

    assert_int_equal(fake_cluster_writes(f, "machineconfigs"), 0);
}

static void a_bad_address_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "Partial");
    pool_rig_set_spec(f, "ingressIP", "");

    pool_rig_must_fail(f, self, NAME, "invalid ingressIP: ");

    assert_null(pool_rig_config(f, NAME));
}

/* ---- when what may be written ---- */

struct gate_case {
    const char *name, *state, *force;
    bool changes;
};
static struct gate_case gate_cases[] = {
    { "makes but does not change outside of an upgrade", "Completed", "false", false },
    { "makes and changes during an upgrade", "Partial", "false", true },
    { "makes and changes when forced", "Completed", "true", true },
};

static void check_gate(void **state)
{
    const struct gate_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    start(&f, c->state);
    pool_rig_set_flag(&f, "aro.forcereconciliation", c->force);

    pool_rig_must(&f, self, NAME);
    bool was_made = pool_rig_config(&f, NAME) && !pool_rig_is_spoilt(&f, NAME);
    pool_rig_spoil(&f, NAME);
    pool_rig_must(&f, self, NAME);

    assert_true(was_made);
    assert_int_equal(pool_rig_is_spoilt(&f, NAME), !c->changes);
    assert_null(pool_rig_config(&f, "99-worker-aro-dns"));
    fake_cluster_release(&f);
}

static void without_the_pool_none_is_made(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "Partial");
    fake_cluster_del(f, &GVR_MACHINECONFIGPOOLS, NULL, "custom");

    pool_rig_must(f, self, NAME);

    assert_null(pool_rig_config(f, NAME));
    assert_string_equal(fake_cluster_condition(f, "DnsmasqMachineConfigControllerDegraded"),
                        "False");
}

static void one_goes_with_its_pool(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "Partial");
    pool_rig_doom_pool(f, "custom");

    pool_rig_must(f, self, NAME);

    assert_null(pool_rig_config(f, NAME));
}

static void those_that_are_rendered_are_not_watched(void **state)
{
    (void)state;
    for (size_t i = 0; i < self->watches_len; i++) {
        const struct watch *w = &self->watches[i];
        if (w->gvr != &GVR_MACHINECONFIGS)
            continue;
        assert_string_equal(w->label_key, "machineconfiguration.openshift.io/role");
        assert_int_equal(w->projection, PROJECT_METADATA);
    }
}

int main(void)
{
    struct CMUnitTest gates[ARRAY_LEN(gate_cases)];
    for (size_t i = 0; i < ARRAY_LEN(gate_cases); i++)
        gates[i] = (struct CMUnitTest)CASE_OF(gate_cases[i].name, check_gate, &gate_cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("does nothing without a Cluster", without_a_cluster_nothing_happens),
        FAKE_CASE("makes nothing when disabled", disabled_makes_nothing),
        FAKE_CASE("tells that the version cannot be read", an_unknown_version_is_an_error),
        FAKE_CASE("leaves those of other names alone", other_names_are_none_of_its_business),
        FAKE_CASE("refuses a bad address", a_bad_address_is_an_error),
        FAKE_CASE("makes none without the pool", without_the_pool_none_is_made),
        FAKE_CASE("makes none for a pool that is being deleted", one_goes_with_its_pool),
        FAKE_CASE("does not watch those that are rendered",
                  those_that_are_rendered_are_not_watched),
    };
    return RUN_CASES("dnsmasq_machineconfig_gate", gates) +
           RUN_CASES("dnsmasq_machineconfig", tests);
}

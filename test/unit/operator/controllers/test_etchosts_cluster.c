#include "operator/controllers/etchosts_cluster.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/pool_rig.h"
#include "test/unit/support/test.h"

#define NAME(pool) "99-" pool "-aro-etc-hosts-gateway-domains"

static const struct controller_desc *const self = &etchosts_cluster_controller;

/* Which of the two are there, and whether they are to be. */
static const struct {
    const char *managed;
    bool has_master, has_worker;
} setups[] = {
    { "false", true, true }, { "true", true, true },   { "true", true, false },
    { "true", false, true }, { "true", false, false },
};

struct gate_case {
    const char *name, *state, *force;
    bool acts;
};
static struct gate_case gate_cases[] = {
    { "does nothing outside of an upgrade", "Completed", "false", false },
    { "acts during an upgrade", "Partial", "false", true },
    { "acts when forced", "Completed", "true", true },
    { "acts when forced, whatever the version", NULL, "true", true },
};

/* Each is missing, as it should be, or as somebody spoilt it. */
static void check_one(struct fake_cluster *f, const char *name, bool was_there, bool is_managed,
                      bool acts)
{
    bool is_there = pool_rig_config(f, name) != NULL;
    if (!acts)
        assert_int_equal(is_there, was_there);
    else
        assert_int_equal(is_there, is_managed);
    if (is_there)
        assert_int_equal(pool_rig_is_spoilt(f, name), !acts);
}

static void check_gate(void **state)
{
    const struct gate_case *c = *state;
    for (size_t i = 0; i < ARRAY_LEN(setups); i++) {
        struct fake_cluster f;
        fake_cluster_init(&f);
        pool_rig_start(&f, c->state);
        pool_rig_set_flag(&f, "aro.etchosts.managed", setups[i].managed);
        pool_rig_set_flag(&f, "aro.forcereconciliation", c->force);
        if (setups[i].has_master)
            pool_rig_spoil(&f, NAME("master"));
        if (setups[i].has_worker)
            pool_rig_spoil(&f, NAME("worker"));
        bool is_managed = str_eq(setups[i].managed, "true");

        fake_cluster_must(&f, self);

        check_one(&f, NAME("master"), setups[i].has_master, is_managed, c->acts);
        check_one(&f, NAME("worker"), setups[i].has_worker, is_managed, c->acts);
        assert_string_equal(fake_cluster_condition(&f, "EtcHostsClusterControllerDegraded"),
                            "False");
        fake_cluster_release(&f);
    }
}

static void disabled_leaves_what_is_there(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Partial");
    pool_rig_spoil(f, NAME("worker"));
    pool_rig_set_flag(f, "aro.etchosts.enabled", "false");
    pool_rig_set_flag(f, "aro.etchosts.managed", "false");

    fake_cluster_must(f, self);

    assert_true(pool_rig_is_spoilt(f, NAME("worker")));
    assert_null(pool_rig_config(f, NAME("master")));
}

static void an_unknown_version_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, NULL);

    pool_rig_must_fail(f, self, NULL, "error getting the ClusterVersion: ");
}

static void a_bad_address_stops_all(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Partial");
    pool_rig_set_spec(f, "apiIntIP", "");

    pool_rig_must_fail(f, self, NULL, "invalid apiIntIP: ");

    assert_int_equal(fake_cluster_writes(f, "machineconfigs"), 0);
}

static void a_second_run_writes_nothing(void **state)
{
    struct fake_cluster *f = *state;
    pool_rig_start(f, "Partial");
    fake_cluster_must(f, self);
    fake_cluster_forget_writes(f);

    fake_cluster_must(f, self);

    assert_int_equal(f->writes.len, 0);
}

int main(void)
{
    struct CMUnitTest gates[ARRAY_LEN(gate_cases)];
    for (size_t i = 0; i < ARRAY_LEN(gate_cases); i++)
        gates[i] = (struct CMUnitTest)CASE_OF(gate_cases[i].name, check_gate, &gate_cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("leaves what is there when disabled", disabled_leaves_what_is_there),
        FAKE_CASE("tells that the version cannot be read", an_unknown_version_is_an_error),
        FAKE_CASE("writes nothing with a bad address", a_bad_address_stops_all),
        FAKE_CASE("writes nothing the second time", a_second_run_writes_nothing),
    };
    return RUN_CASES("etchosts_cluster_gate", gates) + RUN_CASES("etchosts_cluster", tests);
}

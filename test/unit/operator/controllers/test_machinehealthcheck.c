#include <string.h>

#include "operator/controllers/machinehealthcheck.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define NS "openshift-machine-api"

static json *start(struct fake_cluster *f, const char *managed, const char *upgrade_state)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    json *cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    json *flags = json_path(cluster, "spec.operatorflags");
    if (managed)
        json_put(flags, "aro.machinehealthcheck.managed", json_new_str(managed));
    else
        json_del(flags, "aro.machinehealthcheck.managed");
    json *history = upgrade_state ? json_make("[{'state':%s,'version':'4.16.1'}]", upgrade_state)
                                  : json_new_array();
    fake_cluster_put(f, json_make("{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion',"
                                  "'metadata':{'name':'version'},'status':{'history':%j}}",
                                  history));
    fake_cluster_add(f, "{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: "
                        "{name: mhc-remediation-alert, namespace: " NS "}}");
    return cluster;
}

static json *check_of(struct fake_cluster *f)
{
    return fake_cluster_get(f, &GVR_MACHINEHEALTHCHECKS, NS, "aro-machinehealthcheck");
}

static json *alert_of(struct fake_cluster *f)
{
    return fake_cluster_get(f, &GVR_PROMETHEUSRULES, NS, "mhc-remediation-alert");
}

static void the_check_is_installed_and_the_old_alert_removed(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "true", "Completed");

    fake_cluster_must(f, &machinehealthcheck_controller);

    json *spec = json_get(check_of(f), "spec");
    assert_string_equal(json_path_str(spec, "maxUnhealthy"), "1");
    assert_string_equal(json_path_str(spec, "nodeStartupTimeout"), "25m");
    assert_string_equal(json_path_str(spec, "unhealthyConditions[1].status"), "Unknown");
    assert_string_equal(json_path_str(spec, "selector.matchExpressions[0].operator"), "NotIn");
    assert_string_equal(json_path_str(check_of(f), "metadata.ownerReferences[0].uid"),
                        "uid-cluster");
    assert_false(json_path_has(check_of(f), "metadata.annotations"));
    assert_null(alert_of(f));
    assert_string_equal(fake_cluster_condition(f, "MachineHealthCheckControllerAvailable"), "True");
}

struct pause_case {
    const char *name, *state;
    bool paused;
};
static struct pause_case pause_cases[] = {
    { "pauses while the cluster upgrades", "Partial", true },
    { "goes on when the upgrade is complete", "Completed", false },
    { "does not pause without history", NULL, false },
};

static void check_pause(void **state)
{
    const struct pause_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    start(&f, "true", c->paused ? "Completed" : "Partial");
    fake_cluster_must(&f, &machinehealthcheck_controller); /* it was the other way round */
    start(&f, "true", c->state);

    fake_cluster_must(&f, &machinehealthcheck_controller);

    assert_int_equal(
        json_path_has(check_of(&f), "metadata.annotations[\"cluster.x-k8s.io/paused\"]"),
        c->paused);
    fake_cluster_release(&f);
}

static void an_edit_is_reverted(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "TRUE", "Completed");
    fake_cluster_must(f, &machinehealthcheck_controller);
    json_path_put(check_of(f), "spec.maxUnhealthy", json_new_str("100%"), NULL);

    fake_cluster_must(f, &machinehealthcheck_controller);

    assert_string_equal(json_path_str(check_of(f), "spec.maxUnhealthy"), "1");
}

static void unmanaged_removes_check_and_alert(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "true", "Completed");
    fake_cluster_must(f, &machinehealthcheck_controller);
    start(f, "false", "Completed");

    fake_cluster_must(f, &machinehealthcheck_controller);

    assert_null(check_of(f));
    assert_null(alert_of(f));
}

/* A switch is on only when it says so. */
static void absence_and_garbage_count_as_unmanaged(void **state)
{
    static const char *const values[] = { NULL, "", "maybe" };
    struct fake_cluster *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        start(f, "true", "Completed");
        fake_cluster_must(f, &machinehealthcheck_controller);
        start(f, values[i], "Completed");

        fake_cluster_must(f, &machinehealthcheck_controller);

        assert_null(check_of(f));
        assert_null(alert_of(f));
    }
}

/* Only an object that is watched by name comes back when somebody takes its owner away. */
static void the_check_is_watched_by_name(void **state)
{
    (void)state;
    const struct controller_desc *d = &machinehealthcheck_controller;
    for (size_t i = 0; i < d->watches_len; i++)
        if (d->watches[i].gvr == &GVR_MACHINEHEALTHCHECKS)
            assert_string_equal(d->watches[i].name, "aro-machinehealthcheck");
}

static void an_unreadable_version_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    start(f, "true", "Completed");
    fake_cluster_fail(f, "GET /apis/config.openshift.io/v1/clusterversions/version", 403,
                      "Forbidden", 1);

    assert_int_equal(fake_cluster_reconcile(f, &machinehealthcheck_controller, NULL, NULL, &err),
                     -1);

    assert_null(check_of(f));
    assert_string_equal(fake_cluster_condition(f, "MachineHealthCheckControllerDegraded"), "True");
}

int main(void)
{
    struct CMUnitTest pauses[ARRAY_LEN(pause_cases)];
    for (size_t i = 0; i < ARRAY_LEN(pause_cases); i++)
        pauses[i] = (struct CMUnitTest)CASE_OF(pause_cases[i].name, check_pause, &pause_cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("installs the check and removes the old alert",
                  the_check_is_installed_and_the_old_alert_removed),
        FAKE_CASE("reverts an edit", an_edit_is_reverted),
        FAKE_CASE("removes both when unmanaged", unmanaged_removes_check_and_alert),
        FAKE_CASE("takes absence and garbage for unmanaged",
                  absence_and_garbage_count_as_unmanaged),
        FAKE_CASE("watches its check by name", the_check_is_watched_by_name),
        FAKE_CASE("installs nothing without a version", an_unreadable_version_is_an_error),
    };
    return RUN_CASES("machinehealthcheck_pause", pauses) + RUN_CASES("machinehealthcheck", tests);
}

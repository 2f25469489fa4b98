/* Whole reconciles of GenevaLogging against an API server in memory. */
#include <string.h>

#include "operator/controllers/genevalogging.h"
#include "operator/controllers/genevalogging_backends.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define NS LOGGING_NAMESPACE
#define ENFORCE "metadata.labels[\"pod-security.kubernetes.io/enforce\"]"

static const char surroundings[] =
    "{apiVersion: config.openshift.io/v1, kind: ClusterVersion, metadata: {name: version}, "
    "status: {history: [{state: Partial, version: 4.18.0}, {state: Completed, version: "
    "4.16.30}]}}\n"
    "---\n"
    "{apiVersion: security.openshift.io/v1, kind: SecurityContextConstraints, metadata: {name: "
    "privileged, annotations: {a: b}}, allowPrivilegedContainer: true, groups: ['system:masters'], "
    "users: [x], priority: null}\n"
    "---\n"
    "{apiVersion: v1, kind: Secret, metadata: {name: cluster, namespace: "
    "openshift-azure-operator}, "
    "data: {gcscert.pem: Yw==, gcskey.pem: aw==}}\n";

static void start(struct fake_cluster *f, bool gateway)
{
    json *cluster = fake_cluster_give_cluster();
    if (gateway) {
        json_path_put(cluster, "spec.gatewayPrivateEndpointIP", json_new_str("10.0.0.9"), NULL);
        json_path_put(cluster, "spec.gatewayTelemetryDomain", json_new_str("t.example.com"), NULL);
    }
    fake_cluster_put(f, cluster);
    fake_cluster_add(f, surroundings);
}

static void use_mdsd(struct fake_cluster *f)
{
    json *cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    json_path_del(cluster, "spec.gatewayTelemetryDomain");
    json_path_put(cluster, "spec.genevaLogging", json_make("{'configVersion':'2.4'}"), NULL);
}

static void add_mdsd_leftovers(struct fake_cluster *f)
{
    fake_cluster_add(
        f,
        "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: mdsd, namespace: " NS "}}\n---\n"
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: fluent-config, "
        "namespace: " NS "}}\n---\n"
        "{apiVersion: v1, kind: Secret, metadata: {name: certificates, namespace: " NS "}}\n");
}

static void all_is_made_and_owned(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);

    fake_cluster_must(f, &genevalogging_controller);

    const struct kube_ref want[] = {
        { .gvr = &GVR_NAMESPACES, .name = NS },
        { .gvr = &GVR_SERVICEACCOUNTS, .nspace = NS, .name = "geneva" },
        { .gvr = &GVR_SECURITYCONTEXTCONSTRAINTS, .name = "privileged-genevalogging" },
        { .gvr = &GVR_ROLES, .nspace = NS, .name = "aro-operator-master" },
        { .gvr = &GVR_ROLEBINDINGS, .nspace = NS, .name = "aro-operator-master" },
        { .gvr = &GVR_ROLES, .nspace = NS, .name = "prometheus-k8s" },
        { .gvr = &GVR_CONFIGMAPS, .nspace = NS, .name = "otel-config" },
        { .gvr = &GVR_DAEMONSETS, .nspace = NS, .name = "otel-exporter-master" },
        { .gvr = &GVR_DAEMONSETS, .nspace = NS, .name = "otel-exporter-worker" },
        { .gvr = &GVR_PODMONITORS, .nspace = NS, .name = "otel-exporter" },
        { .gvr = &GVR_PROMETHEUSRULES, .nspace = NS, .name = "otel-exporter-alerts" },
    };
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        json *o = fake_cluster_get(f, want[i].gvr, want[i].nspace, want[i].name);
        if (!str_eq(json_path_str(o, "metadata.ownerReferences[0].uid"), "uid-cluster"))
            fail_msg("%s %s is missing or not owned", want[i].gvr->kind, want[i].name);
    }
    assert_string_equal(fake_cluster_condition(f, "GenevaLoggingControllerDegraded"), "False");
}

static void the_namespace_comes_before_its_content(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);

    fake_cluster_must(f, &genevalogging_controller);

    assert_string_equal(f->writes.v[0], "PATCH /api/v1/namespaces/" NS);
    assert_non_null(strstr(f->writes.v[1], "/roles/aro-operator-master"));
    assert_non_null(strstr(f->writes.v[2], "/rolebindings/aro-operator-master"));
}

static void the_constraint_is_like_the_privileged_one(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);

    fake_cluster_must(f, &genevalogging_controller);

    json *scc =
        fake_cluster_get(f, &GVR_SECURITYCONTEXTCONSTRAINTS, NULL, "privileged-genevalogging");
    assert_true(json_path_bool(scc, "allowPrivilegedContainer", false));
    assert_int_equal(json_len(json_get(scc, "groups")), 0);
    assert_int_equal(json_len(json_get(scc, "users")), 1);
    assert_string_equal(json_str(json_path(scc, "users[0]")),
                        "system:serviceaccount:openshift-azure-logging:geneva");
    assert_false(json_path_has(scc, "metadata.annotations"));
}

static void a_second_run_writes_nothing(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);
    fake_cluster_must(f, &genevalogging_controller);
    fake_cluster_forget_writes(f);

    fake_cluster_must(f, &genevalogging_controller);

    fake_cluster_must_not_write(f);
}

static void edits_and_deletions_are_repaired(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);
    fake_cluster_must(f, &genevalogging_controller);
    fake_cluster_del(f, &GVR_DAEMONSETS, NS, "otel-exporter-master");
    json *worker = fake_cluster_get(f, &GVR_DAEMONSETS, NS, "otel-exporter-worker");
    json_path_put(worker, "spec.template.spec.nodeSelector", json_make("{'no':'where'}"), NULL);
    fake_cluster_forget_writes(f);

    fake_cluster_must(f, &genevalogging_controller);

    assert_non_null(fake_cluster_get(f, &GVR_DAEMONSETS, NS, "otel-exporter-master"));
    worker = fake_cluster_get(f, &GVR_DAEMONSETS, NS, "otel-exporter-worker");
    assert_false(json_path_has(worker, "spec.template.spec.nodeSelector"));
    assert_int_equal(fake_cluster_writes(f, ""), 2);
}

static void the_old_shipper_goes_when_the_new_one_can_run(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);
    add_mdsd_leftovers(f);

    fake_cluster_must(f, &genevalogging_controller);

    assert_null(fake_cluster_get(f, &GVR_DAEMONSETS, NS, "mdsd"));
    assert_null(fake_cluster_get(f, &GVR_CONFIGMAPS, NS, "fluent-config"));
    assert_null(fake_cluster_get(f, &GVR_SECRETS, NS, "certificates"));
}

static void the_old_shipper_stays_while_the_new_one_cannot_run(void **state)
{
    struct fake_cluster *f = *state;
    start(f, false);
    add_mdsd_leftovers(f);

    fake_cluster_must(f, &genevalogging_controller);

    assert_non_null(fake_cluster_get(f, &GVR_DAEMONSETS, NS, "mdsd"));
    assert_non_null(fake_cluster_get(f, &GVR_SECRETS, NS, "certificates"));
    assert_null(fake_cluster_get(f, &GVR_DAEMONSETS, NS, "otel-exporter-master"));
}

static void mdsd_takes_over_when_it_is_asked_for(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);
    fake_cluster_must(f, &genevalogging_controller);
    use_mdsd(f);

    fake_cluster_must(f, &genevalogging_controller);

    json *mdsd = fake_cluster_get(f, &GVR_DAEMONSETS, NS, "mdsd");
    assert_non_null(mdsd);
    assert_non_null(fake_cluster_get(f, &GVR_SECRETS, NS, "certificates"));
    assert_null(fake_cluster_get(f, &GVR_DAEMONSETS, NS, "otel-exporter-master"));
    assert_null(fake_cluster_get(f, &GVR_CONFIGMAPS, NS, "otel-config"));
    assert_false(json_path_has(fake_cluster_get(f, &GVR_NAMESPACES, NULL, NS),
                               "metadata.labels[\"openshift.io/cluster-monitoring\"]"));
}

static void a_renewed_certificate_rolls_mdsd(void **state)
{
    struct fake_cluster *f = *state;
    static const char path[] =
        "spec.template.metadata.annotations[\"checksum/secret-certificates\"]";
    start(f, false);
    use_mdsd(f);
    fake_cluster_must(f, &genevalogging_controller);
    cleanup_free char *before =
        xstrdup(json_path_str(fake_cluster_get(f, &GVR_DAEMONSETS, NS, "mdsd"), path));
    assert_non_null(before);
    json *secret = fake_cluster_get(f, &GVR_SECRETS, "openshift-azure-operator", "cluster");
    json_put(json_get(secret, "data"), "gcscert.pem", json_new_str("bmV3"));

    fake_cluster_must(f, &genevalogging_controller);

    assert_string_not_equal(json_path_str(fake_cluster_get(f, &GVR_DAEMONSETS, NS, "mdsd"), path),
                            before);
    assert_string_equal(json_path_str(fake_cluster_get(f, &GVR_SECRETS, NS, "certificates"),
                                      "data[\"gcscert.pem\"]"),
                        "bmV3");
}

struct version_case {
    const char *name, *history;
    bool enforced;
};
static struct version_case version_cases[] = {
    { "sets pod security on 4.11", "[{state: Completed, version: 4.11.0}]", true },
    { "sets no pod security on 4.10", "[{state: Completed, version: 4.10.67}]", false },
    { "goes by the completed version during an upgrade",
      "[{state: Partial, version: 4.11.0}, {state: Completed, version: 4.10.67}]", false },
    { "goes by the first version during the installation", "[{state: Partial, version: 4.12.1}]",
      true },
};

static void check_version(void **state)
{
    const struct version_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    start(&f, true);
    cleanup_free char *text =
        xasprintf("{apiVersion: config.openshift.io/v1, kind: ClusterVersion, metadata: {name: "
                  "version}, status: {history: %s}}",
                  c->history);
    fake_cluster_add(&f, text);

    fake_cluster_must(&f, &genevalogging_controller);

    const char *label = json_path_str(fake_cluster_get(&f, &GVR_NAMESPACES, NULL, NS), ENFORCE);
    assert_int_equal(str_eq(label, "privileged"), c->enforced);
    fake_cluster_release(&f);
}

static void a_namespace_on_its_way_out_is_waited_for(void **state)
{
    struct fake_cluster *f = *state;
    struct result result = { 0 };
    start(f, true);
    fake_cluster_add(f, "{apiVersion: v1, kind: Namespace, metadata: {name: " NS
                        ", deletionTimestamp: t}}");

    assert_int_equal(fake_cluster_reconcile(f, &genevalogging_controller, NULL, &result, NULL), 0);

    assert_int_equal(fake_cluster_writes(f, NS), 0);
    assert_true(result.requeue_after_ms > 0);
}

static void errors_are_told_in_the_condition(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    start(f, true);
    json *cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    json_put(json_path(cluster, "spec.operatorflags"), "aro.genevalogging.otel.profile",
             json_new_str("huge-logs"));

    assert_int_equal(fake_cluster_reconcile(f, &genevalogging_controller, NULL, NULL, &err), -1);

    assert_string_equal(fake_cluster_condition(f, "GenevaLoggingControllerDegraded"), "True");
    assert_non_null(
        strstr(fake_cluster_message(f, "GenevaLoggingControllerDegraded"), "huge-logs"));
}

static void an_unknown_version_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    start(f, true);
    fake_cluster_add(f, "{apiVersion: config.openshift.io/v1, kind: ClusterVersion, metadata: "
                        "{name: version}, status: {history: []}}");

    assert_int_equal(fake_cluster_reconcile(f, &genevalogging_controller, NULL, NULL, &err), -1);

    assert_string_equal(error_text(err), "unknown cluster version");
}

static void clusters_without_constraints_are_served(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);
    fake_cluster_del(f, &GVR_SECURITYCONTEXTCONSTRAINTS, NULL, "privileged");

    fake_cluster_must(f, &genevalogging_controller);

    assert_non_null(fake_cluster_get(f, &GVR_DAEMONSETS, NS, "otel-exporter-worker"));
}

/* Where the namespace is gone, so is the right to watch in it. */
static void a_missing_namespace_cannot_hold_the_operator_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < genevalogging_controller.watches_len; i++) {
        const struct watch *w = &genevalogging_controller.watches[i];
        if (str_eq(w->nspace, NS) && !w->optional)
            fail_msg("the watch of %s is not optional", w->gvr->resource);
    }
}

static void the_flag_turns_it_off(void **state)
{
    struct fake_cluster *f = *state;
    start(f, true);
    json *cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    json_put(json_path(cluster, "spec.operatorflags"), "aro.genevalogging.enabled",
             json_new_str("false"));

    fake_cluster_must(f, &genevalogging_controller);

    assert_null(fake_cluster_get(f, &GVR_NAMESPACES, NULL, NS));
    assert_string_equal(fake_cluster_condition(f, "GenevaLoggingControllerDegraded"), "False");
}

int main(void)
{
    struct CMUnitTest versions[ARRAY_LEN(version_cases)];
    for (size_t i = 0; i < ARRAY_LEN(version_cases); i++)
        versions[i] =
            (struct CMUnitTest)CASE_OF(version_cases[i].name, check_version, &version_cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("makes and owns everything", all_is_made_and_owned),
        FAKE_CASE("makes the namespace before its content", the_namespace_comes_before_its_content),
        FAKE_CASE("copies the privileged constraint", the_constraint_is_like_the_privileged_one),
        FAKE_CASE("writes nothing the second time", a_second_run_writes_nothing),
        FAKE_CASE("repairs edits and deletions", edits_and_deletions_are_repaired),
        FAKE_CASE("removes mdsd when the exporters can run",
                  the_old_shipper_goes_when_the_new_one_can_run),
        FAKE_CASE("keeps mdsd while the exporters cannot run",
                  the_old_shipper_stays_while_the_new_one_cannot_run),
        FAKE_CASE("hands over to mdsd", mdsd_takes_over_when_it_is_asked_for),
        FAKE_CASE("rolls mdsd with a renewed certificate", a_renewed_certificate_rolls_mdsd),
        FAKE_CASE("waits for the end of its namespace", a_namespace_on_its_way_out_is_waited_for),
        FAKE_CASE("tells errors in its condition", errors_are_told_in_the_condition),
        FAKE_CASE("refuses an unknown version", an_unknown_version_is_an_error),
        FAKE_CASE("serves clusters without constraints", clusters_without_constraints_are_served),
        CASE("does not hold the operator up", a_missing_namespace_cannot_hold_the_operator_up),
        FAKE_CASE("does nothing without its flag", the_flag_turns_it_off),
    };
    return RUN_CASES("genevalogging_version", versions) + RUN_CASES("genevalogging", tests);
}

#include <string.h>

#include "hack/deploy-operator/defaults.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

static const char cluster_facts[] =
    "{apiVersion: config.openshift.io/v1, kind: Infrastructure, metadata: {name: cluster}, status: "
    "{infrastructureName: aro-x7k2p, platformStatus: {azure: {resourceGroupName: aro-rg, "
    "cloudName: AzurePublicCloud}}}}\n---\n"
    "{apiVersion: config.openshift.io/v1, kind: DNS, metadata: {name: cluster}, spec: {baseDomain: "
    "x.example.com}}\n---\n"
    "{apiVersion: v1, kind: Secret, metadata: {name: azure-credentials, namespace: kube-system}, "
    "data: {azure_subscription_id: c3Vi, azure_region: ZWFzdHVz}}\n---\n"
    "{apiVersion: config.openshift.io/v1, kind: ClusterVersion, metadata: {name: version}, status: "
    "{desired: {version: 4.16.30}}}\n";

static struct defaults find(struct fake_cluster *f, const struct defaults_config *cfg)
{
    struct defaults d = { 0 };
    struct defaults_config c = *cfg;
    struct error *err = NULL;
    c.env = &f->env.base;
    if (defaults_find(f->kube, &f->ctx, &c, &d, &err) < 0)
        fail_msg("%s", error_text(err));
    return d;
}

static void must_fail(struct fake_cluster *f, const struct defaults_config *cfg, const char *part)
{
    struct defaults d = { 0 };
    struct defaults_config c = *cfg;
    cleanup_error struct error *err = NULL;
    c.env = &f->env.base;
    assert_int_equal(defaults_find(f->kube, &f->ctx, &c, &d, &err), -1);
    if (!strstr(error_text(err), part))
        fail_msg("'%s' does not say '%s'", error_text(err), part);
}

static void a_spec_is_derived_from_the_cluster(void **state)
{
    struct fake_cluster *f = *state;
    fake_cluster_add(f, cluster_facts);

    struct defaults d = find(f, &(struct defaults_config){ 0 });

    const json *spec = d.options.cluster_spec;
    assert_string_equal(json_path_str(spec, "resourceId"),
                        "/subscriptions/sub/resourceGroups/aro-rg/providers/"
                        "Microsoft.RedHatOpenShift/openShiftClusters/aro-x7k2p");
    assert_string_equal(json_path_str(spec, "infraId"), "aro-x7k2p");
    assert_string_equal(json_path_str(spec, "location"), "eastus");
    assert_string_equal(json_path_str(spec, "domain"), "x.example.com");
    assert_int_equal(json_len(json_path(spec, "internetChecker.urls")), 4);
    assert_string_equal(json_path_str(spec, "operatorflags[\"aro.checker.enabled\"]"), "true");
    assert_string_equal(json_path_str(spec, "operatorflags[\"rh.srep.muo.managed\"]"), "true");
    assert_false(json_path_has(spec, "operatorflags[\"aro.environment\"]"));
    assert_false(json_path_has(spec, "operatorflags[\"aro.guardrails.namespace\"]"));
    assert_true(d.options.pod_security);
    assert_false(d.options.is_development);
    assert_non_null(strstr(d.options.image, "arosvc.azurecr.io/aro:"));
    defaults_release(&d);
}

static void an_existing_cluster_is_left_alone(void **state)
{
    struct fake_cluster *f = *state;
    fake_cluster_put(f, fake_cluster_give_cluster());

    struct defaults d = find(f, &(struct defaults_config){ 0 });

    assert_null(d.options.cluster_spec);
    defaults_release(&d);
}

static void a_given_spec_wins(void **state)
{
    struct fake_cluster *f = *state;
    fake_cluster_put(f, fake_cluster_give_cluster());

    struct defaults whole =
        find(f, &(struct defaults_config){ .cluster_spec_text = "kind: Cluster\nspec:\n  a: b\n" });
    struct defaults spec = find(f, &(struct defaults_config){ .cluster_spec_text = "a: c" });

    assert_string_equal(json_path_str(whole.cluster_spec, "a"), "b");
    assert_string_equal(json_path_str(spec.cluster_spec, "a"), "c");
    defaults_release(&whole);
    defaults_release(&spec);
}

static void a_bad_spec_is_refused(void **state)
{
    must_fail(*state, &(struct defaults_config){ .cluster_spec_text = "a: [" }, "Cluster resource");
    must_fail(*state, &(struct defaults_config){ .cluster_spec_text = "[1]" }, "is no object");
}

static void a_cluster_that_does_not_tell_needs_a_spec(void **state)
{
    must_fail(*state, &(struct defaults_config){ 0 }, "--cluster-spec");
}

static void credentials_are_needed_to_derive_a_spec(void **state)
{
    struct fake_cluster *f = *state;
    fake_cluster_add(f, cluster_facts);
    fake_cluster_del(f, &GVR_SECRETS, "kube-system", "azure-credentials");

    must_fail(f, &(struct defaults_config){ 0 }, "azure_subscription_id");
}

static void put_secret(struct fake_cluster *f, const char *ns, const char *name, const char *data)
{
    cleanup_free char *text = xasprintf("{apiVersion: v1, kind: Secret, metadata: {name: %s, "
                                        "namespace: %s}, data: {%s}}",
                                        name, ns, data);
    fake_cluster_add(f, text);
}

static void check_pull_secret(struct fake_cluster *f, const char *given, const char *want)
{
    struct defaults d = find(
        f, &(struct defaults_config){ .cluster_spec_text = "a: b", .pull_secret_text = given });
    assert_string_equal(secret_reveal(d.options.pull_secret, NULL), want);
    defaults_release(&d);
}

static void the_pull_secret_is_looked_for(void **state)
{
    struct fake_cluster *f = *state;
    check_pull_secret(f, NULL, "{\"auths\":{}}");
    put_secret(f, "openshift-config", "pull-secret", ".dockerconfigjson: eyJhIjoxfQ==");
    check_pull_secret(f, NULL, "{\"a\":1}");
    put_secret(f, "openshift-azure-operator", "cluster", ".dockerconfigjson: eyJhIjoyfQ==");
    check_pull_secret(f, NULL, "{\"a\":2}");
    fake_env_set(&f->env, "PULL_SECRET", "{\"a\":3}");
    check_pull_secret(f, NULL, "{\"a\":3}");
    check_pull_secret(f, "{\"a\":4}", "{\"a\":4}");
}

static void a_pull_secret_that_is_no_json_is_refused(void **state)
{
    must_fail(*state, &(struct defaults_config){ .pull_secret_text = "secret" }, "the pull secret");
}

static void certificates_that_are_there_are_kept(void **state)
{
    struct fake_cluster *f = *state;
    put_secret(f, "openshift-azure-operator", "cluster", "gcscert.pem: Yw==, gcskey.pem: aw==");

    struct defaults d = find(f, &(struct defaults_config){ .cluster_spec_text = "a: b" });

    assert_string_equal(secret_reveal(d.options.gcs_cert_pem, NULL), "c");
    assert_string_equal(secret_reveal(d.options.gcs_key_pem, NULL), "k");
    defaults_release(&d);
}

static void a_workload_identity_is_kept(void **state)
{
    struct fake_cluster *f = *state;
    put_secret(f, "openshift-azure-operator", "azure-cloud-credentials",
               "azure_client_id: Yw==, azure_tenant_id: dA==, azure_region: cg==, "
               "azure_subscription_id: cw==, azure_federated_token_file: Zg==");

    struct defaults d = find(f, &(struct defaults_config){ .cluster_spec_text = "a: b" });

    assert_string_equal(d.options.identity_client_id, "c");
    assert_string_equal(d.options.identity_subscription_id, "s");
    defaults_release(&d);
}

static void a_service_principal_is_no_workload_identity(void **state)
{
    struct fake_cluster *f = *state;
    put_secret(f, "openshift-azure-operator", "azure-cloud-credentials",
               "azure_client_id: Yw==, azure_client_secret: cw==");

    struct defaults d = find(f, &(struct defaults_config){ .cluster_spec_text = "a: b" });

    assert_null(d.options.identity_client_id);
    defaults_release(&d);
}

static void old_clusters_have_no_pod_security(void **state)
{
    struct fake_cluster *f = *state;
    fake_cluster_add(f, "{apiVersion: config.openshift.io/v1, kind: ClusterVersion, metadata: "
                        "{name: version}, status: {desired: {version: 4.10.67}}}");

    struct defaults d = find(f, &(struct defaults_config){ .cluster_spec_text = "a: b" });

    assert_false(d.options.pod_security);
    defaults_release(&d);
}

static void image_and_mode_come_from_outside(void **state)
{
    struct fake_cluster *f = *state;
    fake_env_set(&f->env, "RP_MODE", "development");

    struct defaults d =
        find(f, &(struct defaults_config){ .cluster_spec_text = "a: b", .image = "r.io/aro:1" });

    assert_true(d.options.is_development);
    assert_string_equal(d.options.image, "r.io/aro:1");
    defaults_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_CASE("derives a spec from the cluster", a_spec_is_derived_from_the_cluster),
        FAKE_CASE("leaves an existing Cluster alone", an_existing_cluster_is_left_alone),
        FAKE_CASE("prefers a given spec", a_given_spec_wins),
        FAKE_CASE("refuses a bad spec", a_bad_spec_is_refused),
        FAKE_CASE("asks for a spec where the cluster does not tell",
                  a_cluster_that_does_not_tell_needs_a_spec),
        FAKE_CASE("needs credentials to derive a spec", credentials_are_needed_to_derive_a_spec),
        FAKE_CASE("looks for a pull secret in order", the_pull_secret_is_looked_for),
        FAKE_CASE("refuses a pull secret that is no JSON",
                  a_pull_secret_that_is_no_json_is_refused),
        FAKE_CASE("keeps certificates", certificates_that_are_there_are_kept),
        FAKE_CASE("keeps a workload identity", a_workload_identity_is_kept),
        FAKE_CASE("tells a service principal from it", a_service_principal_is_no_workload_identity),
        FAKE_CASE("knows that old clusters have no pod security",
                  old_clusters_have_no_pod_security),
        FAKE_CASE("takes image and mode from outside", image_and_mode_come_from_outside),
    };
    return RUN_CASES("defaults", tests);
}

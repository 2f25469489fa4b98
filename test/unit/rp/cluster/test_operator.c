#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/operator.h"
#include "rp/env/secrets_folder.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define NS "openshift-azure-operator"
#define KNOWN "'infraId':'a-12345','ingressProfiles':[{'name':'default','ip':'1.2.3.4'}]"
#define RELEASE(v) \
    "{'apiVersion':'config.openshift.io/" \
    "v1','kind':'ClusterVersion','metadata':{'name':'version'}," \
    "'status':{'history':[{'state':'Completed','version':'" v "'}]}}"
#define FORCE "spec.operatorflags[\"aro.forcereconciliation\"]"

static const char *const image_env[] = { "ARO_IMAGE=registry.example/aro:v1", NULL };
static const char *const newer_env[] = { "ARO_IMAGE=registry.example/aro:v2", NULL };

/* What a cluster has before the operator comes: definitions are established at once. */
static void prepare(struct inside_rig *r, const char *properties, const char *const *env)
{
    inside_rig_open_env(r, properties, env, NULL, 0);
    fake_cluster_add(&r->inside, RELEASE("4.14.16"));
    static const char *const namespaces[] = { "default",
                                              "kube-system",
                                              "openshift-config",
                                              "openshift-ingress-operator",
                                              "openshift-machine-api",
                                              "openshift-monitoring",
                                              "openshift-azure-logging",
                                              "openshift-cloud-credential-operator" };
    for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
        fake_cluster_put(&r->inside,
                         json_make("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':%s},"
                                   "'status':{'phase':'Active'}}",
                                   namespaces[i]));
    static const char *const definitions[] = { "clusters.aro.openshift.io",
                                               "previewfeatures.preview.aro.openshift.io" };
    for (size_t i = 0; i < ARRAY_LEN(definitions); i++)
        fake_cluster_put(&r->inside,
                         json_make("{'apiVersion':'apiextensions.k8s.io/v1','kind':"
                                   "'CustomResourceDefinition','metadata':{'name':%s},'status':"
                                   "{'conditions':[{'type':'Established','status':'True'},"
                                   "{'type':'NamesAccepted','status':'True'}]}}",
                                   definitions[i]));
}

static const char *image(struct inside_rig *r, const char *deployment)
{
    return inside_rig_text(r, &GVR_DEPLOYMENTS, NS, deployment,
                           "spec.template.spec.containers[0].image");
}

static void the_operator_is_installed_with_its_cluster_resource(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{" KNOWN "}", image_env);

    inside_rig_must(&r, cluster_initialize_operator_deployer);
    inside_rig_must(&r, cluster_install_operator);
    fake_cluster_forget_writes(&r.inside);
    inside_rig_must(&r, cluster_install_operator);

    assert_string_equal(image(&r, "aro-operator-master"), "registry.example/aro:v1");
    assert_string_equal(image(&r, "aro-operator-worker"), "registry.example/aro:v1");
    assert_string_equal(inside_rig_text(&r, &GVR_CLUSTERS, NULL, "cluster", "spec.ingressIP"),
                        "1.2.3.4");
    assert_non_null(
        inside_rig_text(&r, &GVR_SECRETS, NS, "cluster", "data[\".dockerconfigjson\"]"));
    assert_non_null(inside_rig_text(&r, &GVR_DEPLOYMENTS, NS, "aro-operator-master",
                                    "spec.template.spec.securityContext.seccompProfile.type"));
    fake_cluster_must_not_write(&r.inside);
}

/* ---- logs ---- */

static const char *const logging_env[] = { "ARO_IMAGE=registry.example/aro:v1",
                                           "CLUSTER_MDSD_ACCOUNT=AROClusterLogs",
                                           "CLUSTER_MDSD_CONFIG_VERSION=3.4",
                                           "CLUSTER_MDSD_NAMESPACE=AROClusterLogsPROD",
                                           "MDSD_ENVIRONMENT=Test",
                                           NULL };

/* A folder of the service's secrets, with a pair for clusters; owned. Whoever opens it anew finds another pair in it. */
static struct rp_secrets *open_secrets(const char *dir)
{
    cleanup_rp_secrets struct rp_secrets *made = NULL;
    struct rp_secrets *secrets = NULL;
    cleanup_free char *pair = xasprintf("%s/rp-server", dir);
    cleanup_free char *logging = xasprintf("%s/cluster-mdsd", dir);
    assert_int_equal(rp_secrets_open_folder(dir, true, &made, NULL), 0);
    assert_int_equal(rename(pair, logging), 0);
    assert_int_equal(rp_secrets_open_folder(dir, true, &secrets, NULL), 0);
    return secrets;
}

static char *give_certificate(struct inside_rig *r)
{
    const char *text = inside_rig_text(r, &GVR_SECRETS, NS, "cluster", "data[\"gcscert.pem\"]");
    assert_non_null(text);
    assert_non_null(inside_rig_text(r, &GVR_SECRETS, NS, "cluster", "data[\"gcskey.pem\"]"));
    return xstrdup(text);
}

static void logs_are_shipped_with_the_services_certificate(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    cleanup_free char *dir = xasprintf("%s/operator-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    cleanup_rp_secrets struct rp_secrets *first = open_secrets(dir);
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{" KNOWN "}", logging_env);
    r.outer.cfg.secrets = first;

    inside_rig_must(&r, cluster_renew_logging_certificate); /* no operator is there yet */
    inside_rig_must(&r, cluster_install_operator);
    cleanup_free char *before = give_certificate(&r);
    cleanup_rp_secrets struct rp_secrets *second = open_secrets(dir);
    r.outer.cfg.secrets = second;
    inside_rig_must(&r, cluster_renew_logging_certificate);

    cleanup_free char *after = give_certificate(&r);
    assert_string_not_equal(before, after);
    assert_string_equal(
        inside_rig_text(&r, &GVR_CLUSTERS, NULL, "cluster", "spec.genevaLogging.configVersion"),
        "3.4");
}

static void without_a_certificate_no_operator_is_deployed(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    prepare(&r, "{" KNOWN "}", logging_env);

    assert_int_equal(cluster_install_operator(r.c, r.ctx, &err), -1);

    assert_non_null(strstr(error_text(err), "CLUSTER_MDSD_ACCOUNT"));
}

static void where_no_logs_are_shipped_there_is_no_certificate(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{" KNOWN "}", image_env);

    inside_rig_must(&r, cluster_install_operator);
    inside_rig_must(&r, cluster_renew_logging_certificate);

    assert_null(inside_rig_text(&r, &GVR_SECRETS, NS, "cluster", "data[\"gcscert.pem\"]"));
}

static void older_clusters_know_no_pod_security(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{" KNOWN "}", image_env);
    fake_cluster_add(&r.inside, RELEASE("4.10.3"));

    inside_rig_must(&r, cluster_install_operator);

    assert_null(inside_rig_text(&r, &GVR_DEPLOYMENTS, NS, "aro-operator-master",
                                "spec.template.spec.securityContext.seccompProfile.type"));
}

/* New flags reach the new operator only: its image comes first. */
static void an_update_brings_the_image_and_a_sync_the_spec(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{" KNOWN ",'operatorVersion':'1a2b3c4'}", newer_env);
    inside_rig_must(&r, cluster_install_operator);
    assert_int_equal(json_set_str(r.c->doc, PROPERTIES "operatorVersion", "", NULL), 0);
    assert_int_equal(json_set_str(r.c->doc, PROPERTIES "operatorFlags[\"aro.x\"]", "true", NULL),
                     0);

    inside_rig_must(&r, cluster_ensure_operator);
    assert_string_equal(image(&r, "aro-operator-master"), "registry.example/aro:v2");
    assert_null(
        inside_rig_text(&r, &GVR_CLUSTERS, NULL, "cluster", "spec.operatorflags[\"aro.x\"]"));
    inside_rig_must(&r, cluster_sync_cluster_object);

    assert_string_equal(
        inside_rig_text(&r, &GVR_CLUSTERS, NULL, "cluster", "spec.operatorflags[\"aro.x\"]"),
        "true");
}

static void without_an_ingress_the_operator_is_left_alone(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{}", image_env);

    inside_rig_must(&r, cluster_ensure_operator);
    inside_rig_must(&r, cluster_sync_cluster_object);
    inside_rig_must(&r, cluster_ensure_credentials_request);
    inside_rig_must(&r, cluster_restart_operator_master);

    assert_true(inside_rig_look(&r, cluster_operator_ready));
    assert_true(inside_rig_look(&r, cluster_operator_runs_desired_version));
    fake_cluster_must_not_write(&r.inside);
    assert_int_equal(cluster_install_operator(r.c, r.ctx, NULL), -1);
}

static void clusters_that_are_too_old_have_no_operator(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{'architectureVersion':0," KNOWN "}", image_env);
    fake_cluster_add(&r.inside, RELEASE("4.6.62"));

    inside_rig_must(&r, cluster_ensure_operator);
    inside_rig_must(&r, cluster_sync_cluster_object);

    assert_true(inside_rig_look(&r, cluster_operator_ready));
    assert_true(inside_rig_look(&r, cluster_operator_runs_desired_version));
    fake_cluster_must_not_write(&r.inside);
}

static void todays_layout_came_with_the_operator(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    bool has = false;
    prepare(&r, "{" KNOWN "}", image_env);
    fake_cluster_add(&r.inside, RELEASE("4.3.18"));

    assert_int_equal(cluster_has_operator(r.c, r.ctx, &has, NULL), 0);

    assert_true(has);
}

static void reconciliation_is_forced_and_released(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_put(&r.inside, fake_cluster_give_cluster());

    inside_rig_must(&r, cluster_enable_operator_reconciliation);
    assert_string_equal(inside_rig_text(&r, &GVR_CLUSTERS, NULL, "cluster", FORCE), "true");
    inside_rig_must(&r, cluster_disable_operator_reconciliation);
    assert_string_equal(inside_rig_text(&r, &GVR_CLUSTERS, NULL, "cluster", FORCE), "false");
}

/* ---- workload identity ---- */

static void identities_are_deployed_and_needed(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    prepare(
        &r,
        "{" KNOWN ",'servicePrincipalProfile':null,'platformWorkloadIdentityProfile':{"
        "'upgradeableTo':'4.15.0','platformWorkloadIdentities':{'aro-operator':{'clientId':'c'}}"
        "}}",
        image_env);
    fake_cluster_add(&r.inside, "{'apiVersion':'operator.openshift.io/v1','kind':'CloudCredential',"
                                "'metadata':{'name':'cluster'}}");

    inside_rig_must(&r, cluster_install_operator);
    inside_rig_must(&r, cluster_ensure_upgrade_annotation);

    cleanup_free char *id = base64_give("c", 1);
    assert_string_equal(
        inside_rig_text(&r, &GVR_SECRETS, NS, "azure-cloud-credentials", "data.azure_client_id"),
        id);
    assert_string_equal(
        inside_rig_text(&r, &GVR_CLOUDCREDENTIALS, NULL, "cluster",
                        "metadata.annotations[\"cloudcredential.openshift.io/upgradeable-to\"]"),
        "4.15.0");
    assert_true(json_path_del(r.c->doc,
                              PROPERTIES "platformWorkloadIdentityProfile"
                                         ".platformWorkloadIdentities[\"aro-operator\"]"));
    assert_int_equal(cluster_initialize_operator_deployer(r.c, r.ctx, &err), -1);
    assert_non_null(strstr(error_text(err), "aro-operator"));
}

/* ---- conditions ---- */

#define DEPLOYED(name, version, available) \
    "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'" name "','namespace':'" NS \
    "','labels':{'version':'" version "'}},'spec':{'replicas':1,'template':" \
    "{'spec':{'containers':[{'name':'aro-operator','image':'registry.example/aro:" version \
    "'}]}}},'status':{'observedGeneration':1,'replicas':1,'updatedReplicas':1," \
    "'availableReplicas':" available ",'readyReplicas':" available "}}"
#define POD(name, version) \
    "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" name "-1','namespace':'" NS \
    "','labels':{'app':'" name "','version':'" version "'}},'spec':{'containers':[" \
    "{'name':'aro-operator','image':'registry.example/aro:" version "'}]}," \
    "'status':{'phase':'Running'}}"

static void the_operator_is_ready_when_both_are_rolled_out(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{" KNOWN "}", image_env);
    assert_false(inside_rig_look(&r, cluster_operator_ready));
    fake_cluster_add(&r.inside, DEPLOYED("aro-operator-master", "v1", "1"));
    fake_cluster_add(&r.inside, DEPLOYED("aro-operator-worker", "v1", "0"));
    assert_false(inside_rig_look(&r, cluster_operator_ready));

    fake_cluster_add(&r.inside, DEPLOYED("aro-operator-worker", "v1", "1"));

    assert_true(inside_rig_look(&r, cluster_operator_ready));
}

static void the_desired_version_is_that_of_the_image(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    prepare(&r, "{" KNOWN "}", newer_env);
    fake_cluster_add(&r.inside, DEPLOYED("aro-operator-master", "v2", "1"));
    fake_cluster_add(&r.inside, DEPLOYED("aro-operator-worker", "v2", "1"));
    fake_cluster_add(&r.inside, POD("aro-operator-master", "v2"));
    fake_cluster_add(&r.inside, POD("aro-operator-worker", "v1"));
    assert_false(inside_rig_look(&r, cluster_operator_runs_desired_version));

    fake_cluster_add(&r.inside, POD("aro-operator-worker", "v2"));

    assert_true(inside_rig_look(&r, cluster_operator_runs_desired_version));
}

static void an_error_of_the_server_is_not_yet(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    bool holds;
    prepare(&r, "{" KNOWN "}", image_env);
    fake_cluster_fail(&r.inside, "GET", 403, "Forbidden", 1000);

    assert_int_equal(cluster_operator_ready(r.c, r.ctx, &holds, &err), -1);
    assert_true(error_is_retriable(err));
    assert_int_equal(cluster_operator_runs_desired_version(r.c, r.ctx, &holds, &err), -1);
    assert_true(error_is_retriable(err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the operator is installed with its Cluster resource",
             the_operator_is_installed_with_its_cluster_resource),
        CASE("logs are shipped with the service's certificate",
             logs_are_shipped_with_the_services_certificate),
        CASE("without a certificate no operator is deployed",
             without_a_certificate_no_operator_is_deployed),
        CASE("where no logs are shipped there is no certificate",
             where_no_logs_are_shipped_there_is_no_certificate),
        CASE("older clusters know no pod security", older_clusters_know_no_pod_security),
        CASE("an update brings the image and a sync the spec",
             an_update_brings_the_image_and_a_sync_the_spec),
        CASE("without an ingress the operator is left alone",
             without_an_ingress_the_operator_is_left_alone),
        CASE("a cluster of today's layout came with the operator",
             todays_layout_came_with_the_operator),
        CASE("clusters that are too old have no operator",
             clusters_that_are_too_old_have_no_operator),
        CASE("reconciliation is forced and released", reconciliation_is_forced_and_released),
        CASE("identities are deployed, and needed", identities_are_deployed_and_needed),
        CASE("the operator is ready when both are rolled out",
             the_operator_is_ready_when_both_are_rolled_out),
        CASE("the desired version is that of the image", the_desired_version_is_that_of_the_image),
        CASE("an error of the server is 'not yet'", an_error_of_the_server_is_not_yet),
    };
    return RUN_CASES("operator", tests);
}

/* The deployer against an API server in memory. */
#include <string.h>

#include "operator/deploy/deploy.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define NS "openshift-azure-operator"

static const char *const platform[] = {
    "default",
    "kube-system",
    "openshift-config",
    "openshift-monitoring",
    "openshift-ingress-operator",
    "openshift-machine-api",
    "openshift-cloud-credential-operator",
};

static void add_namespace(struct fake_cluster *f, const char *name)
{
    fake_cluster_put(
        f, json_make("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':%s}}", name));
}

/* What the server says about definitions that it serves. */
static void serve_crds(struct fake_cluster *f)
{
    static const char *const names[] = { "clusters.aro.openshift.io",
                                         "previewfeatures.preview.aro.openshift.io" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        fake_cluster_put(
            f, json_make("{'apiVersion':'apiextensions.k8s.io/v1',"
                         "'kind':'CustomResourceDefinition','metadata':{'name':%s},'status':"
                         "{'conditions':[{'type':'Established','status':'True'},"
                         "{'type':'NamesAccepted','status':'True'}]}}",
                         names[i]));
}

struct deployment {
    struct fake_cluster f;
    struct secret *pull_secret;
    json *spec;
    struct deploy_options opt;
};

static int setup(void **state)
{
    struct deployment *d = xnew(struct deployment);
    fake_cluster_init(&d->f);
    for (size_t i = 0; i < ARRAY_LEN(platform); i++)
        add_namespace(&d->f, platform[i]);
    serve_crds(&d->f);
    d->pull_secret = secret_new("{\"auths\":{}}", 12);
    d->spec = json_make("{'location':'eastus','operatorflags':{'aro.banner.enabled':'false'}}");
    d->opt = (struct deploy_options){ .image = "arosvc.azurecr.io/aro:v1",
                                      .pod_security = true,
                                      .pull_secret = d->pull_secret,
                                      .cluster_spec = d->spec };
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct deployment *d = *state;
    secret_unref(d->pull_secret);
    json_free(d->spec);
    fake_cluster_release(&d->f);
    free(d);
    return 0;
}

static void install(struct deployment *d)
{
    struct error *err = NULL;
    if (deploy_install(d->f.kube, &d->f.ctx, &d->opt, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void update(struct deployment *d)
{
    struct error *err = NULL;
    if (deploy_update(d->f.kube, &d->f.ctx, &d->opt, &err) < 0)
        fail_msg("%s", error_text(err));
}

static json *cluster_of(struct deployment *d)
{
    return fake_cluster_get(&d->f, &GVR_CLUSTERS, NULL, "cluster");
}

static json *secret_of(struct deployment *d)
{
    return fake_cluster_get(&d->f, &GVR_SECRETS, NS, "cluster");
}

static json *master_of(struct deployment *d)
{
    return fake_cluster_get(&d->f, &GVR_DEPLOYMENTS, NS, "aro-operator-master");
}

static void an_installation_is_complete(void **state)
{
    struct deployment *d = *state;

    install(d);

    assert_non_null(master_of(d));
    assert_non_null(fake_cluster_get(&d->f, &GVR_DEPLOYMENTS, NS, "aro-operator-worker"));
    assert_string_equal(json_path_str(cluster_of(d), "spec.location"), "eastus");
    assert_non_null(fake_cluster_get(&d->f, &GVR_NAMESPACES, NULL, "openshift-azure-logging"));
    assert_non_null(
        fake_cluster_get(&d->f, &GVR_ROLES, "openshift-azure-logging", "aro-operator-master"));
    json *owner = json_path(secret_of(d), "metadata.ownerReferences[0]");
    assert_string_equal(json_path_str(owner, "kind"), "Cluster");
    assert_string_equal(json_path_str(owner, "uid"), json_path_str(cluster_of(d), "metadata.uid"));
    assert_true(json_path_bool(owner, "controller", false));
}

static void a_second_installation_writes_nothing(void **state)
{
    struct deployment *d = *state;
    install(d);
    fake_cluster_forget_writes(&d->f);

    install(d);

    fake_cluster_must_not_write(&d->f);
}

static void an_installation_needs_a_spec(void **state)
{
    struct deployment *d = *state;
    d->opt.cluster_spec = NULL;

    assert_int_equal(deploy_install(d->f.kube, &d->f.ctx, &d->opt, NULL), -1);

    assert_int_equal(d->f.writes.len, 0);
}

static void an_update_rolls_the_new_image_out(void **state)
{
    struct deployment *d = *state;
    install(d);
    d->opt.image = "arosvc.azurecr.io/aro:v2";

    update(d);

    assert_string_equal(json_path_str(master_of(d), "spec.template.spec.containers[0].image"),
                        "arosvc.azurecr.io/aro:v2");
    assert_string_equal(json_path_str(master_of(d), "metadata.labels.version"), "v2");
}

static void an_update_leaves_the_cluster_and_the_owner_alone(void **state)
{
    struct deployment *d = *state;
    install(d);
    cleanup_json json *before = json_give_copy(cluster_of(d));
    json_path_put(d->spec, "location", json_new_str("elsewhere"), NULL);
    d->opt.image = "arosvc.azurecr.io/aro:v2";
    fake_cluster_forget_writes(&d->f);

    update(d);

    assert_true(json_equal(cluster_of(d), before));
    assert_int_equal(fake_cluster_writes(&d->f, "/secrets/cluster"), 0);
    assert_int_equal(json_len(json_path(secret_of(d), "metadata.ownerReferences")), 1);
}

static void an_update_works_before_there_is_a_cluster(void **state)
{
    struct deployment *d = *state;

    update(d);

    assert_non_null(master_of(d));
    assert_null(cluster_of(d));
}

static void an_update_keeps_a_restart(void **state)
{
    struct deployment *d = *state;
    static const char *const names[] = { "aro-operator-master", NULL };
    install(d);
    assert_int_equal(deploy_restart(d->f.kube, &d->f.ctx, names, NULL), 0);
    fake_cluster_forget_writes(&d->f);

    update(d);

    fake_cluster_must_not_write(&d->f); /* no second roll-out */
}

static void a_restart_annotates_the_template(void **state)
{
    struct deployment *d = *state;
    static const char *const names[] = { "aro-operator-master", NULL };
    install(d);

    assert_int_equal(deploy_restart(d->f.kube, &d->f.ctx, names, NULL), 0);

    assert_string_equal(json_path_str(master_of(d), "spec.template.metadata.annotations["
                                                    "\"kubectl.kubernetes.io/restartedAt\"]"),
                        "2024-02-03T04:05:06Z");
    assert_false(json_path_has(fake_cluster_get(&d->f, &GVR_DEPLOYMENTS, NS, "aro-operator-worker"),
                               "spec.template.metadata.annotations"));
}

static void a_sync_keeps_annotations_banner_and_status(void **state)
{
    struct deployment *d = *state;
    install(d);
    json_path_put(cluster_of(d), "metadata.annotations", json_make("{'a':'b'}"), NULL);
    json_path_put(cluster_of(d), "spec.banner", json_make("{'content':'ContactSupport'}"), NULL);
    json_path_put(cluster_of(d), "status", json_make("{'operatorVersion':'x'}"), NULL);
    json_path_put(d->spec, "location", json_new_str("elsewhere"), NULL);

    assert_int_equal(deploy_sync_cluster(d->f.kube, &d->f.ctx, d->spec, NULL), 0);

    assert_string_equal(json_path_str(cluster_of(d), "spec.location"), "elsewhere");
    assert_string_equal(json_path_str(cluster_of(d), "metadata.annotations.a"), "b");
    assert_string_equal(json_path_str(cluster_of(d), "spec.banner.content"), "ContactSupport");
    assert_string_equal(json_path_str(cluster_of(d), "status.operatorVersion"), "x");
}

static void obsolete_keys_of_the_secret_vanish(void **state)
{
    struct deployment *d = *state;
    install(d);
    json_put(json_get(secret_of(d), "data"), "gcscert.pem", json_new_str("eA=="));

    update(d);

    assert_false(json_has(json_get(secret_of(d), "data"), "gcscert.pem"));
}

static void ownership_is_tried_again(void **state)
{
    struct deployment *d = *state;
    fake_cluster_fail(&d->f, "PUT /api/v1/namespaces/" NS "/secrets/cluster", 403, "Forbidden", 5);

    install(d);

    assert_int_equal(json_len(json_path(secret_of(d), "metadata.ownerReferences")), 1);
}

static void ownership_is_given_up_after_a_minute(void **state)
{
    struct deployment *d = *state;
    cleanup_error struct error *err = NULL;
    fake_cluster_fail(&d->f, "PUT /api/v1/namespaces/" NS "/secrets/cluster", 403, "Forbidden",
                      1000);
    int64_t begin_ns = clock_mono_ns(&d->f.clock.base);

    assert_int_equal(deploy_install(d->f.kube, &d->f.ctx, &d->opt, &err), -1);

    assert_true(error_is(err, ERR_FORBIDDEN));
    int64_t took_s = (clock_mono_ns(&d->f.clock.base) - begin_ns) / NS_PER_S;
    assert_in_range(took_s, 55, 65);
}

static void the_logging_namespace_is_made_but_not_kept(void **state)
{
    struct deployment *d = *state;
    install(d);
    json *logging = fake_cluster_get(&d->f, &GVR_NAMESPACES, NULL, "openshift-azure-logging");
    json_path_put(logging, "metadata.labels", json_make("{'by':'operator'}"), NULL);
    fake_cluster_forget_writes(&d->f);

    update(d);

    assert_int_equal(fake_cluster_writes(&d->f, "openshift-azure-logging"), 0);
}

static void a_renewed_certificate_leaves_the_rest_alone(void **state)
{
    struct deployment *d = *state;
    fake_cluster_add(&d->f, "{apiVersion: v1, kind: Secret, metadata: {name: cluster, namespace: "
                            "openshift-azure-operator}, data: {.dockerconfigjson: e30=, "
                            "gcscert.pem: b2xk}}");
    fake_cluster_fail(&d->f, "PUT ", 409, "Conflict", 1);
    cleanup_secret struct secret *cert = secret_new("cert", 4);
    cleanup_secret struct secret *key = secret_new("key", 3);

    assert_int_equal(deploy_renew_certificate(d->f.kube, &d->f.ctx, cert, key, NULL), 0);

    json *data = json_get(
        fake_cluster_get(&d->f, &GVR_SECRETS, "openshift-azure-operator", "cluster"), "data");
    cleanup_json json *want = json_make("{'.dockerconfigjson':'e30=','gcscert.pem':'Y2VydA==',"
                                        "'gcskey.pem':'a2V5'}");
    assert_true(json_equal(data, want));
    fake_cluster_forget_writes(&d->f);
    assert_int_equal(deploy_renew_certificate(d->f.kube, &d->f.ctx, cert, key, NULL), 0);
    fake_cluster_must_not_write(&d->f);
}

static void flags_are_forced_and_released(void **state)
{
    struct deployment *d = *state;
    const char *path = "spec.operatorflags[\"aro.forcereconciliation\"]";
    install(d);

    assert_int_equal(deploy_set_force_reconcile(d->f.kube, &d->f.ctx, true, NULL), 0);
    assert_string_equal(json_path_str(cluster_of(d), path), "true");
    fake_cluster_fail(&d->f, "PUT /apis/aro.openshift.io", 409, "Conflict", 2);
    assert_int_equal(deploy_set_force_reconcile(d->f.kube, &d->f.ctx, false, NULL), 0);
    assert_string_equal(json_path_str(cluster_of(d), path), "false");
    assert_string_equal(json_path_str(cluster_of(d), "spec.operatorflags[\"aro.banner.enabled\"]"),
                        "false");
}

static void forcing_works_without_a_map(void **state)
{
    struct deployment *d = *state;
    install(d);
    json_path_del(cluster_of(d), "spec.operatorflags");

    assert_int_equal(deploy_set_force_reconcile(d->f.kube, &d->f.ctx, true, NULL), 0);

    assert_string_equal(
        json_path_str(cluster_of(d), "spec.operatorflags[\"aro.forcereconciliation\"]"), "true");
}

static const char credential[] = "{apiVersion: operator.openshift.io/v1, kind: CloudCredential, "
                                 "metadata: {name: cluster, annotations: {a: b}}}";

static void the_upgrade_annotation_is_written_once(void **state)
{
    struct deployment *d = *state;
    fake_cluster_add(&d->f, credential);

    assert_int_equal(deploy_ensure_upgrade_annotation(d->f.kube, &d->f.ctx, "4.17.3", NULL), 0);
    assert_int_equal(deploy_ensure_upgrade_annotation(d->f.kube, &d->f.ctx, "4.17.3", NULL), 0);
    assert_int_equal(deploy_ensure_upgrade_annotation(d->f.kube, &d->f.ctx, NULL, NULL), 0);

    json *live = fake_cluster_get(&d->f, &GVR_CLOUDCREDENTIALS, NULL, "cluster");
    assert_string_equal(
        json_path_str(live,
                      "metadata.annotations[\"cloudcredential.openshift.io/upgradeable-to\"]"),
        "4.17.3");
    assert_string_equal(json_path_str(live, "metadata.annotations.a"), "b");
    assert_int_equal(d->f.writes.len, 1);
}

static void the_credentials_request_is_repaired_alone(void **state)
{
    struct deployment *d = *state;

    assert_int_equal(deploy_credentials_request(d->f.kube, &d->f.ctx, &d->opt, NULL), 0);

    assert_non_null(fake_cluster_get(&d->f, &GVR_CREDENTIALSREQUESTS,
                                     "openshift-cloud-credential-operator",
                                     "openshift-azure-operator"));
    assert_int_equal(d->f.writes.len, 1);
}

static void an_interrupted_installation_goes_on(void **state)
{
    struct deployment *d = *state;
    fake_cluster_fail(&d->f, "PATCH /apis/apps/v1/namespaces/" NS "/deployments/", 500,
                      "InternalError", 1);
    assert_int_equal(deploy_install(d->f.kube, &d->f.ctx, &d->opt, NULL), -1);

    install(d);

    assert_non_null(master_of(d));
    assert_non_null(cluster_of(d));
}

#define WITH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH("installs everything and the Cluster", an_installation_is_complete),
        WITH("writes nothing the second time", a_second_installation_writes_nothing),
        WITH("needs a spec to install", an_installation_needs_a_spec),
        WITH("rolls a new image out", an_update_rolls_the_new_image_out),
        WITH("leaves Cluster and owner alone in an update",
             an_update_leaves_the_cluster_and_the_owner_alone),
        WITH("updates before there is a Cluster", an_update_works_before_there_is_a_cluster),
        WITH("keeps a restart in an update", an_update_keeps_a_restart),
        WITH("restarts by annotating the template", a_restart_annotates_the_template),
        WITH("keeps what others put on the Cluster", a_sync_keeps_annotations_banner_and_status),
        WITH("replaces the data of the Secret as a whole", obsolete_keys_of_the_secret_vanish),
        WITH("tries ownership again", ownership_is_tried_again),
        WITH("gives ownership up after a minute", ownership_is_given_up_after_a_minute),
        WITH("makes the logging namespace, but does not keep it",
             the_logging_namespace_is_made_but_not_kept),
        WITH("renews a certificate and nothing else", a_renewed_certificate_leaves_the_rest_alone),
        WITH("forces and releases reconciliation", flags_are_forced_and_released),
        WITH("forces without a map of flags", forcing_works_without_a_map),
        WITH("writes the upgrade annotation once", the_upgrade_annotation_is_written_once),
        WITH("repairs the credentials request alone", the_credentials_request_is_repaired_alone),
        WITH("goes on after an interruption", an_interrupted_installation_goes_on),
    };
    return RUN_CASES("deploy", tests);
}

/* What is deployed, as pure functions of the options. */
#include <string.h>

#include "operator/deploy/deploy_impl.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

/* ---- versions ---- */

struct version_case {
    const char *name, *image, *version, *label;
};
static struct version_case version_cases[] = {
    { "takes the tag", "arosvc.azurecr.io/aro:1a2b3c4", "1a2b3c4", "1a2b3c4" },
    { "does not take a port for a tag", "localhost:5000/aro", "latest", "latest" },
    { "takes the tag behind a port", "localhost:5000/aro:v1", "v1", "v1" },
    { "takes the digest's beginning without a tag",
      "r.io/aro@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      "0123456789ab", "0123456789ab" },
    { "prefers the tag to the digest", "r.io/aro:v2@sha256:0123456789abcdef", "v2", "v2" },
    { "calls the rest latest", "aro", "latest", "latest" },
    { "takes an empty tag for none", "r.io/aro:", "latest", "latest" },
    { "makes a label of a tag with marks at its ends", "r.io/aro:_v1.", "_v1.", "v1" },
    { "cuts a label at 63 characters",
      "r.io/aro:a123456789b123456789c123456789d123456789e123456789f123456789-23456",
      "a123456789b123456789c123456789d123456789e123456789f123456789-23456",
      "a123456789b123456789c123456789d123456789e123456789f123456789-23" },
};

static void check_version(void **state)
{
    const struct version_case *c = *state;

    cleanup_free char *version = deploy_give_version(c->image);
    cleanup_free char *label = deploy_give_version_label(c->image);

    assert_string_equal(version, c->version);
    assert_string_equal(label, c->label);
}

/* ---- objects ---- */

struct made {
    struct deploy_options opt;
    struct secret *pull_secret, *cert, *key;
    json *objects;
};

static int setup(void **state)
{
    struct made *m = xnew(struct made);
    m->pull_secret = secret_new("{\"auths\":{}}", 12);
    m->opt = (struct deploy_options){ .image = "arosvc.azurecr.io/aro:1a2b3c4",
                                      .pod_security = true,
                                      .pull_secret = m->pull_secret };
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct made *m = *state;
    secret_unref(m->pull_secret);
    secret_unref(m->cert);
    secret_unref(m->key);
    json_free(m->objects);
    free(m);
    return 0;
}

static void make(struct made *m)
{
    struct error *err = NULL;
    if (deploy_give_objects(&m->opt, &m->objects, &err) < 0)
        fail_msg("%s", error_text(err));
}

static json *find(const struct made *m, const char *kind, const char *nspace, const char *name)
{
    for (size_t i = 0; i < json_len(m->objects); i++) {
        json *o = json_at(m->objects, i);
        if (str_eq(json_path_str(o, "kind"), kind) &&
            str_eq(json_path_str(o, "metadata.name"), name) &&
            str_eq(json_path_str(o, "metadata.namespace"), nspace))
            return o;
    }
    return NULL;
}

static json *find_here(const struct made *m, const char *kind, const char *name)
{
    return find(m, kind, DEPLOY_NAMESPACE, name);
}

static json *env_of(const json *deployment, const char *name)
{
    json *env = json_path(deployment, "spec.template.spec.containers[0].env");
    for (size_t i = 0; i < json_len(env); i++)
        if (str_eq(json_path_str(json_at(env, i), "name"), name))
            return json_at(env, i);
    return NULL;
}

static const char *env_value(const json *deployment, const char *name)
{
    return json_path_str(env_of(deployment, name), "value");
}

static void everything_is_there(void **state)
{
    struct made *m = *state;
    make(m);

    assert_non_null(find(m, "CustomResourceDefinition", NULL, "clusters.aro.openshift.io"));
    assert_non_null(
        find(m, "CustomResourceDefinition", NULL, "previewfeatures.preview.aro.openshift.io"));
    assert_non_null(find(m, "Namespace", NULL, DEPLOY_NAMESPACE));
    assert_non_null(find_here(m, "ServiceAccount", DEPLOY_MASTER));
    assert_non_null(find_here(m, "ServiceAccount", DEPLOY_WORKER));
    assert_non_null(find_here(m, "Deployment", DEPLOY_MASTER));
    assert_non_null(find_here(m, "Deployment", DEPLOY_WORKER));
    assert_non_null(find_here(m, "Service", DEPLOY_MASTER));
    assert_non_null(find_here(m, "ServiceMonitor", DEPLOY_MASTER));
    assert_non_null(find_here(m, "Role", "prometheus-k8s"));
    assert_non_null(find_here(m, "RoleBinding", "prometheus-k8s"));
    assert_non_null(find_here(m, "Secret", "cluster"));
    assert_non_null(find(m, "ClusterRole", NULL, DEPLOY_MASTER));
    assert_non_null(find(m, "ClusterRoleBinding", NULL, DEPLOY_MASTER));
    assert_non_null(find(m, "ClusterRole", NULL, DEPLOY_WORKER));
    assert_non_null(find(m, "Role", "openshift-config", DEPLOY_MASTER));
    assert_non_null(find(m, "CredentialsRequest", "openshift-cloud-credential-operator",
                         "openshift-azure-operator"));
    assert_null(find(m, "Cluster", NULL, "cluster"));
}

static void image_and_version_are_filled_in(void **state)
{
    struct made *m = *state;
    static const char *const names[] = { DEPLOY_MASTER, DEPLOY_WORKER };
    make(m);

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        json *d = find_here(m, "Deployment", names[i]);
        assert_string_equal(json_path_str(d, "metadata.labels.version"), "1a2b3c4");
        assert_string_equal(json_path_str(d, "spec.template.metadata.labels.version"), "1a2b3c4");
        assert_string_equal(json_path_str(d, "spec.template.spec.containers[0].image"),
                            "arosvc.azurecr.io/aro:1a2b3c4");
    }
    cleanup_free char *text = json_give_text(m->objects);
    assert_null(strstr(text, "${"));
}

static void a_hostile_image_stays_inside_its_field(void **state)
{
    struct made *m = *state;
    m->opt.image = "x\n        securityContext: {privileged: true}\n#:v";
    make(m);

    json *d = find_here(m, "Deployment", DEPLOY_MASTER);

    assert_string_equal(json_path_str(d, "spec.template.spec.containers[0].image"), m->opt.image);
    assert_false(json_path_has(d, "spec.template.spec.containers[0].securityContext.privileged"));
}

static void a_service_principal_comes_from_the_credentials_secret(void **state)
{
    struct made *m = *state;
    make(m);

    json *master = find_here(m, "Deployment", DEPLOY_MASTER);
    json *worker = find_here(m, "Deployment", DEPLOY_WORKER);

    assert_string_equal(env_value(master, "AZURE_TOKEN_CREDENTIALS"), "EnvironmentCredential");
    json *secret = json_path(env_of(master, "AZURE_CLIENT_SECRET"), "valueFrom.secretKeyRef");
    assert_string_equal(json_path_str(secret, "name"), "azure-cloud-credentials");
    assert_string_equal(json_path_str(secret, "key"), "azure_client_secret");
    assert_false(json_path_bool(secret, "optional", false));
    assert_null(env_of(master, "AZURE_FEDERATED_TOKEN_FILE"));
    assert_null(env_of(worker, "AZURE_TOKEN_CREDENTIALS"));
    assert_null(env_of(worker, "AZURE_CLIENT_ID"));
    assert_null(find_here(m, "Secret", "azure-cloud-credentials"));
    assert_false(json_path_has(find(m, "CredentialsRequest", "openshift-cloud-credential-operator",
                                    "openshift-azure-operator"),
                               "spec.cloudTokenPath"));
}

static void use_identity(struct made *m)
{
    m->opt.identity_client_id = "client";
    m->opt.identity_tenant_id = "tenant";
    m->opt.identity_region = "eastus";
    m->opt.identity_subscription_id = "sub";
}

static void a_workload_identity_gets_a_token(void **state)
{
    struct made *m = *state;
    use_identity(m);
    make(m);

    json *master = find_here(m, "Deployment", DEPLOY_MASTER);
    json *pod = json_path(master, "spec.template.spec");

    assert_string_equal(env_value(master, "AZURE_TOKEN_CREDENTIALS"), "WorkloadIdentityCredential");
    assert_string_equal(env_value(master, "AZURE_FEDERATED_TOKEN_FILE"),
                        "/var/run/secrets/openshift/serviceaccount/token");
    assert_null(env_of(master, "AZURE_CLIENT_SECRET"));
    json *token = json_path(pod, "volumes[0].projected.sources[0].serviceAccountToken");
    assert_string_equal(json_path_str(token, "audience"), "openshift");
    assert_int_equal(json_path_int(token, "expirationSeconds", 0), 3600);
    assert_string_equal(json_path_str(token, "path"), "token");
    assert_string_equal(json_path_str(pod, "containers[0].volumeMounts[0].mountPath"),
                        "/var/run/secrets/openshift/serviceaccount");
    assert_string_equal(json_path_str(pod, "containers[0].volumeMounts[0].name"),
                        json_path_str(pod, "volumes[0].name"));
    assert_false(
        json_path_has(find_here(m, "Deployment", DEPLOY_WORKER), "spec.template.spec.volumes"));
}

static void a_workload_identity_is_written_as_a_secret(void **state)
{
    struct made *m = *state;
    use_identity(m);
    make(m);

    json *data = json_get(find_here(m, "Secret", "azure-cloud-credentials"), "data");

    assert_int_equal(json_len(data), 5);
    assert_string_equal(json_path_str(data, "azure_client_id"), "Y2xpZW50");
    assert_string_equal(json_path_str(data, "azure_tenant_id"), "dGVuYW50");
    assert_string_equal(json_path_str(data, "azure_region"), "ZWFzdHVz");
    assert_string_equal(json_path_str(data, "azure_subscription_id"), "c3Vi");
    assert_non_null(json_path_str(data, "azure_federated_token_file"));
    assert_string_equal(
        json_path_str(find(m, "CredentialsRequest", "openshift-cloud-credential-operator",
                           "openshift-azure-operator"),
                      "spec.cloudTokenPath"),
        "/var/run/secrets/openshift/serviceaccount/token");
}

static void an_incomplete_identity_is_an_error(void **state)
{
    struct made *m = *state;
    cleanup_error struct error *err = NULL;
    use_identity(m);
    m->opt.identity_region = "";

    assert_int_equal(deploy_give_objects(&m->opt, &m->objects, &err), -1);

    assert_non_null(strstr(error_text(err), "azure_region"));
}

static void an_image_is_needed(void **state)
{
    struct made *m = *state;
    m->opt.image = NULL;

    assert_int_equal(deploy_give_objects(&m->opt, &m->objects, NULL), -1);
}

static void development_is_told_to_both(void **state)
{
    struct made *m = *state;
    m->opt.is_development = true;
    make(m);

    assert_string_equal(env_value(find_here(m, "Deployment", DEPLOY_MASTER), "RP_MODE"),
                        "development");
    assert_string_equal(env_value(find_here(m, "Deployment", DEPLOY_WORKER), "RP_MODE"),
                        "development");
}

static void production_is_told_to_nobody(void **state)
{
    struct made *m = *state;
    make(m);

    assert_null(env_of(find_here(m, "Deployment", DEPLOY_MASTER), "RP_MODE"));
}

static void old_clusters_get_no_seccomp_profile(void **state)
{
    struct made *m = *state;
    m->opt.pod_security = false;
    make(m);

    json *pod = json_path(find_here(m, "Deployment", DEPLOY_MASTER), "spec.template.spec");

    assert_false(json_path_has(pod, "securityContext.seccompProfile"));
    assert_true(json_path_bool(pod, "securityContext.runAsNonRoot", false));
}

static void pods_are_confined(void **state)
{
    struct made *m = *state;
    static const char *const names[] = { DEPLOY_MASTER, DEPLOY_WORKER };
    make(m);

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        json *pod = json_path(find_here(m, "Deployment", names[i]), "spec.template.spec");
        json *context = json_path(pod, "containers[0].securityContext");
        assert_true(json_path_bool(pod, "securityContext.runAsNonRoot", false));
        assert_string_equal(json_path_str(pod, "securityContext.seccompProfile.type"),
                            "RuntimeDefault");
        assert_true(json_path_bool(context, "readOnlyRootFilesystem", false));
        assert_false(json_path_bool(context, "allowPrivilegeEscalation", true));
        assert_string_equal(json_str(json_path(context, "capabilities.drop[0]")), "ALL");
    }
}

static void the_secret_holds_only_what_was_given(void **state)
{
    struct made *m = *state;
    make(m);

    json *data = json_get(find_here(m, "Secret", "cluster"), "data");

    assert_int_equal(json_len(data), 1);
    assert_string_equal(json_str(json_get(data, ".dockerconfigjson")), "eyJhdXRocyI6e319");
}

static void the_secret_holds_the_certificate_of_mdsd(void **state)
{
    struct made *m = *state;
    m->opt.gcs_cert_pem = m->cert = secret_new("c", 1);
    m->opt.gcs_key_pem = m->key = secret_new("k", 1);
    make(m);

    json *data = json_get(find_here(m, "Secret", "cluster"), "data");

    assert_string_equal(json_str(json_get(data, "gcscert.pem")), "Yw==");
    assert_string_equal(json_str(json_get(data, "gcskey.pem")), "aw==");
}

#define MADE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

/* A category of the same word would stand for several kinds: `kubectl edit aro cluster` would refuse it. */
static void a_short_word_names_one_kind(void **state)
{
    static const struct {
        const char *crd, *word;
    } words[] = { { "clusters.aro.openshift.io", "aro" },
                  { "previewfeatures.preview.aro.openshift.io", "aropreview" } };
    struct made *m = *state;
    make(m);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        json *crd = find(m, "CustomResourceDefinition", NULL, words[i].crd);
        assert_string_equal(json_path_str(crd, "spec.names.shortNames[0]"), words[i].word);
        assert_int_equal(json_len(json_path(crd, "spec.names.categories")), 0);
    }
}

int main(void)
{
    const struct CMUnitTest objects[] = {
        MADE("makes everything but the Cluster", everything_is_there),
        MADE("names each kind in a word of its own", a_short_word_names_one_kind),
        MADE("fills image and version in", image_and_version_are_filled_in),
        MADE("keeps a hostile image inside its field", a_hostile_image_stays_inside_its_field),
        MADE("takes a service principal from the credentials",
             a_service_principal_comes_from_the_credentials_secret),
        MADE("mounts a token for a workload identity", a_workload_identity_gets_a_token),
        MADE("writes a workload identity as a Secret", a_workload_identity_is_written_as_a_secret),
        MADE("refuses an incomplete identity", an_incomplete_identity_is_an_error),
        MADE("refuses to go without an image", an_image_is_needed),
        MADE("tells both that it is development", development_is_told_to_both),
        MADE("tells nobody that it is production", production_is_told_to_nobody),
        MADE("sets no seccomp profile on old clusters", old_clusters_get_no_seccomp_profile),
        MADE("confines the pods", pods_are_confined),
        MADE("puts only what was given into the Secret", the_secret_holds_only_what_was_given),
        MADE("puts mdsd's certificate into the Secret", the_secret_holds_the_certificate_of_mdsd),
    };
    struct CMUnitTest versions[ARRAY_LEN(version_cases)];
    for (size_t i = 0; i < ARRAY_LEN(version_cases); i++)
        versions[i] =
            (struct CMUnitTest)CASE_OF(version_cases[i].name, check_version, &version_cases[i]);
    return RUN_CASES("deploy_version", versions) + RUN_CASES("deploy_objects", objects);
}

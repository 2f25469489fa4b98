/* What is deployed, as trees: pure functions of the options and of the embedded files. */
#include <ctype.h>
#include <string.h>

#include "operator/deploy/deploy_impl.h"
#include "operator/deploy/render.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FOLDER "operator/"
#define TOKEN_FOLDER "/var/run/secrets/openshift/serviceaccount"
#define TOKEN_FILE "token"
#define TOKEN_VOLUME "bound-sa-token"
#define LABEL_MAX 63
#define DIGEST_SHOWN 12

static const char *const files[] = {
    FOLDER "crds/clusters.aro.openshift.io.yaml",
    FOLDER "crds/previewfeatures.preview.aro.openshift.io.yaml",
    FOLDER "common/namespace.yaml",
    FOLDER "common/monitoring.yaml",
    FOLDER "master/serviceaccount.yaml",
    FOLDER "master/role.yaml",
    FOLDER "master/service.yaml",
    FOLDER "master/deployment.yaml",
    FOLDER "worker/serviceaccount.yaml",
    FOLDER "worker/role.yaml",
    FOLDER "worker/deployment.yaml",
};

/* ---- version ---- */

char *deploy_give_version(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *name = slash ? slash + 1 : image; /* a colon before it belongs to a port */
    const char *digest = strchr(name, '@');
    size_t name_len = digest ? (size_t)(digest - name) : strlen(name);
    const char *colon = memchr(name, ':', name_len);
    if (colon && colon + 1 < name + name_len)
        return xstrndup(colon + 1, (size_t)(name + name_len - colon - 1));
    const char *hex = digest ? strchr(digest, ':') : NULL;
    return hex && hex[1] ? xstrndup(hex + 1, DIGEST_SHOWN) : xstrdup("latest");
}

char *deploy_give_version_label(const char *image)
{
    cleanup_free char *version = deploy_give_version(image);
    const char *begin = version;
    while (*begin && !isalnum((unsigned char)*begin))
        begin++;
    char *label = xstrndup(begin, LABEL_MAX);
    for (size_t len = strlen(label); len > 0 && !isalnum((unsigned char)label[len - 1]); len--)
        label[len - 1] = '\0';
    return label;
}

/* ---- the master's credentials ---- */

static bool uses_workload_identity(const struct deploy_options *opt)
{
    return opt->identity_client_id != NULL;
}

static void add_env(json *container, const char *name, const char *value)
{
    json_append(json_get(container, "env"), json_make("{'name':%s,'value':%s}", name, value));
}

static void mount_token(json *pod, json *container)
{
    json_put(pod, "volumes",
             json_make("[{'name':%s,'projected':{'defaultMode':420,'sources':["
                       "{'serviceAccountToken':{'audience':'openshift','expirationSeconds':3600,"
                       "'path':%s}}]}}]",
                       TOKEN_VOLUME, TOKEN_FILE));
    json_put(container, "volumeMounts",
             json_make("[{'name':%s,'mountPath':%s,'readOnly':true}]", TOKEN_VOLUME, TOKEN_FOLDER));
}

static void add_credentials(const struct deploy_options *opt, json *pod, json *container)
{
    if (uses_workload_identity(opt)) {
        add_env(container, "AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential");
        add_env(container, "AZURE_FEDERATED_TOKEN_FILE", TOKEN_FOLDER "/" TOKEN_FILE);
        mount_token(pod, container);
        return;
    }
    add_env(container, "AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");
    /* Not optional: the pod waits until the credentials were minted. */
    json_append(json_get(container, "env"),
                json_make("{'name':'AZURE_CLIENT_SECRET','valueFrom':{'secretKeyRef':"
                          "{'name':%s,'key':'azure_client_secret'}}}",
                          DEPLOY_CREDENTIALS));
}

static void fit_deployment(const struct deploy_options *opt, json *deployment)
{
    json *pod = json_path(deployment, "spec.template.spec");
    json *container = json_path(pod, "containers[0]");
    if (str_eq(json_path_str(deployment, "metadata.name"), DEPLOY_MASTER))
        add_credentials(opt, pod, container);
    if (opt->is_development)
        add_env(container, "RP_MODE", "development");
    if (!opt->pod_security) /* the restricted constraint of older versions refuses the field */
        json_path_del(pod, "securityContext.seccompProfile");
}

/* ---- secrets ---- */

static json *give_secret(const char *name)
{
    return json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,'namespace':%s},"
                     "'type':'Opaque','data':{}}",
                     name, DEPLOY_NAMESPACE);
}

void deploy_put_secret(json *object, const char *key, const struct secret *value)
{
    if (!value)
        return;
    if (!json_is_object(json_get(object, "data")))
        json_put(object, "data", json_new_object());
    size_t len;
    const char *bytes = secret_reveal(value, &len);
    char *encoded = base64_give(bytes, len);
    json_put(json_get(object, "data"), key, json_new_str(encoded));
    secret_wipe(encoded, strlen(encoded));
    free(encoded);
}

static json *give_operator_secret(const struct deploy_options *opt)
{
    json *object = give_secret(DEPLOY_SECRET);
    deploy_put_secret(object, ".dockerconfigjson", opt->pull_secret);
    deploy_put_secret(object, "gcscert.pem", opt->gcs_cert_pem);
    deploy_put_secret(object, "gcskey.pem", opt->gcs_key_pem);
    return object;
}

static int give_identity_secret(const struct deploy_options *opt, json **ret, struct error **err)
{
    const struct {
        const char *key, *value;
    } rows[] = {
        { "azure_client_id", opt->identity_client_id },
        { "azure_tenant_id", opt->identity_tenant_id },
        { "azure_region", opt->identity_region },
        { "azure_subscription_id", opt->identity_subscription_id },
        { "azure_federated_token_file", TOKEN_FOLDER "/" TOKEN_FILE },
    };
    cleanup_json json *object = give_secret(DEPLOY_CREDENTIALS);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!rows[i].value || !*rows[i].value)
            return error_set(err, ERR_INVALID, "the operator's platform identity has no %s",
                             rows[i].key);
        cleanup_free char *encoded = base64_give(rows[i].value, strlen(rows[i].value));
        json_put(json_get(object, "data"), rows[i].key, json_new_str(encoded));
    }
    *ret = take(object);
    return 0;
}

/* ---- all of it ---- */

int deploy_give_credentials_request(const struct deploy_options *opt, json **ret,
                                    struct error **err)
{
    const struct render_var vars[] = { { "TokenVolumeMountPath", TOKEN_FOLDER },
                                       { "FederatedTokenFile", TOKEN_FILE } };
    cleanup_json json *objects = json_new_array();
    if (render_file(FOLDER "common/credentialsrequest.yaml", vars, ARRAY_LEN(vars), objects, err) <
        0)
        return -1;
    json *object = json_at(objects, 0);
    if (!uses_workload_identity(opt))
        json_path_del(object, "spec.cloudTokenPath");
    *ret = json_ref(object);
    return 0;
}

static int add_files(const struct deploy_options *opt, json *objects, struct error **err)
{
    cleanup_free char *label = deploy_give_version_label(opt->image);
    const struct render_var vars[] = { { "Image", opt->image }, { "Version", label } };
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (render_file(files[i], vars, ARRAY_LEN(vars), objects, err) < 0)
            return -1;
    for (size_t i = 0; i < json_len(objects); i++)
        if (str_eq(json_path_str(json_at(objects, i), "kind"), "Deployment"))
            fit_deployment(opt, json_at(objects, i));
    return 0;
}

int deploy_give_objects(const struct deploy_options *opt, json **ret, struct error **err)
{
    cleanup_json json *objects = json_new_array();
    json *request = NULL, *identity = NULL;
    if (!opt->image || !*opt->image)
        return error_set(err, ERR_INVALID, "the operator has no image");
    if (add_files(opt, objects, err) < 0 || deploy_give_credentials_request(opt, &request, err) < 0)
        return -1;
    json_append(objects, request);
    json_append(objects, give_operator_secret(opt));
    if (uses_workload_identity(opt)) {
        if (give_identity_secret(opt, &identity, err) < 0)
            return -1;
        json_append(objects, identity);
    }
    *ret = take(objects);
    return 0;
}

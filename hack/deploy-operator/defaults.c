#include "hack/deploy-operator/defaults.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/api/operatorflags.h"
#include "pkg/azure/azure.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/version.h"
#include "pkg/base/yaml.h"

#define REGISTRY "arosvc.azurecr.io"
#define OPERATOR_NAMESPACE "openshift-azure-operator"
#define PULL_SECRET_PATH "data[\".dockerconfigjson\"]"

static const struct gvr infrastructures = { "config.openshift.io", "v1", "infrastructures",
                                            "Infrastructure", false };
static const struct gvr dns_configs = { "config.openshift.io", "v1", "dnses", "DNS", false };

struct finding {
    struct kube_client *kube;
    const struct opctx *ctx;
    const struct defaults_config *cfg;
    struct defaults *out;
};

/* Absent, and a kind that the cluster lacks, give NULL. */
static int get(const struct finding *f, const struct gvr *gvr, const char *nspace, const char *name,
               json **ret, struct error **err)
{
    struct error *e = NULL;
    *ret = NULL;
    if (kube_get(f->kube, f->ctx, KUBE_REF(gvr, nspace, name), ret, &e) < 0 &&
        !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

/* A value of a Secret, decoded; NULL when absent or no base64. */
static char *give_value(const json *secret, const char *path)
{
    const char *encoded = json_path_str(secret, path);
    char *text = NULL;
    size_t len;
    if (!encoded || base64_parse(encoded, strlen(encoded), &text, &len, NULL) < 0)
        return NULL;
    return text;
}

static struct secret *give_secret(const json *secret, const char *path)
{
    cleanup_free char *text = give_value(secret, path);
    return text ? secret_new(text, strlen(text)) : NULL;
}

/* ---- secrets ---- */

static int find_pull_secret(const struct finding *f, const json *ours, struct error **err)
{
    struct defaults *d = f->out;
    const char *given = f->cfg->pull_secret_text ? f->cfg->pull_secret_text
                                                 : env_get_or(f->cfg->env, "PULL_SECRET", NULL);
    if (given) {
        json *parsed = NULL;
        if (json_parse_object(given, strlen(given), &parsed, err) < 0)
            return error_wrap(err, "the pull secret");
        json_free(parsed);
        d->pull_secret = secret_new(given, strlen(given));
        return 0;
    }
    d->pull_secret = give_secret(ours, PULL_SECRET_PATH);
    if (d->pull_secret)
        return 0;
    cleanup_json json *global = NULL;
    if (get(f, &GVR_SECRETS, "openshift-config", "pull-secret", &global, err) < 0)
        return -1;
    d->pull_secret = give_secret(global, PULL_SECRET_PATH);
    if (!d->pull_secret)
        d->pull_secret = secret_new("{\"auths\":{}}", strlen("{\"auths\":{}}"));
    return 0;
}

static int find_secrets(const struct finding *f, struct error **err)
{
    cleanup_json json *ours = NULL;
    if (get(f, &GVR_SECRETS, OPERATOR_NAMESPACE, "cluster", &ours, err) < 0)
        return -1;
    f->out->gcs_cert_pem = give_secret(ours, "data[\"gcscert.pem\"]");
    f->out->gcs_key_pem = give_secret(ours, "data[\"gcskey.pem\"]");
    return find_pull_secret(f, ours, err);
}

/* A cluster with workload identity has its identities there already. */
static int find_identity(const struct finding *f, struct error **err)
{
    static const char *const keys[] = { "azure_client_id", "azure_tenant_id", "azure_region",
                                        "azure_subscription_id" };
    cleanup_json json *secret = NULL;
    if (get(f, &GVR_SECRETS, OPERATOR_NAMESPACE, "azure-cloud-credentials", &secret, err) < 0)
        return -1;
    if (!json_path_str(secret, "data.azure_federated_token_file"))
        return 0;
    json *identity = f->out->identity = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        cleanup_free char *path = xasprintf("data.%s", keys[i]);
        cleanup_free char *value = give_value(secret, path);
        json_put(identity, keys[i], json_new_str(value ? value : ""));
    }
    struct deploy_options *o = &f->out->options;
    o->identity_client_id = json_path_str(identity, keys[0]);
    o->identity_tenant_id = json_path_str(identity, keys[1]);
    o->identity_region = json_path_str(identity, keys[2]);
    o->identity_subscription_id = json_path_str(identity, keys[3]);
    return 0;
}

/* ---- the Cluster resource ---- */

static json *give_urls(const struct azure_cloud *cloud)
{
    bool is_public = str_eq(cloud->name, "AzurePublicCloud");
    return json_make("[%s,%s,%s,%s]", "https://" REGISTRY "/", cloud->aad, cloud->arm,
                     is_public ? "https://gcs.prod.monitoring.core.windows.net/"
                               : "https://gcs.monitoring.core.usgovcloudapi.net/");
}

struct facts {
    json *infrastructure, *dns, *credentials;
};

static void facts_release(struct facts *facts)
{
    json_free(facts->infrastructure);
    json_free(facts->dns);
    json_free(facts->credentials);
}

static int read_facts(const struct finding *f, struct facts *ret, struct error **err)
{
    if (get(f, &infrastructures, NULL, "cluster", &ret->infrastructure, err) < 0 ||
        get(f, &dns_configs, NULL, "cluster", &ret->dns, err) < 0 ||
        get(f, &GVR_SECRETS, "kube-system", "azure-credentials", &ret->credentials, err) < 0)
        return -1;
    if (!ret->infrastructure)
        return error_set(err, ERR_INVALID,
                         "the cluster does not describe itself (no Infrastructure 'cluster'): give "
                         "the spec of the Cluster resource with --cluster-spec");
    return 0;
}

static int derive_spec(const struct facts *facts, json **ret, struct error **err)
{
    const char *infra, *group;
    if (json_need_str(facts->infrastructure, "status.infrastructureName", &infra, err) < 0 ||
        json_need_str(facts->infrastructure, "status.platformStatus.azure.resourceGroupName",
                      &group, err) < 0)
        return error_wrap(err, "Infrastructure 'cluster' (--cluster-spec avoids this)");
    const char *cloud_name =
        json_path_str(facts->infrastructure, "status.platformStatus.azure.cloudName");
    const struct azure_cloud *cloud =
        azure_cloud_find(cloud_name ? cloud_name : "AzurePublicCloud");
    if (!cloud)
        return error_set(err, ERR_INVALID, "cloud environment \"%s\" is unsupported by ARO",
                         cloud_name);
    cleanup_free char *subscription = give_value(facts->credentials, "data.azure_subscription_id");
    cleanup_free char *region = give_value(facts->credentials, "data.azure_region");
    if (!subscription || !region)
        return error_set(err, ERR_INVALID,
                         "Secret kube-system/azure-credentials lacks azure_subscription_id or "
                         "azure_region: give the spec with --cluster-spec");
    cleanup_free char *group_id =
        xasprintf("/subscriptions/%s/resourceGroups/%s", subscription, group);
    /* Who asked for the cluster, and under which name, is not kept inside it. */
    cleanup_free char *id =
        xasprintf("%s/providers/Microsoft.RedHatOpenShift/openShiftClusters/%s", group_id, infra);
    const char *domain = json_path_str(facts->dns, "spec.baseDomain");
    *ret = json_make("{'resourceId':%s,'clusterResourceGroupId':%s,'domain':%s,'acrDomain':%s,"
                     "'azEnvironment':%s,'location':%s,'infraId':%s,'architectureVersion':1,"
                     "'internetChecker':{'urls':%j},'gatewayDomains':[],'operatorflags':%j}",
                     id, group_id, domain ? domain : "", REGISTRY, cloud->name, region, infra,
                     give_urls(cloud), operatorflags_give_defaults());
    return 0;
}

static int parse_spec(const char *text, json **ret, struct error **err)
{
    cleanup_json json *given = NULL;
    if (yaml_parse(text, strlen(text), &given, err) < 0)
        return error_wrap(err, "the spec of the Cluster resource");
    json *spec = json_has(given, "spec") ? json_get(given, "spec") : given;
    if (!json_is_object(spec))
        return error_set(err, ERR_INVALID, "the spec of the Cluster resource is no object");
    *ret = json_ref(spec);
    return 0;
}

static int find_spec(const struct finding *f, struct error **err)
{
    if (f->cfg->cluster_spec_text)
        return parse_spec(f->cfg->cluster_spec_text, &f->out->cluster_spec, err);
    cleanup_json json *live = NULL;
    if (get(f, &GVR_CLUSTERS, NULL, "cluster", &live, err) < 0)
        return -1;
    if (live)
        return 0;
    struct facts facts = { 0 };
    int rcode = read_facts(f, &facts, err);
    if (rcode == 0)
        rcode = derive_spec(&facts, &f->out->cluster_spec, err);
    facts_release(&facts);
    return rcode;
}

/* ---- the rest ---- */

/* Pod security admission came with OpenShift 4.11. A cluster that is no OpenShift has it as well. */
static int find_pod_security(const struct finding *f, struct error **err)
{
    cleanup_json json *version = NULL;
    if (get(f, &GVR_CLUSTERVERSIONS, NULL, "version", &version, err) < 0)
        return -1;
    const char *text = json_path_str(version, "status.desired.version");
    char *rest = NULL;
    long major = text ? strtol(text, &rest, 10) : 5;
    long minor = rest && *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
    f->out->options.pod_security = major > 4 || (major == 4 && minor >= 11);
    return 0;
}

int defaults_find(struct kube_client *k, const struct opctx *ctx, const struct defaults_config *cfg,
                  struct defaults *ret, struct error **err)
{
    struct defaults d = { 0 };
    const struct finding f = { k, ctx, cfg, &d };
    if (find_secrets(&f, err) < 0 || find_identity(&f, err) < 0 || find_spec(&f, err) < 0 ||
        find_pod_security(&f, err) < 0) {
        defaults_release(&d);
        return -1;
    }
    d.image = cfg->image && *cfg->image ? xstrdup(cfg->image)
                                        : xasprintf(REGISTRY "/aro:%s", version_commit());
    d.options.image = d.image;
    d.options.is_development = str_eq_nocase(env_get(cfg->env, "RP_MODE"), "development");
    d.options.pull_secret = d.pull_secret;
    d.options.gcs_cert_pem = d.gcs_cert_pem;
    d.options.gcs_key_pem = d.gcs_key_pem;
    d.options.cluster_spec = d.cluster_spec;
    *ret = d;
    return 0;
}

void defaults_release(struct defaults *d)
{
    free(d->image);
    json_free(d->cluster_spec);
    json_free(d->identity);
    secret_unref(d->pull_secret);
    secret_unref(d->gcs_cert_pem);
    secret_unref(d->gcs_key_pem);
    *d = (struct defaults){ 0 };
}

#include "rp/cluster/credentials.h"

#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/encoding.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/names.h"
#include "rp/cluster/operator.h"

#define PENDING "metadata.annotations[\"aro.openshift.io/pending-restart\"]"
#define CREDENTIAL_NAMESPACE "openshift-cloud-credential-operator"
#define CREDENTIAL_OPERATOR "app=cloud-credential-operator"
#define CLOUD_CONFIG "data[\"cloud-config\"]"
#define REASON "spec.forceRedeploymentReason"
#define RECONCILED_S (5 * 60)

static const struct kube_ref credentials_ref = { .gvr = &GVR_SECRETS,
                                                 .nspace = "kube-system",
                                                 .name = "azure-credentials" };
static const struct kube_ref provider_ref = { .gvr = &GVR_SECRETS,
                                              .nspace = "kube-system",
                                              .name = "azure-cloud-provider" };

/* ---- the principal ---- */

struct principal {
    const char *client_id, *tenant_id;
    struct secret *client_secret;
};

static int read_principal(struct cluster *c, const struct opctx *ctx, struct principal *p,
                          struct error **err)
{
    p->client_id = cluster_text(c, "servicePrincipalProfile.clientId");
    p->tenant_id = cluster_tenant_id(c);
    if (cluster_open_secret(c, ctx, "servicePrincipalProfile.clientSecret", &p->client_secret,
                            err) < 0)
        return -1;
    return p->client_id && p->client_secret
               ? 0
               : error_set(err, ERR_INTERNAL, "the document has no service principal");
}

/* ---- Secrets ---- */

static void put_value(json *secret, const char *key, const char *value, size_t len)
{
    cleanup_secret_text char *encoded = base64_give(value, len);
    if (!json_is_object(json_get(secret, "data")))
        json_put(secret, "data", json_new_object());
    json_put(json_get(secret, "data"), key, json_new_str(encoded));
}

/* What the installer wrote beside the principal is only written where the Secret is lost. */
static json *give_credentials(const struct cluster *c, const struct principal *p, bool whole)
{
    json *secret = json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,"
                             "'namespace':%s},'data':{}}",
                             credentials_ref.name, credentials_ref.nspace);
    cleanup_free char *group = name_give_group(c);
    const struct {
        const char *key, *value;
        bool only_whole;
    } rows[] = {
        { "azure_client_id", p->client_id, false },
        { "azure_client_secret", secret_reveal(p->client_secret, NULL), false },
        { "azure_tenant_id", p->tenant_id, false },
        { "azure_subscription_id", cluster_subscription_id(c), true },
        { "azure_resource_prefix", name_infra(c), true },
        { "azure_resourcegroup", group, true },
        { "azure_region", cluster_location(c), true },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (whole || !rows[i].only_whole)
            put_value(secret, rows[i].key, rows[i].value, strlen(rows[i].value));
    return secret;
}

static int read_cloud_config(const json *secret, json **ret, struct error **err)
{
    const char *encoded = json_path_str(secret, CLOUD_CONFIG);
    cleanup_secret_text char *text = NULL;
    size_t len = 0;
    if (encoded && base64_parse(encoded, strlen(encoded), &text, &len, err) < 0)
        return error_wrap(err, "cloud-config");
    if (text && yaml_parse(text, len, ret, err) < 0)
        return error_wrap(err, "cloud-config");
    if (!json_is_object(*ret)) {
        json_free(*ret);
        *ret = json_new_object();
    }
    return 0;
}

/* Equal content in another spelling is no change. */
static int put_cloud_config(json *secret, void *arg, struct error **err)
{
    const struct principal *p = arg;
    cleanup_json_wiped json *config = NULL;
    size_t len;
    const char *text = secret_reveal(p->client_secret, &len);
    if (read_cloud_config(secret, &config, err) < 0)
        return -1;
    if (str_eq(json_path_str(config, "aadClientId"), p->client_id) &&
        str_eq(json_path_str(config, "aadClientSecret"), text))
        return 0;
    json_put(config, "aadClientId", json_new_str(p->client_id));
    json_put(config, "aadClientSecret", json_new_str_n(text, len));
    cleanup_secret_text char *out = yaml_give_text(config);
    put_value(secret, "cloud-config", out, strlen(out));
    return json_set_str(secret, PENDING, "true", err);
}

static int forget_mark(json *secret, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    (void)json_path_del(secret, PENDING);
    return 0;
}

/* ---- what follows ---- */

static int restart_credential_operator(const struct cluster *c, const struct opctx *ctx,
                                       struct error **err)
{
    const struct kube_list_options opt = { .label_selector = CREDENTIAL_OPERATOR };
    cleanup_json json *pods = NULL;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_PODS, CREDENTIAL_NAMESPACE, NULL), &opt, &pods, err) <
        0)
        return -1;
    json *items = json_get(pods, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        const char *name = json_path_str(json_at(items, i), "metadata.name");
        if (kube_delete_if_present(c->kube, ctx, KUBE_REF(&GVR_PODS, CREDENTIAL_NAMESPACE, name),
                                   err) < 0)
            return error_wrap(err, "restarting the cloud credential operator");
    }
    return 0;
}

static int set_reason(json *config, void *arg, struct error **err)
{
    return json_set_str(config, REASON, arg, err);
}

static int redeploy_control_plane(const struct cluster *c, const struct opctx *ctx,
                                  struct error **err)
{
    static const struct gvr *const kinds[] = { &GVR_KUBEAPISERVERS, &GVR_KUBECONTROLLERMANAGERS };
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(ctx->clock), now);
    cleanup_free char *reason = xasprintf("Credential rotation %s", now);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (cluster_edit(c->kube, ctx, KUBE_REF(kinds[i], NULL, "cluster"), set_reason, reason,
                         err) < 0)
            return -1;
    return 0;
}

/* ---- steps ---- */

static int apply_credentials(const struct cluster *c, const struct opctx *ctx,
                             const struct principal *p, struct error **err)
{
    const struct kube_write_options opt = { .field_manager = "aro-rp", .force = true };
    cleanup_json_wiped json *live = NULL;
    if (cluster_get_if_present(c->kube, ctx, &credentials_ref, &live, err) < 0)
        return -1;
    cleanup_json_wiped json *secret = give_credentials(c, p, !live);
    if (kube_apply(c->kube, ctx, &credentials_ref, secret, &opt, NULL, err) < 0)
        return error_wrap(err, "writing Secret azure-credentials");
    return restart_credential_operator(c, ctx, err);
}

int cluster_update_openshift_secret(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct principal p = { 0 };
    int rcode = read_principal(c, ctx, &p, err);
    if (rcode == 0)
        rcode = apply_credentials(c, ctx, &p, err);
    secret_unref(p.client_secret);
    return rcode;
}

/* Nothing where there is none. */
static int renew_provider(const struct cluster *c, const struct opctx *ctx, struct principal *p,
                          struct error **err)
{
    cleanup_json_wiped json *secret = NULL;
    cleanup_json_wiped json *written = NULL;
    if (cluster_get_if_present(c->kube, ctx, &provider_ref, &secret, err) < 0)
        return -1;
    if (!secret)
        return 0;
    if (cluster_edit(c->kube, ctx, &provider_ref, put_cloud_config, p, err) < 0 ||
        kube_get(c->kube, ctx, &provider_ref, &written, err) < 0)
        return -1;
    if (!json_path_str(written, PENDING))
        return 0;
    log_info(ctx->log, "the control plane is rolled out with other credentials");
    if (redeploy_control_plane(c, ctx, err) < 0)
        return -1;
    return cluster_edit(c->kube, ctx, &provider_ref, forget_mark, NULL, err);
}

int cluster_update_cloud_provider_secret(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct principal p = { 0 };
    int rcode = read_principal(c, ctx, &p, err);
    if (rcode == 0)
        rcode = renew_provider(c, ctx, &p, err);
    secret_unref(p.client_secret);
    return rcode;
}

int cluster_credentials_request_reconciled(void *arg, const struct opctx *ctx, bool *ret,
                                           struct error **err)
{
    const struct cluster *c = arg;
    const struct kube_ref *ref =
        KUBE_REF(&GVR_CREDENTIALSREQUESTS, CREDENTIAL_NAMESPACE, "openshift-azure-operator");
    const struct opctx look = opctx_with_timeout_ms(ctx, CLUSTER_LOOK_MS);
    cleanup_json json *request = NULL;
    struct error *e = NULL;
    int64_t synced_ns;
    bool has_operator;
    if (cluster_has_operator(c, &look, &has_operator, &e) < 0 ||
        (has_operator && kube_get(c->kube, &look, ref, &request, &e) < 0)) {
        (void)error_set(err, ERR_UNAVAILABLE, "%s", error_text(e)); /* until the next look */
        error_free(e);
        return -1;
    }
    *ret = !has_operator;
    if (!has_operator)
        return 0;
    const char *text = json_path_str(request, "status.lastSyncTimestamp");
    if (!text || !time_parse_rfc3339(text, &synced_ns)) {
        log_info(ctx->log, "not yet: the operator's credentials were never minted");
        return 0;
    }
    *ret = clock_wall_ns(ctx->clock) - synced_ns < RECONCILED_S * NS_PER_S;
    return 0;
}

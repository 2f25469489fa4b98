#include "rp/cluster/operator.h"

#include "operator/deploy/deploy.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/cluster/cluster_version.h"
#include "rp/cluster/geneva_logging.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/operator_spec.h"
#include "rp/cluster/pull_secret.h"

#define IDENTITY "platformWorkloadIdentityProfile.platformWorkloadIdentities[\"aro-operator\"]"
#define POD_SECURITY_MINOR 11

/* Options with what they borrow. */
struct deployment {
    struct deploy_options options;
    char *image;
    json *spec;
    struct secret *pull_secret;
    struct secret *logging_cert, *logging_key;
};

static void deployment_release(struct deployment *d)
{
    free(d->image);
    json_free(d->spec);
    secret_unref(d->pull_secret);
    secret_unref(d->logging_cert);
    secret_unref(d->logging_key);
}
#define cleanup_deployment CLEANUP_WITH(deployment_release)

int cluster_has_operator(const struct cluster *c, const struct opctx *ctx, bool *ret,
                         struct error **err)
{
    *ret = operator_spec_is_known(c);
    if (*ret && cluster_layout(c) == LAYOUT_V2)
        return 0; /* it was installed with the operator, whatever its version */
    if (*ret)
        return cluster_runs_minor(c, ctx, CLUSTER_OPERATOR_MINOR, ret, err);
    log_warning(ctx->log, "the operator is left alone: the document has no address of the ingress");
    return 0;
}

/* ---- what is deployed ---- */

static int put_identity(const struct cluster *c, struct deploy_options *o, struct error **err)
{
    if (!cluster_has_identities(c))
        return 0;
    o->identity_client_id = cluster_text(c, IDENTITY ".clientId");
    o->identity_tenant_id = cluster_tenant_id(c);
    o->identity_region = cluster_location(c);
    o->identity_subscription_id = cluster_subscription_id(c);
    return o->identity_client_id
               ? 0
               : error_set(err, ERR_INTERNAL,
                           "the cluster has no platform identity 'aro-operator' with a client ID");
}

static int prepare(struct cluster *c, const struct opctx *ctx, struct deployment *d,
                   struct error **err)
{
    struct deploy_options *o = &d->options;
    if (put_identity(c, o, err) < 0 ||
        cluster_get_logging_pair(c, ctx, &d->logging_cert, &d->logging_key, err) < 0 ||
        cluster_give_service_pull_secret(c, ctx, &d->pull_secret, err) < 0)
        return error_wrap(err, "deploying the operator");
    d->image = operator_spec_give_image(c);
    o->image = d->image;
    o->pull_secret = d->pull_secret;
    o->gcs_cert_pem = d->logging_cert;
    o->gcs_key_pem = d->logging_key;
    o->is_development = rp_env_is_development(c->cfg->env);
    return 0;
}

/* With what only the cluster knows. */
static int prepare_fully(struct cluster *c, const struct opctx *ctx, struct deployment *d,
                         struct error **err)
{
    if (prepare(c, ctx, d, err) < 0)
        return -1;
    return cluster_runs_minor(c, ctx, POD_SECURITY_MINOR, &d->options.pod_security, err);
}

/* ---- steps ---- */

int cluster_initialize_operator_deployer(void *arg, const struct opctx *ctx, struct error **err)
{
    cleanup_deployment struct deployment d = { 0 };
    return prepare(arg, ctx, &d, err);
}

int cluster_install_operator(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_deployment struct deployment d = { 0 };
    if (operator_spec_give(c, &d.spec, err) < 0 || prepare_fully(c, ctx, &d, err) < 0)
        return -1;
    d.options.cluster_spec = d.spec;
    return deploy_install(c->kube, ctx, &d.options, err);
}

int cluster_ensure_operator(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_deployment struct deployment d = { 0 };
    bool due;
    if (cluster_has_operator(c, ctx, &due, err) < 0 || (due && prepare_fully(c, ctx, &d, err) < 0))
        return -1;
    return due ? deploy_update(c->kube, ctx, &d.options, err) : 0;
}

int cluster_renew_logging_certificate(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_deployment struct deployment d = { 0 };
    struct error *e = NULL;
    bool due;
    if (cluster_has_operator(c, ctx, &due, err) < 0 ||
        cluster_get_logging_pair(c, ctx, &d.logging_cert, &d.logging_key, err) < 0)
        return -1;
    if (!due || !d.logging_cert)
        return 0;
    if (deploy_renew_certificate(c->kube, ctx, d.logging_cert, d.logging_key, &e) < 0 &&
        !error_is(e, ERR_NOT_FOUND)) /* there is no operator yet: it will come with this one */
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int cluster_sync_cluster_object(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *spec = NULL;
    bool due;
    if (cluster_has_operator(c, ctx, &due, err) < 0 ||
        (due && operator_spec_give(c, &spec, err) < 0))
        return -1;
    return due ? deploy_sync_cluster(c->kube, ctx, spec, err) : 0;
}

int cluster_enable_operator_reconciliation(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    return deploy_set_force_reconcile(c->kube, ctx, true, err);
}

int cluster_disable_operator_reconciliation(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    return deploy_set_force_reconcile(c->kube, ctx, false, err);
}

int cluster_ensure_credentials_request(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_deployment struct deployment d = { 0 };
    bool due;
    if (cluster_has_operator(c, ctx, &due, err) < 0 || (due && prepare(c, ctx, &d, err) < 0))
        return -1;
    return due ? deploy_credentials_request(c->kube, ctx, &d.options, err) : 0;
}

int cluster_ensure_upgrade_annotation(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    return deploy_ensure_upgrade_annotation(
        c->kube, ctx, cluster_text(c, "platformWorkloadIdentityProfile.upgradeableTo"), err);
}

int cluster_restart_operator_master(void *arg, const struct opctx *ctx, struct error **err)
{
    static const char *const deployments[] = { "aro-operator-master", NULL };
    const struct cluster *c = arg;
    bool due;
    if (cluster_has_operator(c, ctx, &due, err) < 0)
        return -1;
    return due ? deploy_restart(c->kube, ctx, deployments, err) : 0;
}

/* ---- conditions ---- */

/* As the other conditions have it: whatever it is may be over at the next look. */
static int not_seen(struct error **err, struct error *e)
{
    (void)error_set(err, ERR_UNAVAILABLE, "%s", error_text(e));
    error_free(e);
    return -1;
}

int cluster_operator_ready(void *arg, const struct opctx *ctx, bool *ret, struct error **err)
{
    const struct cluster *c = arg;
    const struct opctx look = opctx_with_timeout_ms(ctx, CLUSTER_LOOK_MS);
    cleanup_free char *why = NULL;
    struct error *e = NULL;
    bool due;
    *ret = true;
    if (cluster_has_operator(c, &look, &due, &e) < 0 ||
        (due && deploy_is_ready(c->kube, &look, ret, &why, &e) < 0))
        return not_seen(err, e);
    if (!*ret)
        log_info(ctx->log, "not yet: %s", why);
    return 0;
}

int cluster_operator_runs_desired_version(void *arg, const struct opctx *ctx, bool *ret,
                                          struct error **err)
{
    const struct cluster *c = arg;
    const struct opctx look = opctx_with_timeout_ms(ctx, CLUSTER_LOOK_MS);
    struct error *e = NULL;
    bool due;
    *ret = true;
    cleanup_free char *image = operator_spec_give_image(c);
    cleanup_free char *version = deploy_give_version(image);
    if (cluster_has_operator(c, &look, &due, &e) < 0 ||
        (due && deploy_is_running_version(c->kube, &look, version, ret, &e) < 0))
        return not_seen(err, e);
    if (!*ret)
        log_info(ctx->log, "not yet: the operator does not run %s everywhere", version);
    return 0;
}

#include "rp/cluster/geneva_logging.h"

#include <string.h>

#include "operator/deploy/ensure.h"
#include "operator/deploy/mdsd.h"
#include "operator/deploy/privileged.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "rp/cluster/cluster_version.h"
#include "rp/cluster/operator_spec.h"
#include "rp/cluster/privileged.h"
#include "rp/env/secrets.h"

int cluster_get_logging_pair(const struct cluster *c, const struct opctx *ctx,
                             struct secret **ret_cert, struct secret **ret_key, struct error **err)
{
    cleanup_free char *pem = NULL;
    *ret_cert = *ret_key = NULL;
    if (!operator_spec_ships_logs(c))
        return 0;
    if (!c->cfg->secrets)
        return error_set(err, ERR_INTERNAL,
                         "CLUSTER_MDSD_ACCOUNT is set, but there are no secrets "
                         "to take a certificate from");
    if (rp_secrets_get_pair(c->cfg->secrets, ctx, SECRET_CLUSTER_LOGGING, &pem, ret_key, err) < 0)
        return error_wrap(err, "the certificate that clusters ship logs with");
    *ret_cert = secret_new(pem, strlen(pem));
    return 0;
}

static char *give_base64(const struct secret *text)
{
    size_t len;
    const char *data = secret_reveal(text, &len);
    return base64_give(data, len);
}

/* ---- objects ---- */

static int give_shipper(const struct cluster *c, const struct opctx *ctx, json **ret,
                        struct error **err)
{
    cleanup_secret struct secret *cert = NULL, *key = NULL;
    if (cluster_get_logging_pair(c, ctx, &cert, &key, err) < 0)
        return -1;
    const char *environment = rp_env_text(c->cfg->env, ENV_ENVIRONMENT);
    cleanup_free char *registry = operator_spec_give_registry(c);
    cleanup_free char *fluentbit = xasprintf("%s/" MDSD_FLUENTBIT_IMAGE, registry);
    cleanup_free char *mdsd = xasprintf("%s/" MDSD_IMAGE, registry);
    cleanup_free char *cert_text = give_base64(cert);
    cleanup_secret_text char *key_text = give_base64(key);
    cleanup_json json *settings = operator_spec_give_logging(c);
    const struct mdsd_options o = { .fluentbit_image = fluentbit,
                                    .mdsd_image = mdsd,
                                    .settings = settings,
                                    .environment = environment ? environment : "",
                                    .location = cluster_location(c),
                                    .resource_id = cluster_resource_id(c),
                                    .cert_base64 = cert_text,
                                    .key_base64 = key_text };
    return mdsd_give_objects(&o, ret, err);
}

static int give_objects(const struct cluster *c, const struct opctx *ctx, json **ret,
                        struct error **err)
{
    cleanup_json json *model = NULL;
    cleanup_json_wiped json *objects = NULL;
    if (give_shipper(c, ctx, &objects, err) < 0 || logging_add_namespace(objects, err) < 0 ||
        logging_add_account(objects, err) < 0 || privileged_wait(c, ctx, &model, err) < 0)
        return -1;
    json_append(objects, privileged_give_constraints(model, LOGGING_CONSTRAINTS, LOGGING_NAMESPACE,
                                                     LOGGING_ACCOUNT));
    *ret = take(objects);
    return 0;
}

/* ---- steps ---- */

int cluster_ensure_geneva_logging(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json_wiped json *objects = NULL;
    if (!operator_spec_ships_logs(c))
        return 0;
    if (give_objects(c, ctx, &objects, err) < 0 || ensure_objects(c->kube, ctx, objects, err) < 0)
        return error_wrap(err, "deploying what ships logs");
    return 0;
}

int cluster_keep_geneva_logging(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    bool has_operator;
    if (cluster_runs_minor(c, ctx, CLUSTER_OPERATOR_MINOR, &has_operator, err) < 0)
        return -1;
    return has_operator ? 0 : cluster_ensure_geneva_logging(arg, ctx, err);
}

/*
 * The older back end (operator/deploy/mdsd.h), with a client certificate that the resource provider
 * puts into the operator's Secret.
 */
#include "operator/controllers/genevalogging_backends.h"
#include "operator/deploy/mdsd.h"
#include "pkg/base/mem.h"

const struct kube_ref genevalogging_mdsd_leftovers[] = {
    { .gvr = &GVR_DAEMONSETS, .nspace = LOGGING_NAMESPACE, .name = "mdsd" },
    { .gvr = &GVR_CONFIGMAPS, .nspace = LOGGING_NAMESPACE, .name = "fluent-config" },
    { .gvr = &GVR_CONFIGMAPS, .nspace = LOGGING_NAMESPACE, .name = "gateway-ca" },
    { .gvr = &GVR_SECRETS, .nspace = LOGGING_NAMESPACE, .name = LOGGING_CERTIFICATES },
    { 0 }
};

bool genevalogging_uses_mdsd(const json *cluster)
{
    const char *version = json_path_str(cluster, "spec.genevaLogging.configVersion");
    const char *domain = json_path_str(cluster, "spec.gatewayTelemetryDomain");
    return version && *version && (!domain || !*domain);
}

static const char *text_of(const json *cluster, const char *path)
{
    const char *text = json_path_str(cluster, path);
    return text ? text : "";
}

int genevalogging_mdsd_objects(const json *cluster, const json *operator_secret,
                               struct shipper *ret, struct error **err)
{
    cleanup_free char *fluentbit = NULL;
    cleanup_free char *mdsd = NULL;
    struct mdsd_options o = { .settings = json_path(cluster, "spec.genevaLogging"),
                              .environment = flag_text(cluster, FLAG_ENVIRONMENT, ""),
                              .location = text_of(cluster, "spec.location") };
    if (json_need_str(operator_secret, "data[\"gcscert.pem\"]", &o.cert_base64, err) < 0 ||
        json_need_str(operator_secret, "data[\"gcskey.pem\"]", &o.key_base64, err) < 0)
        return error_wrap(err, "the operator's Secret");
    if (json_need_str(cluster, "spec.resourceId", &o.resource_id, err) < 0 ||
        genevalogging_give_image(cluster, FLAG_GENEVALOGGING_FLUENTBIT_PULLSPEC,
                                 MDSD_FLUENTBIT_IMAGE, &fluentbit, err) < 0 ||
        genevalogging_give_image(cluster, FLAG_GENEVALOGGING_MDSD_PULLSPEC, MDSD_IMAGE, &mdsd,
                                 err) < 0)
        return -1;
    o.fluentbit_image = fluentbit;
    o.mdsd_image = mdsd;
    json *objects = NULL;
    if (mdsd_give_objects(&o, &objects, err) < 0)
        return -1;
    *ret = (struct shipper){ .objects = objects, .can_run = true };
    return 0;
}

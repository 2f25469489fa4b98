/*
 * The older back end: fluent bit reads a node's logs, mdsd ships them with a client certificate
 * that the resource provider puts into the operator's Secret.
 */
#include <string.h>

#include "operator/controllers/genevalogging_backends.h"
#include "operator/deploy/render.h"
#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "staticresources/embedded.h"

#define FOLDER "operator/genevalogging/mdsd/"
/* As the service's registry mirrors them. */
#define FLUENTBIT_IMAGE \
    "fluentbit:1.9.10-cm20250429@sha256:" \
    "a115a12041f48404a21fb678e3f853b531ca6d9b9935482b67b400427ffbdfef"
#define MDSD_IMAGE \
    "distroless/genevamdsd:mariner_20250225.2@sha256:" \
    "da59ef7cfe3b0b9b6b453930cc629605cf3528ed11dbb88cdc50a38633198add"

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

static int add_daemonset(const json *cluster, json *objects, struct error **err)
{
    const char *id;
    if (json_need_str(cluster, "spec.resourceId", &id, err) < 0)
        return -1;
    cleanup_free char *fluentbit = NULL;
    cleanup_free char *mdsd = NULL;
    if (genevalogging_give_image(cluster, FLAG_GENEVALOGGING_FLUENTBIT_PULLSPEC, FLUENTBIT_IMAGE,
                                 &fluentbit, err) < 0 ||
        genevalogging_give_image(cluster, FLAG_GENEVALOGGING_MDSD_PULLSPEC, MDSD_IMAGE, &mdsd,
                                 err) < 0)
        return -1;
    cleanup_free char *lower = str_give_lower(id);
    struct arm_id parts;
    if (arm_id_parse(lower, &parts, err) < 0)
        return error_wrap(err, "spec.resourceId");
    const struct render_var vars[] = {
        { "FluentbitImage", fluentbit },
        { "MdsdImage", mdsd },
        { "GCSEnvironment", text_of(cluster, "spec.genevaLogging.monitoringGCSEnvironment") },
        { "GCSAccount", text_of(cluster, "spec.genevaLogging.monitoringGCSAccount") },
        { "GCSNamespace", text_of(cluster, "spec.genevaLogging.monitoringGCSNamespace") },
        { "ConfigVersion", text_of(cluster, "spec.genevaLogging.configVersion") },
        { "Environment", flag_text(cluster, FLAG_ENVIRONMENT, "") },
        { "Location", text_of(cluster, "spec.location") },
        { "ResourceID", lower },
        { "SubscriptionID", parts.subscription_id },
        { "ResourceGroup", parts.resource_group },
        { "ResourceName", parts.name },
    };
    int rcode = render_file(FOLDER "daemonset.yaml", vars, ARRAY_LEN(vars), objects, err);
    arm_id_release(&parts);
    return rcode;
}

static int give_config_map(json **ret, struct error **err)
{
    static const char *const files[] = { "fluent.conf", "parsers.conf" };
    cleanup_json json *data = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        cleanup_free char *path = xasprintf(FOLDER "%s", files[i]);
        const struct embedded_file *file = embedded_find(path);
        if (!file)
            return error_set(err, ERR_INTERNAL, "%s is not part of this build", path);
        json_put(data, files[i], json_new_str_n(file->data, file->len));
    }
    *ret = json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'fluent-config',"
                     "'namespace':%s},'data':%j}",
                     LOGGING_NAMESPACE, take(data));
    return 0;
}

static int give_certificates(const json *operator_secret, json **ret, struct error **err)
{
    const char *cert, *key;
    if (json_need_str(operator_secret, "data[\"gcscert.pem\"]", &cert, err) < 0 ||
        json_need_str(operator_secret, "data[\"gcskey.pem\"]", &key, err) < 0)
        return error_wrap(err, "the operator's Secret");
    *ret = json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,'namespace':%s},"
                     "'type':'Opaque','data':{'gcscert.pem':%s,'gcskey.pem':%s}}",
                     LOGGING_CERTIFICATES, LOGGING_NAMESPACE, cert, key);
    return 0;
}

int genevalogging_mdsd_objects(const json *cluster, const json *operator_secret,
                               struct shipper *ret, struct error **err)
{
    cleanup_json json *config = NULL;
    cleanup_json json *certificates = NULL;
    cleanup_json json *objects = json_new_array();
    if (give_certificates(operator_secret, &certificates, err) < 0 ||
        give_config_map(&config, err) < 0 || add_daemonset(cluster, objects, err) < 0)
        return -1;
    json_append(objects, take(certificates));
    json_append(objects, take(config));
    *ret = (struct shipper){ .objects = take(objects), .can_run = true };
    return 0;
}

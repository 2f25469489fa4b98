#include "operator/deploy/mdsd.h"

#include "operator/deploy/render.h"
#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "staticresources/embedded.h"

#define FOLDER "operator/genevalogging/"
#define MDSD FOLDER "mdsd/"

/* Of the settings; empty where it is absent. */
static const char *setting(const struct mdsd_options *o, const char *member)
{
    const char *text = json_path_str(o->settings, member);
    return text ? text : "";
}

static int add_daemonset(const struct mdsd_options *o, json *objects, struct error **err)
{
    cleanup_free char *lower = str_give_lower(o->resource_id);
    struct arm_id parts;
    if (arm_id_parse(lower, &parts, err) < 0)
        return error_wrap(err, "spec.resourceId");
    const struct render_var vars[] = {
        { "FluentbitImage", o->fluentbit_image },
        { "MdsdImage", o->mdsd_image },
        { "GCSEnvironment", setting(o, "monitoringGCSEnvironment") },
        { "GCSAccount", setting(o, "monitoringGCSAccount") },
        { "GCSNamespace", setting(o, "monitoringGCSNamespace") },
        { "ConfigVersion", setting(o, "configVersion") },
        { "Environment", o->environment },
        { "Location", o->location },
        { "ResourceID", lower },
        { "SubscriptionID", parts.subscription_id },
        { "ResourceGroup", parts.resource_group },
        { "ResourceName", parts.name },
    };
    int rcode = render_file(MDSD "daemonset.yaml", vars, ARRAY_LEN(vars), objects, err);
    arm_id_release(&parts);
    return rcode;
}

static int add_config_map(json *objects, struct error **err)
{
    static const char *const files[] = { "fluent.conf", "parsers.conf" };
    cleanup_json json *data = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        cleanup_free char *path = xasprintf(MDSD "%s", files[i]);
        const struct embedded_file *file = embedded_find(path);
        if (!file)
            return error_set(err, ERR_INTERNAL, "%s is not part of this build", path);
        json_put(data, files[i], json_new_str_n(file->data, file->len));
    }
    json_append(objects, json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{"
                                   "'name':'fluent-config','namespace':%s},'data':%j}",
                                   LOGGING_NAMESPACE, take(data)));
    return 0;
}

int mdsd_give_objects(const struct mdsd_options *o, json **ret, struct error **err)
{
    cleanup_json json *objects = json_new_array();
    if (add_config_map(objects, err) < 0 || add_daemonset(o, objects, err) < 0)
        return -1;
    json_append(
        objects,
        json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,'namespace':%s},"
                  "'type':'Opaque','data':{'gcscert.pem':%s,'gcskey.pem':%s}}",
                  LOGGING_CERTIFICATES, LOGGING_NAMESPACE, o->cert_base64, o->key_base64));
    *ret = take(objects);
    return 0;
}

int logging_add_namespace(json *objects, struct error **err)
{
    return render_file(FOLDER "common/namespace.yaml", NULL, 0, objects, err);
}

int logging_add_account(json *objects, struct error **err)
{
    return render_file(FOLDER "common/serviceaccount.yaml", NULL, 0, objects, err);
}

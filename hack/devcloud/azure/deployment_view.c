/* What a deployment shows of itself. */
#include <string.h>

#include "hack/devcloud/azure/deployment.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

json *deployment_give_error(const json *deployment)
{
    const json *plan = json_path(deployment, "run.plan");
    json *details = json_new_array();
    for (size_t i = 0; i < json_len(plan); i++)
        if (json_get(json_at(plan, i), "error"))
            json_append(details, json_give_copy(json_get(json_at(plan, i), "error")));
    if (json_len(details) == 0) {
        json_free(details);
        return NULL;
    }
    return json_make("{'code':'DeploymentFailed','message':'At least one resource deployment "
                     "operation failed. Please list deployment operations for details. Please see "
                     "https://aka.ms/arm-deployment-operations for usage details.','details':%j}",
                     details);
}

static json *give_resource(const json *item)
{
    return json_make("{'id':%s,'resourceType':%s,'resourceName':%s}", json_path_str(item, "id"),
                     json_path_str(item, "type"), json_path_str(item, "name"));
}

static void add_results(const json *deployment, json *properties)
{
    const json *plan = json_path(deployment, "run.plan");
    json *results = json_new_array(), *dependencies = json_new_array();
    for (size_t i = 0; i < json_len(plan); i++) {
        const json *item = json_at(plan, i), *after = json_get(item, "after");
        if (str_eq(json_path_str(item, "status"), "succeeded"))
            json_append(results, json_make("{'id':%s}", json_path_str(item, "id")));
        if (json_len(after) == 0)
            continue;
        json *entry = give_resource(item);
        json_put(entry, "dependsOn", json_new_array());
        for (size_t j = 0; j < json_len(after); j++) {
            int64_t index = 0;
            (void)json_int(json_at(after, j), &index);
            json_append(json_get(entry, "dependsOn"), give_resource(json_at(plan, (size_t)index)));
        }
        json_append(dependencies, entry);
    }
    json_put(properties, "outputResources", results);
    json_put(properties, "dependencies", dependencies);
}

static void add_providers(const json *deployment, json *properties)
{
    const json *plan = json_path(deployment, "run.plan");
    cleanup_strv struct strv seen = STRV_INIT;
    json *list = json_new_array();
    for (size_t i = 0; i < json_len(plan); i++) {
        const char *type = json_path_str(json_at(plan, i), "type");
        cleanup_free char *ns = xstrndup(type, strcspn(type, "/"));
        if (strv_has_nocase(&seen, ns))
            continue;
        strv_add(&seen, ns);
        json_append(list, json_make("{'namespace':%s,'resourceTypes':[{'resourceType':%s,"
                                    "'locations':[null]}]}",
                                    ns, type + strlen(ns) + (type[strlen(ns)] == '/')));
    }
    json_put(properties, "providers", list);
}

json *deployment_give_view(const json *deployment)
{
    json *view = json_give_copy(deployment);
    json_del(view, "run");
    add_results(deployment, json_get(view, "properties"));
    add_providers(deployment, json_get(view, "properties"));
    return view;
}

/* The words of operations for the run's own. */
static const char *state_of(const json *item)
{
    const char *status = json_path_str(item, "status");
    return str_eq(status, "succeeded") ? "Succeeded"
           : str_eq(status, "failed")  ? "Failed"
                                       : "Running";
}

static const char *code_of(const json *item)
{
    int64_t status = json_path_int(item, "statusCode", 0);
    return status == 0 ? "Accepted" : status == 200 ? "OK" : json_path_str(item, "error.code");
}

json *deployment_give_operations(const json *deployment)
{
    const json *plan = json_path(deployment, "run.plan");
    const char *when = json_path_str(deployment, "properties.timestamp");
    json *list = json_new_array();
    for (size_t i = 0; i < json_len(plan); i++) {
        const json *item = json_at(plan, i), *error = json_get(item, "error");
        if (str_eq(json_path_str(item, "status"), "waiting"))
            continue;
        cleanup_free char *name = xasprintf("%016zX", i + 1);
        cleanup_free char *id =
            xasprintf("%s/operations/%s", json_path_str(deployment, "id"), name);
        json *entry = json_make(
            "{'id':%s,'operationId':%s,'properties':{'provisioningOperation':'Create',"
            "'provisioningState':%s,'timestamp':%s,'duration':'PT1S','trackingId':%s,"
            "'statusCode':%s,'targetResource':%j}}",
            id, name, state_of(item), when, json_path_str(deployment, "properties.correlationId"),
            code_of(item), give_resource(item));
        if (error)
            (void)json_path_put(entry, "properties.statusMessage",
                                json_make("{'status':'Failed','error':%j}", json_give_copy(error)),
                                NULL);
        json_append(list, entry);
    }
    return list;
}

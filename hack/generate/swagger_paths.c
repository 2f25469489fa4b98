#include <string.h>

#include "hack/generate/swagger.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUBSCRIPTION "/subscriptions/{subscriptionId}"
#define PROVIDER "/providers/" API_NAMESPACE
#define CLUSTERS PROVIDER "/" API_CLUSTER_TYPE
#define GROUP SUBSCRIPTION "/resourceGroups/{resourceGroupName}"
#define CLUSTER GROUP CLUSTERS "/{resourceName}"
#define LOCATION SUBSCRIPTION PROVIDER "/locations/{location}"

#define IN_CLUSTER (SWAGGER_SUBSCRIPTION | SWAGGER_GROUP | SWAGGER_NAME)
#define IN_LOCATION (SWAGGER_SUBSCRIPTION | SWAGGER_LOCATION)

const struct swagger_operation swagger_operations[] = {
    { .id = "Operations_List",
      .tag = "Operations",
      .summary = "Lists all of the available RP operations.",
      .doc = "The operation returns the RP operations.",
      .path = PROVIDER "/operations",
      .versions = V_PUBLIC,
      .flags = SWAGGER_PAGED,
      .reply = "OperationList" },
    { .id = "OpenShiftVersions_List",
      .tag = "OpenShiftVersions",
      .summary = "Lists all OpenShift versions available to install in the specified location.",
      .doc = "The operation returns the installable OpenShift versions as strings.",
      .path = LOCATION "/openshiftversions",
      .versions = V_FROM(V_E),
      .flags = IN_LOCATION | SWAGGER_PAGED,
      .reply = "OpenShiftVersionList" },
    { .id = "OpenShiftVersions_Get",
      .tag = "OpenShiftVersions",
      .summary = "Gets an available OpenShift version to install in the specified location.",
      .doc = "This operation returns installable OpenShift version as a string.",
      .path = LOCATION "/openshiftversions/{openShiftVersion}",
      .versions = V_FROM(V_J),
      .flags = IN_LOCATION,
      .reply = "OpenShiftVersion",
      .selector = "openShiftVersion",
      .selector_doc = "The version of the OpenShift cluster, as 4.14.16." },
    { .id = "PlatformWorkloadIdentityRoleSets_List",
      .tag = "PlatformWorkloadIdentityRoleSets",
      .summary = "Lists the sets of roles that operators of a minor version need.",
      .doc = "This operation returns the role sets as a list.",
      .path = LOCATION "/platformworkloadidentityrolesets",
      .versions = V_FROM(V_J),
      .flags = IN_LOCATION | SWAGGER_PAGED,
      .reply = "PlatformWorkloadIdentityRoleSetList" },
    { .id = "PlatformWorkloadIdentityRoleSet_Get",
      .tag = "PlatformWorkloadIdentityRoleSets",
      .summary = "Gets the roles that the operators of one minor version need.",
      .doc = "This operation returns one role set.",
      .path = LOCATION "/platformworkloadidentityrolesets/{openShiftMinorVersion}",
      .versions = V_FROM(V_J),
      .flags = IN_LOCATION,
      .reply = "PlatformWorkloadIdentityRoleSet",
      .selector = "openShiftMinorVersion",
      .selector_doc = "The minor version of OpenShift, as 4.14." },
    { .id = "OpenShiftClusters_List",
      .tag = "OpenShiftClusters",
      .summary = "Lists OpenShift clusters in the specified subscription.",
      .doc = "The operation returns properties of each OpenShift cluster.",
      .path = SUBSCRIPTION CLUSTERS,
      .versions = V_PUBLIC,
      .flags = SWAGGER_SUBSCRIPTION | SWAGGER_PAGED,
      .reply = "OpenShiftClusterList" },
    { .id = "OpenShiftClusters_ListByResourceGroup",
      .tag = "OpenShiftClusters",
      .summary = "Lists OpenShift clusters in the specified subscription and resource group.",
      .doc = "The operation returns properties of each OpenShift cluster.",
      .path = GROUP CLUSTERS,
      .versions = V_PUBLIC,
      .flags = SWAGGER_SUBSCRIPTION | SWAGGER_GROUP | SWAGGER_PAGED,
      .reply = "OpenShiftClusterList" },
    { .id = "OpenShiftClusters_Get",
      .tag = "OpenShiftClusters",
      .summary = "Gets a OpenShift cluster with the specified subscription, resource group and "
                 "resource name.",
      .doc = "The operation returns properties of a OpenShift cluster.",
      .path = CLUSTER,
      .versions = V_PUBLIC,
      .flags = IN_CLUSTER,
      .reply = "OpenShiftCluster" },
    { .id = "OpenShiftClusters_CreateOrUpdate",
      .tag = "OpenShiftClusters",
      .summary = "Creates or updates a OpenShift cluster with the specified subscription, resource "
                 "group and resource name.",
      .doc = "The operation returns properties of a OpenShift cluster.",
      .verb = SWAGGER_PUT,
      .path = CLUSTER,
      .versions = V_PUBLIC,
      .flags = IN_CLUSTER | SWAGGER_LONG | SWAGGER_CREATES,
      .request = "OpenShiftCluster",
      .reply = "OpenShiftCluster" },
    { .id = "OpenShiftClusters_Delete",
      .tag = "OpenShiftClusters",
      .summary = "Deletes a OpenShift cluster with the specified subscription, resource group and "
                 "resource name.",
      .doc = "The operation returns nothing.",
      .verb = SWAGGER_DELETE,
      .path = CLUSTER,
      .versions = V_PUBLIC,
      .flags = IN_CLUSTER | SWAGGER_LONG },
    { .id = "OpenShiftClusters_Update",
      .tag = "OpenShiftClusters",
      .summary = "Updates a OpenShift cluster with the specified subscription, resource group and "
                 "resource name.",
      .doc = "The operation returns properties of a OpenShift cluster.",
      .verb = SWAGGER_PATCH,
      .path = CLUSTER,
      .versions = V_PUBLIC,
      .flags = IN_CLUSTER | SWAGGER_LONG | SWAGGER_CREATES,
      .request = "OpenShiftClusterUpdate",
      .reply = "OpenShiftCluster" },
    { .id = "OpenShiftClusters_ListAdminCredentials",
      .tag = "OpenShiftClusters",
      .summary = "Lists admin kubeconfig of an OpenShift cluster with the specified subscription, "
                 "resource group and resource name.",
      .doc = "The operation returns the admin kubeconfig.",
      .verb = SWAGGER_POST,
      .path = CLUSTER "/listAdminCredentials",
      .versions = V_FROM(V_C),
      .flags = IN_CLUSTER,
      .reply = "OpenShiftClusterAdminKubeconfig" },
    { .id = "OpenShiftClusters_ListCredentials",
      .tag = "OpenShiftClusters",
      .summary = "Lists credentials of an OpenShift cluster with the specified subscription, "
                 "resource group and resource name.",
      .doc = "The operation returns the credentials.",
      .verb = SWAGGER_POST,
      .path = CLUSTER "/listCredentials",
      .versions = V_PUBLIC,
      .flags = IN_CLUSTER,
      .reply = "OpenShiftClusterCredentials" },
};
const size_t swagger_operations_len = ARRAY_LEN(swagger_operations);

const char *swagger_verb_name(enum swagger_verb verb)
{
    static const char *const names[] = {
        [SWAGGER_GET] = "get",       [SWAGGER_PUT] = "put",   [SWAGGER_PATCH] = "patch",
        [SWAGGER_DELETE] = "delete", [SWAGGER_POST] = "post",
    };
    return names[verb];
}

static json *give_reference(const char *definition)
{
    cleanup_free char *ref = xasprintf("#/definitions/%s", definition);
    return json_make("{'$ref':%s}", ref);
}

/* ---- parameters ---- */

static void add_common(json *list, const struct api_version *v, const char *name)
{
    cleanup_free char *ref =
        xasprintf("../../../../../../common-types/resource-management/%s/types.json#/parameters/%s",
                  v->common_types, name);
    json_append(list, json_make("{'$ref':%s}", ref));
}

static json *give_parameters(const struct api_version *v, const struct swagger_operation *op)
{
    json *list = json_new_array();
    add_common(list, v, "ApiVersionParameter");
    if (op->flags & SWAGGER_SUBSCRIPTION)
        add_common(list, v, "SubscriptionIdParameter");
    if (op->flags & SWAGGER_LOCATION)
        add_common(list, v, "LocationParameter");
    if (op->flags & SWAGGER_GROUP)
        add_common(list, v, "ResourceGroupNameParameter");
    if (op->flags & SWAGGER_NAME)
        json_append(list, json_make("{'name':'resourceName','in':'path','description':%s,"
                                    "'required':%b,'type':'string'}",
                                    "The name of the OpenShift cluster resource.", true));
    if (op->selector)
        json_append(
            list,
            json_make("{'name':%s,'in':'path','description':%s,'required':%b,'type':'string'}",
                      op->selector, op->selector_doc, true));
    if (op->request)
        json_append(list, json_make("{'name':'parameters','in':'body','description':%s,"
                                    "'required':%b,'schema':%j}",
                                    "The OpenShift cluster resource.", true,
                                    give_reference(op->request)));
    return list;
}

/* ---- replies ---- */

static json *give_responses(const struct swagger_operation *op)
{
    json *responses = json_new_object();
    if (op->reply)
        json_put(responses, "200",
                 json_make("{'description':'OK','schema':%j}", give_reference(op->reply)));
    if (op->reply && (op->flags & SWAGGER_CREATES))
        json_put(responses, "201",
                 json_make("{'description':'Created','schema':%j}", give_reference(op->reply)));
    if (!op->reply) {
        json_put(responses, "202", json_make("{'description':'Accepted'}"));
        json_put(responses, "204", json_make("{'description':'No Content'}"));
    }
    json_put(responses, "default",
             json_make("{'description':%s,'schema':%j}",
                       "Error response describing why the operation failed. If the resource "
                       "doesn't exist, 404 (Not Found) is returned. If any of the input "
                       "parameters is wrong, 400 (Bad Request) is returned.",
                       give_reference("CloudError")));
    return responses;
}

static json *give_operation(const struct api_version *v, const struct swagger_operation *op)
{
    cleanup_free char *example = xasprintf("./examples/%s.json", op->id);
    json *examples = json_new_object();
    json_put(examples, op->summary, json_make("{'$ref':%s}", example));
    json *operation = json_make("{'tags':[%s],'summary':%s,'description':%s,'operationId':%s,"
                                "'parameters':%j,'responses':%j}",
                                op->tag, op->summary, op->doc, op->id, give_parameters(v, op),
                                give_responses(op));
    if (op->flags & SWAGGER_LONG)
        json_put(operation, "x-ms-long-running-operation", json_new_bool(true));
    json_put(operation, "x-ms-examples", examples);
    if (op->flags & SWAGGER_PAGED)
        json_put(operation, "x-ms-pageable", json_make("{'nextLinkName':'nextLink'}"));
    return operation;
}

json *swagger_give_paths(const struct api_version *v)
{
    json *paths = json_new_object();
    for (size_t i = 0; i < swagger_operations_len; i++) {
        const struct swagger_operation *op = &swagger_operations[i];
        if (!(op->versions & v->bit))
            continue;
        if (!json_has(paths, op->path))
            json_put(paths, op->path, json_new_object());
        json_put(json_get(paths, op->path), swagger_verb_name(op->verb), give_operation(v, op));
    }
    return paths;
}

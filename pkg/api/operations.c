#include "pkg/api/api.h"
#include "pkg/base/mem.h"

#define PROVIDER "Azure Red Hat OpenShift"

static const struct {
    const char *name, *resource, *operation;
} operations[] = {
    { "locations/operationresults/read", "locations/operationresults", "Read operation results" },
    { "locations/operationsstatus/read", "locations/operationsstatus", "Read operations status" },
    { "operations/read", "operations", "Read operations" },
    { "openShiftClusters/read", API_CLUSTER_TYPE, "Read OpenShift cluster" },
    { "openShiftClusters/write", API_CLUSTER_TYPE, "Write OpenShift cluster" },
    { "openShiftClusters/delete", API_CLUSTER_TYPE, "Delete OpenShift cluster" },
    { "openShiftClusters/listCredentials/action", API_CLUSTER_TYPE,
      "List credentials of an OpenShift cluster" },
    { "openShiftClusters/listAdminCredentials/action", API_CLUSTER_TYPE,
      "List Admin Kubeconfig of an OpenShift cluster" },
    { "openShiftClusters/detectors/read", API_CLUSTER_TYPE, "Get OpenShift Cluster Detector" },
    { "locations/listPlatformWorkloadIdentityRoleSets/read", "listPlatformWorkloadIdentityRoleSets",
      "Lists all PlatformWorkloadIdentityRoleSets available in the specified location" },
    { "locations/openshiftVersions/read", "openshiftVersions",
      "Lists all OpenShift versions available to install in the specified location" },
};

json *api_operations_list(void)
{
    json *list = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
        cleanup_free char *name = xasprintf("%s/%s", API_NAMESPACE, operations[i].name);
        json_append(list,
                    json_make("{'name':%s,'display':{'provider':%s,'resource':%s,"
                              "'operation':%s},'origin':'user,system'}",
                              name, PROVIDER, operations[i].resource, operations[i].operation));
    }
    return json_make("{'value':%j}", list);
}

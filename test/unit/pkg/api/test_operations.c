#include "test/unit/pkg/api/api_rig.h"

struct operation_case {
    const char *name, *resource, *operation;
};
static const struct operation_case operation_cases[] = {
    { "locations/operationresults/read", "locations/operationresults", "Read operation results" },
    { "locations/operationsstatus/read", "locations/operationsstatus", "Read operations status" },
    { "operations/read", "operations", "Read operations" },
    { "openShiftClusters/read", "openShiftClusters", "Read OpenShift cluster" },
    { "openShiftClusters/write", "openShiftClusters", "Write OpenShift cluster" },
    { "openShiftClusters/delete", "openShiftClusters", "Delete OpenShift cluster" },
    { "openShiftClusters/listCredentials/action", "openShiftClusters",
      "List credentials of an OpenShift cluster" },
    { "openShiftClusters/listAdminCredentials/action", "openShiftClusters",
      "List Admin Kubeconfig of an OpenShift cluster" },
    { "openShiftClusters/detectors/read", "openShiftClusters", "Get OpenShift Cluster Detector" },
    { "locations/listPlatformWorkloadIdentityRoleSets/read", "listPlatformWorkloadIdentityRoleSets",
      "Lists all PlatformWorkloadIdentityRoleSets available in the specified location" },
    { "locations/openshiftVersions/read", "openshiftVersions",
      "Lists all OpenShift versions available to install in the specified location" },
};

static void every_operation_is_described(void **state)
{
    (void)state;
    cleanup_json json *list = api_operations_list();
    const json *value = json_get(list, "value");

    assert_int_equal(json_len(list), 1);
    assert_int_equal(json_len(value), ARRAY_LEN(operation_cases));
    for (size_t i = 0; i < ARRAY_LEN(operation_cases); i++) {
        const struct operation_case *c = &operation_cases[i];
        cleanup_free char *want =
            xasprintf("{'name':'Microsoft.RedHatOpenShift/%s','display':{'provider':'Azure Red Hat "
                      "OpenShift','resource':'%s','operation':'%s'},'origin':'user,system'}",
                      c->name, c->resource, c->operation);
        rig_assert_json(json_at(value, i), want);
    }
}

int main(void)
{
    struct CMUnitTest tests[] = {
        CASE("every operation is described, in order", every_operation_is_described),
    };
    return RUN_CASES("operations", tests);
}

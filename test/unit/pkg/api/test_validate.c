/* The head of a cluster, the order of checks, updates, and admin. */
#include "test/unit/pkg/api/validate_rig.h"
#include "test/unit/support/test.h"

static struct rule_case cases[] = {
    { .name = "a right request passes" },
    { .name = "a right request with identities passes", .letters = "JK", .is_identity = true },
    { .name = "the same again is a right update", .is_update = true },
    { .name = "the ID may have other letters",
      .edits = { { "id", "'/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/RG/"
                         "PROVIDERS/MICROSOFT.REDHATOPENSHIFT/OPENSHIFTCLUSTERS/CLUSTER'" } } },
    { .name = "another ID",
      .edits = { { "id", "'/x'" } },
      .target = "id",
      .message = "The provided resource ID '/x' did not match the name in the Url "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/"
                 "Microsoft.RedHatOpenShift/openShiftClusters/cluster'.",
      .code = "MismatchingResourceID" },
    { .name = "another name",
      .edits = { { "name", "'x'" } },
      .target = "name",
      .message = "The provided resource name 'x' did not match the name in the Url 'cluster'.",
      .code = "MismatchingResourceName" },
    { .name = "another type",
      .edits = { { "type", "'x'" } },
      .target = "type",
      .message = "The provided resource type 'x' did not match the name in the Url "
                 "'Microsoft.RedHatOpenShift/openShiftClusters'.",
      .code = "MismatchingResourceType" },
    { .name = "another location",
      .edits = { { "location", "'westus'" } },
      .target = "location",
      .message = "The provided location 'westus' is invalid." },
    { .name = "no location",
      .edits = { { "location", NULL } },
      .target = "location",
      .message = "The provided location '' is invalid." },
    { .name = "the location may have other letters", .edits = { { "location", "'EastUS'" } } },
    { .name = "the ID is looked at before the location",
      .edits = { { "id", "'/x'" }, { "location", "'x'" } },
      .target = "id",
      .message = "The provided resource ID '/x' did not match the name in the Url "
                 "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/"
                 "Microsoft.RedHatOpenShift/openShiftClusters/cluster'.",
      .code = "MismatchingResourceID" },
    { .name = "an unknown state",
      .edits = { { "properties.provisioningState", "'Sleeping'" } },
      .target = "properties.provisioningState",
      .message = "The provided provisioning state 'Sleeping' is invalid." },
    { .name = "a state of another version",
      .letters = "ABCDEFHIJK",
      .edits = { { "properties.provisioningState", "'Cancelled'" } },
      .target = "properties.provisioningState",
      .message = "The provided provisioning state 'Cancelled' is invalid." },
    { .name = "no properties in the newest version",
      .letters = "K",
      .edits = { { "properties", NULL } },
      .target = "properties.servicePrincipalProfile",
      .message = "Must provide either an identity or service principal credentials." },
    { .name = "no properties but a service principal",
      .letters = "K",
      .edits = { { "properties", "{'servicePrincipalProfile':{}}" } },
      .target = "properties.clusterProfile",
      .message = "The field 'properties.clusterProfile' is required." },
    { .name = "no clusterProfile in the newest version",
      .letters = "K",
      .edits = { { "properties.clusterProfile", NULL } },
      .target = "properties.clusterProfile",
      .message = "The field 'properties.clusterProfile' is required." },
    { .name = "no networkProfile in the newest version",
      .letters = "K",
      .edits = { { "properties.networkProfile", NULL } },
      .target = "properties.networkProfile",
      .message = "The field 'properties.networkProfile' is required." },
    { .name = "no masterProfile in the newest version",
      .letters = "K",
      .edits = { { "properties.masterProfile", NULL } },
      .target = "properties.masterProfile",
      .message = "The field 'properties.masterProfile' is required." },
    { .name = "no apiserverProfile in the newest version",
      .letters = "K",
      .edits = { { "properties.apiserverProfile", NULL } },
      .target = "properties.apiserverProfile",
      .message = "The field 'properties.apiserverProfile' is required." },
    { .name = "null in workerProfiles in the newest version",
      .letters = "K",
      .edits = { { "properties.workerProfiles", "[null]" } },
      .target = "properties.workerProfiles[0]",
      .message = "The field 'properties.workerProfiles[0]' is required." },
    { .name = "null in ingressProfiles in the newest version",
      .letters = "K",
      .edits = { { "properties.ingressProfiles", "[null]" } },
      .target = "properties.ingressProfiles[0]",
      .message = "The field 'properties.ingressProfiles[0]' is required." },
    { .name = "what is wrong is told before what changed",
      .edits = { { "location", "'westus'" }, { "properties.clusterProfile.domain", "'other'" } },
      .target = "location",
      .message = "The provided location 'westus' is invalid.",
      .is_update = true },
    { .name = "what changed is told",
      .edits = { { "properties.clusterProfile.domain", "'other'" } },
      .target = "properties.clusterProfile.domain",
      .message = "Changing property 'properties.clusterProfile.domain' is not allowed.",
      .code = "PropertyChangeNotAllowed",
      .is_update = true },
    { .name = "an identity of an operator may not go",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities.ingress",
                   NULL } },
      .target = "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities",
      .message = "Operator identity cannot be removed or have its name changed.",
      .code = "PropertyChangeNotAllowed",
      .is_update = true,
      .is_identity = true },
    { .name = "an operator may get another identity",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities.ingress."
                   "resourceId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/"
                   "providers/Microsoft.ManagedIdentity/userAssignedIdentities/new'" } },
      .is_update = true,
      .is_identity = true },
    { .name = "admin may set a maintenance task",
      .letters = "a",
      .edits = { { "properties.maintenanceTask", "'OperatorUpdate'" } },
      .is_update = true },
    { .name = "admin may clear the maintenance task",
      .letters = "a",
      .edits = { { "properties.maintenanceTask", "''" } },
      .is_update = true },
    { .name = "admin may not invent a maintenance task",
      .letters = "a",
      .edits = { { "properties.maintenanceTask", "'Rest'" } },
      .target = "properties.maintenanceTask",
      .message = "Invalid enum parameter.",
      .is_update = true },
    { .name = "admin may not invent an outbound type",
      .letters = "a",
      .edits = { { "properties.networkProfile.outboundType", "'Tunnel'" } },
      .target = "properties.networkProfile.outboundType",
      .message = "Invalid enum parameter.",
      .is_update = true },
    { .name = "admin may change the outbound type",
      .letters = "a",
      .edits = { { "properties.networkProfile.outboundType", "'UserDefinedRouting'" } },
      .is_update = true },
    { .name = "admin may not move the cluster",
      .letters = "a",
      .edits = { { "location", "'x'" } },
      .target = "location",
      .message = "Changing property 'location' is not allowed.",
      .code = "PropertyChangeNotAllowed",
      .is_update = true },
};

static void a_url_that_is_no_cluster_is_our_defect(void **state)
{
    (void)state;
    static const char *const ids[] = { "", "/subscriptions/s/resourceGroups/g" };
    cleanup_json json *ext = rig_give_request(rig_version('A'), false);

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const struct api_rules rules = { .location = "l", .domain = "d", .resource_id = ids[i] };
        cleanup_error struct error *err = NULL;
        assert_int_equal(api_cluster_validate(rig_version('A'), ext, NULL, &rules, &err), -1);
        assert_null(error_get_code(err));
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = { CASE(
        "a URL that is no cluster is our defect", a_url_that_is_no_cluster_is_our_defect) };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[1 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, rig_check_rule, &cases[i]);
    return RUN_CASES("validate", tests);
}

/* Service principal or managed identities. */
#include "test/unit/pkg/api/validate_rig.h"
#include "test/unit/support/test.h"

static struct rule_case cases[] = {
    { .name = "neither",
      .letters = "JK",
      .edits = { { "properties.servicePrincipalProfile", NULL } },
      .target = "properties.servicePrincipalProfile",
      .message = "Must provide either an identity or service principal credentials." },
    { .name = "both",
      .letters = "JK",
      .edits = { { "properties.servicePrincipalProfile", "{'clientId':'x'}" } },
      .target = "properties.servicePrincipalProfile",
      .message = "Cannot use identities and service principal credentials at the same time.",
      .is_identity = true },
    { .name = "operators without cluster identity",
      .letters = "JK",
      .edits = { { "identity", NULL } },
      .target = "identity",
      .message = "Cluster identity and platform workload identities require each other.",
      .is_identity = true },
    { .name = "a cluster identity beside a service principal",
      .letters = "JK",
      .edits = { { "identity", "{}" } },
      .target = "identity",
      .message = "Cluster identity and platform workload identities require each other." },
    { .name = "no cluster identity in the map",
      .letters = "JK",
      .edits = { { "identity.userAssignedIdentities", "{}" } },
      .target = "identity",
      .message = "The provided cluster identity is invalid; there should be exactly one.",
      .is_identity = true },
    { .name = "two cluster identities",
      .letters = "JK",
      .edits = { { "identity.userAssignedIdentities[\"/x\"]", "{}" } },
      .target = "identity",
      .message = "The provided cluster identity is invalid; there should be exactly one.",
      .is_identity = true },
    { .name = "no operators",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities",
                   "{}" } },
      .target = "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities",
      .message = "The set of platform workload identities cannot be empty.",
      .is_identity = true },
    { .name = "an operator without identity",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities.ingress",
                   "{}" } },
      .target = "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities['ingress']."
                "resourceId",
      .message = "ResourceID  formatted incorrectly.",
      .is_identity = true },
    { .name = "an operator with an odd ID",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities.ingress."
                   "resourceId",
                   "'x'" } },
      .target = "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities['ingress']."
                "resourceId",
      .message = "ResourceID x formatted incorrectly.",
      .is_identity = true },
    { .name = "two operators with one identity",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities.ingress."
                   "resourceId",
                   "'/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/RESOURCEGROUPS/RG/"
                   "PROVIDERS/MICROSOFT.MANAGEDIDENTITY/USERASSIGNEDIDENTITIES/MACHINE-API'" } },
      .target = "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities",
      .message = "ResourceID "
                 "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/"
                 "Microsoft.ManagedIdentity/userAssignedIdentities/machine-api used by multiple "
                 "identities.",
      .is_identity = true },
    { .name = "an operator without name",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities[\"\"]",
                   "{'resourceId':'/subscriptions/11111111-2222-3333-4444-555555555555/"
                   "resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
                   "x'}" } },
      .target = "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities['']",
      .message = "Operator name is empty.",
      .is_identity = true },
    { .name = "an identity of another type",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities.ingress."
                   "resourceId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/"
                   "providers/Microsoft.RedHatOpenShift/openShiftClusters/cluster'" } },
      .target = "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities['ingress']."
                "resourceId",
      .message = "Resource must be a user assigned identity.",
      .is_identity = true },
    { .name = "an ID of a group",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities.ingress."
                   "resourceId",
                   "'/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg'" } },
      .target = "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities['ingress']."
                "resourceId",
      .message = "Resource must be a user assigned identity.",
      .is_identity = true },
    { .name = "a version to upgrade to",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.upgradeableTo", "'4.15.0'" } },
      .is_identity = true },
    { .name = "a version to upgrade to that is none",
      .letters = "JK",
      .edits = { { "properties.platformWorkloadIdentityProfile.upgradeableTo", "'4.15'" } },
      .target = "properties.platformWorkloadIdentityProfile.upgradeableTo",
      .message = "UpgradeableTo must be a valid OpenShift version in the format 'x.y.z'.",
      .is_identity = true },
    { .name = "the choice is looked at before the state",
      .letters = "JK",
      .edits = { { "properties.servicePrincipalProfile", NULL },
                 { "properties.provisioningState", "'x'" } },
      .target = "properties.servicePrincipalProfile",
      .message = "Must provide either an identity or service principal credentials." },
    { .name = "older versions do not look at identities",
      .letters = "ABCDEFGHI",
      .edits = { { "identity", "{}" } } },
};

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)] = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, rig_check_rule, &cases[i]);
    return RUN_CASES("validate_identity", tests);
}

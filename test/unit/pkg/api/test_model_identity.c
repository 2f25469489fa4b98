#include "pkg/api/model_types.h"
#include "test/unit/pkg/api/model_rig.h"

#define PRINCIPAL "properties.servicePrincipalProfile."
#define WORKLOAD "properties.platformWorkloadIdentityProfile."
#define INGRESS_IDENTITY WORKLOAD "platformWorkloadIdentities[\"ingress\"]"
#define CLUSTER_IDENTITY "identity.userAssignedIdentities[\"/ids/cluster\"]"
#define CLUSTER_IDENTITY_INSIDE "managedServiceIdentity.userAssignedIdentities[\"/ids/cluster\"]"

static struct field_case cases[] = {
    F("identity.type", "---------III", "'None'"),
    F("identity.principalId", "---------RRR", "'p'"),
    F("identity.tenantId", "---------RRR", "'t'"),
    F(CLUSTER_IDENTITY ".clientId", "---------RRR", "'c'",
      .inside = CLUSTER_IDENTITY_INSIDE ".clientId"),
    F(CLUSTER_IDENTITY ".principalId", "---------RRR", "'p'",
      .inside = CLUSTER_IDENTITY_INSIDE ".principalId"),
    F(PRINCIPAL "clientId", "MMMMMMMMMMMI", "'x'"),
    F(PRINCIPAL "clientSecret", "MMMMMMMMMMMI", "'x'", .secret = true),
    F(PRINCIPAL "spObjectId", "-----------I", "'x'"),
    F(WORKLOAD "upgradeableTo", "---------MMM", "'4.16.0'"),
    F(INGRESS_IDENTITY ".resourceId", "---------MMM", "'/ids/other'"),
    F(INGRESS_IDENTITY ".clientId", "---------RRR", "'c'"),
    F(INGRESS_IDENTITY ".objectId", "---------RRR", "'o'"),
};

static void the_list_is_complete(void **state)
{
    (void)state;
    static const struct api_type *const elsewhere[] = { NULL };
    static const struct rig_list list = { cases, ARRAY_LEN(cases), elsewhere };
    rig_check_listed(&list, &identity_type, "identity.");
    rig_check_listed(&list, &service_principal_type, PRINCIPAL);
    rig_check_listed(&list, &workload_profile_type, WORKLOAD);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("every field of the table is in the list", the_list_is_complete),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 1] = (struct CMUnitTest)CASE_OF(cases[i].path, rig_check_field, &cases[i]);
    return RUN_CASES("model_identity", tests);
}

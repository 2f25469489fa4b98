/* What the other files of the table do not list themselves, and how fields are found. */
#include "pkg/api/model_types.h"
#include "test/unit/pkg/api/model_rig.h"

#define WORKER "properties.workerProfiles[0]."
#define WORKER_TARGET "properties.workerProfiles['worker']."
#define STATUS "properties.workerProfilesStatus"
#define REGISTRY "properties.registryProfiles[0]."
#define REGISTRY_TARGET "properties.registryProfiles['registry.example.com']."

static struct field_case cases[] = {
    F("id", "IIIIIIIIIIII", "'/other'"),
    F("name", "IIIIIIIIIIII", "'other'"),
    F("type", "IIIIIIIIIIII", "'other'"),
    F("location", "IIIIIIIIIIII", "'EastUS'"),
    F("tags", "MMMMMMMMMMMI", "{'a':'b'}"),
    F("systemData.createdBy", "--IIIIIIRRR-", "'eve'", .target = "systemData"),
    F("systemData.createdByType", "--IIIIIIRRR-", "'Key'", .target = "systemData"),
    F("systemData.createdAt", "--IIIIIIRRR-", "'2030-01-01T00:00:00Z'", .target = "systemData"),
    F("systemData.lastModifiedBy", "--IIIIIIRRR-", "'eve'", .target = "systemData"),
    F("systemData.lastModifiedByType", "--IIIIIIRRR-", "'Key'", .target = "systemData"),
    F("systemData.lastModifiedAt", "--IIIIIIRRR-", "'2030-01-01T00:00:00Z'",
      .target = "systemData"),
    F("properties.provisioningState", "IIIIIIIIIIII", "'Failed'"),
    F("properties.clusterProfile.pullSecret", "IIIIIIIIIII-", "'{}'", .secret = true),
    F("properties.clusterProfile.domain", "IIIIIIIIIIII", "'other'"),
    F("properties.clusterProfile.version", "IIIIIIIIIIII", "'4.15.0'"),
    F("properties.clusterProfile.resourceGroupId", "IIIIIIIIIIII", "'/other'"),
    F("properties.clusterProfile.fipsValidatedModules", "---IIIIIIIII", "'Enabled'"),
    F("properties.clusterProfile.oidcIssuer", "---------RRR", "'https://x'"),
    F("properties.consoleProfile.url", "IIIIIIIIRRRI", "'https://x'"),
    F("properties.masterProfile.vmSize", "IIIIIIIIIIII", "'Standard_D16s_v3'"),
    F("properties.masterProfile.subnetId", "IIIIIIIIIIII", "'/x'"),
    F("properties.masterProfile.encryptionAtHost", "--IIIIIIIIII", "'Enabled'"),
    F("properties.masterProfile.diskEncryptionSetId", "--IIIIIIIIII", "'/x'"),
    F(WORKER "name", "IIIIIIIIIIII", "'x'", .target = "properties.workerProfiles['x'].name"),
    F(WORKER "vmSize", "IIIIIIIIIIII", "'x'", .target = WORKER_TARGET "vmSize"),
    F(WORKER "diskSizeGB", "IIIIIIIIIIII", "999", .target = WORKER_TARGET "diskSizeGB"),
    F(WORKER "subnetId", "IIIIIIIIIIII", "'x'", .target = WORKER_TARGET "subnetId"),
    F(WORKER "count", "MIIIIIIIIIII", "7", .target = WORKER_TARGET "count"),
    F(WORKER "encryptionAtHost", "--IIIIIIIIII", "'Enabled'",
      .target = WORKER_TARGET "encryptionAtHost"),
    F(WORKER "diskEncryptionSetId", "--IIIIIIIIII", "'/x'",
      .target = WORKER_TARGET "diskEncryptionSetId"),
    F(STATUS "[0].name", "-------RRRRR", "'x'", .target = STATUS),
    F(STATUS "[0].vmSize", "-------RRRRR", "'x'", .target = STATUS),
    F(STATUS "[0].diskSizeGB", "-------RRRRR", "9", .target = STATUS),
    F(STATUS "[0].subnetId", "-------RRRRR", "'x'", .target = STATUS),
    F(STATUS "[0].count", "-------RRRRR", "9", .target = STATUS),
    F(STATUS "[0].encryptionAtHost", "-------RRRRR", "'Disabled'", .target = STATUS),
    F(STATUS "[0].diskEncryptionSetId", "-------RRRRR", "'x'", .target = STATUS),
    F("operatorFlagsMergeStrategy", "-----------M", "'merge'", .inside = ""),
    F("properties.architectureVersion", "-----------I", "0"),
    F("properties.lastProvisioningState", "-----------I", "'x'"),
    F("properties.failedProvisioningState", "-----------I", "'x'"),
    F("properties.lastAdminUpdateError", "-----------I", "'x'"),
    F("properties.maintenanceTask", "-----------M", "'OperatorUpdate'"),
    F("properties.maintenanceState", "-----------I", "'x'"),
    F("properties.operatorFlags[\"aro.banner.enabled\"]", "-----------M", "'true'"),
    F("properties.operatorVersion", "-----------M", "'x'"),
    F("properties.createdAt", "-----------I", "'2030-01-01T00:00:00Z'"),
    F("properties.createdBy", "-----------I", "'x'"),
    F("properties.provisionedBy", "-----------I", "'x'"),
    F("properties.featureProfile.gatewayEnabled", "-----------M", "false"),
    F("properties.install.now", "-----------I", "'2030-01-01T00:00:00Z'"),
    F("properties.install.phase", "-----------I", "'Bootstrap'"),
    F("properties.storageSuffix", "-----------I", "'x'"),
    F(REGISTRY "name", "-----------I", "'x'", .target = "properties.registryProfiles['x'].name"),
    F(REGISTRY "username", "-----------I", "'x'", .target = REGISTRY_TARGET "username"),
    F(REGISTRY "issueDate", "-----------I", "'2030-01-01T00:00:00Z'",
      .target = REGISTRY_TARGET "issueDate"),
    F("properties.imageRegistryStorageAccountName", "-----------I", "'x'"),
    F("properties.infraId", "-----------I", "'x'"),
    F("properties.hiveProfile.namespace", "-----------I", "'x'"),
    F("properties.hiveProfile.createdByHive", "-----------I", "false"),
};

static void the_list_is_complete(void **state)
{
    (void)state;
    static const struct api_type *const elsewhere[] = { &identity_type,
                                                        &service_principal_type,
                                                        &workload_profile_type,
                                                        &network_profile_type,
                                                        &apiserver_profile_type,
                                                        &ingress_profile_type,
                                                        NULL };
    static const struct rig_list list = { cases, ARRAY_LEN(cases), elsewhere };
    rig_check_listed(&list, &cluster_type, "");
}

static void names_are_exact_only_in_the_newest_version(void **state)
{
    (void)state;

    assert_non_null(api_field_find(&cluster_type, V_J, "LOCATION"));
    assert_non_null(api_field_find(&cluster_type, V_ADMIN, "Location"));
    assert_non_null(api_field_find(&cluster_type, V_K, "location"));
    assert_null(api_field_find(&cluster_type, V_K, "Location"));
    assert_null(api_field_find(&cluster_type, V_I, "identity"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2] = {
        CASE("every field of the table is in the list", the_list_is_complete),
        CASE("names are exact only in the newest version",
             names_are_exact_only_in_the_newest_version),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 2] = (struct CMUnitTest)CASE_OF(cases[i].path, rig_check_field, &cases[i]);
    return RUN_CASES("model", tests);
}

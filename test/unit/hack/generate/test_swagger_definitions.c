#include <string.h>

#include "hack/generate/swagger.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

#define LETTERS "ABCDEFGHIJK"

/* letters: the versions in which the path is there; text: what it is there (NULL: anything). */
struct definition_case {
    const char *name, *letters, *path, *text;
};
#define CLUSTER "OpenShiftCluster.properties."
#define PROPERTIES "OpenShiftClusterProperties.properties."
#define D(n, l, p, t) \
    { \
        .name = (n), .letters = (l), .path = (p), .text = (t) \
    }
static struct definition_case cases[] = {
    D("properties are flattened", LETTERS, CLUSTER "properties.x-ms-client-flatten", "true"),
    D("properties are a type", LETTERS, CLUSTER "properties.$ref",
      "\"#/definitions/OpenShiftClusterProperties\""),
    D("the cluster's name comes from the shared type", "", CLUSTER "name", NULL),
    D("an identity is there since workload identities are", "JK", CLUSTER "identity", NULL),
    D("so it is in updates", "JK", "OpenShiftClusterUpdate.properties.identity", NULL),
    D("updates have tags", LETTERS, "OpenShiftClusterUpdate.properties.tags.additionalProperties",
      "{\"type\":\"string\"}"),
    D("updates have no location", "", "OpenShiftClusterUpdate.properties.location", NULL),
    D("system data is a shared type", "", "SystemData", NULL),
    D("the list of clusters", LETTERS, "OpenShiftClusterList.properties.nextLink.type",
      "\"string\""),
    D("states are a type", LETTERS, PROPERTIES "provisioningState.$ref",
      "\"#/definitions/ProvisioningState\""),
    D("states are open", LETTERS, "ProvisioningState.x-ms-enum.modelAsString", "true"),
    D("addresses are marked read-only", "IJK", "ConsoleProfile.properties.url.readOnly", "true"),
    D("so is that of the API server", "IJK", "APIServerProfile.properties.ip.readOnly", "true"),
    D("live workers are read-only", "HIJK", PROPERTIES "workerProfilesStatus.readOnly", "true"),
    D("lists of workers say that they have no keys", "DEFGHIJK",
      PROPERTIES "workerProfiles.x-ms-identifiers", "[]"),
    D("FIPS is a type", "DEFGHIJK", "ClusterProfile.properties.fipsValidatedModules.$ref",
      "\"#/definitions/FipsValidatedModules\""),
    D("the network plugin is chosen once", "C", "SoftwareDefinedNetwork.enum",
      "[\"OVNKubernetes\",\"OpenShiftSDN\"]"),
    D("sizes are a list at first", "ABC", "VMSize.enum", NULL),
    D("the list of sizes is open in one preview", "C", "VMSize.x-ms-enum.name", "\"VMSize\""),
    D("sizes are free text later", "DEFGHIJK", "MasterProfile.properties.vmSize.type",
      "\"string\""),
    D("counts are integers", LETTERS, "WorkerProfile.properties.count.format", "\"int32\""),
    D("the load balancer", "GIJK", "LoadBalancerProfile.properties.managedOutboundIps.$ref",
      "\"#/definitions/ManagedOutboundIPs\""),
    D("its addresses are read-only", "GIJK",
      "LoadBalancerProfile.properties.effectiveOutboundIps.readOnly", "true"),
    D("other kinds of addresses", "G", "OutboundIPPrefix.properties.id", NULL),
    D("security groups of the customer", "HIJK", "PreconfiguredNSG.enum", NULL),
    D("they are an open type later", "IJK", "PreconfiguredNSG.x-ms-enum", NULL),
    D("identities of operators are a map", "JK",
      "PlatformWorkloadIdentityProfile.properties.platformWorkloadIdentities"
      ".additionalProperties.$ref",
      "\"#/definitions/PlatformWorkloadIdentity\""),
    D("the password is secret", LETTERS,
      "OpenShiftClusterCredentials.properties.kubeadminPassword.x-ms-secret", "true"),
    D("the kubeconfig is secret", "CDEFGHIJK",
      "OpenShiftClusterAdminKubeconfig.properties.kubeconfig.x-ms-secret", "true"),
    D("OpenShift versions", "EFGHIJK", "OpenShiftVersionProperties.properties.version.type",
      "\"string\""),
    D("OpenShift versions are not updated", "", "OpenShiftVersionUpdate", NULL),
    D("role sets", "JK", "PlatformWorkloadIdentityRoleSetList.properties.value.items.$ref",
      "\"#/definitions/PlatformWorkloadIdentityRoleSet\""),
    D("errors have details", LETTERS, "CloudErrorBody.properties.details.items.$ref",
      "\"#/definitions/CloudErrorBody\""),
    D("operations", LETTERS, "Display.properties.provider.type", "\"string\""),
    D("admin's fields are nobody's business", "", PROPERTIES "operatorFlags", NULL),
};

static void check_definition(void **state)
{
    const struct definition_case *c = *state;
    for (size_t i = 0; i < strlen(LETTERS); i++) {
        cleanup_json json *definitions = swagger_give_definitions(api_version_at(i));
        const json *found = json_path(definitions, c->path);
        assert_int_equal(found != NULL, strchr(c->letters, LETTERS[i]) != NULL);
        if (!found || !c->text)
            continue;
        cleanup_free char *text = json_give_text(found);
        assert_string_equal(text, c->text);
    }
}

static void shared_types_are_of_the_version(void **state)
{
    (void)state;
    static const char *const sets[] = { "v1", "v1", "v2", "v2", "v3", "v3",
                                        "v3", "v3", "v3", "v6", "v6" };
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        cleanup_json json *definitions = swagger_give_definitions(api_version_at(i));
        cleanup_free char *want = xasprintf("../../../../../../common-types/resource-management/%s/"
                                            "types.json#/definitions/TrackedResource",
                                            sets[i]);
        assert_string_equal(json_path_str(definitions, "OpenShiftCluster.allOf[0].$ref"), want);
    }
}

static void states_are_those_of_the_version(void **state)
{
    (void)state;
    static const struct {
        const char *version, *last;
    } want[] = { { "2022-04-01", NULL },
                 { "2023-07-01-preview", "Cancelled" },
                 { "2023-11-22", "Canceled" } };
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        cleanup_json json *d = swagger_give_definitions(api_version_find(want[i].version));
        const json *values = json_path(d, "ProvisioningState.enum");
        cleanup_strv struct strv words = STRV_INIT;
        for (size_t k = 0; k < json_len(values); k++)
            strv_add(&words, json_str(json_at(values, k)));
        assert_int_equal(words.len, want[i].last ? 7 : 6);
        if (want[i].last)
            assert_true(strv_has(&words, want[i].last));
        assert_false(strv_has(&words, "Maintenance"));
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2] = {
        CASE("shared types are those of the version", shared_types_are_of_the_version),
        CASE("states are those of the version", states_are_those_of_the_version),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[2 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_definition, &cases[i]);
    return RUN_CASES("swagger_definitions", tests);
}

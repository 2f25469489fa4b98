/*
 * Every field in every version, from a list that knows nothing of the table: who has it, who may change it,
 * and that decoding, immutability and both conversions do as it says.
 */
#include <string.h>

#include "pkg/api/api.h"
#include "pkg/api/immutable.h"
#include "pkg/api/model.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

/*
 * rules: one letter a version, in the order of RIG_LETTERS: - unknown, I immutable, M mutable, R
 * read-only. value: what a request changes it to. target: of the refusal, when it is not the path.
 * inside: the path in the internal cluster, when it is another.
 */
struct field_case {
    const char *path, *rules, *value, *target, *inside;
    bool secret;
};

#define WORKER "properties.workerProfiles[0]."
#define WORKER_TARGET "properties.workerProfiles['worker']."
#define STATUS "properties.workerProfilesStatus"
#define INGRESS "properties.ingressProfiles[0]."
#define INGRESS_TARGET "properties.ingressProfiles['default']."
#define REGISTRY "properties.registryProfiles[0]."
#define REGISTRY_TARGET "properties.registryProfiles['registry.example.com']."
#define NETWORK "properties.networkProfile."
#define BALANCER NETWORK "loadBalancerProfile."
#define WORKLOAD "properties.platformWorkloadIdentityProfile."
#define INGRESS_IDENTITY WORKLOAD "platformWorkloadIdentities[\"ingress\"]"
#define CLUSTER_IDENTITY "identity.userAssignedIdentities[\"/ids/cluster\"]"
#define CLUSTER_IDENTITY_INSIDE "managedServiceIdentity.userAssignedIdentities[\"/ids/cluster\"]"

#define F(p, r, v, ...) \
    { \
        .path = (p), .rules = (r), .value = (v), __VA_ARGS__ \
    }

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
    F("identity.type", "---------III", "'None'"),
    F("identity.principalId", "---------RRR", "'p'"),
    F("identity.tenantId", "---------RRR", "'t'"),
    F(CLUSTER_IDENTITY ".clientId", "---------RRR", "'c'",
      .inside = CLUSTER_IDENTITY_INSIDE ".clientId"),
    F(CLUSTER_IDENTITY ".principalId", "---------RRR", "'p'",
      .inside = CLUSTER_IDENTITY_INSIDE ".principalId"),
    F("properties.provisioningState", "IIIIIIIIIIII", "'Failed'"),
    F("properties.clusterProfile.pullSecret", "IIIIIIIIIII-", "'{}'", .secret = true),
    F("properties.clusterProfile.domain", "IIIIIIIIIIII", "'other'"),
    F("properties.clusterProfile.version", "IIIIIIIIIIII", "'4.15.0'"),
    F("properties.clusterProfile.resourceGroupId", "IIIIIIIIIIII", "'/other'"),
    F("properties.clusterProfile.fipsValidatedModules", "---IIIIIIIII", "'Enabled'"),
    F("properties.clusterProfile.oidcIssuer", "---------RRR", "'https://x'"),
    F("properties.consoleProfile.url", "IIIIIIIIRRRI", "'https://x'"),
    F("properties.servicePrincipalProfile.clientId", "MMMMMMMMMMMI", "'x'"),
    F("properties.servicePrincipalProfile.clientSecret", "MMMMMMMMMMMI", "'x'", .secret = true),
    F("properties.servicePrincipalProfile.spObjectId", "-----------I", "'x'"),
    F(WORKLOAD "upgradeableTo", "---------MMM", "'4.16.0'"),
    F(INGRESS_IDENTITY ".resourceId", "---------MMM", "'/ids/other'"),
    F(INGRESS_IDENTITY ".clientId", "---------RRR", "'c'"),
    F(INGRESS_IDENTITY ".objectId", "---------RRR", "'o'"),
    F(NETWORK "podCidr", "IIIIIIIIIIII", "'10.0.0.0/14'"),
    F(NETWORK "serviceCidr", "IIIIIIIIIIII", "'10.0.0.0/16'"),
    F(NETWORK "softwareDefinedNetwork", "--I--------I", "'OpenShiftSDN'"),
    F(NETWORK "mtuSize", "-----------I", "3900"),
    F(NETWORK "outboundType", "-----IIIIIIM", "'UserDefinedRouting'"),
    F(NETWORK "privateEndpointIp", "-----------I", "'10.9.9.9'"),
    F(NETWORK "gatewayPrivateEndpointIp", "-----------I", "'10.9.9.9'"),
    F(NETWORK "gatewayPrivateLinkId", "-----------I", "'x'"),
    F(NETWORK "preconfiguredNSG", "-------IIIIM", "'Enabled'"),
    F(BALANCER "managedOutboundIps.count", "------M-MMMM", "9"),
    F(BALANCER "effectiveOutboundIps", "------R-RRRR", "[{'id':'/ips/9'}]"),
    F(BALANCER "outboundIps", "------M----R", "[{'id':'/ips/9'}]"),
    F(BALANCER "outboundIpPrefixes", "------M----R", "[{'id':'/ips/9'}]"),
    F(BALANCER "allocatedOutboundPorts", "------M----R", "9"),
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
    F("properties.apiserverProfile.visibility", "IIIIIIIIIIII", "'Private'"),
    F("properties.apiserverProfile.url", "IIIIIIIIRRRI", "'https://x'"),
    F("properties.apiserverProfile.ip", "IIIIIIIIRRRI", "'9.9.9.9'"),
    F("properties.apiserverProfile.intIp", "-----------I", "'9.9.9.9'"),
    F(INGRESS "name", "IIIIIIIIIIII", "'x'", .target = "properties.ingressProfiles['x'].name"),
    F(INGRESS "visibility", "IIIIIIIIIIII", "'Private'", .target = INGRESS_TARGET "visibility"),
    F(INGRESS "ip", "IIIIIIIIRRRI", "'9.9.9.9'", .target = INGRESS_TARGET "ip"),
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

static json *give_base(const struct api_version *v, const json *internal)
{
    struct rig_sealer sealer;
    json *base = NULL;
    rig_sealer_init(&sealer);
    assert_int_equal(api_cluster_to_external(v, internal, &sealer.base, &base, NULL), 0);
    return base;
}

static void check_shown(const struct field_case *c, const struct api_version *v, char rule,
                        const json *internal)
{
    cleanup_json json *base = give_base(v, internal), *reply = NULL;
    assert_int_equal(api_cluster_to_external(v, internal, NULL, &reply, NULL), 0);

    bool known = rule != '-' && (!c->inside || *c->inside);
    assert_int_equal(json_path_has(base, c->path), known);
    assert_int_equal(json_path_has(reply, c->path), known && !c->secret);

    api_cluster_drop_read_only(v, base);
    assert_int_equal(json_path_has(base, c->path), known && rule != 'R');
}

/* rule R or I: refused; M: written; -: ignored. */
static void check_change(const struct field_case *c, const struct api_version *v, char rule,
                         json *internal)
{
    struct rig_sealer sealer;
    cleanup_error struct error *err = NULL;
    cleanup_json json *base = give_base(v, internal), *ext = json_give_copy(base);
    cleanup_json json *body = rig_give_body(c->path, c->value);
    cleanup_json json *untouched = json_give_copy(internal);
    cleanup_free char *text = json_give_text(body);
    rig_sealer_init(&sealer);
    api_cluster_drop_read_only(v, ext);
    cleanup_json json *before = json_give_copy(ext);

    assert_int_equal(api_cluster_decode(v, text, strlen(text), ext, &err), 0);
    int rc = api_immutable_check(v, ext, base, &err);

    if (rule == 'I' || rule == 'R') {
        const char *target =
            c->target && (rule == 'R' || !str_eq(c->target, "systemData")) ? c->target : c->path;
        assert_int_equal(rc, -1);
        rig_assert_refused(&err, "PropertyChangeNotAllowed", target);
        return;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(api_cluster_to_internal(v, ext, base, internal, &sealer.base, &err), 0);
    if (rule == '-') {
        assert_true(json_equal(ext, before));
        assert_true(json_equal(internal, untouched));
    } else if (c->secret) {
        assert_string_equal(json_path_str(internal, c->path), "sealed:x");
    } else if (!c->inside || *c->inside) {
        cleanup_json json *want = rig_give_json(c->value);
        const json *got = json_path(internal, c->inside ? c->inside : c->path);
        assert_true(json_kind(want) == JSON_BOOL ? json_bool(got, false) == json_bool(want, false)
                                                 : json_equal(got, want));
    }
}

static void check_field(void **state)
{
    const struct field_case *c = *state;
    assert_int_equal(strlen(c->rules), RIG_VERSIONS);

    for (size_t i = 0; i < RIG_VERSIONS; i++) {
        const struct api_version *v = rig_version(RIG_LETTERS[i]);
        cleanup_json json *internal = rig_give_internal();
        if (RIG_LETTERS[i] < 'H')
            (void)json_path_del(internal, STATUS); /* shown as the workers there */
        check_shown(c, v, c->rules[i], internal);
        check_change(c, v, c->rules[i], internal);
    }
}

/* ---- the list is complete ---- */

static bool is_listed(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (str_eq(cases[i].path, path))
            return true;
    return false;
}

/* Texts stand for themselves, lists for their first entry, maps for the fixture's one. */
static void check_listed(const struct api_type *t, const char *prefix)
{
    static const char *const keys[][2] = {
        { "userAssignedIdentities", "[\"/ids/cluster\"]" },
        { "platformWorkloadIdentities", "[\"ingress\"]" },
        { "operatorFlags", "[\"aro.banner.enabled\"]" },
    };
    for (size_t i = 0; i < t->len; i++) {
        const struct api_field *f = &t->fields[i];
        const char *entry = f->kind == KIND_LIST ? "[0]" : "";
        for (size_t k = 0; k < ARRAY_LEN(keys); k++)
            if (str_eq(f->name, keys[k][0]))
                entry = keys[k][1];
        cleanup_free char *path = xasprintf("%s%s", prefix, f->name);
        cleanup_free char *below = xasprintf("%s%s", path, entry);
        cleanup_free char *inner = xasprintf("%s.", below);
        if (is_listed(path))
            continue;
        if (f->type)
            check_listed(f->type, inner);
        else if (!is_listed(below))
            fail_msg("%s is not in this test's list", path);
        assert_true(strlen(f->doc) > 5);
        assert_int_equal(f->doc[strlen(f->doc) - 1], '.');
    }
}

static void the_list_is_complete(void **state)
{
    (void)state;
    check_listed(&cluster_type, "");
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

/* ---- enumerations ---- */

struct enum_case {
    const char *name;
    const struct api_enum *e;
    const char *value, *rules; /* one letter a version: y or - */
};
static struct enum_case enum_cases[] = {
    { "every version has Succeeded", &enum_provisioning_state, "Succeeded", "yyyyyyyyyyyy" },
    { "every version has AdminUpdating", &enum_provisioning_state, "AdminUpdating",
      "yyyyyyyyyyyy" },
    { "one preview spells Cancelled", &enum_provisioning_state, "Cancelled", "------y-----" },
    { "later versions spell Canceled", &enum_provisioning_state, "Canceled", "--------yyyy" },
    { "letter case matters", &enum_provisioning_state, "succeeded", "------------" },
    { "tasks are for admin", &enum_maintenance_task, "OperatorUpdate", "-----------y" },
    { "Public is a visibility", &enum_visibility, "Public", "yyyyyyyyyyyy" },
    { "empty text is no visibility", &enum_visibility, "", "------------" },
};

static void check_enum(void **state)
{
    const struct enum_case *c = *state;
    for (size_t i = 0; i < RIG_VERSIONS; i++)
        assert_int_equal(api_enum_has(c->e, c->value, 1u << i), c->rules[i] == 'y');
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(enum_cases) + 2] = {
        CASE("every field of the table is in the list", the_list_is_complete),
        CASE("names are exact only in the newest version",
             names_are_exact_only_in_the_newest_version),
    };
    size_t n = 2;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].path, check_field, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(enum_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(enum_cases[i].name, check_enum, &enum_cases[i]);
    return RUN_CASES("model", tests);
}

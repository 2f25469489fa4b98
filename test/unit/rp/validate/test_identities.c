#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define UAI(name) \
    "/subscriptions/s/resourceGroups/ids/providers/Microsoft.ManagedIdentity/" \
    "userAssignedIdentities/" name
#define ROLE_ID(name) "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/" name
#define CREDENTIAL_ROLE ROLE_ID("ef318e2a-8334-4a05-9e4a-295a196c6a6e")
#define READS_ROLE(id) ASKS("provider", id "?api-version=2018-01-01-preview")
#define ROLE(actions) "{\"properties\":{\"permissions\":[{\"actions\":[" actions "]}]}}"
#define CREDENTIALS \
    "\"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/"
#define CREDENTIAL_ACTIONS CREDENTIALS "read\"," CREDENTIALS "write\""
#define LISTS_ASSIGNMENTS(identity, oid) \
    ASKS("provider", \
         identity "/providers/Microsoft.Authorization/roleAssignments" \
                  "?$filter=assignedTo%28%27" oid "%27%29&api-version=2018-09-01-preview")
#define ASSIGNED(scope) \
    "{\"value\":[{\"properties\":{\"scope\":\"" scope "\",\"roleDefinitionId\":\"" CREDENTIAL_ROLE \
    "\"}}]}"
#define NONE "{\"value\":[]}"
#define READS_IDENTITY(id) ASKS("provider", id "?api-version=2018-11-30")
#define LISTS_CREDENTIALS(id) \
    ASKS("provider", id "/federatedIdentityCredentials?api-version=2023-01-31")
#define CREDENTIAL(issuer, audiences) \
    "{\"value\":[{\"name\":\"c1\",\"properties\":{\"issuer\":\"" issuer \
    "\",\"subject\":\"s\",\"audiences\":[" audiences "]}}]}"

#define ID(operator, more) "'" operator"':{'resourceId':'" UAI(operator) "'" more "}"
#define OBJECT ",'objectId':'oid-disk'"
#define WITH(profile, more) \
    "{'clusterProfile':{'resourceGroupId':'" GROUP "','version':'4.14.9','oidcIssuer':" more \
    "},'platformWorkloadIdentityProfile':{'platformWorkloadIdentities':{" profile "}}}"
#define ISSUER "'https://oidc/x'"
#define PATH "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities."
#define INVALID_CREDENTIAL "PlatformWorkloadIdentityContainsInvalidFederatedCredential"
#define UNEXPECTED \
    "Unexpected federated credential 'c1' found on platform workload identity '" UAI( \
        "disk") "' used for role 'disk'. Please ensure "
#define ONLY_OURS \
    UNEXPECTED "only federated credentials provisioned by the ARO service for this " \
               "cluster are present."
#define ONLY_HERE \
    UNEXPECTED "this identity is only used for this cluster and does not have any existing " \
               "federated identity credentials."

struct identity_case {
    const char *name;
    int (*check)(struct validation *v, enum who who, struct error **err);
    const char *state, *own, *properties; /* own: members of userAssignedIdentities */
    struct script_step script[4];
    size_t len;
    struct refusal want;
};
#define OWN "'" UAI("own") "':{'principalId':'oid-own'}"
static struct identity_case cases[] = {
    { "the cluster's identity may do with the others what it has to",
      check_cluster_identity,
      "Creating",
      OWN,
      WITH(ID("disk", ""), "null"),
      { { .request = READS_ROLE(CREDENTIAL_ROLE), .reply = ROLE(CREDENTIAL_ACTIONS) },
        { .request = LISTS_ASSIGNMENTS(UAI("disk"), "oid-own"), .reply = ASSIGNED(UAI("disk")) } },
      2,
      { 0 } },
    { "and is told which it may not",
      check_cluster_identity,
      "Creating",
      OWN,
      WITH(ID("disk", "") "," ID("file", ""), "null"),
      { { .reply = ROLE(CREDENTIAL_ACTIONS) },
        { .reply = ASSIGNED("/subscriptions/s/resourceGroups/ids") },
        { .request = LISTS_ASSIGNMENTS(UAI("file"), "oid-own"), .reply = NONE } },
      3,
      { "InvalidClusterMSIPermissions", PATH "file.resourceId",
        "The cluster identity '" UAI("own") "' does not have the permissions of the role 'Azure "
                                            "Red Hat OpenShift Federated Credential' on the "
                                            "platform workload identity '" UAI(
                                                "file") "' used for role 'file'." } },
    { "its object ID is looked up when it is not known",
      check_cluster_identity,
      "Creating",
      "'" UAI("own") "':{}",
      WITH(ID("disk", ""), "null"),
      { { .request = READS_IDENTITY(UAI("own")),
          .reply = "{\"properties\":{\"principalId\":\"oid-own\"}}" },
        { .reply = ROLE(CREDENTIAL_ACTIONS) },
        { .request = LISTS_ASSIGNMENTS(UAI("disk"), "oid-own"), .reply = ASSIGNED(UAI("disk")) } },
      3,
      { 0 } },
    { "an identity that is not there is refused",
      check_cluster_identity,
      "Creating",
      OWN,
      WITH(ID("disk", ""), "null"),
      { { .reply = ROLE(CREDENTIAL_ACTIONS) }, { REFUSES(404, "ResourceNotFound") } },
      2,
      { "InvalidParameter", PATH "disk.resourceId",
        "The platform workload identity '" UAI("disk") "' could not be found." } },
    { "there has to be one identity of the cluster",
      check_cluster_identity,
      "Creating",
      OWN ",'/b':{}",
      WITH(ID("disk", ""), "null"),
      { { 0 } },
      0,
      { "InvalidClusterMSICount", "identity.userAssignedIdentities",
        "The cluster identity must be exactly one user assigned identity." } },

    { "identities of the operators are those of the version",
      check_platform_identities,
      "Creating",
      OWN,
      WITH(ID("disk", OBJECT), "null"),
      { { .request = READS_ROLE(ROLE_ID("role-disk")), .reply = ROLE("\"x/read\"") },
        { .request = LISTS_CREDENTIALS(UAI("disk")), .reply = NONE } },
      2,
      { 0 } },
    { "their object IDs are looked up when they are not known",
      check_platform_identities,
      "Creating",
      OWN,
      WITH(ID("disk", ""), "null"),
      { { .request = READS_IDENTITY(UAI("disk")),
          .reply = "{\"properties\":{\"principalId\":\"oid-disk\"}}" },
        { .reply = ROLE("\"x/read\"") },
        { .reply = NONE } },
      3,
      { 0 } },
    { "others are refused before Azure is asked",
      check_platform_identities,
      "Creating",
      OWN,
      WITH(ID("disk", OBJECT) "," ID("moon", ""), "null"),
      { { 0 } },
      0,
      { "PlatformWorkloadIdentityMismatch",
        "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities",
        "The provided platform workload identities are not those that the OpenShift minor version "
        "'4.14' requires: disk." } },
    { "a new cluster's have no credentials",
      check_platform_identities,
      "Creating",
      OWN,
      WITH(ID("disk", OBJECT), "null"),
      { { .reply = ROLE("\"x/read\"") },
        { .reply = CREDENTIAL("https://oidc/x", "\"openshift\"") } },
      2,
      { INVALID_CREDENTIAL, PATH "disk.resourceId", ONLY_HERE } },
    { "or its own, of a run before",
      check_platform_identities,
      "Creating",
      OWN,
      WITH(ID("disk", OBJECT), ISSUER),
      { { .reply = ROLE("\"x/read\"") },
        { .reply = CREDENTIAL("https://oidc/x", "\"openshift\"") } },
      2,
      { 0 } },
    { "a cluster's have its own alone: of its issuer",
      check_platform_identities,
      "Updating",
      OWN,
      WITH(ID("disk", OBJECT), ISSUER),
      { { .reply = ROLE("\"x/read\"") },
        { .reply = CREDENTIAL("https://other", "\"openshift\"") } },
      2,
      { INVALID_CREDENTIAL, PATH "disk.resourceId", ONLY_OURS } },
    { "and for its audience",
      check_platform_identities,
      "Updating",
      OWN,
      WITH(ID("disk", OBJECT), ISSUER),
      { { .reply = ROLE("\"x/read\"") },
        { .reply = CREDENTIAL("https://oidc/x", "\"openshift\",\"x\"") } },
      2,
      { INVALID_CREDENTIAL, PATH "disk.resourceId", ONLY_OURS } },
};

static const json *find_role_set(void *arg, const char *minor)
{
    return str_eq(minor, "4.14") ? arg : NULL;
}

static void check(void **state)
{
    const struct identity_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    cleanup_json json *role_set = json_make(
        "{'properties':{'platformWorkloadIdentityRoles':[{'operatorName':%s,'roleDefinitionId':"
        "'/providers/Microsoft.Authorization/roleDefinitions/role-disk'}]}}",
        "disk");
    validate_rig_open(&r, c->properties, c->script, c->len);
    cleanup_free char *own = xasprintf("{'userAssignedIdentities':{%s}}", c->own);
    json_put(r.cluster, "managedServiceIdentity", json_make(own));
    r.v.is_creating = str_eq(c->state, "Creating");
    r.cfg.find_role_set = find_role_set;
    r.cfg.role_set_arg = role_set;
    r.cfg.intervals.access_timeout_ms = 0;

    int result = c->check(&r.v, WHO_CLUSTER, &err);

    validate_rig_assert(result, err, &c->want);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("identities of a cluster", tests);
}

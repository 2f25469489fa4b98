#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define NS "Microsoft.Network/"
#define ROUTES "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/routeTables/r"
#define NAT "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/natGateways/n"
#define NSG \
    "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/networkSecurityGroups/g"
#define DES "/subscriptions/s/resourceGroups/net/providers/Microsoft.Compute/diskEncryptionSets/d"
#define REFERS(member, id) ",\"" member "\":{\"id\":\"" id "\"}"
#define SUBNET_ACTIONS(but) \
    "\"" NS "virtualNetworks/subnets/join/action\",\"" NS "virtualNetworks/subnets/read\",\"" NS \
    "virtualNetworks/subnets/" but "\""
#define SERVICE_LACKS "InvalidServicePrincipalPermissions"
#define PROVIDER_LACKS "InvalidResourceProviderPermissions"

struct linked_case {
    const char *name;
    enum who who;
    int (*check)(struct validation *v, enum who who, struct error **err);
    const char *properties;
    struct script_step script[4];
    size_t len;
    struct refusal want;
};
static struct linked_case cases[] = {
    /* networks */
    { "the service principal needs the whole network",
      WHO_CLUSTER,
      check_vnet_access,
      "{}",
      { { .request = PERMISSIONS("cluster", VNET),
          .reply = ALLOWS("\"" NS "virtualNetworks/read\",\"" NS "virtualNetworks/write\",\"" NS
                          "virtualNetworks/join/action\"") } },
      1,
      { 0 } },
    { "and is told apart by its application",
      WHO_CLUSTER,
      check_vnet_access,
      "{}",
      { { .reply = ALLOWS("\"" NS "virtualNetworks/read\",\"" NS "virtualNetworks/write\"") } },
      1,
      { SERVICE_LACKS, NULL,
        "The cluster service principal (Application ID: app) does not have Network Contributor "
        "role on vnet '" VNET "'." } },
    { "the provider only has to read it",
      WHO_PROVIDER,
      check_vnet_access,
      "{}",
      { { .request = PERMISSIONS("provider", VNET),
          .reply = ALLOWS("\"" NS "virtualNetworks/read\"") } },
      1,
      { 0 } },
    { "which is told, with what Azure said",
      WHO_PROVIDER,
      check_vnet_access,
      "{}",
      { { REFUSES(403, "AuthorizationFailed") } },
      1,
      { PROVIDER_LACKS, NULL,
        "The resource provider service principal (Application ID: first-party) does not have "
        "Network Contributor role on vnet '" VNET "'.\nOriginal error message: listing " VNET
        "/providers/Microsoft.Authorization/permissions: list: AuthorizationFailed: no" } },
    { "in the first layout both need the subnets, on the network",
      WHO_PROVIDER,
      check_vnet_access,
      "{'architectureVersion':0}",
      { { .request = PERMISSIONS("provider", VNET), .reply = ALLOWS(SUBNET_ACTIONS("write")) } },
      1,
      { 0 } },
    { "and all actions on them",
      WHO_CLUSTER,
      check_vnet_access,
      "{'architectureVersion':0}",
      { { .reply = ALLOWS(SUBNET_ACTIONS("delete")) } },
      1,
      { SERVICE_LACKS, NULL,
        "The cluster service principal (Application ID: app) does not have Network Contributor "
        "role on vnet '" VNET "'." } },
    { "a network that is not there is refused",
      WHO_CLUSTER,
      check_vnet_access,
      "{}",
      { { REFUSES(404, "ResourceNotFound") } },
      1,
      { "InvalidLinkedVNet", NULL, "The vnet '" VNET "' could not be found." } },
    /* subnets */
    { "each subnet is asked about",
      WHO_PROVIDER,
      check_subnet_access,
      "{}",
      { { .request = PERMISSIONS("provider", MASTERS), .reply = ALLOWS(SUBNET_ACTIONS("write")) },
        { .request = PERMISSIONS("provider", WORKERS), .reply = ALLOWS(SUBNET_ACTIONS("*")) } },
      2,
      { 0 } },
    { "the one that is lacked is told",
      WHO_CLUSTER,
      check_subnet_access,
      "{}",
      { { .reply = ALLOWS(ALL) }, { .reply = ALLOWS("") } },
      2,
      { SERVICE_LACKS, "properties.workerProfiles[0].subnetId",
        "The cluster service principal (Application ID: app) does not have Network Contributor "
        "role on subnet '" WORKERS "'." } },
    { "workers as they are count, where that is known",
      WHO_CLUSTER,
      check_subnet_access,
      "{'workerProfilesStatus':[{'subnetId':'" MASTERS "'},{'subnetId':'" VNET "/subnets/gone'}]}",
      { { .reply = ALLOWS(ALL) }, { REFUSES(404, "NotFound") } },
      2,
      { "InvalidLinkedSubnet", "properties.workerProfilesStatus[1].subnetId",
        "The subnet '" VNET "/subnets/gone' could not be found." } },
    /* route tables */
    { "subnets may have no route table",
      WHO_CLUSTER,
      check_route_table_access,
      "{}",
      { { .request = NETWORK("cluster", VNET), .reply = VNET_REPLY("", "") } },
      1,
      { 0 } },
    { "one that both have is asked about once",
      WHO_CLUSTER,
      check_route_table_access,
      "{}",
      { { .reply = VNET_REPLY(REFERS("routeTable", ROUTES), REFERS("routeTable", ROUTES)) },
        { .request = PERMISSIONS("cluster", ROUTES), .reply = ALLOWS(ALL) } },
      2,
      { 0 } },
    { "the service principal has to write it",
      WHO_CLUSTER,
      check_route_table_access,
      "{}",
      { { .reply = VNET_REPLY("", REFERS("routeTable", ROUTES)) },
        { .reply = ALLOWS("\"" NS "routeTables/read\",\"" NS "routeTables/join/action\"") } },
      2,
      { SERVICE_LACKS, NULL,
        "The cluster service principal does not have Network Contributor role on route table "
        "'" ROUTES "'." } },
    { "the provider has not",
      WHO_PROVIDER,
      check_route_table_access,
      "{}",
      { { .reply = VNET_REPLY("", REFERS("routeTable", ROUTES)) },
        { .request = PERMISSIONS("provider", ROUTES),
          .reply = ALLOWS("\"" NS "routeTables/read\",\"" NS "routeTables/join/action\"") } },
      2,
      { 0 } },
    { "but in the first layout it has",
      WHO_PROVIDER,
      check_route_table_access,
      "{'architectureVersion':0}",
      { { .reply = VNET_REPLY("", REFERS("routeTable", ROUTES)) },
        { .reply = ALLOWS("\"" NS "routeTables/read\",\"" NS "routeTables/join/action\"") } },
      2,
      { PROVIDER_LACKS, NULL,
        "The resource provider service principal does not have Network Contributor role on route "
        "table '" ROUTES "'." } },
    { "a route table that is not there is refused",
      WHO_CLUSTER,
      check_route_table_access,
      "{}",
      { { .reply = VNET_REPLY(REFERS("routeTable", ROUTES), "") },
        { REFUSES(404, "ResourceNotFound") } },
      2,
      { "InvalidLinkedRouteTable", NULL, "The route table '" ROUTES "' could not be found." } },
    /* NAT gateways */
    { "the provider has to join a NAT gateway",
      WHO_PROVIDER,
      check_nat_gateway_access,
      "{}",
      { { .reply = VNET_REPLY(REFERS("natGateway", NAT), "") },
        { .request = PERMISSIONS("provider", NAT),
          .reply = ALLOWS("\"" NS "natGateways/join/action\"") } },
      2,
      { 0 } },
    { "the service principal has to read and write it, too",
      WHO_CLUSTER,
      check_nat_gateway_access,
      "{}",
      { { .reply = VNET_REPLY(REFERS("natGateway", NAT), "") },
        { .reply = ALLOWS("\"" NS "natGateways/join/action\"") } },
      2,
      { SERVICE_LACKS, NULL,
        "The cluster service principal does not have Network Contributor role on nat gateway "
        "'" NAT "'." } },
    { "a NAT gateway that is not there is refused",
      WHO_CLUSTER,
      check_nat_gateway_access,
      "{}",
      { { .reply = VNET_REPLY(REFERS("natGateway", NAT), "") },
        { REFUSES(404, "ResourceNotFound") } },
      2,
      { "InvalidLinkedNatGateway", NULL, "The nat gateway '" NAT "' could not be found." } },
    /* security groups */
    { "the service principal has to join a security group",
      WHO_CLUSTER,
      check_nsg_access,
      "{}",
      { { .reply = VNET_REPLY(REFERS("networkSecurityGroup", NSG), "") },
        { .request = PERMISSIONS("cluster", NSG),
          .reply = ALLOWS("\"" NS "networkSecurityGroups/join/action\"") } },
      2,
      { 0 } },
    { "the provider has to read it, too",
      WHO_PROVIDER,
      check_nsg_access,
      "{}",
      { { .reply = VNET_REPLY(REFERS("networkSecurityGroup", NSG), "") },
        { .reply = ALLOWS("\"" NS "networkSecurityGroups/join/action\"") } },
      2,
      { PROVIDER_LACKS, NULL,
        "The resource provider service principal (Application ID: first-party) does not have "
        "Network Contributor role on network security group '" NSG
        "'. This is required when the enable-preconfigured-nsg option is specified." } },
    /* disk encryption sets */
    { "disks need not be encrypted by the customer's keys",
      WHO_CLUSTER,
      check_disk_encryption_sets,
      "{}",
      { { 0 } },
      0,
      { 0 } },
    { "a set that all use is asked about once",
      WHO_CLUSTER,
      check_disk_encryption_sets,
      "{'masterProfile':{'diskEncryptionSetId':'" DES "'},'workerProfiles':"
      "[{'subnetId':'" WORKERS "','diskEncryptionSetId':'" DES "'}]}",
      { { .request = PERMISSIONS("cluster", DES),
          .reply = ALLOWS("\"Microsoft.Compute/diskEncryptionSets/read\"") },
        { .request = ASKS("cluster", DES "?api-version=2021-04-01"),
          .reply = "{\"location\":\"eastus\"}" } },
      2,
      { 0 } },
    { "it has to be readable",
      WHO_PROVIDER,
      check_disk_encryption_sets,
      "{'workerProfiles':[{'subnetId':'" WORKERS "','diskEncryptionSetId':'" DES "'}]}",
      { { .request = PERMISSIONS("provider", DES), .reply = ALLOWS("") } },
      1,
      { PROVIDER_LACKS, "properties.workerProfiles[0].diskEncryptionSetId",
        "The resource provider service principal does not have Reader permission on disk "
        "encryption set '" DES "'." } },
    { "it has to be there",
      WHO_CLUSTER,
      check_disk_encryption_sets,
      "{'masterProfile':{'diskEncryptionSetId':'" DES "'}}",
      { { REFUSES(404, "ResourceNotFound") } },
      1,
      { "InvalidLinkedDiskEncryptionSet", "properties.masterProfile.diskEncryptionSetId",
        "The disk encryption set '" DES "' could not be found." } },
    { "also when its permissions are",
      WHO_CLUSTER,
      check_disk_encryption_sets,
      "{'masterProfile':{'diskEncryptionSetId':'" DES "'}}",
      { { .reply = ALLOWS(ALL) }, { REFUSES(404, "ResourceNotFound") } },
      2,
      { "InvalidLinkedDiskEncryptionSet", "properties.masterProfile.diskEncryptionSetId",
        "The disk encryption set '" DES "' could not be found." } },
    { "it has to be in the cluster's region",
      WHO_PROVIDER,
      check_disk_encryption_sets,
      "{'masterProfile':{'diskEncryptionSetId':'" DES "'}}",
      { { .reply = ALLOWS(ALL) },
        { .request = ASKS("provider", DES "?api-version=2021-04-01"),
          .reply = "{\"location\":\"moon\"}" } },
      2,
      { "InvalidLinkedDiskEncryptionSet", NULL,
        "The disk encryption set location 'moon' must match the cluster location 'EastUS'." } },
};

static void check(void **state)
{
    const struct linked_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, c->properties, c->script, c->len);
    r.cfg.intervals.access_timeout_ms = 0;

    int result = c->check(&r.v, c->who, &err);

    validate_rig_assert(result, err, &c->want);
}

/* ---- identities ---- */

static char object_id[] = "oid";

static void an_identity_needs_what_its_role_is_for(void **state)
{
    (void)state;
    static const struct script_step script[] = { { .reply = "{\"value\":[]}" } };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    static const struct refusal want = {
        "InvalidWorkloadIdentityPermissions", NULL,
        "The b platform managed identity does not have required permissions on vnet '" VNET "'."
    };
    validate_rig_open(&r, "{'platformWorkloadIdentityProfile':{}}", script, ARRAY_LEN(script));
    r.cfg.intervals.access_timeout_ms = 0;
    cleanup_json json *storage = json_make("[{'actions':['Microsoft.Storage/*']}]");
    cleanup_json json *reads = json_make("[{'actions':['Microsoft.Network/*/read']}]");
    struct validation_identity identities[] = { { "a", NULL, object_id, storage },
                                                { "b", NULL, object_id, reads } };
    r.v.identities = identities;
    r.v.identities_len = 2;

    int result = check_vnet_access(&r.v, WHO_CLUSTER, &err);

    validate_rig_assert(result, err, &want);
    r.v.identities = NULL;
    r.v.identities_len = 0;
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("an identity needs what its role is for",
                                                      an_identity_needs_what_its_role_is_for);
    return RUN_CASES("what is linked to a cluster", tests);
}

#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define LINKED "InvalidLinkedVNet"
#define MASTER_PATH "properties.masterProfile.subnetId"
#define WORKER_PATH "properties.workerProfiles[0].subnetId"
#define INVALID(id, why) "The provided subnet '" id "' is invalid: " why "."
#define POLICY(text) ",\"privateLinkServiceNetworkPolicies\":\"" text "\""
#define ENDPOINT(service, state) \
    ",\"serviceEndpoints\":[{\"service\":\"" service "\",\"provisioningState\":\"" state "\"}]"
#define REGISTRY ENDPOINT("microsoft.containerregistry", "Succeeded")
#define ATTACHED(id) ",\"networkSecurityGroup\":{\"id\":\"" id "\"}"
#define OWN(name) GROUP "/providers/Microsoft.Network/networkSecurityGroups/" name
#define THEIRS "/subscriptions/s/resourceGroups/net/providers/x/y/g"
#define ONE(more) "{\"properties\":{\"subnets\":[" SUBNET(MASTERS, "10.0.0.0/24", "") "," more "]}}"
#define SIZED(members) ONE("{\"id\":\"" WORKERS "\",\"properties\":{" members "}}")
#define V1 "{'architectureVersion':0}"
#define UPDATING "{'provisioningState':'Updating'}"
#define PRECONFIGURED "{'networkProfile':{'preconfiguredNSG':'Enabled'}}"
#define PRECONFIGURED_UPDATING \
    "{'provisioningState':'Updating','networkProfile':{'preconfiguredNSG':'Enabled'}}"
#define MUST_HAVE_NONE "must not have a network security group attached"
#define NOT_PRECONFIGURED \
    "When the enable-preconfigured-nsg option is specified, both the master and worker subnets " \
    "should have network security groups (NSG) attached to them before starting the cluster " \
    "installation."

struct subnet_case {
    const char *name;
    int (*check)(struct validation *v, enum who who, struct error **err);
    const char *properties, *vnet;
    struct refusal want;
};
static struct subnet_case cases[] = {
    { "private links need the masters' subnet to be without policy",
      check_private_link_policy,
      V1,
      VNET_REPLY(POLICY("disabled"), POLICY("Enabled")),
      { 0 } },
    { "and it is not when nothing is said",
      check_private_link_policy,
      V1,
      VNET_REPLY("", ""),
      { LINKED, MASTER_PATH,
        INVALID(MASTERS, "must have privateLinkServiceNetworkPolicies disabled") } },
    { "both subnets reach the registry",
      check_service_endpoints,
      V1,
      VNET_REPLY(REGISTRY, REGISTRY),
      { 0 } },
    { "another endpoint is not enough",
      check_service_endpoints,
      V1,
      VNET_REPLY(REGISTRY, ENDPOINT("Microsoft.Storage", "Succeeded")),
      { LINKED, WORKER_PATH,
        INVALID(WORKERS, "must have Microsoft.ContainerRegistry serviceEndpoint") } },
    { "nor is one that is not ready",
      check_service_endpoints,
      V1,
      VNET_REPLY(ENDPOINT("Microsoft.ContainerRegistry", "Updating"), REGISTRY),
      { LINKED, MASTER_PATH,
        INVALID(MASTERS, "must have Microsoft.ContainerRegistry serviceEndpoint") } },

    { "a new cluster's subnets have no security group",
      check_security_groups,
      "{}",
      VNET_REPLY("", ""),
      { 0 } },
    { "or its own, of a run before",
      check_security_groups,
      "{}",
      VNET_REPLY(ATTACHED(OWN("X-abcde-nsg")), ATTACHED(OWN("x-abcde-nsg"))),
      { 0 } },
    { "in the first layout there are two",
      check_security_groups,
      V1,
      VNET_REPLY(ATTACHED(OWN("x-abcde-controlplane-nsg")), ATTACHED(OWN("x-abcde-node-nsg"))),
      { 0 } },
    { "and the other one is not its own",
      check_security_groups,
      V1,
      VNET_REPLY(ATTACHED(OWN("x-abcde-node-nsg")), ""),
      { LINKED, MASTER_PATH, INVALID(MASTERS, MUST_HAVE_NONE) } },
    { "another's is refused",
      check_security_groups,
      "{}",
      VNET_REPLY("", ATTACHED(THEIRS)),
      { LINKED, WORKER_PATH, INVALID(WORKERS, MUST_HAVE_NONE) } },
    { "unless it was asked for",
      check_security_groups,
      PRECONFIGURED,
      VNET_REPLY(ATTACHED(THEIRS), ATTACHED(THEIRS)),
      { 0 } },
    { "and then each has to have one",
      check_security_groups,
      PRECONFIGURED,
      VNET_REPLY(ATTACHED(THEIRS), ""),
      { LINKED, NULL, NOT_PRECONFIGURED } },
    { "a cluster's subnets keep its own",
      check_security_groups,
      UPDATING,
      VNET_REPLY(ATTACHED(OWN("x-abcde-nsg")), ATTACHED(THEIRS)),
      { LINKED, WORKER_PATH,
        INVALID(WORKERS, "must have network security group '" OWN("x-abcde-nsg") "' attached") } },
    { "and none is not its own",
      check_security_groups,
      UPDATING,
      VNET_REPLY("", ""),
      { LINKED, MASTER_PATH,
        INVALID(MASTERS, "must have network security group '" OWN("x-abcde-nsg") "' attached") } },
    { "very old clusters call it otherwise",
      check_security_groups,
      "{'provisioningState':'Updating','infraId':null,'architectureVersion':0}",
      VNET_REPLY(ATTACHED(OWN("aro-controlplane-nsg")), ATTACHED(OWN("aro-node-nsg"))),
      { 0 } },
    { "the customer's may be changed for another",
      check_security_groups,
      PRECONFIGURED_UPDATING,
      VNET_REPLY(ATTACHED(THEIRS), ATTACHED(OWN("z"))),
      { 0 } },
    { "but not for none",
      check_security_groups,
      PRECONFIGURED_UPDATING,
      VNET_REPLY(ATTACHED(THEIRS), ""),
      { LINKED, WORKER_PATH, INVALID(WORKERS, "must have a network security group attached") } },

    { "subnets are ready", check_subnet_states, "{}", VNET_REPLY("", ""), { 0 } },
    { "one that is being changed is not",
      check_subnet_states,
      "{}",
      SIZED("\"provisioningState\":\"Updating\""),
      { LINKED, WORKER_PATH, "The provided subnet '" WORKERS "' is not in a Succeeded state" } },

    { "32 addresses are enough",
      check_subnet_sizes,
      "{}",
      SIZED("\"addressPrefix\":\"10.1.0.0/27\""),
      { 0 } },
    { "16 are not",
      check_subnet_sizes,
      "{}",
      SIZED("\"addressPrefix\":\"10.1.0.0/28\""),
      { LINKED, WORKER_PATH, INVALID(WORKERS, "must be /27 or larger") } },
    { "every range counts, but those of IPv6",
      check_subnet_sizes,
      "{}",
      SIZED("\"addressPrefixes\":[\"10.1.0.0/24\",\"fd00::/64\"]"),
      { 0 } },
    { "each of them has to be large enough",
      check_subnet_sizes,
      "{}",
      SIZED("\"addressPrefixes\":[\"10.1.0.0/24\",\"10.2.0.0/29\"]"),
      { LINKED, WORKER_PATH, INVALID(WORKERS, "must be /27 or larger") } },
};

static void check(void **state)
{
    const struct subnet_case *c = *state;
    const struct script_step script[] = { { .request = NETWORK("cluster", VNET),
                                            .reply = c->vnet } };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, c->properties, script, ARRAY_LEN(script));

    int result = c->check(&r.v, WHO_CLUSTER, &err);

    validate_rig_assert(result, err, &c->want);
}

static void permissions_matter_only_for_groups_of_the_customer(void **state)
{
    (void)state;
    cleanup_validate_rig struct validate_rig r;
    validate_rig_open(&r, "{}", NULL, 0);

    assert_int_equal(check_nsg_access_if_preconfigured(&r.v, WHO_CLUSTER, NULL), 0);
}

static void and_then_they_do(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        { .reply = VNET_REPLY(ATTACHED(THEIRS), ATTACHED(THEIRS)) },
        { .request = PERMISSIONS("provider", THEIRS), .reply = ALLOWS(ALL) },
    };
    cleanup_validate_rig struct validate_rig r;
    validate_rig_open(&r, PRECONFIGURED, script, ARRAY_LEN(script));

    assert_int_equal(check_nsg_access_if_preconfigured(&r.v, WHO_PROVIDER, NULL), 0);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("permissions matter only for security groups of the customer",
                                permissions_matter_only_for_groups_of_the_customer);
    tests[ARRAY_LEN(cases) + 1] =
        (struct CMUnitTest)CASE("and for those they are asked for", and_then_they_do);
    return RUN_CASES("subnets", tests);
}

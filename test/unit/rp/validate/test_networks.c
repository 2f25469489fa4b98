#include "test/unit/support/rp/validate/validate_rig.h"
#include "test/unit/support/test.h"

#define READS NETWORK("cluster", VNET)
#define LINKED "InvalidLinkedVNet"
#define OVERLAPS(a, b) \
    { \
        LINKED, NULL, "The provided CIDRs must not overlap: '" a " overlaps with " b "'." \
    }

struct network_case {
    const char *name;
    int (*check)(struct validation *v, enum who who, struct error **err);
    const char *properties;
    struct script_step answer;
    struct refusal want;
};
static struct network_case cases[] = {
    { "a network in the cluster's region is good, in any letter case",
      check_locations,
      "{}",
      { .request = READS, .reply = VNET_REPLY("", "") },
      { 0 } },
    { "one in another is not",
      check_locations,
      "{}",
      { .reply = "{\"location\":\"moon\"}" },
      { LINKED, NULL, "The vnet location 'moon' must match the cluster location 'EastUS'." } },
    { "a network that is not there is refused",
      check_locations,
      "{}",
      { .request = READS, REFUSES(404, "ResourceNotFound") },
      { LINKED, NULL, "The vnet '" VNET "' could not be found." } },
    { "DNS servers of the customer's are refused",
      check_dns_servers,
      "{}",
      { .reply = "{\"properties\":{\"dhcpOptions\":{\"dnsServers\":[\"10.0.0.4\"]}}}" },
      { LINKED, NULL,
        "The provided vnet '" VNET "' is invalid: custom DNS servers are not supported." } },
    { "an empty list of them is none",
      check_dns_servers,
      "{}",
      { .reply = "{\"properties\":{\"dhcpOptions\":{\"dnsServers\":[]}}}" },
      { 0 } },
    { "ranges beside each other are good",
      check_overlap,
      "{}",
      { .request = READS, .reply = VNET_REPLY("", "") },
      { 0 } },
    { "pods may not be among the machines",
      check_overlap,
      "{'networkProfile':{'podCidr':'10.0.1.0/18'}}",
      { .reply = VNET_REPLY("", "") },
      OVERLAPS("10.0.0.0/24", "10.0.0.0/18") },
    { "nor may services among the pods",
      check_overlap,
      "{'networkProfile':{'serviceCidr':'10.129.0.0/16'}}",
      { .reply = VNET_REPLY("", "") },
      OVERLAPS("10.128.0.0/14", "10.129.0.0/16") },
    { "every range of a subnet counts",
      check_overlap,
      "{}",
      { .reply = "{\"properties\":{\"subnets\":[{\"id\":\"" MASTERS
                 "\",\"properties\":{\"addressPrefixes\":[\"fd00::/64\",\"10.0.0.0/24\","
                 "\"172.30.7.0/24\"]}},{\"id\":\"" WORKERS
                 "\",\"properties\":{\"addressPrefix\":\"10.0.1.0/24\"}}]}}" },
      OVERLAPS("172.30.7.0/24", "172.30.0.0/16") },
    { "a subnet that workers share with masters counts once",
      check_overlap,
      "{'workerProfiles':[{'subnetId':'" MASTERS "'},{'subnetId':'" MASTERS "'}]}",
      { .reply = VNET_REPLY("", "") },
      { 0 } },
    { "a range that is none is refused",
      check_overlap,
      "{'networkProfile':{'podCidr':'10'}}",
      { .reply = VNET_REPLY("", "") },
      { LINKED, NULL, "The CIDR '10' is invalid." } },
    { "a subnet that is not there is refused by its member",
      check_overlap,
      "{}",
      { .reply = "{\"properties\":{\"subnets\":[]}}" },
      { LINKED, "properties.masterProfile.subnetId",
        "The provided subnet '" MASTERS "' could not be found." } },
};

static void check(void **state)
{
    const struct network_case *c = *state;
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    validate_rig_open(&r, c->properties, &c->answer, 1);

    int result = c->check(&r.v, WHO_CLUSTER, &err);

    validate_rig_assert(result, err, &c->want);
}

static void a_network_is_read_once(void **state)
{
    (void)state;
    static const struct script_step script[] = { { .request = READS,
                                                   .reply = VNET_REPLY("", "") } };
    cleanup_validate_rig struct validate_rig r;
    const json *first, *second;
    validate_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(validation_vnet(&r.v, VNET, &first, NULL), 0);
    assert_int_equal(validation_subnet(&r.v, &r.v.subnets[1], &second, NULL), 0);

    assert_string_equal(json_path_str(first, "id"), VNET);
    assert_string_equal(json_path_str(second, "id"), WORKERS);
}

static void without_a_service_principal_the_provider_reads(void **state)
{
    (void)state;
    static const struct script_step script[] = { { .request = NETWORK("provider", VNET),
                                                   .reply = VNET_REPLY("", "") } };
    cleanup_validate_rig struct validate_rig r;
    const json *vnet;
    validate_rig_open(&r, "{'platformWorkloadIdentityProfile':{}}", script, ARRAY_LEN(script));

    assert_int_equal(validation_vnet(&r.v, VNET, &vnet, NULL), 0);
}

static void another_failure_is_told(void **state)
{
    (void)state;
    static const struct script_step script[] = { { REFUSES(403, "AuthorizationFailed") } };
    cleanup_validate_rig struct validate_rig r;
    cleanup_error struct error *err = NULL;
    const json *vnet;
    validate_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(validation_vnet(&r.v, VNET, &vnet, &err), -1);

    assert_true(error_is(err, ERR_FORBIDDEN));
    assert_string_equal(error_get_code(err), "AuthorizationFailed");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    size_t n = 0;
    for (; n < ARRAY_LEN(cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(cases[n].name, check, &cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("a network is read once", a_network_is_read_once);
    tests[n++] = (struct CMUnitTest)CASE("without a service principal the provider reads",
                                         without_a_service_principal_the_provider_reads);
    tests[n++] = (struct CMUnitTest)CASE("another failure is told", another_failure_is_told);
    return RUN_CASES("networks", tests);
}

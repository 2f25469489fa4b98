#include "test/unit/pkg/api/api_rig.h"

struct default_case {
    const char *name, *internal, *path, *want; /* want: JSON; NULL when absent */
};
#define P(x) "{'properties':{" x "}}"
#define NETWORK(x) P("'networkProfile':{" x "}")
#define BALANCER "properties.networkProfile.loadBalancerProfile"
static struct default_case default_cases[] = {
    { "masters do not encrypt at the host", "{}", "properties.masterProfile.encryptionAtHost",
      "'Disabled'" },
    { "what masters do stays", P("'masterProfile':{'encryptionAtHost':'Enabled'}"),
      "properties.masterProfile.encryptionAtHost", "'Enabled'" },
    { "workers do not encrypt at the host", P("'workerProfiles':[{'name':'a'},{'count':1}]"),
      "properties.workerProfiles",
      "[{'name':'a','encryptionAtHost':'Disabled'},{'count':1,'encryptionAtHost':'Disabled'}]" },
    { "nor do live workers", P("'workerProfilesStatus':[{'encryptionAtHost':''}]"),
      "properties.workerProfilesStatus", "[{'encryptionAtHost':'Disabled'}]" },
    { "no workers are made", "{}", "properties.workerProfiles", NULL },
    { "modules are the ordinary ones", "{}", "properties.clusterProfile.fipsValidatedModules",
      "'Disabled'" },
    { "an admin update does everything", P("'provisioningState':'AdminUpdating'"),
      "properties.maintenanceTask", "'Everything'" },
    { "an admin update does what it shall",
      P("'provisioningState':'AdminUpdating','maintenanceTask':'OperatorUpdate'"),
      "properties.maintenanceTask", "'OperatorUpdate'" },
    { "other updates have no task", P("'provisioningState':'Updating'"),
      "properties.maintenanceTask", NULL },
    { "operator flags are the default ones", "{}",
      "properties.operatorFlags[\"aro.checker.enabled\"]", "'true'" },
    { "operator flags that are there stay as they are", P("'operatorFlags':{'a':'b'}"),
      "properties.operatorFlags", "{'a':'b'}" },
    { "an empty map of operator flags is one", P("'operatorFlags':{}"), "properties.operatorFlags",
      "{}" },
    { "traffic leaves through the load balancer", "{}", "properties.networkProfile.outboundType",
      "'Loadbalancer'" },
    { "subnets come without security groups", "{}", "properties.networkProfile.preconfiguredNSG",
      "'Disabled'" },
    { "the load balancer has one address", "{}", BALANCER, "{'managedOutboundIps':{'count':1}}" },
    { "a load balancer that lost its kind of addresses has one",
      NETWORK("'loadBalancerProfile':{'effectiveOutboundIps':[{'id':'/x'}]}"), BALANCER,
      "{'effectiveOutboundIps':[{'id':'/x'}],'managedOutboundIps':{'count':1}}" },
    { "a load balancer stays as it is",
      NETWORK("'loadBalancerProfile':{'managedOutboundIps':{'count':7}}"), BALANCER,
      "{'managedOutboundIps':{'count':7}}" },
    { "addresses of the customer are enough",
      NETWORK("'loadBalancerProfile':{'outboundIps':[{'id':'/x'}]}"), BALANCER,
      "{'outboundIps':[{'id':'/x'}]}" },
    { "own routes need no load balancer", NETWORK("'outboundType':'UserDefinedRouting'"), BALANCER,
      NULL },
    { "sizes are the client's duty", "{}", "properties.masterProfile.vmSize", NULL },
    { "unknown members stay", "{'x':{'y':1}}", "x", "{'y':1}" },
};

static void check_default(void **state)
{
    const struct default_case *c = *state;
    cleanup_json json *internal = rig_give_json(c->internal);

    api_cluster_set_defaults(internal);

    if (c->want)
        rig_assert_json(json_path(internal, c->path), c->want);
    else
        assert_false(json_path_has(internal, c->path));
}

static void setting_twice_changes_nothing(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_internal();
    api_cluster_set_defaults(internal);
    cleanup_json json *once = json_give_copy(internal);

    api_cluster_set_defaults(internal);

    assert_true(json_equal(internal, once));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(default_cases) + 1] = {
        CASE("setting twice changes nothing", setting_twice_changes_nothing),
    };
    for (size_t i = 0; i < ARRAY_LEN(default_cases); i++)
        tests[1 + i] =
            (struct CMUnitTest)CASE_OF(default_cases[i].name, check_default, &default_cases[i]);
    return RUN_CASES("defaults", tests);
}

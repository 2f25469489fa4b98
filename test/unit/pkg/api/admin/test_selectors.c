#include "pkg/api/admin/selectors.h"
#include "test/unit/pkg/api/api_rig.h"

#define SUB "00000000-0000-0000-0000-00000000000a"

static void tells_every_key(void **state)
{
    (void)state;
    cleanup_json json *document = rig_give_json(
        "{'bucket':7,'openShiftCluster':{'id':'/subscriptions/" SUB "/resourceGroups/G/providers/"
        "Microsoft.RedHatOpenShift/openShiftClusters/N','properties':{'architectureVersion':1,"
        "'provisioningState':'Succeeded','networkProfile':{'outboundType':'Loadbalancer'},"
        "'apiserverProfile':{'visibility':'Private'},'clusterProfile':{'domain':'x.rp.test'}}}}");

    cleanup_json json *got = selectors_give(document, "Registered", "rp.test");

    rig_assert_json(got, "{'resourceID':'/subscriptions/" SUB "/resourcegroups/g/providers/"
                         "microsoft.redhatopenshift/openshiftclusters/n','bucketID':'7',"
                         "'subscriptionID':'" SUB "','subscriptionState':'Registered',"
                         "'authenticationType':'ServicePrincipal','architectureVersion':'1',"
                         "'provisioningState':'Succeeded','outboundType':'Loadbalancer',"
                         "'APIServerVisibility':'Private','isManagedDomain':'true'}");
}

static void keys_are_there_without_values(void **state)
{
    (void)state;
    cleanup_json json *document =
        rig_give_json("{'openShiftCluster':{'properties':{'platformWorkloadIdentityProfile':{}}}}");

    cleanup_json json *got = selectors_give(document, NULL, NULL);

    rig_assert_json(got, "{'resourceID':'','bucketID':'0','subscriptionID':'',"
                         "'subscriptionState':'','authenticationType':'WorkloadIdentity',"
                         "'architectureVersion':'0','provisioningState':'','outboundType':'',"
                         "'APIServerVisibility':'','isManagedDomain':'false'}");
}

struct domain_case {
    const char *name, *domain, *rp_domain, *want;
};
static struct domain_case domains[] = {
    { "a label alone is managed", "abc", "rp.test", "true" },
    { "a name below ours is managed", "abc.RP.test", "rp.test", "true" },
    { "ours itself is not", "rp.test", "rp.test", "false" },
    { "one that only ends so is not", "abcrp.test", "rp.test", "false" },
    { "a customer's is not", "abc.example.com", "rp.test", "false" },
    { "without ours none is", "abc.example.com", NULL, "false" },
    { "an empty name of ours manages nothing", "abc.example.com", "", "false" },
};

static void check_domain(void **state)
{
    const struct domain_case *d = *state;
    cleanup_json json *document = json_make(
        "{'openShiftCluster':{'properties':{'clusterProfile':{'domain':%s}}}}", d->domain);

    cleanup_json json *got = selectors_give(document, "Registered", d->rp_domain);

    assert_string_equal(json_path_str(got, "isManagedDomain"), d->want);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(domains) + 2] = {
        CASE("tells every key", tells_every_key),
        CASE("keys are there without values", keys_are_there_without_values),
    };
    for (size_t i = 0; i < ARRAY_LEN(domains); i++)
        tests[2 + i] = (struct CMUnitTest)CASE_OF(domains[i].name, check_domain, &domains[i]);
    return RUN_CASES("selectors", tests);
}

#include "pkg/base/encoding.h"
#include "test/unit/pkg/api/validate_rig.h"

static const struct api_rules rules = { .location = "eastus",
                                        .domain = "eastus.aroapp.io",
                                        .resource_id = RIG_ID,
                                        .require_d2s_workers = true,
                                        .architecture_version = 1 };

/* What curl of the first readme sent, for this pull secret. */
static char *give_body(const char *pull_secret)
{
    cleanup_free char *line = xasprintf("%s\n", pull_secret);
    cleanup_free char *encoded = base64_give(line, strlen(line));
    return xasprintf("{\"location\":\"eastus\",\"properties\":{\"pullSecret\":\"%s\"}}", encoded);
}

static json *give_fresh(void)
{
    return rig_give_json("{'id':'" RIG_ID "','name':'cluster','type':"
                         "'Microsoft.RedHatOpenShift/openShiftClusters',"
                         "'properties':{'provisioningState':'Succeeded'}}");
}

/* The client ID is right, the secret is "s". */
static int expand(const char *id, const char *body, const json *base, json *ext, struct error **err)
{
    cleanup_secret struct secret *secret = secret_new("s", 1);
    const struct api_flat flat = { .resource_id = id,
                                   .client_id = "22222222-2222-3333-4444-555555555555",
                                   .client_secret = secret };
    assert_int_equal(api_cluster_decode(rig_version('A'), body, strlen(body), ext, NULL), 0);
    return api_cluster_expand_flat(&flat, body, strlen(body), base, ext, err);
}

static void the_first_request_becomes_a_right_one(void **state)
{
    (void)state;
    cleanup_free char *body = give_body("{\"auths\":{}}");
    cleanup_json json *ext = give_fresh();
    cleanup_error struct error *err = NULL;

    assert_int_equal(expand(RIG_ID, body, NULL, ext, &err), 0);

    if (api_cluster_validate(rig_version('A'), ext, NULL, &rules, &err) < 0)
        fail_msg("%s", error_text(err));
    rig_assert_json(
        json_get(ext, "properties"),
        "{'provisioningState':'Succeeded','clusterProfile':{'pullSecret':'{\\\"auths\\\":{}}',"
        "'domain':'cluster','resourceGroupId':'" RIG_GROUPS "aro-cluster'},"
        "'servicePrincipalProfile':{'clientId':'22222222-2222-3333-4444-555555555555',"
        "'clientSecret':'s'},'networkProfile':{'podCidr':'10.128.0.0/14',"
        "'serviceCidr':'172.30.0.0/"
        "16'},'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':'" RIG_GROUPS
        "rg/providers/Microsoft.Network/virtualNetworks/dev-vnet/subnets/"
        "cluster-master'},'workerProfiles':[{'name':'worker','vmSize':'Standard_D2s_v3',"
        "'diskSizeGB':128,'subnetId':'" RIG_GROUPS
        "rg/providers/Microsoft.Network/virtualNetworks/dev-vnet/subnets/cluster-worker',"
        "'count':3}],'apiserverProfile':{'visibility':'Public'},"
        "'ingressProfiles':[{'name':'default','visibility':'Public'}]}");
}

static void the_same_request_again_changes_nothing(void **state)
{
    (void)state;
    cleanup_free char *body = give_body("{\"auths\":{}}");
    cleanup_json json *base = give_fresh();
    assert_int_equal(expand(RIG_ID, body, NULL, base, NULL), 0);
    (void)json_set_str(base, "properties.apiserverProfile.url", "https://api.x:6443/", NULL);
    json_put(base, "tags", rig_give_json("{'a':'b'}"));
    cleanup_json json *ext = api_cluster_give_skeleton(rig_version('A'), base);
    cleanup_error struct error *err = NULL;

    assert_int_equal(expand(RIG_ID, body, base, ext, &err), 0);

    assert_true(json_equal(ext, base));
    assert_int_equal(api_cluster_validate(rig_version('A'), ext, base, &rules, &err), 0);
}

static void what_the_request_says_is_kept(void **state)
{
    (void)state;
    static const char body[] =
        "{\"properties\":{\"pullSecret\":\"Cg==\",\"networkProfile\":{\"podCidr\":\"10.0.0.0/16\","
        "\"vnetCidr\":\"10.1.0.0/16\"},\"masterProfile\":{\"vmSize\":\"Standard_D16s_v3\"}}}";
    cleanup_json json *ext = give_fresh();

    assert_int_equal(expand(RIG_ID, body, NULL, ext, NULL), 0);

    rig_assert_json(json_path(ext, "properties.networkProfile"),
                    "{'podCidr':'10.0.0.0/16','serviceCidr':'172.30.0.0/16'}");
    assert_string_equal(json_path_str(ext, "properties.masterProfile.vmSize"), "Standard_D16s_v3");
    assert_string_equal(json_path_str(ext, "properties.clusterProfile.pullSecret"), "");
}

static void other_requests_are_left_alone(void **state)
{
    (void)state;
    cleanup_json json *ext = give_fresh(), *before = json_give_copy(ext);

    assert_int_equal(expand(RIG_ID, "{}", NULL, ext, NULL), 0);

    assert_true(json_equal(ext, before));
}

static void broken_base64_is_refused(void **state)
{
    (void)state;
    cleanup_json json *ext = give_fresh();
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        expand(RIG_ID, "{\"properties\":{\"pullSecret\":\"?hunter2?\"}}", NULL, ext, &err), -1);

    assert_null(strstr(error_text(err), "hunter2"));
    rig_assert_refused(&err, "InvalidParameter", "properties.pullSecret");
}

struct domain_case {
    const char *name, *domain; /* of the cluster; of what it is called */
};
static struct domain_case domain_cases[] = {
    { "my-cluster", "my-cluster" },
    { "MyCluster", "mycluster" },
    { "9lives", "aro-9lives" },
    { "a_b.c", "aro-abc" },
    { "___", "aro-cluster" },
    { "a2345678901234567890123456789012345678901234567890123456789",
      "aro-a234567890123456789012345678901234567890" },
};

static void check_domain(void **state)
{
    const struct domain_case *c = *state;
    cleanup_free char *body = give_body("{}");
    cleanup_free char *id = xasprintf("%srg/providers/n/t/%s", RIG_GROUPS, c->name);
    cleanup_json json *ext = give_fresh();

    assert_int_equal(expand(id, body, NULL, ext, NULL), 0);

    assert_string_equal(json_path_str(ext, "properties.clusterProfile.domain"), c->domain);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(domain_cases) + 5] = {
        CASE("the first request becomes a right one", the_first_request_becomes_a_right_one),
        CASE("the same request again changes nothing", the_same_request_again_changes_nothing),
        CASE("what the request says is kept", what_the_request_says_is_kept),
        CASE("other requests are left alone", other_requests_are_left_alone),
        CASE("broken base64 is refused and not repeated", broken_base64_is_refused),
    };
    for (size_t i = 0; i < ARRAY_LEN(domain_cases); i++)
        tests[5 + i] =
            (struct CMUnitTest)CASE_OF(domain_cases[i].name, check_domain, &domain_cases[i]);
    return RUN_CASES("flat", tests);
}

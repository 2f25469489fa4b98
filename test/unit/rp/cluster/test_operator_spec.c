#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/version.h"
#include "rp/cluster/operator_spec.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define PLAIN \
    "{'infraId':'a-12345','storageSuffix':'abcde','masterProfile':{'subnetId':'" RIG_SUBSCRIPTION \
    "/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/master'}," \
    "'apiserverProfile':{'intIp':'10.0.0.4'},'ingressProfiles':[{'name':'default','ip':'1.2.3.4'}" \
    "]," \
    "'operatorFlags':{'aro.banner.enabled':'false'},"

/* ---- image ---- */

static void the_image_is_pinned_given_or_of_this_build(void **state)
{
    (void)state;
    static const char *const given[] = { "ARO_IMAGE=registry.example:5000/aro:test", NULL };
    cleanup_free char *own = xasprintf("arosvctest.azurecr.io/aro:%s", version_commit());
    const struct {
        const char *properties;
        const char *const *env;
        const char *want;
    } cases[] = {
        { "{}", given, "registry.example:5000/aro:test" },
        { "{'operatorVersion':'1a2b3c4'}", given, "arosvc.azurecr.io/aro:1a2b3c4" },
        { "{'operatorVersion':'1a2b3c4'}", inside_rig_production,
          "arosvctest.azurecr.io/aro:1a2b3c4" },
        { "{}", inside_rig_production, own },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        inside_rig_open_env(&r, cases[i].properties, cases[i].env, NULL, 0);
        cleanup_free char *image = operator_spec_give_image(r.c);
        assert_string_equal(image, cases[i].want);
    }
}

/* ---- spec ---- */

static json *give_spec(struct inside_rig *r)
{
    json *spec = NULL;
    struct error *err = NULL;
    if (operator_spec_give(r->c, &spec, &err) < 0)
        fail_msg("%s", error_text(err));
    return spec;
}

static void a_cluster_of_development_is_described(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, PLAIN "'networkProfile':{}}");

    cleanup_json json *spec = give_spec(&r);

    rig_assert_tree(
        spec,
        "{'resourceId':'" RIG_KEY(
            "A") "','clusterResourceGroupId':'" RIG_GROUP "','domain':'a." RIG_ZONE
                 "','acrDomain':'arosvc.azurecr.io','azEnvironment':"
                 "'AzurePublicCloud','location':'eastus','infraId':'a-12345','storageSuffix':'"
                 "abcde',"
                 "'architectureVersion':1,'genevaLogging':{},'internetChecker':{'urls':["
                 "'https://arosvc.azurecr.io/','https://login.microsoftonline.com/',"
                 "'https://management.azure.com/','https://gcs.prod.monitoring.core.windows.net/"
                 "']},"
                 "'vnetId':'" RIG_SUBSCRIPTION "/resourceGroups/net/providers/Microsoft.Network/"
                 "virtualNetworks/v','apiIntIP':'10.0.0.4',"
                 "'ingressIP':'1.2.3.4','gatewayDomains':[],'gatewayTelemetryDomain':'',"
                 "'gatewayPrivateEndpointIP':'','serviceSubnets':['" RIG_SERVICE
                 "/providers/Microsoft.Network/virtualNetworks/rp-pe-vnet-001/subnets/"
                 "rp-pe-subnet','" RIG_SERVICE
                 "/providers/Microsoft.Network/virtualNetworks/rp-vnet/subnets/rp-subnet'],"
                 "'operatorflags':{'aro.banner.enabled':'false','aro.environment':'Development'}}");
}

static void a_cluster_behind_the_gateway_knows_its_domains(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r,
                        PLAIN "'featureProfile':{'gatewayEnabled':true},"
                              "'imageRegistryStorageAccountName':'imageregistryabcde',"
                              "'networkProfile':{'gatewayPrivateEndpointIp':'10.0.0.9'}}",
                        inside_rig_production, NULL, 0);

    cleanup_json json *spec = give_spec(&r);

    json *domains = json_get(spec, "gatewayDomains");
    assert_int_equal(json_len(domains), 3);
    assert_string_equal(json_str(json_at(domains, 0)), "one.example.com");
    assert_string_equal(json_str(json_at(domains, 1)), "two.example.com");
    assert_string_equal(json_str(json_at(domains, 2)), "imageregistryabcde.blob.core.windows.net");
    assert_string_equal(json_path_str(spec, "gatewayTelemetryDomain"),
                        "telemetry.eastus.example.com");
    assert_string_equal(json_path_str(spec, "gatewayPrivateEndpointIP"), "10.0.0.9");
    assert_int_equal(json_len(json_get(spec, "serviceSubnets")), 3);
}

static void where_logs_go_is_of_the_environment(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r, PLAIN "'networkProfile':{}}", inside_rig_production, NULL, 0);

    cleanup_json json *spec = give_spec(&r);

    rig_assert_tree(json_get(spec, "genevaLogging"),
                    "{'configVersion':'3.4','monitoringGCSAccount':'AROClusterLogs',"
                    "'monitoringGCSEnvironment':'DiagnosticsProd',"
                    "'monitoringGCSNamespace':'AROClusterLogsPROD'}");
}

/* An administrator may turn it off while the endpoint is still there. */
static void a_gateway_that_is_off_leaves_an_empty_list(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open_env(&r, PLAIN "'networkProfile':{'gatewayPrivateEndpointIp':'10.0.0.9'}}",
                        inside_rig_production, NULL, 0);

    cleanup_json json *spec = give_spec(&r);

    assert_true(json_is_array(json_get(spec, "gatewayDomains")));
    assert_int_equal(json_len(json_get(spec, "gatewayDomains")), 0);
}

static void security_groups_of_the_customer_are_left_alone(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'ingressProfiles':[{'ip':'1.2.3.4'}],"
                        "'networkProfile':{'preconfiguredNSG':'Enabled'},'operatorFlags':{"
                        "'aro.azuresubnets.nsg.managed':'true','aro.environment':'other'}}");

    cleanup_json json *spec = give_spec(&r);

    assert_string_equal(json_path_str(spec, "operatorflags[\"aro.azuresubnets.nsg.managed\"]"),
                        "false");
    assert_string_equal(json_path_str(spec, "operatorflags[\"aro.environment\"]"), "other");
}

static void the_ingress_is_the_default_one(void **state)
{
    (void)state;
    static const struct {
        const char *properties, *want, *err;
    } cases[] = {
        { "{'ingressProfiles':[{'name':'other','ip':'1.1.1.1'}]}", "1.1.1.1", NULL },
        { "{'ingressProfiles':[{'name':'other','ip':'1.1.1.1'},{'name':'default','ip':'2.2.2.2'}]}",
          "2.2.2.2", NULL },
        { "{'ingressProfiles':[]}", NULL, "no Ingress Profiles found" },
        { "{}", NULL, "no Ingress Profiles found" },
        { "{'ingressProfiles':[{'name':'default','ip':''}]}", NULL, "ingress IP is empty" },
        { "{'ingressProfiles':[{'name':'default'}]}", NULL, "ingress IP is empty" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        cleanup_error struct error *err = NULL;
        cleanup_json json *spec = NULL;
        inside_rig_open(&r, cases[i].properties);

        int rcode = operator_spec_give(r.c, &spec, &err);

        assert_int_equal(operator_spec_is_known(r.c), cases[i].want != NULL);
        assert_int_equal(rcode, cases[i].want ? 0 : -1);
        if (cases[i].want)
            assert_string_equal(json_path_str(spec, "ingressIP"), cases[i].want);
        else
            assert_non_null(strstr(error_text(err), cases[i].err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the image is pinned, given or of this build",
             the_image_is_pinned_given_or_of_this_build),
        CASE("a cluster of development is described", a_cluster_of_development_is_described),
        CASE("a cluster behind the gateway knows its domains",
             a_cluster_behind_the_gateway_knows_its_domains),
        CASE("a gateway that is off leaves an empty list",
             a_gateway_that_is_off_leaves_an_empty_list),
        CASE("security groups of the customer are left alone",
             security_groups_of_the_customer_are_left_alone),
        CASE("where logs go is of the environment", where_logs_go_is_of_the_environment),
        CASE("the ingress is the default one", the_ingress_is_the_default_one),
    };
    return RUN_CASES("operator_spec", tests);
}

#include <string.h>

#include "operator/controllers/subnets.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/operator_fixture.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define GROUP "/subscriptions/s/resourceGroups/managed"
#define V1_NSG(kind) GROUP "/providers/Microsoft.Network/networkSecurityGroups/aro-x-" kind

struct nsg_case {
    const char *name, *cluster;
    bool is_master;
    const char *want; /* NULL: an error */
};
static struct nsg_case nsg_cases[] = {
    { "the first architecture has a group for masters",
      "{'spec':{'clusterResourceGroupId':'" GROUP "','infraId':'aro-x'}}", true,
      V1_NSG("controlplane-nsg") },
    { "the first architecture has a group for workers",
      "{'spec':{'clusterResourceGroupId':'" GROUP "','infraId':'aro-x','architectureVersion':0}}",
      false, V1_NSG("node-nsg") },
    { "the second architecture has one group",
      "{'spec':{'clusterResourceGroupId':'" GROUP "','infraId':'aro-x','architectureVersion':1}}",
      true, V1_NSG("nsg") },
    { "an unknown architecture is an error",
      "{'spec':{'clusterResourceGroupId':'" GROUP "','infraId':'aro-x','architectureVersion':2}}",
      true, NULL },
    { "a missing infra ID is an error", "{'spec':{'clusterResourceGroupId':'" GROUP "'}}", true,
      NULL },
};

static void check_nsg_id(void **state)
{
    const struct nsg_case *c = *state;
    cleanup_json json *cluster = json_make(c->cluster);
    cleanup_error struct error *err = NULL;

    cleanup_free char *id = subnets_give_nsg_id(cluster, c->is_master, &err);

    if (c->want)
        assert_string_equal(id, c->want);
    else
        assert_true(error_is(err, ERR_INVALID));
}

struct edit_case {
    const char *name, *subnet;
    bool want_changed;
    const char *want; /* NULL: an error */
};
static struct edit_case nsg_edits[] = {
    { "the right group in other letters is left alone",
      "{'properties':{'networkSecurityGroup':{'id':'/NSG'}}}", false,
      "{'properties':{'networkSecurityGroup':{'id':'/NSG'}}}" },
    { "a foreign group is replaced, the rest is kept",
      "{'x':1,'properties':{'y':2,'networkSecurityGroup':{'id':'/other'}}}", true,
      "{'x':1,'properties':{'y':2,'networkSecurityGroup':{'id':'/nsg'}}}" },
    { "a missing group is set", "{'properties':{}}", true,
      "{'properties':{'networkSecurityGroup':{'id':'/nsg'}}}" },
    { "a null group is set", "{'properties':{'networkSecurityGroup':null}}", true,
      "{'properties':{'networkSecurityGroup':{'id':'/nsg'}}}" },
    { "a subnet without properties is an error", "{}", false, NULL },
};
static struct edit_case endpoint_edits[] = {
    { "missing endpoints are added", "{'properties':{}}", true,
      "{'properties':{'serviceEndpoints':[{'service':'Microsoft.ContainerRegistry','locations':['*'"
      "]},"
      "{'service':'Microsoft.Storage','locations':['*']}]}}" },
    { "an endpoint that has not succeeded is not doubled",
      "{'properties':{'serviceEndpoints':[{'service':'microsoft.storage','provisioningState':'"
      "Failed'},"
      "{'service':'Microsoft.ContainerRegistry','provisioningState':'Succeeded'}]}}",
      true,
      "{'properties':{'serviceEndpoints':[{'service':'microsoft.storage','provisioningState':'"
      "Failed'},"
      "{'service':'Microsoft.ContainerRegistry','provisioningState':'Succeeded'}]}}" },
    { "good endpoints are left alone, others kept",
      "{'properties':{'serviceEndpoints':[{'service':'Microsoft.Storage','provisioningState':'"
      "Succeeded'},{'service':'x'},"
      "{'service':'Microsoft.ContainerRegistry','provisioningState':'Succeeded'}]}}",
      false,
      "{'properties':{'serviceEndpoints':[{'service':'Microsoft.Storage','provisioningState':'"
      "Succeeded'},{'service':'x'},"
      "{'service':'Microsoft.ContainerRegistry','provisioningState':'Succeeded'}]}}" },
};

static void check_edit(const struct edit_case *c, bool endpoints)
{
    cleanup_json json *subnet = json_make(c->subnet);
    cleanup_json json *want = c->want ? json_make(c->want) : NULL;
    bool changed = false;

    int rcode = endpoints ? subnets_add_endpoints(subnet, &changed, NULL)
                          : subnets_set_nsg(subnet, "/nsg", &changed, NULL);

    assert_int_equal(rcode, c->want ? 0 : -1);
    assert_int_equal(changed, c->want_changed);
    if (c->want)
        assert_true(json_equal(subnet, want));
}

static void check_nsg_edit(void **state)
{
    check_edit(*state, false);
}

static void check_endpoint_edit(void **state)
{
    check_edit(*state, true);
}

/* ---- a whole run ---- */

#define SPEC \
    "'operatorflags':{'aro.azuresubnets.enabled':'true','aro.azuresubnets.nsg.managed':'true'}," \
    "'azEnvironment':'AzurePublicCloud','resourceId':'/subscriptions/s/resourceGroups/g/" \
    "providers/P/c/n'," \
    "'clusterResourceGroupId':'" GROUP "','infraId':'aro-x','architectureVersion':1"
#define MASTER \
    "{\"items\":[{\"metadata\":{\"name\":\"m0\",\"labels\":{\"machine.openshift.io/" \
    "cluster-api-machine-role\":\"master\"}}," \
    "\"spec\":{\"providerSpec\":{\"value\":{\"networkResourceGroup\":\"net\",\"vnet\":\"v\"," \
    "\"subnet\":\"n\"}}}}]}"
#define SECRET \
    "{\"data\":{\"azure_client_id\":\"YXBw\",\"azure_client_secret\":\"cyZjcmV0\",\"azure_tenant_" \
    "id\":\"dGVuYW50\"}}"
#define SUBNET_URL \
    "https://management.azure.com/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/" \
    "virtualNetworks/v/subnets/" \
    "n?api-version=2020-08-01"

static void check_reset(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(SPEC, "");
    static const struct script_step kube[] = {
        { .reply = SECRET },
        { .reply = "{\"items\":[]}" },
        { .reply = MASTER },
        { .request =
              "PATCH "
              "https://api.test:6443/apis/aro.openshift.io/v1alpha1/clusters/cluster\nAccept: "
              "application/json\nContent-Type: application/merge-patch+json\n\n"
              "{\"metadata\":{\"annotations\":{\"aro.openshift.io/"
              "lastSubnetReconcileTimestamp\":\"Sat, 03 Feb 2024 "
              "04:05:08 UTC\"}}}",
          .reply = "{}" },
    };
    static const struct script_step azure[] = {
        TOKEN_STEP,
        { .reply = "{\"etag\":\"W/1\",\"properties\":{\"networkSecurityGroup\":{\"id\":\"/"
                   "foreign\"}}}" },
        { .status = 200,
          .headers = "Azure-AsyncOperation: https://management.azure.com/op\nRetry-After: 2",
          .reply = "{}" },
        { .reply = "{\"status\":\"Succeeded\"}" },
        { .reply = "{}" },
    };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));
    operator_fixture_expect(&f.azure, azure, ARRAY_LEN(azure));

    assert_int_equal(operator_fixture_run(&f, &subnets_controller, "cluster"), 0);

    assert_non_null(strstr(f.azure.requests.v[2], "PUT " SUBNET_URL));
    assert_non_null(strstr(f.azure.requests.v[2], "If-Match: W/1"));
    assert_non_null(strstr(f.azure.requests.v[2],
                           GROUP "/providers/Microsoft.Network/networkSecurityGroups/aro-x-nsg"));
    assert_int_equal(f.result.requeue_after_ms, 3600 * 1000);
    operator_fixture_finish(&f);
}

#define SUBNET(nsg) \
    "{\"etag\":\"W/1\",\"properties\":{\"networkSecurityGroup\":{\"id\":\"" nsg "\"}}}"
#define RIGHT_NSG GROUP "/providers/Microsoft.Network/networkSecurityGroups/aro-x-nsg"

/* Somebody else wrote the subnet in between: read again. The time of the reset meets conflicts, too. */
static void check_conflicts(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(SPEC, "");
    static const struct script_step kube[] = {
        { .reply = SECRET },
        { .reply = "{\"items\":[]}" },
        { .reply = MASTER },
        { .status = 409, .reply = "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"code\":409}" },
        { .reply = "{}" },
    };
    static const struct script_step azure[] = {
        TOKEN_STEP,
        { .reply = SUBNET("/foreign") },
        { .status = 412, .reply = "{\"error\":{\"code\":\"PreconditionFailed\"}}" },
        { .reply = SUBNET("/foreign") },
        { .reply = SUBNET(RIGHT_NSG) },
    };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));
    operator_fixture_expect(&f.azure, azure, ARRAY_LEN(azure));

    assert_int_equal(operator_fixture_run(&f, &subnets_controller, "cluster"), 0);

    assert_true(log_capture_has(&f.kube.capture, "subnets/n was reset"));
    operator_fixture_finish(&f);
}

/* Written by somebody else into what we want: nothing was reset by us. */
static void check_overtaken(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(SPEC, "");
    static const struct script_step kube[] = { { .reply = SECRET },
                                               { .reply = "{\"items\":[]}" },
                                               { .reply = MASTER } };
    static const struct script_step azure[] = {
        TOKEN_STEP,
        { .reply = SUBNET("/foreign") },
        { .status = 412, .reply = "{\"error\":{\"code\":\"PreconditionFailed\"}}" },
        { .reply = SUBNET(RIGHT_NSG) },
    };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));
    operator_fixture_expect(&f.azure, azure, ARRAY_LEN(azure));

    assert_int_equal(operator_fixture_run(&f, &subnets_controller, "cluster"), 0);

    operator_fixture_finish(&f);
}

#define SETS \
    "{\"items\":[{\"metadata\":{\"name\":\"w\",\"labels\":{\"machine.openshift.io/" \
    "cluster-api-machine-role\":\"worker\"}},\"spec\":{\"template\":{\"spec\":{" \
    "\"providerSpec\":{\"value\":{\"networkResourceGroup\":\"net\",\"vnet\":\"v\"," \
    "\"subnet\":\"w\"}}}}}}]}"

/* The workers' subnet cannot be read: the masters' is repaired all the same. */
static void check_one_broken(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(SPEC, "");
    static const struct script_step kube[] = {
        { .reply = SECRET }, { .reply = SETS }, { .reply = MASTER }, { .reply = "{}" }
    };
    static const struct script_step azure[] = {
        TOKEN_STEP,
        { .status = 403, .reply = "{\"error\":{\"code\":\"AuthorizationFailed\"}}" },
        { .reply = SUBNET("/foreign") },
        { .reply = SUBNET(RIGHT_NSG) },
    };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));
    operator_fixture_expect(&f.azure, azure, ARRAY_LEN(azure));

    assert_int_equal(operator_fixture_run(&f, &subnets_controller, "cluster"), -1);

    assert_non_null(strstr(error_text(f.err), "subnets/w"));
    assert_non_null(strstr(error_text(f.err), "AuthorizationFailed"));
    operator_fixture_finish(&f);
}

#define ENDPOINT_FLAGS \
    "'operatorflags':{'aro.azuresubnets.enabled':'true'," \
    "'aro.azuresubnets.serviceendpoint.managed':'true'},"

/* The gateway takes the traffic: with nothing else to do Azure is not even asked. */
static void check_gateway(void **state)
{
    (void)state;
    cleanup_free char *cluster =
        operator_fixture_give_cluster(ENDPOINT_FLAGS "'gatewayDomains':['a.example']", "");
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);

    assert_int_equal(operator_fixture_run(&f, &subnets_controller, "cluster"), 0);

    operator_fixture_finish(&f);
}

static void check_gone(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(SPEC, "");
    static const struct script_step kube[] = { { .reply = SECRET },
                                               { .reply = "{\"items\":[]}" },
                                               { .reply = MASTER } };
    static const struct script_step azure[] = { TOKEN_STEP, { .status = 404, .reply = "{}" } };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));
    operator_fixture_expect(&f.azure, azure, ARRAY_LEN(azure));

    assert_int_equal(operator_fixture_run(&f, &subnets_controller, "cluster"), 0);

    operator_fixture_finish(&f);
}

static void check_nothing_managed(void **state)
{
    (void)state;
    cleanup_free char *cluster =
        operator_fixture_give_cluster("'operatorflags':{'aro.azuresubnets.enabled':'true','aro."
                                      "azuresubnets.nsg.managed':'false'}",
                                      "");
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);

    assert_int_equal(operator_fixture_run(&f, &subnets_controller, "cluster"),
                     0); /* no request at all */

    operator_fixture_finish(&f);
}

#define ADD(table, fn) \
    for (size_t i = 0; i < ARRAY_LEN(table); i++) \
    tests[n++] = (struct CMUnitTest)CASE_OF((table)[i].name, fn, &(table)[i])

int main(void)
{
    struct CMUnitTest
        tests[ARRAY_LEN(nsg_cases) + ARRAY_LEN(nsg_edits) + ARRAY_LEN(endpoint_edits) + 7];
    size_t n = 0;
    ADD(nsg_cases, check_nsg_id);
    ADD(nsg_edits, check_nsg_edit);
    ADD(endpoint_edits, check_endpoint_edit);
    tests[n++] = (struct CMUnitTest)CASE("a foreign group is reset and the time of it written down",
                                         check_reset);
    tests[n++] = (struct CMUnitTest)CASE("conflicts with others are tried again", check_conflicts);
    tests[n++] =
        (struct CMUnitTest)CASE("what others reset meanwhile is not claimed", check_overtaken);
    tests[n++] = (struct CMUnitTest)CASE("one broken subnet does not keep the others from repair",
                                         check_one_broken);
    tests[n++] =
        (struct CMUnitTest)CASE("endpoints are left alone behind a gateway", check_gateway);
    tests[n++] = (struct CMUnitTest)CASE("a subnet that is gone is skipped", check_gone);
    tests[n++] =
        (struct CMUnitTest)CASE("with nothing to manage Azure is not asked", check_nothing_managed);
    return RUN_CASES("subnets", tests);
}

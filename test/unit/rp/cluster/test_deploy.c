#include <string.h>

#include "rp/cluster/deploy.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define SUBNET \
    "/subscriptions/s1/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/m"
#define BASE \
    "'infraId':'a-12345','storageSuffix':'abcde','imageRegistryStorageAccountName':'iabcde'," \
    "'masterProfile':{'subnetId':'" SUBNET \
    "'},'servicePrincipalProfile':{'spObjectId':'object-1'}"
#define SUBNET_STEP \
    { \
        .request = REQUEST("GET", RIG_ARM SUBNET "?api-version=2020-08-01"), \
        .reply = "{\"properties\":{\"serviceEndpoints\":[{\"service\":\"Microsoft.Storage\"," \
                 "\"locations\":[\"*\"]}]}}" \
    }
#define DEPLOYMENT(name) \
    "PUT " RIG_ARM RIG_SUBSCRIPTION \
    "/resourcegroups/aro-a/providers/Microsoft.Resources/deployments/" name \
    "?api-version=2021-04-01\n"

struct base_case {
    const char *name, *properties, *want_request, *want_part;
};
static struct base_case bases[] = {
    { "the second layout's base is deployed under its name", "{" BASE "}", DEPLOYMENT("storage"),
      "a-12345-internal" },
    { "the first layout's storage is deployed under its name", "{'architectureVersion':0," BASE "}",
      DEPLOYMENT("azuredeploy"), "a-12345-controlplane-nsg" },
};

static void check_base(void **state)
{
    const struct base_case *c = *state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        SUBNET_STEP,
        { .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, c->properties, script, ARRAY_LEN(script));

    run_step(&r, cluster_deploy_base_template);

    const char *request = r.transport.requests.v[2];
    assert_memory_equal(request, c->want_request, strlen(c->want_request));
    assert_non_null(strstr(request, c->want_part));
    assert_non_null(strstr(request, "\"parameters\":{},\"mode\":\"Incremental\""));
    cluster_rig_close(&r);
}

struct late_case {
    const char *name, *now, *want_text, *want_code;
};
static struct late_case lates[] = {
    { "a day after the begin it is too late", "'2024-02-02T04:05:06Z'",
      "was not finished within a day", "DeploymentFailed" },
    { "without a begin nothing is deployed", "null", "properties.install.now", NULL },
    { "a begin that is no time is told", "'yesterday'", "properties.install.now", NULL },
};

static void check_late(void **state)
{
    const struct late_case *c = *state;
    char properties[128];
    struct cluster_rig r;
    (void)snprintf(properties, sizeof(properties), "{'infraId':'a-12345','install':{'now':%s}}",
                   c->now);
    cluster_rig_open(&r, properties, NULL, 0);

    cleanup_error struct error *err = fail_step(&r, cluster_deploy_resources_template);

    assert_non_null(strstr(error_text(err), c->want_text));
    if (c->want_code)
        assert_string_equal(error_get_code(err), c->want_code);
    cluster_rig_close(&r);
}

/* A second before that, the graph is looked for. */
static void check_in_time(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = "{\"accountSasToken\":\"sig=x\"}" },
        { .status = 404, .headers = "x-ms-error-code: BlobNotFound" },
    };
    struct cluster_rig r;
    cluster_rig_open(
        &r,
        "{'infraId':'a-12345','storageSuffix':'abcde','install':{'now':'2024-02-02T04:05:07Z'}}",
        script, ARRAY_LEN(script));

    cleanup_error struct error *err = fail_step(&r, cluster_deploy_resources_template);

    assert_non_null(strstr(error_text(err), "loading the install graph"));
    cluster_rig_close(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(bases) + ARRAY_LEN(lates) + 1];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(bases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(bases[i].name, check_base, &bases[i]);
    for (size_t i = 0; i < ARRAY_LEN(lates); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(lates[i].name, check_late, &lates[i]);
    tests[n] = (struct CMUnitTest)CASE("within the day machines are deployed from the graph",
                                       check_in_time);
    return RUN_CASES("deploy", tests);
}

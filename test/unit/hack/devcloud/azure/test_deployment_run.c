#include "test/unit/hack/devcloud/azure/deploy_rig.h"

static void check_order(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000}");
    deploy(&r, D, NULL,
           HEAD ",'resources':[" NSG_OF("last", ",'dependsOn':['first']") "," NSG_OF(
               "first", "") "," NSG_OF("never", ",'condition':'[false()]'") "]",
           NULL, NULL);

    assert_nsg(&r, "first", 200);
    assert_nsg(&r, "last", 404);
    rig_advance_s(&r, 60);
    assert_nsg(&r, "last", 200);
    assert_deployed(&r, "properties.provisioningState", "Running");
    rig_advance_s(&r, 60);
    assert_deployed(&r, "properties.provisioningState", "Succeeded");
    assert_nsg(&r, "never", 404);
}

static void check_outputs(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    deploy(
        &r, D, NULL,
        HEAD ",'parameters':{'p':{'type':'string'}},'resources':[" NSG_OF(
            "one",
            "") "],"
                "'outputs':{'id':{'type':'string','value':\"[reference('one','2020-08-01','Full')"
                ".id]\"},'p':{'type':'string','value':\"[parameters('p')]\"},'no':{'type':'string'"
                ",'condition':'[false()]','value':'x'}}",
        "{'p':{'value':'given'}}", NULL);

    assert_deployed(&r, "properties.outputs.id.value", RIG_NSGS "/one");
    assert_deployed(&r, "properties.outputs.p.value", "given");
    assert_deployed(&r, "properties.outputs.no.value", NULL);
}

static void check_bad_output(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    deploy(&r, D, NULL,
           HEAD ",'resources':[],'outputs':{'x':{'type':'string','value':\"[reference('none').y]\"}"
                "}",
           NULL, NULL);

    assert_deployed(&r, "properties.provisioningState", "Failed");
    assert_deployed(&r, "properties.error.code", "DeploymentOutputEvaluationFailed");
}

/* What stands on its own goes on; what waits for a failure is never begun; nothing is taken back. */
static void check_failure(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    deploy(
        &r, D, NULL,
        HEAD ",'resources':[" NSG_OF(
            "good",
            "") ",{'type':'Microsoft.Network/virtualNetworks/"
                "subnets','name':'none/s','apiVersion':'2020-08-01','properties':{'addressPrefix':"
                "'10.0.0.0/24'}}," NSG_OF("behind", ",'dependsOn':['none/s']") "]",
        NULL, NULL);

    assert_deployed(&r, "properties.provisioningState", "Failed");
    assert_deployed(&r, "properties.error.code", "DeploymentFailed");
    assert_deployed(&r, "properties.error.details[0].code", "NotFound");
    assert_nsg(&r, "good", 200);
    assert_nsg(&r, "behind", 404);
}

static void check_modes(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", RIG_NSGS "/old" RIG_VERSION, "{'location':'eastus'}", NULL);

    deploy(&r, D, "Incremental", HEAD ",'resources':[" NSG_OF("one", "") "]", NULL, NULL);
    assert_nsg(&r, "old", 200);
    deploy(&r, D, "Complete", HEAD ",'resources':[" NSG_OF("one", "") "]", NULL, NULL);

    assert_deployed(&r, "properties.provisioningState", "Succeeded");
    assert_nsg(&r, "old", 404);
    assert_nsg(&r, "one", 200);
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 404);
    assert_int_equal(rig_call(&r, "GET", RIG_CLUSTER_NSGS RIG_VERSION, NULL, NULL), 200);
}

static void check_nested(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    deploy(&r, D, NULL,
           HEAD ",'variables':{'n':'outer'},'resources':[{'type':'Microsoft.Resources/deployments',"
                "'name':'inner','apiVersion':'2020-06-01','resourceGroup':'aro-cluster',"
                "'properties':{'mode':'Incremental','template':{" HEAD
                ",'resources':[{'type':'Microsoft.Network/networkSecurityGroups','apiVersion':"
                "'2020-08-01','name':\"[variables('n')]\",'location':'eastus'}]}}}]",
           NULL, NULL);

    assert_deployed(&r, "properties.provisioningState", "Succeeded");
    assert_int_equal(rig_call(&r, "GET", RIG_CLUSTER_NSGS "/outer" RIG_VERSION, NULL, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("resources are made in their order", check_order),
        CASE("outputs are read from what was made", check_outputs),
        CASE("an output that cannot be had fails the deployment", check_bad_output),
        CASE("a failure stops what waits for it, and nothing else", check_failure),
        CASE("the complete mode deletes what the template lacks", check_modes),
        CASE("a nested template goes to another group", check_nested),
    };
    return RUN_CASES("deployment_run", tests);
}

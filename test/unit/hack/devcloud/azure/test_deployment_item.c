#include "test/unit/hack/devcloud/azure/deploy_rig.h"

/* The body is the resource with every expression evaluated, without ARM's own words. */
static void check_body(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    deploy(&r, D, NULL,
           HEAD ",'resources':[" NSG_OF(
               "one",
               ",'tags':{'loop':\"[string(copyIndex())]\",'group':\"[resourceGroup().name]\"},"
               "'copy':{'name':'l','count':1},'comments':'x'") "]",
           NULL, NULL);

    assert_int_equal(rig_call(&r, "GET", RIG_NSGS "/one" RIG_VERSION, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "tags.loop"), "0");
    assert_string_equal(json_path_str(reply.body, "tags.group"), "net-rg");
    assert_false(json_has(reply.body, "comments"));
    assert_false(json_has(reply.body, "copy"));
}

static void check_refused(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    deploy(&r, D, NULL,
           HEAD ",'resources':[{'type':'Microsoft.Network/networkSecurityGroups','apiVersion':"
                "'2020-08-01','name':'n'}]",
           NULL, NULL);

    rig_call(&r, "GET", D RIG_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "properties.error.details[0].code"),
                        "BadRequest");
    const char *text = json_path_str(reply.body, "properties.error.details[0].message");
    cleanup_json json *inner = NULL;
    assert_int_equal(json_parse(text, strlen(text), &inner, NULL), 0);
    assert_string_equal(json_path_str(inner, "error.code"), "LocationRequired");
}

static void check_operation(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_error':{'code':'SubnetIsFull','message':'none left'}}");

    deploy(&r, D, NULL, HEAD ",'resources':[" NSG_OF("n", "") "]", NULL, NULL);

    assert_deployed(&r, "properties.error.details[0].code", "SubnetIsFull");
    assert_deployed(&r, "properties.error.details[0].message", "none left");
}

static void check_expression(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    deploy(&r, D, NULL,
           HEAD ",'resources':[" NSG_OF("n", ",'tags':{'x':\"[reference('" RIG_VNETS
                                             "/none','2020-08-01').x]\"}") "]",
           NULL, NULL);

    assert_deployed(&r, "properties.error.details[0].code", "ResourceNotFound");
}

/* Expressions of an inner scope wait for the inner deployment. */
static void check_inner(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    deploy(&r, D, NULL,
           HEAD ",'resources':[{'type':'Microsoft.Resources/deployments','name':'inner',"
                "'apiVersion':'2020-06-01','properties':{'mode':'Incremental',"
                "'expressionEvaluationOptions':{'scope':'inner'},'template':{" HEAD
                ",'variables':{'v':'inside'},'resources':[{'type':'Microsoft.Network/"
                "networkSecurityGroups','apiVersion':'2020-08-01','name':\"[variables('v')]\","
                "'location':'eastus'}]}}}]",
           NULL, NULL);

    assert_deployed(&r, "properties.provisioningState", "Succeeded");
    assert_nsg(&r, "inside", 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is put is the evaluated resource", check_body),
        CASE("a refusal is told by its reason and the provider's reply", check_refused),
        CASE("a failed operation is told by its own code", check_operation),
        CASE("an expression that fails is told", check_expression),
        CASE("a nested template of inner scope has variables of its own", check_inner),
    };
    return RUN_CASES("deployment_item", tests);
}

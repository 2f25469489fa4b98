#include "test/unit/hack/devcloud/azure/deploy_rig.h"

static void check_object(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    deploy(&r, D, NULL,
           HEAD ",'parameters':{'p':{'type':'string','defaultValue':'x'}},'resources':[" NSG_OF(
               "one", "") "," NSG_OF("two", ",'dependsOn':['one']") "]",
           NULL, NULL);

    assert_deployed(&r, "id", D_ID);
    assert_deployed(&r, "type", "Microsoft.Resources/deployments");
    assert_deployed(&r, "properties.mode", "Incremental");
    assert_deployed(&r, "properties.parameters.p.value", "x");
    assert_deployed(&r, "properties.dependencies[0].resourceName", "two");
    assert_deployed(&r, "properties.dependencies[0].dependsOn[0].id", RIG_NSGS "/one");
    assert_deployed(&r, "properties.providers[0].namespace", "Microsoft.Network");
    assert_deployed(&r, "properties.outputResources[1].id", RIG_NSGS "/two");
    assert_deployed(&r, "run.application", NULL);
}

static void check_operations(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    deploy(&r, D, NULL,
           HEAD ",'resources':[" NSG_OF("one", "") ",{'type':'Microsoft.Network/virtualNetworks',"
                                                   "'name':'v','apiVersion':'2020-08-01'}," NSG_OF(
                                                       "two", ",'dependsOn':['v']") "]",
           NULL, NULL);

    rig_call(&r, "GET", D "/operations" RIG_VERSION, NULL, &reply);

    assert_int_equal(json_len(json_get(reply.body, "value")), 2); /* the third never began */
    assert_string_equal(json_path_str(reply.body, "value[0].properties.provisioningState"),
                        "Succeeded");
    assert_string_equal(json_path_str(reply.body, "value[0].properties.targetResource.id"),
                        RIG_NSGS "/one");
    assert_string_equal(json_path_str(reply.body, "value[1].properties.statusCode"), "BadRequest");
    assert_string_equal(json_path_str(reply.body, "value[1].properties.statusMessage.error.code"),
                        "BadRequest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a deployment shows what it made and what waited for what", check_object),
        CASE("its operations tell of each resource that was begun", check_operations),
    };
    return RUN_CASES("deployment_view", tests);
}

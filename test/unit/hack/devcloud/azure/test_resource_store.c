#include "hack/devcloud/azure/resource.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

/* Deleting a group reaches the hooks of what is in it: a machine with a disk that goes along. */
static void check_remove(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    rig_call(&r, "PUT", MASTER_SUBNET RIG_VERSION, "{'properties':{'addressPrefix':'10.0.0.0/23'}}",
             NULL);
    rig_call(&r, "PUT", WORKER_SUBNET RIG_VERSION, "{'properties':{'addressPrefix':'10.0.2.0/23'}}",
             NULL);

    assert_int_equal(rig_call(&r, "DELETE", CLUSTER_GROUP RIG_VERSION, NULL, NULL), 202);

    assert_int_equal(rig_call(&r, "HEAD", CLUSTER_GROUP RIG_VERSION, NULL, NULL), 404);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "GET", "/_devcloud/state", NULL, &reply);
    for (struct json_iter it = json_each(json_get(reply.body, "resources")); json_next(&it);)
        if (strstr(it.key, "/aro-cluster"))
            fail_msg("%s is left", it.key);
}

/* A write that ends after a deletion has begun does not bring the resource back to life. */
static void check_overtaken(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000}");
    compute_call(&r, "PUT", CLUSTER_NICS "/n", NIC_IN(MASTER_SUBNET, ""), NULL);
    rig_advance_s(&r, 30);
    assert_int_equal(compute_call(&r, "DELETE", CLUSTER_NICS "/n", NULL, NULL), 202);
    rig_advance_s(&r, 40);

    assert_text(&r, CLUSTER_NICS "/n", "properties.provisioningState", "Deleting");
    rig_advance_s(&r, 60);
    compute_refused(&r, "GET", CLUSTER_NICS "/n", NULL, 404, "ResourceNotFound");
}

static void check_failed(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_error':{'code':'X','message':'Y'}}");

    compute_call(&r, "PUT", CLUSTER_NICS "/n", NIC_IN(MASTER_SUBNET, ""), NULL);

    assert_text(&r, CLUSTER_NICS "/n", "properties.provisioningState", "Failed");
}

static void check_references(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    int status =
        compute_call(&r, "PUT", CLUSTER_NICS "/n", NIC_IN(RIG_VNET "/subnets/none", ""), &reply);

    assert_int_equal(status, 400);
    assert_string_equal(json_path_str(reply.body, "error.code"), "InvalidResourceReference");
    assert_non_null(strstr(json_path_str(reply.body, "error.message"), "subnets/none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a group goes with all that is in it", check_remove),
        CASE("a deletion overtakes a write", check_overtaken),
        CASE("a failed operation leaves its resource failed", check_failed),
        CASE("a reference that leads nowhere is refused", check_references),
    };
    return RUN_CASES("resource_store", tests);
}

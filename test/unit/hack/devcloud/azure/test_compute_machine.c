#include "hack/devcloud/azure/compute.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define M CLUSTER_MACHINES "/m0"

static void check_secrets(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    cleanup_reply struct rig_reply reply = { 0 };

    compute_call(&r, "GET", M, NULL, &reply);

    cleanup_free char *text = json_give_text(reply.body);
    assert_null(strstr(text, "aGVsbG8="));
    assert_null(strstr(text, "secret"));
    assert_string_equal(json_path_str(reply.body, "properties.osProfile.adminUsername"), "core");
    assert_int_equal(json_str_len(json_path(reply.body, "properties.vmId")), UUID_LEN);
    assert_false(json_has(reply.body, "etag"));
}

static void check_states(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000}");
    MAKE_MACHINE(&r, "m0");

    assert_text(&r, M, "properties.provisioningState", "Creating");
    rig_advance_s(&r, 60);
    assert_text(&r, M, "properties.provisioningState", "Succeeded");
    cleanup_free char *id = compute_give_text(&r, M, "properties.vmId");
    compute_call(&r, "PATCH", M, "{'tags':{'a':'b'}}", NULL);
    assert_text(&r, M, "properties.provisioningState", "Updating");
    assert_text(&r, M, "properties.vmId", id);
}

/* The second of three has no room, once. */
static void check_capacity(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'machine_failures':[{'name':'m1','times':1,'code':'ZonalAllocationFailed'}]}");
    MAKE_MACHINE(&r, "m0");
    MAKE_MACHINE(&r, "m1");

    assert_text(&r, M, "properties.provisioningState", "Succeeded");
    assert_text(&r, CLUSTER_MACHINES "/m1", "properties.provisioningState", "Failed");
    compute_call(&r, "PUT", CLUSTER_MACHINES "/m1",
                 MACHINE_OF("m1", "Standard_D8s_v3", "aGVsbG8=", ""), NULL);
    assert_text(&r, CLUSTER_MACHINES "/m1", "properties.provisioningState", "Succeeded");
}

static void check_goes_along(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    compute_call(&r, "PATCH", M,
                 "{'properties':{'storageProfile':{'osDisk':{'deleteOption':'Delete'}},"
                 "'networkProfile':{'networkInterfaces':[{'id':'" CLUSTER_NICS
                 "/m0','properties':{'deleteOption':'Delete'}}]}}}",
                 NULL);

    compute_call(&r, "DELETE", M, NULL, NULL);

    assert_int_equal(compute_call(&r, "HEAD", CLUSTER_NICS "/m0", NULL, NULL), 404);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "GET", "/_devcloud/state", NULL, &reply);
    cleanup_free char *text = json_give_text(reply.body);
    assert_null(strstr(text, "disk-m0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("nobody is shown what is secret of a machine", check_secrets),
        CASE("a machine is made, then updated", check_states),
        CASE("capacity can be missing for one machine, once", check_capacity),
        CASE("what is to be deleted with a machine goes with it", check_goes_along),
    };
    return RUN_CASES("compute_machine", tests);
}

#include "rp/cluster/bootstrap.h"
#include "test/unit/support/rp/cluster/azure_steps.h"

#define DELETE(path) REQUEST("DELETE", RIG_ARM RIG_GROUP "/providers/Microsoft." path)
#define VM DELETE("Compute/virtualMachines/a-12345-bootstrap?api-version=2024-03-01")
#define DISK DELETE("Compute/disks/a-12345-bootstrap_OSDisk?api-version=2019-03-01")
#define NIC DELETE("Network/networkInterfaces/a-12345-bootstrap-nic?api-version=2020-08-01")

static void check_machine(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = VM, .status = 202, .headers = "Azure-AsyncOperation: " RIG_ARM "/op" },
        { .reply = "{\"status\":\"InProgress\"}" },
        { .reply = "{\"status\":\"Succeeded\"}" },
        { .request = DISK, .status = 204 },
        { .request = NIC, .status = 200 },
        /* again, after a crash */
        ARM_ERROR(404, "ResourceNotFound", "gone"),
        { .request = DISK, .status = 204 },
        { .request = NIC, .status = 204 },
        /* what stays, stops it */
        ARM_ERROR(409, "ScopeLocked", "locked"),
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'infraId':'a-12345'}", script, ARRAY_LEN(script));

    run_step(&r, cluster_remove_bootstrap);
    run_step(&r, cluster_remove_bootstrap);
    cleanup_error struct error *err = fail_step(&r, cluster_remove_bootstrap);

    assert_string_equal(error_get_code(err), "ScopeLocked");
    cluster_rig_close(&r);
}

static void check_ignition(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = REQUEST_BODY("POST",
                                  RIG_ARM RIG_GROUP
                                  "/providers/Microsoft.Storage/storageAccounts/clusterabcde/"
                                  "ListAccountSas?api-version=2021-09-01",
                                  "",
                                  "{\"signedServices\":\"b\",\"signedResourceTypes\":\"c\","
                                  "\"signedPermission\":\"d\",\"signedProtocol\":\"https\","
                                  "\"signedStart\":\"2024-02-03T03:50:06Z\","
                                  "\"signedExpiry\":\"2024-02-03T05:05:06Z\"}"),
          .reply = "{\"accountSasToken\":\"sv=1&sig=x\"}" },
        { .request = "DELETE https://clusterabcde.blob.core.windows.net/ignition?restype=container&"
                     "sv=1&sig=x\nx-ms-version: 2020-04-08\n",
          .status = 202 },
    };
    struct cluster_rig r;
    cluster_rig_open(&r, "{'storageSuffix':'abcde'}", script, ARRAY_LEN(script));

    run_step(&r, cluster_remove_bootstrap_ignition);

    cluster_rig_close(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("machine, disk and network interface go, in this order", check_machine),
        CASE("the configuration goes with its container", check_ignition),
    };
    return RUN_CASES("bootstrap", tests);
}

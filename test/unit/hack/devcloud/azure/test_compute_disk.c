#include "hack/devcloud/azure/compute.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define DISK CLUSTER_COMPUTE "/disks/disk-m0"

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");

    assert_text(&r, DISK, "managedBy", CLUSTER_MACHINES "/m0");
    assert_text(&r, DISK, "properties.diskState", "Attached");
    assert_text(&r, DISK, "sku.name", "Premium_LRS");
    compute_refused(&r, "DELETE", DISK, NULL, 409, "OperationNotAllowed");
    compute_call(&r, "DELETE", CLUSTER_MACHINES "/m0", NULL, NULL);
    assert_text(&r, DISK, "managedBy", NULL);
    assert_text(&r, DISK, "properties.diskState", "Unattached");
    assert_int_equal(compute_call(&r, "DELETE", DISK, NULL, NULL), 202);
    assert_int_equal(compute_call(&r, "HEAD", DISK, NULL, NULL), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a disk comes with its machine and stays behind", check_life),
    };
    return RUN_CASES("compute_disk", tests);
}

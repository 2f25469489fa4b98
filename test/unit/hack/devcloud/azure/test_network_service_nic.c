#include "hack/devcloud/azure/network_kinds.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_ENDPOINT(&r, SELF);
    cleanup_free char *nic = compute_give_text(&r, ENDPOINT, "properties.networkInterfaces[0].id");

    assert_true(str_starts(nic, RP_NETWORK "/networkInterfaces/pe.nic."));
    assert_text(&r, nic, "properties.privateEndpoint.id", ENDPOINT);
    assert_text(&r, nic, "properties.provisioningState", "Succeeded");
    compute_refused(&r, "DELETE", nic, NULL, 400, "NicInUse");
    compute_refused(&r, "DELETE", ENDPOINT_SUBNET, NULL, 400, "InUseSubnetCannotBeDeleted");
    compute_call(&r, "DELETE", ENDPOINT, NULL, NULL);
    assert_int_equal(compute_call(&r, "HEAD", nic, NULL, NULL), 404);
    assert_int_equal(compute_call(&r, "DELETE", ENDPOINT_SUBNET, NULL, NULL), 202);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a service's interface lives as long as its owner", check_life),
    };
    return RUN_CASES("network_service_nic", tests);
}

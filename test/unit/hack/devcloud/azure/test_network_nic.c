#include "hack/devcloud/azure/network_kinds.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define N CLUSTER_NICS "/m0"

static void check_machine(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", CLUSTER_NICS "/idle", NIC_IN(MASTER_SUBNET, ""), NULL);
    MAKE_MACHINE(&r, "m0");

    assert_text(&r, N, "properties.virtualMachine.id", CLUSTER_MACHINES "/m0");
    assert_text(&r, CLUSTER_NICS "/idle", "properties.virtualMachine.id", NULL);
    compute_refused(&r, "DELETE", N, NULL, 400, "NicInUse");
    compute_call(&r, "DELETE", CLUSTER_MACHINES "/m0", NULL, NULL);
    assert_int_equal(compute_call(&r, "DELETE", N, NULL, NULL), 202);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *body, *code;
    } rows[] = {
        { "{'location':'eastus','properties':{}}", "InvalidRequestFormat" },
        { "{'location':'eastus','properties':{'ipConfigurations':[]}}", "InvalidRequestFormat" },
        { "{'location':'eastus','properties':{'ipConfigurations':[7]}}", "InvalidRequestFormat" },
        { "{'location':'eastus','properties':{'ipConfigurations':[{'name':'x'}]}}",
          "InvalidRequestFormat" },
        { NIC_IN(MASTER_SUBNET, ",'loadBalancerBackendAddressPools':[{'id':'" CLUSTER_NETWORK
                                "/loadBalancers/lb/backendAddressPools/p'}]"),
          "InvalidResourceReference" },
        { NIC_IN(MASTER_SUBNET, ",'loadBalancerBackendAddressPools':[{}]"),
          "InvalidResourceReference" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        compute_refused(&r, "PUT", N, rows[i].body, 400, rows[i].code);
    compute_refused(&r, "GET", N, NULL, 404, "ResourceNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an interface shows its machine, and stays while it has one", check_machine),
        CASE("an interface without a place, or with a false pool, is refused", check_refusals),
    };
    return RUN_CASES("network_nic", tests);
}

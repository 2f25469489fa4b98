#include "hack/devcloud/azure/network_kinds.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define PIPS CLUSTER_NETWORK "/publicIPAddresses"
#define STATIC \
    "{'location':'eastus','sku':{'name':'Standard'},'properties':{'publicIPAllocationMethod':" \
    "'Static'}}"
#define PUBLIC_LB(pip) \
    "{'location':'eastus','properties':{'frontendIPConfigurations':[{'name':'f','properties':{" \
    "'publicIPAddress':{'id':'" pip "'}}}]}}"

static void check_addresses(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'public_addresses':'127.130.0.0/24'}");

    assert_int_equal(compute_call(&r, "PUT", PIPS "/a", STATIC, NULL), 201);
    assert_int_equal(compute_call(&r, "PUT", PIPS "/b", STATIC, NULL), 201);
    compute_call(&r, "PUT", PIPS "/c", "{'location':'eastus'}", NULL);

    assert_text(&r, PIPS "/a", "properties.ipAddress", "127.130.0.1");
    assert_text(&r, PIPS "/b", "properties.ipAddress", "127.130.0.2");
    assert_text(&r, PIPS "/c", "properties.ipAddress", NULL);
    assert_text(&r, PIPS "/c", "properties.publicIPAllocationMethod", "Dynamic");
    compute_call(&r, "PUT", PIPS "/b", STATIC, NULL);
    assert_text(&r, PIPS "/b", "properties.ipAddress", "127.130.0.2");
}

static void check_in_use(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", PIPS "/a", STATIC, NULL);
    compute_call(&r, "PUT", PIPS "/n", STATIC, NULL);
    assert_int_equal(compute_call(&r, "PUT", LB, PUBLIC_LB(PIPS "/a"), NULL), 201);
    assert_int_equal(
        compute_call(
            &r, "PUT", CLUSTER_NETWORK "/natGateways/g",
            "{'location':'eastus','properties':{'publicIpAddresses':[{'id':'" PIPS "/n'}]}}", NULL),
        201);

    assert_text(&r, PIPS "/a", "properties.ipConfiguration.id", LB_FRONTEND);
    assert_text(&r, PIPS "/n", "properties.natGateway.id", CLUSTER_NETWORK "/natGateways/g");
    compute_refused(&r, "DELETE", PIPS "/a", NULL, 400, "PublicIPAddressCannotBeDeleted");
    compute_refused(&r, "DELETE", PIPS "/n", NULL, 400, "PublicIPAddressCannotBeDeleted");
    compute_refused(&r, "PUT", LBS "/other", PUBLIC_LB(PIPS "/a"), 400, "PublicIPAddressInUse");
    compute_call(&r, "DELETE", LB, NULL, NULL);
    assert_int_equal(compute_call(&r, "DELETE", PIPS "/a", NULL, NULL), 202);
}

static void check_quota(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'usages':{'PublicIPAddresses':{'limit':1}}}");
    compute_call(&r, "PUT", PIPS "/a", STATIC, NULL);

    compute_refused(&r, "PUT", PIPS "/b", STATIC, 400, "PublicIPCountLimitReached");
    assert_int_equal(compute_call(&r, "PUT", PIPS "/a", STATIC, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("static addresses are given at once, and kept", check_addresses),
        CASE("an address in use stays", check_in_use),
        CASE("addresses are counted", check_quota),
    };
    return RUN_CASES("network_pip", tests);
}

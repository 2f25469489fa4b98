#include "hack/devcloud/azure/network_kinds.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define TABLE CLUSTER_NETWORK "/routeTables/t"
#define NAT CLUSTER_NETWORK "/natGateways/g"

static void check_table(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_refused(&r, "PUT", TABLE,
                    "{'location':'eastus','properties':{'routes':[{'name':'x'}]}}", 400,
                    "InvalidRequestFormat");

    assert_int_equal(compute_call(&r, "PUT", TABLE,
                                  "{'location':'eastus','properties':{'routes':[{'name':'x',"
                                  "'properties':{'addressPrefix':'0.0.0.0/0','nextHopType':"
                                  "'Internet'}}]}}",
                                  NULL),
                     201);

    assert_text(&r, TABLE, "properties.routes[0].id", TABLE "/routes/x");
    rig_call(&r, "PUT", RIG_VNET "/subnets/worker" RIG_VERSION,
             "{'properties':{'addressPrefix':'10.0.2.0/24','routeTable':{'id':'" TABLE "'}}}",
             NULL);
    assert_text(&r, TABLE, "properties.subnets[0].id", WORKER_SUBNET);
    compute_refused(&r, "DELETE", TABLE, NULL, 400, "InUseRouteTableCannotBeDeleted");
}

static void check_nat(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_refused(
        &r, "PUT", NAT,
        "{'location':'eastus','properties':{'publicIpAddresses':[{'id':'" CLUSTER_NETWORK
        "/publicIPAddresses/none'}]}}",
        400, "InvalidResourceReference");
    assert_int_equal(compute_call(&r, "PUT", NAT, "{'location':'eastus'}", NULL), 201);

    rig_call(&r, "PUT", RIG_VNET "/subnets/worker" RIG_VERSION,
             "{'properties':{'addressPrefix':'10.0.2.0/24','natGateway':{'id':'" NAT "'}}}", NULL);

    assert_text(&r, NAT, "properties.subnets[0].id", WORKER_SUBNET);
    assert_text(&r, NAT, "sku.name", "Standard");
    compute_refused(&r, "DELETE", NAT, NULL, 400, "InUseNatGatewayCannotBeDeleted");
    rig_call(&r, "PUT", RIG_VNET "/subnets/worker" RIG_VERSION,
             "{'properties':{'addressPrefix':'10.0.2.0/24'}}", NULL);
    assert_int_equal(compute_call(&r, "DELETE", NAT, NULL, NULL), 202);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a route table knows its subnets, and stays while it has any", check_table),
        CASE("a NAT gateway likewise", check_nat),
    };
    return RUN_CASES("network_route", tests);
}

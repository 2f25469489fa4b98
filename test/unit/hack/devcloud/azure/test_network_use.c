#include "hack/devcloud/azure/network_use.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define ADDRESS "properties.ipConfigurations[0].properties.privateIPAddress"

static void check_lowest(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", CLUSTER_NICS "/a", NIC_IN(MASTER_SUBNET, ""), NULL);
    compute_call(&r, "PUT", CLUSTER_NICS "/b", NIC_IN(MASTER_SUBNET, ""), NULL);
    compute_call(&r, "PUT", CLUSTER_NICS "/w", NIC_IN(WORKER_SUBNET, ""), NULL);

    assert_text(&r, CLUSTER_NICS "/a", ADDRESS, "10.0.0.4");
    assert_text(&r, CLUSTER_NICS "/b", ADDRESS, "10.0.0.5");
    assert_text(&r, CLUSTER_NICS "/w", ADDRESS, "10.0.2.4");
    compute_call(&r, "DELETE", CLUSTER_NICS "/a", NULL, NULL);
    compute_call(&r, "PUT", CLUSTER_NICS "/b", NIC_IN(MASTER_SUBNET, ""), NULL);
    assert_text(&r, CLUSTER_NICS "/b", ADDRESS, "10.0.0.5");
    compute_call(&r, "PUT", CLUSTER_NICS "/c", NIC_IN(MASTER_SUBNET, ""), NULL);
    assert_text(&r, CLUSTER_NICS "/c", ADDRESS, "10.0.0.4");
}

static void check_two_of_one(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", CLUSTER_NICS "/a",
                 "{'location':'eastus','properties':{'ipConfigurations':[{'name':'x','properties':{"
                 "'subnet':{'id':'" MASTER_SUBNET
                 "'}}},{'name':'y','properties':{'subnet':{'id':'" MASTER_SUBNET "'}}}]}}",
                 NULL);

    assert_text(&r, CLUSTER_NICS "/a", ADDRESS, "10.0.0.4");
    assert_text(&r, CLUSTER_NICS "/a", "properties.ipConfigurations[1].properties.privateIPAddress",
                "10.0.0.5");
    assert_text(&r, CLUSTER_NICS "/a", "properties.ipConfigurations[1].id",
                CLUSTER_NICS "/a/ipConfigurations/y");
}

#define FIXED(address) \
    NIC_IN(MASTER_SUBNET, ",'privateIPAllocationMethod':'Static','privateIPAddress':'" address "'")

/* Who lives in the subnet, by ID alone unless the whole is asked for. */
static void check_expanded(struct rig *r, const char *id, const char *address)
{
    static const char *const queries[] = { "", "&$expand=ipConfigurations" };
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        cleanup_free char *path = xasprintf(MASTER_SUBNET COMPUTE_VERSION "%s", queries[i]);
        assert_int_equal(rig_call(r, "GET", path, NULL, &reply), 200);
        assert_non_null(strstr(json_path_str(reply.body, "properties.ipConfigurations[0].id"), id));
        assert_true(str_eq(json_path_str(reply.body, ADDRESS), i ? address : NULL));
    }
}

static void check_fixed(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", CLUSTER_NICS "/a", FIXED("10.0.0.9"), NULL);

    assert_text(&r, CLUSTER_NICS "/a", ADDRESS, "10.0.0.9");
    check_expanded(&r, CLUSTER_NICS "/a/ipConfigurations", "10.0.0.9");
    assert_int_equal(compute_call(&r, "PUT", CLUSTER_NICS "/a", FIXED("10.0.0.9"), NULL), 200);
    compute_refused(&r, "PUT", CLUSTER_NICS "/b", FIXED("10.0.0.9"), 400, "PrivateIPAddressInUse");
    static const char *const outside[] = { FIXED("10.0.0.3"), FIXED("10.0.1.255"),
                                           FIXED("10.0.2.9"), FIXED("x") };
    for (size_t i = 0; i < ARRAY_LEN(outside); i++)
        compute_refused(&r, "PUT", CLUSTER_NICS "/b", outside[i], 400,
                        "PrivateIPAddressNotInSubnet");
}

static void check_full(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", RIG_VNET "/subnets/worker" RIG_VERSION,
             "{'properties':{'addressPrefix':'10.0.2.0/29'}}", NULL);
    static const char *const names[] = { CLUSTER_NICS "/a", CLUSTER_NICS "/b", CLUSTER_NICS "/c" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(compute_call(&r, "PUT", names[i], NIC_IN(WORKER_SUBNET, ""), NULL), 201);

    compute_refused(&r, "PUT", CLUSTER_NICS "/d", NIC_IN(WORKER_SUBNET, ""), 400, "SubnetIsFull");
    assert_int_equal(compute_call(&r, "PUT", CLUSTER_NICS "/a", NIC_IN(WORKER_SUBNET, ""), NULL),
                     200);
}

static void check_text(void **state)
{
    (void)state;
    char buf[NETWORK_ADDRESS_MAX];
    uint32_t address;
    assert_true(network_address_parse("127.64.0.4", &address));
    assert_string_equal(network_address_text(address + 1, buf), "127.64.0.5");
    assert_false(network_address_parse(NULL, &address));
    assert_false(network_address_parse("127.64.0", &address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("addresses are given low to high, behind the four reserved ones", check_lowest),
        CASE("two configurations of one interface get two addresses", check_two_of_one),
        CASE("a fixed address has to be free and of the subnet", check_fixed),
        CASE("a subnet can be full", check_full),
        CASE("addresses are written and read", check_text),
    };
    return RUN_CASES("network_use", tests);
}

#include <string.h>

#include "hack/devcloud/azure/network.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_vnet(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply), 200);

    assert_int_equal(json_len(json_path(reply.body, "properties.subnets")), 2);
    assert_string_equal(json_path_str(reply.body, "properties.subnets[0].id"),
                        RIG_VNET "/subnets/master");
    assert_string_equal(json_path_str(reply.body, "properties.subnets[1].name"), "worker");
}

static void check_users(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(
        rig_call(&r, "GET", RIG_CLUSTER_NSGS "/aro-x7k2p-nsg" RIG_VERSION, NULL, &reply), 200);
    assert_int_equal(json_len(json_path(reply.body, "properties.subnets")), 2);
    assert_string_equal(json_path_str(reply.body, "properties.subnets[1].id"),
                        RIG_VNET "/subnets/worker");

    assert_int_equal(rig_call(&r, "GET", RIG_NSGS "/foreign-nsg" RIG_VERSION, NULL, &reply), 200);
    assert_false(json_path_has(reply.body, "properties.subnets"));
}

static void check_rules(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    int status = rig_call(&r, "PUT", RIG_NSGS "/n" RIG_VERSION,
                          "{'location':'eastus','properties':{'securityRules':[{'name':'ssh',"
                          "'properties':{'protocol':'Tcp','access':'Deny','direction':'Inbound',"
                          "'priority':500}}]}}",
                          &reply);

    assert_int_equal(status, 201);
    assert_string_equal(json_path_str(reply.body, "properties.securityRules[0].id"),
                        RIG_NSGS "/n/securityRules/ssh");
    assert_string_equal(json_path_str(reply.body, "properties.securityRules[0].type"),
                        "Microsoft.Network/networkSecurityGroups/securityRules");
    assert_int_equal(
        json_path_int(reply.body, "properties.securityRules[0].properties.priority", 0), 500);
    json *defaults = json_path(reply.body, "properties.defaultSecurityRules");
    assert_int_equal(json_len(defaults), 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(json_path_int(json_at(defaults, i), "properties.priority", 0) >= 65000);
}

static void check_occupant(void **state)
{
    (void)state;
    cleanup_json json *tree = json_make("{'resources':{}}");
    struct azure_sim sim = { .state = tree };
    cleanup_json json *subnet =
        json_make("{'properties':{'ipConfigurations':[{'id':'/n1'},{'id':'/n2'}]}}");
    cleanup_json json *empty = json_make("{'properties':{'ipConfigurations':[]}}");

    assert_string_equal(network_find_occupant(&sim, subnet), "/n1");
    assert_null(network_find_occupant(&sim, empty));
    assert_null(network_find_occupant(&sim, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a network shows its subnets", check_vnet),
        CASE("a security group shows who uses it", check_users),
        CASE("rules are resources of their own, six are always there", check_rules),
        CASE("the first IP configuration occupies a subnet", check_occupant),
    };
    return RUN_CASES("network_view", tests);
}

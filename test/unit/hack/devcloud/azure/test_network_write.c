#include <string.h>

#include "hack/devcloud/azure/network.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define SUBNET RIG_VNET "/subnets/worker"
#define VNET_KEY \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/net-rg/providers/" \
    "microsoft.network/virtualnetworks/dev-vnet"
#define OCCUPIED \
    "{'resources':{'" VNET_KEY "/subnets/worker':{'properties':{'ipConfigurations':" \
    "[{'id':'/nic1/ipConfigurations/pip'}]}}}}"

static void check_edit(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "GET", SUBNET RIG_VERSION, NULL, &reply);
    cleanup_json json *edited = json_give_copy(reply.body);
    json_set_str(edited, "properties.networkSecurityGroup.id", RIG_NSGS "/foreign-nsg", NULL);
    json_append(json_path(edited, "properties.serviceEndpoints"),
                json_make("{'service':'Microsoft.Sql'}"));
    cleanup_free char *text = json_give_text(edited);
    http_headers_set(&r.extra, "If-Match", json_path_str(edited, "etag"));

    int status = rig_send(&r, "PUT", SUBNET RIG_VERSION, "application/json", text, &reply);

    assert_int_equal(status, 200);
    assert_string_not_equal(json_path_str(reply.body, "etag"), json_path_str(edited, "etag"));
    assert_string_equal(http_headers_get(&reply.headers, "ETag"),
                        json_path_str(reply.body, "etag"));
    assert_int_equal(rig_call(&r, "GET", SUBNET RIG_VERSION, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "properties.networkSecurityGroup.id"),
                        RIG_NSGS "/foreign-nsg");
    assert_string_equal(json_path_str(reply.body, "properties.serviceEndpoints[2].locations[0]"),
                        "*");
    assert_string_equal(
        json_path_str(reply.body, "properties.serviceEndpoints[2].provisioningState"), "Succeeded");
}

static void check_omitted(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, OCCUPIED);
    cleanup_reply struct rig_reply reply = { 0 };

    int status = rig_call(&r, "PUT", SUBNET RIG_VERSION,
                          "{'id':'/x','etag':'mine','type':'t','properties':{'addressPrefix':"
                          "'10.0.2.0/24','provisioningState':'Failed','ipConfigurations':[]}}",
                          &reply);

    assert_int_equal(status, 200);
    assert_string_equal(json_path_str(reply.body, "id"), SUBNET);
    assert_string_equal(json_path_str(reply.body, "type"),
                        "Microsoft.Network/virtualNetworks/subnets");
    assert_true(str_starts(json_path_str(reply.body, "etag"), "W/\""));
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Updating");
    assert_false(json_path_has(reply.body, "properties.networkSecurityGroup"));
    assert_false(json_path_has(reply.body, "properties.serviceEndpoints"));
    assert_string_equal(json_path_str(reply.body, "properties.privateEndpointNetworkPolicies"),
                        "Enabled");
    assert_string_equal(json_path_str(reply.body, "properties.ipConfigurations[0].id"),
                        "/nic1/ipConfigurations/pip");
}

static void check_casing(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    static const char shouted[] =
        "/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000000/RESOURCEGROUPS/NET-RG/PROVIDERS/"
        "MICROSOFT.NETWORK/VIRTUALNETWORKS/DEV-VNET/SUBNETS/";
    cleanup_free char *old = xasprintf("%sWORKER" RIG_VERSION, shouted);

    rig_call(&r, "PUT", old, "{'properties':{'addressPrefix':'10.0.2.0/24'}}", &reply);
    assert_string_equal(json_path_str(reply.body, "id"), SUBNET);
    assert_string_equal(json_path_str(reply.body, "name"), "worker");

    cleanup_free char *fresh = xasprintf("%sNew" RIG_VERSION, shouted);
    rig_call(&r, "PUT", fresh, "{'properties':{'addressPrefix':'10.0.3.0/24'}}", &reply);
    assert_string_equal(json_path_str(reply.body, "id"), RIG_VNET "/subnets/New");
}

static void check_garbage(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const bodies[] = { "null", "[]", "7", "{'properties':[]}", NULL };
    static const char *const paths[] = { SUBNET RIG_VERSION, RIG_VNET RIG_VERSION,
                                         RIG_NSGS "/foreign-nsg" RIG_VERSION };
    for (size_t p = 0; p < ARRAY_LEN(paths); p++)
        for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
            rig_refused(&r, "PUT", paths[p], bodies[i], 400, "InvalidRequestFormat");
}

/* ---- deletes ---- */

static void check_in_use(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, OCCUPIED);

    rig_refused(&r, "DELETE", RIG_CLUSTER_NSGS "/aro-x7k2p-nsg" RIG_VERSION, NULL, 400,
                "InUseNetworkSecurityGroupCannotBeDeleted");
    rig_refused(&r, "DELETE", SUBNET RIG_VERSION, NULL, 400, "InUseSubnetCannotBeDeleted");
    rig_refused(&r, "DELETE", RIG_VNET RIG_VERSION, NULL, 400, "InUseSubnetCannotBeDeleted");
    assert_int_equal(rig_call(&r, "DELETE", RIG_NSGS "/foreign-nsg" RIG_VERSION, NULL, NULL), 202);
    assert_int_equal(rig_call(&r, "DELETE", RIG_VNET "/subnets/master" RIG_VERSION, NULL, NULL),
                     202);
}

static void check_delete_all(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    assert_int_equal(rig_call(&r, "DELETE", RIG_VNET RIG_VERSION, NULL, NULL), 202);

    rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 404, "ResourceNotFound");
    rig_refused(&r, "GET", SUBNET RIG_VERSION, NULL, 404, "ResourceNotFound");
    assert_int_equal(
        rig_call(&r, "DELETE", RIG_CLUSTER_NSGS "/aro-x7k2p-nsg" RIG_VERSION, NULL, NULL), 202);
}

static void check_put_while_deleting(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000}");
    assert_int_equal(rig_call(&r, "DELETE", SUBNET RIG_VERSION, NULL, NULL), 202);

    rig_refused(&r, "PUT", SUBNET RIG_VERSION, "{'properties':{'addressPrefix':'10.0.2.0/24'}}",
                429, "RetryableErrorDueToAnotherOperation");
}

/* ---- networks ---- */

#define VNET(subnets) \
    "{'location':'eastus','properties':{'addressSpace':{'addressPrefixes':['10.0.0.0/22']}," \
    "'subnets':[" subnets "]}}"
#define PART(name, prefix) "{'name':'" name "','properties':{'addressPrefix':'" prefix "'}}"

static void check_vnet(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    int status =
        rig_call(&r, "PUT", RIG_VNET RIG_VERSION,
                 VNET(PART("worker", "10.0.0.0/24") "," PART("other", "10.0.2.0/24")), &reply);

    assert_int_equal(status, 200);
    assert_int_equal(json_len(json_path(reply.body, "properties.subnets")), 2);
    rig_refused(&r, "GET", RIG_VNET "/subnets/master" RIG_VERSION, NULL, 404, "NotFound");
    rig_call(&r, "GET", RIG_VNET "/subnets/other" RIG_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Succeeded");
    rig_call(&r, "GET", SUBNET RIG_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "properties.addressPrefix"), "10.0.0.0/24");
}

static void check_vnet_refused(void **state)
{
    (void)state;
    static const struct {
        const char *body, *code;
    } rows[] = {
        { VNET(PART("master", "10.0.0.0/23")), "InUseSubnetCannotBeDeleted" },
        { VNET(""), "InUseSubnetCannotBeDeleted" },
        { VNET(PART("worker", "10.0.0.0/24") "," PART("b", "10.0.0.0/23")),
          "NetcfgSubnetRangesOverlap" },
        { VNET(PART("worker", "10.1.0.0/24")), "NetcfgInvalidSubnet" },
        { VNET(PART("worker", "10.0.2.0/24") ",{'properties':{}}"), "InvalidRequestFormat" },
        { VNET(PART("worker", "10.0.2.0/24") ",7"), "InvalidRequestFormat" },
        { VNET(PART("worker", "10.0.2.0/24") "," PART("a/b", "10.0.0.0/24")),
          "InvalidRequestFormat" },
    };
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, OCCUPIED);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, "PUT", RIG_VNET RIG_VERSION, rows[i].body, 400, rows[i].code);

    assert_int_equal(rig_call(&r, "GET", RIG_VNET "/subnets/master" RIG_VERSION, NULL, NULL), 200);
}

static void check_new_vnet(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(
        rig_call(&r, "PUT", RIG_VNETS "/v2" RIG_VERSION, VNET(PART("a", "10.0.0.0/24")), &reply),
        201);

    assert_int_equal(strlen(json_path_str(reply.body, "properties.resourceGuid")), UUID_LEN);
    assert_string_equal(json_path_str(reply.body, "properties.subnets[0].id"),
                        RIG_VNETS "/v2/subnets/a");
    assert_int_equal(rig_call(&r, "GET", SUBNET RIG_VERSION, NULL, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a subnet is edited by get, change and put", check_edit),
        CASE("what a put leaves out is lost but for what the service owns", check_omitted),
        CASE("the casing of creation stays", check_casing),
        CASE("bodies that are no resource are refused", check_garbage),
        CASE("what is in use cannot be deleted", check_in_use),
        CASE("a network goes with its subnets", check_delete_all),
        CASE("what is being deleted cannot be put", check_put_while_deleting),
        CASE("the put of a network replaces its subnets", check_vnet),
        CASE("an unfit network is refused and nothing changes", check_vnet_refused),
        CASE("a new network is created with its subnets", check_new_vnet),
    };
    return RUN_CASES("network_write", tests);
}

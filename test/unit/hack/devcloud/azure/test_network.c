#include <string.h>

#include "hack/devcloud/azure/network.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define GROUP "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network"

static void check_targets(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum network_kind kind;
        const char *name; /* NULL: a list */
    } rows[] = {
        { GROUP "/virtualNetworks/V", NETWORK_VNET, "V" },
        { GROUP "/virtualNetworks", NETWORK_VNET, NULL },
        { GROUP "/virtualnetworks/V/SUBNETS/N", NETWORK_SUBNET, "N" },
        { GROUP "/virtualNetworks/V/subnets", NETWORK_SUBNET, NULL },
        { GROUP "/networkSecurityGroups/x", NETWORK_NSG, "x" },
        { "/subscriptions/S/providers/Microsoft.Network/networkSecurityGroups", NETWORK_NSG, NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_network_target struct network_target t;
        assert_true(network_target_init(rows[i].path, &t));
        assert_int_equal(t.kind, rows[i].kind);
        assert_int_equal(t.is_list, rows[i].name == NULL);
        if (rows[i].name)
            assert_string_equal(t.name, rows[i].name);
        if (t.kind == NETWORK_SUBNET)
            assert_string_equal(t.parent_key, "/subscriptions/s/resourcegroups/g/providers/"
                                              "microsoft.network/virtualnetworks/v");
    }
}

static void check_no_targets(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "/",
        "/subscriptions/S",
        "/subscriptions/S/resourceGroups/G",
        GROUP,
        GROUP "/loadBalancers/l",
        GROUP "/virtualNetworks/V/virtualNetworkPeerings",
        GROUP "/virtualNetworks/V/virtualNetworkPeerings/p",
        GROUP "/virtualNetworks/V/subnets/N/x",
        GROUP "/networkSecurityGroups/x/securityRules/r",
        "/subscriptions/S/providers/Microsoft.Network/virtualNetworks/V",
        "/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualNetworks/V",
    };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct network_target t;
        assert_false(network_target_init(paths[i], &t));
        assert_null(t.key);
    }
}

static void check_get(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "GET", RIG_VNET "/subnets/MASTER" RIG_VERSION, NULL, &reply),
                     200);

    assert_string_equal(json_path_str(reply.body, "id"), RIG_VNET "/subnets/master");
    assert_string_equal(json_path_str(reply.body, "name"), "master");
    assert_string_equal(json_path_str(reply.body, "type"),
                        "Microsoft.Network/virtualNetworks/subnets");
    assert_string_equal(json_path_str(reply.body, "etag"),
                        http_headers_get(&reply.headers, "ETag"));
}

static void check_absent(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *path, *code;
    } rows[] = {
        { RIG_VNETS "/none" RIG_VERSION, "ResourceNotFound" },
        { RIG_NSGS "/none" RIG_VERSION, "ResourceNotFound" },
        { RIG_VNET "/subnets/none" RIG_VERSION, "NotFound" },
        { RIG_VNETS "/none/subnets/master" RIG_VERSION, "ResourceNotFound" },
        { RIG_VNETS "/none/subnets" RIG_VERSION, "ResourceNotFound" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, "GET", rows[i].path, NULL, 404, rows[i].code);
}

static void check_lists(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", RIG_SUBSCRIPTION "/resourceGroups/net" RIG_VERSION, "{'location':'eastus'}",
             NULL);
    static const struct {
        const char *path;
        size_t want;
    } rows[] = {
        { RIG_VNETS RIG_VERSION, 1 },
        { RIG_VNET "/subnets" RIG_VERSION, 2 },
        { RIG_NSGS RIG_VERSION, 1 },
        { RIG_CLUSTER_NSGS RIG_VERSION, 3 },
        { RIG_SUBSCRIPTION "/providers/Microsoft.Network/networkSecurityGroups" RIG_VERSION, 4 },
        { RIG_SUBSCRIPTION "/providers/Microsoft.Network/virtualNetworks" RIG_VERSION, 3 },
        { RIG_SUBSCRIPTION
          "/resourceGroups/net/providers/Microsoft.Network/networkSecurityGroups" RIG_VERSION,
          0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(&r, "GET", rows[i].path, NULL, &reply), 200);
        assert_int_equal(json_len(json_get(reply.body, "value")), rows[i].want);
    }
}

static void check_methods(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_refused(&r, "POST", RIG_VNET RIG_VERSION, "{}", 405, "MethodNotAllowed");
    rig_refused(&r, "PUT", RIG_VNETS RIG_VERSION, "{}", 405, "MethodNotAllowed");
    rig_refused(&r, "DELETE", RIG_VNET "/subnets" RIG_VERSION, NULL, 405, "MethodNotAllowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("paths of the provider are understood", check_targets),
        CASE("other paths are not", check_no_targets),
        CASE("a resource is found in any letter case and keeps its own", check_get),
        CASE("absent resources are not found", check_absent),
        CASE("lists hold what is below them", check_lists),
        CASE("other methods are refused", check_methods),
    };
    return RUN_CASES("network", tests);
}

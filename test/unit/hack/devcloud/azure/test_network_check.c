#include <string.h>

#include "hack/devcloud/azure/network.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define SUBNET RIG_VNET "/subnets/worker"
#define GOOD "{'properties':{'addressPrefix':'10.0.2.0/24'}}"
#define ETAG "W/\"00000000-0000-4000-8000-000000000001\""

static void check_preconditions(void **state)
{
    (void)state;
    static const struct {
        const char *path, *header, *value;
        int status;
    } rows[] = {
        { SUBNET, "If-Match", ETAG, 200 },
        { SUBNET, "If-Match", "W/\"another\"", 412 },
        { SUBNET, "If-Match", "00000000-0000-4000-8000-000000000001", 412 },
        { SUBNET, "If-Match", "", 200 },
        { SUBNET, "If-Match", "*", 200 },
        { SUBNET, "If-None-Match", "*", 412 },
        { RIG_VNET "/subnets/new", "If-Match", "*", 412 },
        { RIG_VNET "/subnets/new", "If-Match", ETAG, 412 },
        { RIG_VNET "/subnets/new", "If-None-Match", "*", 201 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_rig struct rig r;
        rig_open(&r);
        cleanup_free char *path = xasprintf("%s" RIG_VERSION, rows[i].path);
        const char *body =
            str_eq(rows[i].path, SUBNET) ? GOOD : "{'properties':{'addressPrefix':'10.0.0.0/24'}}";
        rig_patch(&r, "{'resources':{'/subscriptions/00000000-0000-0000-0000-000000000000/"
                      "resourcegroups/net-rg/providers/microsoft.network/virtualnetworks/dev-vnet/"
                      "subnets/master':null}}");
        cleanup_reply struct rig_reply reply = { 0 };
        http_headers_set(&r.extra, rows[i].header, rows[i].value);
        assert_int_equal(rig_call(&r, "PUT", path, body, &reply), rows[i].status);
        if (rows[i].status == 412)
            assert_string_equal(json_path_str(reply.body, "error.code"), "PreconditionFailed");
    }
}

static void check_stale_etag(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    assert_int_equal(rig_call(&r, "PUT", SUBNET RIG_VERSION, GOOD, NULL), 200);

    http_headers_set(&r.extra, "If-Match", ETAG);
    rig_refused(&r, "PUT", SUBNET RIG_VERSION, GOOD, 412, "PreconditionFailed");
    http_headers_set(&r.extra, "If-Match", ETAG);
    rig_refused(&r, "DELETE", SUBNET RIG_VERSION, NULL, 412, "PreconditionFailed");
    http_headers_set(&r.extra, "If-Match", ETAG);
    assert_int_equal(rig_call(&r, "GET", SUBNET RIG_VERSION, NULL, NULL), 200);
}

static void check_subnets(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body;
        int status;
        const char *code;
    } rows[] = {
        { SUBNET, "{'properties':{}}", 400, "NetcfgInvalidSubnet" },
        { SUBNET, "{'properties':{'addressPrefix':7}}", 400, "NetcfgInvalidSubnet" },
        { SUBNET, "{'properties':{'addressPrefix':'10.0.2.0'}}", 400, "NetcfgInvalidSubnet" },
        { SUBNET, "{'properties':{'addressPrefix':'10.9.0.0/24'}}", 400, "NetcfgInvalidSubnet" },
        { SUBNET, "{'properties':{'addressPrefixes':['10.0.0.0/20']}}", 400,
          "NetcfgInvalidSubnet" },
        { SUBNET, "{'properties':{'addressPrefix':'10.0.1.0/24'}}", 400,
          "NetcfgSubnetRangesOverlap" },
        { RIG_VNET "/subnets/new", "{'properties':{'addressPrefixes':['10.0.3.0/24']}}", 400,
          "NetcfgSubnetRangesOverlap" },
        { SUBNET,
          "{'properties':{'addressPrefix':'10.0.2.0/24','networkSecurityGroup':{'id':'" RIG_NSGS
          "/none'}}}",
          400, "InvalidResourceReference" },
        { SUBNET, "{'properties':{'addressPrefix':'10.0.2.0/24','routeTable':{'id':'/none'}}}", 400,
          "InvalidResourceReference" },
        { RIG_VNETS "/none/subnets/x", GOOD, 404, "ParentResourceNotFound" },
    };
    cleanup_rig struct rig r;
    rig_open(&r);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *path = xasprintf("%s" RIG_VERSION, rows[i].path);
        rig_refused(&r, "PUT", path, rows[i].body, rows[i].status, rows[i].code);
    }
}

/* The product looks for "Resource ... networkSecurityGroups ... referenced by resource ... not found". */
static void check_reference_text(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    rig_call(&r, "PUT", SUBNET RIG_VERSION,
             "{'properties':{'addressPrefix':'10.0.2.0/24','networkSecurityGroup':{'id':'" RIG_NSGS
             "/none'}}}",
             &reply);

    assert_true(str_starts(json_path_str(reply.body, "error.message"),
                           "Resource " RIG_NSGS "/none referenced by resource " SUBNET
                           " was not found. Please make sure "));
}

#define RULE(name, direction, priority) \
    "{'name':'" name "','properties':{'protocol':'*','access':'Allow','direction':'" direction \
    "','priority':" priority "}}"
#define NSG(rules) "{'location':'eastus','properties':{'securityRules':[" rules "]}}"

static void check_rules(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int status;
        const char *code;
    } rows[] = {
        { NSG(RULE("a", "Inbound", "100") "," RULE("b", "inbound", "100")), 400,
          "SecurityRuleConflict" },
        { NSG(RULE("a", "Inbound", "99")), 400, "InvalidRequestFormat" },
        { NSG(RULE("a", "Inbound", "4097")), 400, "InvalidRequestFormat" },
        { NSG("{'properties':{}}"), 400, "InvalidRequestFormat" },
        { NSG("7"), 400, "InvalidRequestFormat" },
        { "{'properties':{}}", 400, "LocationRequired" },
    };
    cleanup_rig struct rig r;
    rig_open(&r);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, "PUT", RIG_NSGS "/n" RIG_VERSION, rows[i].body, rows[i].status,
                    rows[i].code);

    assert_int_equal(rig_call(&r, "PUT", RIG_NSGS "/n" RIG_VERSION,
                              NSG(RULE("a", "Inbound", "100") "," RULE("b", "Outbound", "100")),
                              NULL),
                     201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("writes hold only if their condition does", check_preconditions),
        CASE("an etag is spent after a write, and no matter on reads", check_stale_etag),
        CASE("unfit subnets are refused", check_subnets),
        CASE("a missing reference is reported in the words that the product looks for",
             check_reference_text),
        CASE("unfit security rules are refused", check_rules),
    };
    return RUN_CASES("network_check", tests);
}

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define GROUPS RIG_SUBSCRIPTION "/resourcegroups"
#define GROUP GROUPS "/Mine" RIG_VERSION
#define INSIDE RIG_SUBSCRIPTION "/resourceGroups/mine/providers/Microsoft.Network"
#define BODY "{'location':'eastus','tags':{'a':'b'}}"

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(&r, "HEAD", GROUP, NULL, NULL), 404);
    rig_refused(&r, "GET", GROUP, NULL, 404, "ResourceGroupNotFound");

    assert_int_equal(rig_call(&r, "PUT", GROUP, BODY, &reply), 201);

    assert_string_equal(json_path_str(reply.body, "id"), RIG_SUBSCRIPTION "/resourceGroups/Mine");
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Succeeded");
    assert_int_equal(rig_call(&r, "HEAD", GROUPS "/MINE" RIG_VERSION, NULL, NULL), 204);
    assert_int_equal(rig_call(&r, "PUT", GROUPS "/MINE" RIG_VERSION, BODY, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "name"), "Mine");
    assert_int_equal(rig_call(&r, "PATCH", GROUP, "{'tags':{'c':'d'}}", &reply), 200);
    assert_string_equal(json_path_str(reply.body, "tags.c"), "d");
    assert_int_equal(rig_call(&r, "GET", GROUP, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "tags.c"), "d");
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", GROUP, BODY, NULL);
    static const struct {
        const char *path, *body, *code;
        int status;
    } rows[] = {
        { GROUPS "/a%20b" RIG_VERSION, BODY, "InvalidResourceGroup", 400 },
        { GROUPS "/ends." RIG_VERSION, BODY, "InvalidResourceGroup", 400 },
        { GROUPS "/new" RIG_VERSION, "{}", "LocationRequired", 400 },
        { GROUP, "{'location':'westus2'}", "InvalidResourceGroupLocation", 409 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, "PUT", rows[i].path, rows[i].body, rows[i].status, rows[i].code);
    rig_refused(&r, "POST", GROUP, "{}", 405, "MethodNotAllowed");
    rig_refused(&r, "PUT", GROUPS RIG_VERSION, "{}", 405, "MethodNotAllowed");
}

static void check_delete(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "PUT", GROUP, BODY, NULL);
    rig_call(&r, "PUT", INSIDE "/networkSecurityGroups/n" RIG_VERSION, BODY, NULL);
    rig_patch(&r, "{'operation_ms':60000}");

    assert_int_equal(rig_call(&r, "DELETE", GROUP, NULL, &reply), 202);

    assert_null(http_headers_get(&reply.headers, "Azure-AsyncOperation"));
    const char *location = http_headers_get(&reply.headers, "Location");
    assert_non_null(strstr(location, RIG_SUBSCRIPTION "/operationresults/"));
    cleanup_free char *path = xstrdup(strstr(location, "/subscriptions/"));
    assert_int_equal(rig_call(&r, "GET", path, NULL, NULL), 202);
    assert_int_equal(rig_call(&r, "GET", GROUP, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Deleting");
    rig_refused(&r, "PUT", GROUP, BODY, 409, "ResourceGroupBeingDeleted");
    rig_advance_s(&r, 60);
    assert_int_equal(rig_call(&r, "GET", path, NULL, NULL), 204);
    assert_int_equal(rig_call(&r, "HEAD", GROUP, NULL, NULL), 404);
    rig_refused(&r, "GET", INSIDE "/networkSecurityGroups/n" RIG_VERSION, NULL, 404,
                "ResourceGroupNotFound");
    assert_int_equal(rig_call(&r, "PUT", GROUP, BODY, NULL), 201);
    rig_refused(&r, "GET", INSIDE "/networkSecurityGroups/n" RIG_VERSION, NULL, 404,
                "ResourceNotFound");
}

static void check_lists(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", GROUP, BODY, NULL);
    static const struct {
        const char *path;
        size_t want;
    } rows[] = {
        { GROUPS RIG_VERSION, 5 },
        { GROUPS RIG_VERSION "&$filter=tagName+eq+'a'+and+tagValue+eq+'b'", 1 },
        { GROUPS RIG_VERSION "&$filter=tagName+eq+'a'+and+tagValue+eq+'c'", 0 },
        { GROUPS "/net-rg/resources" RIG_VERSION, 2 }, /* a network and a group, but no subnets */
        { GROUPS "/mine/resources" RIG_VERSION, 0 },
        { RIG_SUBSCRIPTION "/resources" RIG_VERSION, 8 },
        { RIG_SUBSCRIPTION "/resources" RIG_VERSION "&$filter=resourceGroup+eq+'NET-RG'", 2 },
        { RIG_SUBSCRIPTION "/resources" RIG_VERSION
                           "&$filter=resourceType+eq+'Microsoft.Network/virtualNetworks'",
          3 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(&r, "GET", rows[i].path, NULL, &reply), 200);
        assert_int_equal(json_len(json_get(reply.body, "value")), rows[i].want);
        assert_null(json_path(reply.body, "value[0].properties.addressSpace"));
    }
    rig_refused(&r, "GET", GROUPS "/none/resources" RIG_VERSION, NULL, 404,
                "ResourceGroupNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a group is made, read, tagged, in any letter case", check_life),
        CASE("bad names and moves are refused", check_refusals),
        CASE("a group goes with all that it holds", check_delete),
        CASE("lists hold groups, and resources with a location", check_lists),
    };
    return RUN_CASES("groups", tests);
}

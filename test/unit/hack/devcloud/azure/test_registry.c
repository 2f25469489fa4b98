#include "test/unit/hack/devcloud/azure/registry_rig.h"

static void check_registry(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    registry_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    rig_call(&r, "GET", REGISTRY REGISTRY_VERSION, NULL, &reply);

    assert_string_equal(json_path_str(reply.body, "properties.loginServer"), "arosvc.azurecr.io");
    assert_non_null(json_path_str(reply.body, "properties.creationDate"));
    rig_call(&r, "GET", REGISTRY "/scopeMaps" REGISTRY_VERSION, NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 3);
    rig_refused(&r, "PUT", REGISTRIES "/a" REGISTRY_VERSION, REGISTRY_BODY, 400,
                "InvalidRegistryName");
    rig_refused(&r, "PUT", REGISTRIES "/other" REGISTRY_VERSION, "{'location':'eastus'}", 400,
                "InvalidParameter");
    rig_refused(&r, "PUT",
                RIG_SUBSCRIPTION
                "/resourceGroups/aro-cluster/providers/Microsoft.ContainerRegistry/"
                "registries/AROSVC" REGISTRY_VERSION,
                REGISTRY_BODY, 409, "AlreadyInUse");
}

static void check_maps(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    registry_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", REGISTRY "/scopeMaps/readers" REGISTRY_VERSION,
                              "{'properties':{'actions':['repositories/a/content/read']}}", &reply),
                     201);

    assert_string_equal(json_path_str(reply.body, "properties.type"), "UserDefined");
    rig_refused(&r, "PUT", REGISTRY "/scopeMaps/readers" REGISTRY_VERSION, "{'properties':{}}", 400,
                "ScopeMapActionsInvalid");
    rig_refused(&r, "PUT", REGISTRY "/scopeMaps/_repositories_pull" REGISTRY_VERSION,
                "{'properties':{'actions':['a']}}", 400, "ScopeMapNameInvalid");
    rig_refused(&r, "DELETE", REGISTRY "/scopeMaps/_repositories_pull" REGISTRY_VERSION, NULL, 400,
                "ScopeMapNameInvalid");
    assert_int_equal(
        rig_call(&r, "DELETE", REGISTRY "/scopeMaps/readers" REGISTRY_VERSION, NULL, NULL), 202);
}

static void check_tokens(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    registry_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(
        rig_call(&r, "PUT", REGISTRY "/tokens/token-1" REGISTRY_VERSION, TOKEN_BODY, &reply), 201);

    assert_non_null(http_headers_get(&reply.headers, "Azure-AsyncOperation"));
    rig_call(&r, "GET", REGISTRY "/tokens/token-1" REGISTRY_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "properties.status"), "enabled");
    assert_int_equal(json_len(json_path(reply.body, "properties.credentials.passwords")), 0);
    assert_int_equal(
        rig_call(&r, "PUT", REGISTRY "/tokens/token-1" REGISTRY_VERSION, TOKEN_BODY, NULL), 200);
    rig_refused(&r, "PUT", REGISTRY "/tokens/token-2" REGISTRY_VERSION,
                "{'properties':{'scopeMapId':'" REGISTRY "/scopeMaps/none'}}", 400,
                "ScopeMapNotFound");
    rig_refused(&r, "PUT", REGISTRY "/tokens/t" REGISTRY_VERSION, TOKEN_BODY, 400,
                "TokenNameInvalid");
    rig_refused(&r, "PUT", REGISTRY "/tokens/token-2" REGISTRY_VERSION,
                "{'properties':{'scopeMapId':'" REGISTRY
                "/scopeMaps/_repositories_pull','status':'odd'}}",
                400, "TokenStatusInvalid");
    assert_int_equal(
        rig_call(&r, "DELETE", REGISTRY "/tokens/token-1" REGISTRY_VERSION, NULL, NULL), 202);
    assert_int_equal(
        rig_call(&r, "DELETE", REGISTRY "/tokens/token-1" REGISTRY_VERSION, NULL, NULL), 204);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a registry has a server, a unique name and scope maps", check_registry),
        CASE("scope maps of customers come and go", check_maps),
        CASE("tokens need a scope map", check_tokens),
    };
    return RUN_CASES("registry", tests);
}

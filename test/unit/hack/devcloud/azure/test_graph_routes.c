#include "test/unit/hack/devcloud/azure/graph_rig.h"

#define RP_APP "f1dd0a37-89c6-4e07-bcd1-ffd3d43d8875"

static void check_lists(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    graph_rig_open(&r);
    cleanup_free char *id = NULL, *app_id = NULL;
    graph_rig_create(&r, &id, &app_id);
    static const struct {
        const char *path;
        size_t want;
    } rows[] = {
        { "/v1.0/applications", 3 },
        { "/v1.0/servicePrincipals", 2 }, /* the new application has none yet */
        { "/v1.0/servicePrincipals?$filter=appId%20eq%20'" RP_APP "'", 1 },
        { "/v1.0/servicePrincipals?$filter=appId+eq+'none'", 0 },
        { "/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c+eq+'" RP_APP "')", 1 },
        { "/v1.0/applications?$filter=startswith(displayName,'min')", 1 },
        { "/v1.0/organization", 1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(&r, "GET", rows[i].path, NULL, &reply), 200);
        assert_int_equal(json_len(json_get(reply.body, "value")), rows[i].want);
        assert_non_null(json_path_str(reply.body, "[\"@odata.context\"]"));
    }
}

static void check_one(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    graph_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    cleanup_free char *id = NULL, *app_id = NULL;
    graph_rig_create(&r, &id, &app_id);
    cleanup_free char *by_id = xasprintf("/v1.0/applications/%s", id);
    cleanup_free char *by_app = xasprintf("/v1.0/applications(appId='%s')", app_id);
    cleanup_free char *owners = xasprintf("/v1.0/applications/%s/owners", id);

    assert_int_equal(rig_call(&r, "PATCH", by_id, "{'displayName':'other'}", NULL), 204);
    assert_int_equal(rig_call(&r, "GET", by_app, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "displayName"), "other");
    assert_int_equal(rig_call(&r, "GET", owners, NULL, NULL), 200);
    rig_refused(&r, "PUT", by_id, "{}", 405, "Request_BadRequest");
    assert_int_equal(rig_call(&r, "DELETE", by_id, NULL, NULL), 204);
    rig_refused(&r, "GET", by_id, NULL, 404, "Request_ResourceNotFound");
    rig_refused(&r, "GET", "/v1.0/nothing", NULL, 400, "BadRequest");
}

static void check_principals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    graph_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "GET", "/v1.0/servicePrincipals/" RIG_OBJECT, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "appId"), RIG_APPLICATION);
    assert_int_equal(rig_call(&r, "POST", "/v1.0/directoryObjects/getByIds",
                              "{'ids':['" RIG_OBJECT "','other']}", &reply),
                     200);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    assert_string_equal(json_path_str(reply.body, "value[0].id"), RIG_OBJECT);
    assert_int_equal(rig_call(&r, "GET",
                              "/" RIG_TENANT "/servicePrincipalsByAppId/" RIG_APPLICATION
                              "/objectId?api-version=1.6",
                              NULL, &reply),
                     200);
    assert_string_equal(json_path_str(reply.body, "value"), RIG_OBJECT);
    assert_int_equal(rig_call(&r, "GET", "/t/servicePrincipalsByAppId/none/objectId", NULL, &reply),
                     404);
    assert_string_equal(json_path_str(reply.body, "[\"odata.error\"].code"),
                        "Request_ResourceNotFound");
    assert_int_equal(rig_call(&r, "DELETE", "/v1.0/servicePrincipals/" RIG_OBJECT, NULL, NULL),
                     204);
    rig_refused(&r, "GET", "/v1.0/servicePrincipals/" RIG_OBJECT, NULL, 404,
                "Request_ResourceNotFound");
}

/* A token is for one service. */
static void check_audience(void **state)
{
    (void)state;
    cleanup_rig struct rig r, graph;
    rig_open(&r);
    graph_rig_open(&graph);

    rig_refused(&r, "GET", "/v1.0/applications", NULL, 401, "InvalidAuthenticationToken");
    rig_refused(&graph, "GET", RIG_VNET RIG_VERSION, NULL, 401, "InvalidAuthenticationToken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("objects are listed and filtered", check_lists),
        CASE("an application is changed and deleted", check_one),
        CASE("service principals are found in every way", check_principals),
        CASE("tokens for ARM are none for Graph, and the other way round", check_audience),
    };
    return RUN_CASES("graph_routes", tests);
}

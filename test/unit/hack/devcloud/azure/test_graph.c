#include "test/unit/hack/devcloud/azure/graph_rig.h"

static int sign_in(struct rig *r, const char *app_id, const char *secret, struct rig_reply *ret)
{
    cleanup_free char *form =
        xasprintf("grant_type=client_credentials&client_id=%s&client_secret=%s%s", app_id, secret,
                  GRAPH_FORM);
    return rig_sign_in(r, "/oauth2/v2.0/token", form, ret);
}

static void check_application(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    graph_rig_open(&r);
    cleanup_free char *id = NULL, *app_id = NULL;
    cleanup_reply struct rig_reply reply = { 0 };

    graph_rig_create(&r, &id, &app_id);

    assert_string_not_equal(id, app_id);
    cleanup_free char *path = xasprintf("/v1.0/applications/%s", id);
    assert_int_equal(rig_call(&r, "GET", path, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "displayName"), "mine");
    assert_int_equal(json_len(json_get(reply.body, "passwordCredentials")), 0);
    rig_refused(&r, "POST", "/v1.0/applications", "{}", 400, "Request_BadRequest");
}

static void check_passwords(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    graph_rig_open(&r);
    cleanup_free char *id = NULL, *app_id = NULL;
    cleanup_reply struct rig_reply made = { 0 }, shown = { 0 };
    graph_rig_create(&r, &id, &app_id);
    cleanup_free char *add = xasprintf("/v1.0/applications/%s/addPassword", id);
    cleanup_free char *remove = xasprintf("/v1.0/applications/%s/removePassword", id);
    cleanup_free char *path = xasprintf("/v1.0/applications/%s", id);

    assert_int_equal(rig_call(&r, "POST", add, NULL, &made), 200); /* as az does, without a body */

    const char *secret = json_path_str(made.body, "secretText");
    assert_int_equal(sign_in(&r, app_id, secret, NULL), 200);
    assert_int_equal(sign_in(&r, app_id, "wrong", NULL), 401);
    rig_call(&r, "GET", path, NULL, &shown);
    assert_string_equal(json_path_str(shown.body, "passwordCredentials[0].keyId"),
                        json_path_str(made.body, "keyId"));
    assert_null(json_path(shown.body, "passwordCredentials[0].secretText"));
    cleanup_free char *body = xasprintf("{'keyId':'%s'}", json_path_str(made.body, "keyId"));
    assert_int_equal(rig_call(&r, "POST", remove, body, NULL), 204);
    rig_refused(&r, "POST", remove, body, 400, "Request_BadRequest");
    assert_int_equal(sign_in(&r, app_id, secret, NULL), 401);
}

static void check_end(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    graph_rig_open(&r);
    cleanup_free char *id = NULL, *app_id = NULL;
    cleanup_reply struct rig_reply made = { 0 };
    graph_rig_create(&r, &id, &app_id);
    cleanup_free char *add = xasprintf("/v1.0/applications/%s/addPassword", id);
    char until[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(clock_system()) + 60 * NS_PER_S, until);
    cleanup_free char *body =
        xasprintf("{'passwordCredential':{'displayName':'d','endDateTime':'%s'}}", until);
    assert_int_equal(rig_call(&r, "POST", add, body, &made), 200);
    assert_string_equal(json_path_str(made.body, "displayName"), "d");
    const char *secret = json_path_str(made.body, "secretText");
    assert_int_equal(sign_in(&r, app_id, secret, NULL), 200);

    rig_advance_s(&r, 120);

    assert_int_equal(sign_in(&r, app_id, secret, NULL), 401);
}

static void check_principal(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    graph_rig_open(&r);
    cleanup_free char *id = NULL, *app_id = NULL;
    cleanup_reply struct rig_reply reply = { 0 };
    graph_rig_create(&r, &id, &app_id);
    cleanup_free char *body = xasprintf("{'appId':'%s'}", app_id);

    assert_int_equal(rig_call(&r, "POST", "/v1.0/servicePrincipals", body, &reply), 201);

    assert_string_equal(json_path_str(reply.body, "appId"), app_id);
    assert_string_not_equal(json_path_str(reply.body, "id"), id);
    assert_string_equal(json_path_str(reply.body, "servicePrincipalNames[0]"), app_id);
    rig_refused(&r, "POST", "/v1.0/servicePrincipals", body, 409,
                "Request_MultipleObjectsWithSameKeyValue");
    rig_refused(&r, "POST", "/v1.0/servicePrincipals", "{'appId':'none'}", 400,
                "Request_BadRequest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an application is made and read", check_application),
        CASE("secrets are shown once, and sign in until they are removed", check_passwords),
        CASE("a secret ends with its time", check_end),
        CASE("an application gets one service principal", check_principal),
    };
    return RUN_CASES("graph", tests);
}

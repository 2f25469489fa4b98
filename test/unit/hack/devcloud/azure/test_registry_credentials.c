#include "test/unit/hack/devcloud/azure/registry_rig.h"

#define GENERATE REGISTRY "/generateCredentials" REGISTRY_VERSION
#define ONE "{'tokenId':'" REGISTRY "/tokens/token-1','name':'password1'}"

static void open_with_token(struct rig *r)
{
    registry_rig_open(r);
    assert_int_equal(
        rig_call(r, "PUT", REGISTRY "/tokens/token-1" REGISTRY_VERSION, TOKEN_BODY, NULL), 201);
}

static void check_one(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_with_token(&r);
    cleanup_reply struct rig_reply first = { 0 }, again = { 0 }, token = { 0 };

    assert_int_equal(rig_call(&r, "POST", GENERATE, ONE, &first), 200);
    assert_int_equal(rig_call(&r, "POST", GENERATE, ONE, &again), 200);

    assert_string_equal(json_path_str(first.body, "username"), "token-1");
    assert_int_equal(json_len(json_get(first.body, "passwords")), 1);
    assert_string_equal(json_path_str(first.body, "passwords[0].name"), "password1");
    assert_int_equal(strlen(json_path_str(first.body, "passwords[0].value")), 52);
    assert_string_not_equal(json_path_str(first.body, "passwords[0].value"),
                            json_path_str(again.body, "passwords[0].value"));
    rig_call(&r, "PUT", REGISTRY "/tokens/token-1" REGISTRY_VERSION, TOKEN_BODY, NULL);
    rig_call(&r, "GET", REGISTRY "/tokens/token-1" REGISTRY_VERSION, NULL, &token);
    assert_int_equal(json_len(json_path(token.body, "properties.credentials.passwords")), 1);
    assert_null(json_path(token.body, "properties.credentials.passwords[0].value"));
    assert_null(json_get(token.body, "inside"));
}

static void check_both(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_with_token(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    rig_call(&r, "POST", GENERATE,
             "{'tokenId':'" REGISTRY "/tokens/TOKEN-1','expiry':'2200-01-01T00:00:00Z'}", &reply);

    assert_int_equal(json_len(json_get(reply.body, "passwords")), 2);
    assert_string_equal(json_path_str(reply.body, "passwords[1].expiry"), "2200-01-01T00:00:00Z");
}

static void check_wait(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_with_token(&r);
    rig_patch(&r, "{'operation_ms':5000}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "POST", GENERATE, ONE, &reply), 202);

    cleanup_free char *location = xstrdup(http_headers_get(&reply.headers, "Location"));
    const char *path = strstr(location, "/subscriptions/");
    assert_int_equal(rig_call(&r, "GET", path, NULL, &reply), 202);
    rig_advance_s(&r, 5);
    assert_int_equal(rig_call(&r, "GET", path, NULL, &reply), 200);
    assert_non_null(json_path_str(reply.body, "passwords[0].value"));
    rig_patch(&r, "{'operation_ms':0,'operation_error':{'code':'Odd','message':'m'}}");
    rig_patch(&r, "{'operation_ms':1000}");
    rig_call(&r, "POST", GENERATE, ONE, &reply);
    cleanup_free char *second = xstrdup(http_headers_get(&reply.headers, "Location"));
    rig_advance_s(&r, 1);
    rig_refused(&r, "GET", strstr(second, "/subscriptions/"), NULL, 400, "Odd");
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_with_token(&r);

    rig_refused(&r, "POST", GENERATE, "{'tokenId':'" REGISTRY "/tokens/none'}", 404,
                "TokenNotFound");
    rig_refused(&r, "POST", GENERATE, "{}", 404, "TokenNotFound");
    rig_refused(&r, "POST", GENERATE, "{'tokenId':'" REGISTRY "/tokens/token-1','name':'x'}", 400,
                "InvalidPasswordName");
    rig_refused(&r, "GET", GENERATE, NULL, 405, "MethodNotAllowed");
    rig_refused(&r, "POST", REGISTRY "/explode" REGISTRY_VERSION, "{}", 404, "InvalidResourceType");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a password is told once and made anew", check_one),
        CASE("without a name both are made", check_both),
        CASE("passwords wait where the answer said", check_wait),
        CASE("bad questions are refused", check_refusals),
    };
    return RUN_CASES("registry_credentials", tests);
}

#include <string.h>

#include "hack/devcloud/azure/directory.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define ARM "https%3A%2F%2Fmanagement.azure.com"

static void check_v1(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    int status = rig_sign_in(&r, "/oauth2/token?api-version=1.0",
                             RIG_SECRET_FORM "&resource=" ARM "%2F&client_info=1", &reply);

    assert_int_equal(status, 200);
    static const char *const texts[] = { "expires_in", "ext_expires_in", "expires_on", "not_before",
                                         "access_token" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_non_null(json_path_str(reply.body, texts[i]));
    assert_string_equal(json_path_str(reply.body, "token_type"), "Bearer");
    assert_string_equal(json_path_str(reply.body, "resource"), "https://management.azure.com/");
}

static void check_v2(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    int status =
        rig_sign_in(&r, "/oauth2/v2.0/token", RIG_SECRET_FORM "&scope=" ARM "%2F.default", &reply);

    assert_int_equal(status, 200);
    assert_int_equal(json_path_int(reply.body, "expires_in", 0), 3599);
    assert_int_equal(json_path_int(reply.body, "ext_expires_in", 0), 3599);
    assert_string_equal(json_path_str(reply.body, "token_type"), "Bearer");
    assert_false(json_path_has(reply.body, "expires_on"));
}

/* {error, description beginning with the code, codes, time, IDs, address} */
static void assert_refusal(const struct rig_reply *reply, const char *error, int code)
{
    cleanup_free char *begin = xasprintf("AADSTS%d: ", code);
    cleanup_free char *end = xasprintf("error?code=%d", code);
    assert_string_equal(json_path_str(reply->body, "error"), error);
    assert_true(str_starts(json_path_str(reply->body, "error_description"), begin));
    assert_non_null(strstr(json_path_str(reply->body, "error_description"), "Trace ID: "));
    assert_non_null(strstr(json_path_str(reply->body, "error_description"), "Correlation ID: "));
    assert_int_equal(json_path_int(reply->body, "error_codes[0]", 0), code);
    assert_true(str_ends(json_path_str(reply->body, "error_uri"), end));
    assert_int_equal(strlen(json_path_str(reply->body, "trace_id")), UUID_LEN);
    assert_int_equal(strlen(json_path_str(reply->body, "correlation_id")), UUID_LEN);
    const char *when = json_path_str(reply->body, "timestamp"); /* 2020-06-01 00:00:00Z */
    assert_true(strlen(when) == 20 && when[10] == ' ' && when[19] == 'Z');
}

struct refusal {
    const char *patch, *endpoint, *form;
    int status;
    const char *error;
    int code;
};
#define V2 "/oauth2/v2.0/token"
#define SCOPE "&scope=" ARM "%2F.default"
static struct refusal refusals[] = {
    { NULL, V2, "client_id=a", 400, "invalid_request", 900144 },
    { NULL, V2, "grant_type=client_credentials", 400, "invalid_request", 900144 },
    { NULL, V2, "\x01\xff%%%&&==", 400, "invalid_request", 900144 },
    { NULL, V2, "grant_type=password&client_id=a", 400, "unsupported_grant_type", 70003 },
    { NULL, V2, "grant_type=client_credentials&client_id=nobody", 400, "unauthorized_client",
      700016 },
    { "{'applications':{'" RIG_APPLICATION "':{'disabled':true}}}", V2, RIG_SECRET_FORM SCOPE, 400,
      "unauthorized_client", 7000112 },
    { NULL, V2, RIG_SECRET_FORM, 400, "invalid_request", 900144 },
    { NULL, "/oauth2/token", RIG_SECRET_FORM SCOPE, 400, "invalid_request", 900144 },
    { NULL, V2, RIG_SECRET_FORM "&scope=" ARM, 400, "invalid_scope", 1002012 },
    { "{'tenant':'other'}", V2, RIG_SECRET_FORM SCOPE, 400, "invalid_request", 90002 },
};

static void check_refusal(void **state)
{
    const struct refusal *row = *state;
    cleanup_rig struct rig r;
    rig_open(&r);
    if (row->patch)
        rig_patch(&r, row->patch);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_sign_in(&r, row->endpoint, row->form, &reply), row->status);

    assert_refusal(&reply, row->error, row->code);
}

/* AD FS has one endpoint for both. */
static void check_adfs(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char *const targets[] = { SCOPE, "&resource=" ARM };
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        cleanup_free char *form = xasprintf("%s%s", RIG_SECRET_FORM, targets[i]);
        assert_int_equal(rig_send(&r, "POST", "/adfs/oauth2/token",
                                  "application/x-www-form-urlencoded", form, &reply),
                         200);
        assert_int_equal(json_path_has(reply.body, "resource"), i == 1);
    }
}

static void check_get(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "GET", "/" RIG_TENANT V2, NULL, &reply), 400);

    assert_refusal(&reply, "invalid_request", 900561);
}

static void check_discovery(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *path, *token;
    } rows[] = {
        { "/" RIG_TENANT "/v2.0", "/" RIG_TENANT "/oauth2/v2.0/token" },
        { "/adfs", "/adfs/oauth2/token" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        cleanup_free char *path = xasprintf("%s/.well-known/openid-configuration", rows[i].path);
        cleanup_free char *token = xasprintf("https://%s%s", r.host, rows[i].token);
        assert_int_equal(rig_call(&r, "GET", path, NULL, &reply), 200);
        assert_string_equal(json_path_str(reply.body, "token_endpoint"), token);
        static const char *const needed[] = { "issuer", "authorization_endpoint", "jwks_uri" };
        for (size_t k = 0; k < ARRAY_LEN(needed); k++)
            assert_non_null(json_path_str(reply.body, needed[k]));
        const char *keys = strstr(json_path_str(reply.body, "jwks_uri"), r.host) + strlen(r.host);
        cleanup_free char *keys_path = xstrdup(keys);
        assert_int_equal(rig_call(&r, "GET", keys_path, NULL, &reply), 200);
        assert_true(json_is_array(json_get(reply.body, "keys")));
    }
}

static void check_instance(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    int status = rig_call(&r, "GET", "/common/discovery/instance?api-version=1.1", NULL, &reply);

    assert_int_equal(status, 200);
    assert_string_equal(json_path_str(reply.body, "metadata[0].aliases[0]"), r.host);
    assert_non_null(strstr(json_path_str(reply.body, "tenant_discovery_endpoint"), RIG_TENANT));
}

int main(void)
{
    struct CMUnitTest tests[6 + ARRAY_LEN(refusals)] = {
        CASE("version 1 writes its numbers as text", check_v1),
        CASE("version 2 writes them as numbers, and fewer", check_v2),
        CASE("AD FS takes scopes and resources at one endpoint", check_adfs),
        CASE("the token endpoint takes posts only", check_get),
        CASE("discovery leads to the endpoints of the host that was asked", check_discovery),
        CASE("instance discovery names the host that was asked", check_instance),
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[6 + i] = (struct CMUnitTest)CASE_OF("an unfit request is refused with its code",
                                                  check_refusal, &refusals[i]);
    return RUN_CASES("directory", tests);
}

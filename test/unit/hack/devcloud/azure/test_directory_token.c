#include <string.h>

#include "hack/devcloud/azure/directory.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static json *claims_of(const char *token)
{
    cleanup_free char *text = NULL;
    size_t len;
    json *claims = NULL;
    assert_int_equal(jwt_give_payload(token, &text, &len, NULL), 0);
    assert_int_equal(json_parse_object(text, len, &claims, NULL), 0);
    return claims;
}

/* Signs in for a resource; the token becomes the rig's. */
static void take_token(struct rig *r, const char *resource)
{
    cleanup_free char *encoded = percent_give(resource);
    cleanup_free char *form = xasprintf(RIG_SECRET_FORM "&resource=%s", encoded);
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_sign_in(r, "/oauth2/token", form, &reply), 200);
    free(r->token);
    r->token = xstrdup(json_path_str(reply.body, "access_token"));
}

static void check_claims(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'applications':{'" RIG_APPLICATION "':{'graphRoles':['Directory.Read.All']}}}");
    take_token(&r, "https://management.azure.com/");

    cleanup_json json *claims = claims_of(r.token);

    static const struct {
        const char *name, *want;
    } rows[] = {
        { "aud", "https://management.azure.com/" },
        { "iss", "https://sts.windows.net/" RIG_TENANT "/" },
        { "appid", RIG_APPLICATION },
        { "appidacr", "1" },
        { "idtyp", "app" },
        { "oid", RIG_OBJECT },
        { "sub", RIG_OBJECT },
        { "tid", RIG_TENANT },
        { "ver", "1.0" },
        { "roles[0]", "Directory.Read.All" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(json_path_str(claims, rows[i].name), rows[i].want);
    assert_int_equal(json_path_int(claims, "exp", 0) - json_path_int(claims, "iat", 0), 3599);
}

static void check_no_principal(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'applications':{'" RIG_APPLICATION "':{'objectId':null}}}");
    take_token(&r, "https://management.azure.com/");

    cleanup_json json *claims = claims_of(r.token);

    assert_false(json_path_has(claims, "oid"));
}

static void check_audiences(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_free char *here = xasprintf("https://%s", r.host);
    const char *const good[] = { "https://management.azure.com", "https://management.azure.com/",
                                 "https://management.core.windows.net/",
                                 "https://management.usgovcloudapi.net", here };
    const char *const bad[] = { "https://graph.microsoft.com/", "https://management.evil.example",
                                "https://management.azure.com.evil", "https://127.0.0.1" };

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        take_token(&r, good[i]);
        assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        take_token(&r, bad[i]);
        rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 401, "InvalidAuthenticationToken");
    }
}

static void check_missing(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    free(take(r.token));
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply), 401);

    assert_string_equal(json_path_str(reply.body, "error.code"), "AuthenticationFailed");
    const char *challenge = http_headers_get(&reply.headers, "WWW-Authenticate");
    assert_true(str_starts(challenge,
                           "Bearer authorization_uri=\"https://login.windows.net/" RIG_TENANT
                           "\", error=\"invalid_token\""));
    http_headers_set(&r.extra, "Authorization", "Basic Og==");
    rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 401, "AuthenticationFailed");
}

static void check_garbage(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_free char *good = take(r.token);
    cleanup_json json *claims = claims_of(good);
    json_put(claims, "exp", json_new_int(json_path_int(claims, "exp", 0) + 1));
    cleanup_free char *text = json_give_text(claims);
    cleanup_free char *payload = base64url_give(text, strlen(text));
    cleanup_free char *forged = xasprintf("e30.%s%s", payload, strrchr(good, '.'));
    const char *const tokens[] = { "x", "a.b.c", "..", "", forged };
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        r.token = xstrdup(tokens[i]);
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, &reply), 401);
        free(r.token);
    }
    r.token = xstrdup(forged);
    rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 401, "InvalidAuthenticationToken");
}

static void check_expiry(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_advance_s(&r, 3500);
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
    rig_advance_s(&r, 200);

    rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 401, "ExpiredAuthenticationToken");
}

static void check_tenant(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_patch(&r, "{'tenant':'44444444-4444-4444-4444-444444444444'}");

    rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 401, "InvalidAuthenticationTokenTenant");
}

static void check_gone(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_patch(&r, "{'applications':{'" RIG_APPLICATION "':null}}");

    rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 401, "InvalidAuthenticationToken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a token says whose it is and what it is for", check_claims),
        CASE("without a service principal there is no object ID", check_no_principal),
        CASE("a token is for ARM or for nothing here", check_audiences),
        CASE("a request without a token is challenged", check_missing),
        CASE("what was not given out here is refused", check_garbage),
        CASE("a token ends", check_expiry),
        CASE("a token of another tenant is refused", check_tenant),
        CASE("a token of an application that is gone is refused", check_gone),
    };
    return RUN_CASES("directory_token", tests);
}

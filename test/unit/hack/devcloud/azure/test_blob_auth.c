#include "pkg/base/encoding.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/hack/devcloud/azure/blob_rig.h"

#define CONTRIBUTOR "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
#define ASSIGNMENT \
    "/providers/Microsoft.Authorization/roleAssignments/00000000-0000-0000-0000-00000000000"

static void check_letters(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_put(&r, "/aro/old", "text");
    static const struct {
        const char *method, *path, *query, *permission, *types, *code; /* code NULL: allowed */
    } rows[] = {
        { "GET", "/aro/old", NULL, "r", "o", NULL },
        { "GET", "/aro/old", NULL, "w", "o", "AuthorizationPermissionMismatch" },
        { "GET", "/aro/old", NULL, "r", "sc", "AuthorizationResourceTypeMismatch" },
        { "PUT", "/aro/new", NULL, "c", "o", NULL },
        { "PUT", "/aro/old", NULL, "c", "o", "AuthorizationPermissionMismatch" },
        { "PUT", "/aro/old", NULL, "w", "o", NULL },
        { "PUT", "/aro/other", NULL, "r", "o", "AuthorizationPermissionMismatch" },
        { "GET", "/aro", "restype=container&comp=list", "l", "c", NULL },
        { "GET", "/aro", "restype=container&comp=list", "r", "c",
          "AuthorizationPermissionMismatch" },
        { "GET", "/", "comp=list", "l", "s", NULL },
        { "GET", "/aro", "restype=container&comp=acl", "rwdl", "sco",
          "AuthorizationPermissionMismatch" },
        { "DELETE", "/aro/old", NULL, "d", "o", NULL },
        { "DELETE", "/aro", "restype=container", "d", "o", "AuthorizationResourceTypeMismatch" },
        { "DELETE", "/aro", "restype=container", "d", "c", NULL },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *sas = blob_rig_sas(&r, rows[i].permission, rows[i].types);
        cleanup_free char *query =
            xasprintf("%s%s%s", rows[i].query ? rows[i].query : "", rows[i].query ? "&" : "", sas);
        cleanup_response struct http_response resp = { 0 };
        bool put = strcmp(rows[i].method, "PUT") == 0;
        int status =
            blob_rig_send(&r, rows[i].method, rows[i].path, query,
                          put ? "x-ms-blob-type: BlockBlob" : NULL, put ? "x" : NULL, &resp);
        if (rows[i].code)
            blob_rig_code(&resp, 403, rows[i].code);
        else if (status / 100 != 2)
            fail_msg("row %zu: %d %s", i, status, buf_str(&resp.body));
    }
}

static void check_time_and_signature(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_free char *sas = blob_rig_sas(&r, "r", "o");
    cleanup_free char *more = blob_rig_sas(&r, "r", "o");
    char *sp = strstr(more, "&sp=r");
    sp[strlen("&sp=")] = 'd';
    cleanup_response struct http_response resp = { 0 };

    blob_rig_send(&r, "DELETE", "/aro/x", more, NULL, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthenticationFailed");
    assert_non_null(strstr(buf_str(&resp.body), "Signature did not match"));
    blob_rig_send(&r, "GET", "/aro/x", "sv=2015-04-05&sig=x", NULL, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthenticationFailed");
    assert_non_null(strstr(buf_str(&resp.body), "is mandatory"));
    blob_rig_send(&r, "GET", "/aro/x", sas, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "ContainerNotFound");
    rig_advance_s(&r, 3600);
    blob_rig_send(&r, "GET", "/aro/x", sas, NULL, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthenticationFailed");
    assert_non_null(strstr(buf_str(&resp.body), "not valid in the specified time frame"));
    rig_advance_s(&r, -7205);
    blob_rig_send(&r, "GET", "/aro/x", sas, NULL, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthenticationFailed");
}

/* Signed by the test: other services, other addresses, days instead of times. */
static void check_other_signatures(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    static const struct {
        const char *fields, *code;
    } rows[] = {
        { "sv=2021-06-08&ss=b&srt=o&sp=r&se=2200-01-01", "ContainerNotFound" },
        { "sv=2021-06-08&ss=b&srt=o&sp=r&se=2200-01-01T00:00Z", "ContainerNotFound" },
        { "sv=2021-06-08&ss=b&srt=o&sp=r&se=tomorrow", "AuthenticationFailed" },
        { "sv=2021-06-08&ss=qf&srt=o&sp=r&se=2200-01-01", "AuthorizationServiceMismatch" },
        { "sv=2021-06-08&ss=b&srt=o&sp=r&se=2200-01-01&sip=127.0.0.0-127.0.0.9",
          "ContainerNotFound" },
        { "sv=2021-06-08&ss=b&srt=o&sp=r&se=2200-01-01&sip=10.0.0.1",
          "AuthorizationSourceIPMismatch" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_sas struct storage_sas s;
        storage_sas_init(rows[i].fields, &s);
        cleanup_free char *signature = storage_sas_give_signature(&s, ACCOUNT_NAME, ACCOUNT_KEY);
        cleanup_free char *escaped = percent_give(signature);
        cleanup_free char *query = xasprintf("%s&sig=%s", rows[i].fields, escaped);
        cleanup_response struct http_response resp = { 0 };
        int status = blob_rig_send(&r, "GET", "/aro/x", query, NULL, NULL, &resp);
        blob_rig_code(&resp, status, rows[i].code);
    }
}

static void check_rotation(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_free char *sas = blob_rig_sas(&r, "r", "o");
    cleanup_response struct http_response resp = { 0 };
    blob_rig_send(&r, "GET", "/aro/x", sas, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "ContainerNotFound");

    rig_call(&r, "POST", ACCOUNT_ID "/regenerateKey" STORAGE_VERSION, "{'keyName':'key1'}", NULL);

    blob_rig_send(&r, "GET", "/aro/x", sas, NULL, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthenticationFailed");
}

static void check_keys_forbidden(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    rig_call(&r, "PATCH", ACCOUNT_ID STORAGE_VERSION,
             "{'properties':{'allowSharedKeyAccess':false}}", NULL);
    cleanup_response struct http_response resp = { 0 };

    blob_rig_call(&r, "GET", "/aro/x", NULL, NULL, NULL, &resp);

    blob_rig_code(&resp, 403, "KeyBasedAuthenticationNotPermitted");
}

static void check_nobody(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/closed");
    blob_rig_put(&r, "/closed/x", "text");
    blob_rig_call(&r, "PUT", "/open", "restype=container", "x-ms-blob-public-access: blob", "",
                  NULL);
    blob_rig_put(&r, "/open/x", "text");
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(blob_rig_send(&r, "GET", "/open/x", NULL, NULL, NULL, &resp), 200);
    blob_rig_send(&r, "DELETE", "/open/x", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 401, "NoAuthenticationInformation");
    blob_rig_send(&r, "GET", "/open", "restype=container&comp=list", NULL, NULL, &resp);
    blob_rig_code(&resp, 401, "NoAuthenticationInformation");
    blob_rig_send(&r, "GET", "/closed/x", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 401, "NoAuthenticationInformation");
    assert_non_null(strstr(http_headers_get(&resp.headers, "WWW-Authenticate"), RIG_TENANT));
    rig_call(&r, "PATCH", ACCOUNT_ID STORAGE_VERSION,
             "{'properties':{'allowBlobPublicAccess':false}}", NULL);
    blob_rig_send(&r, "GET", "/open/x", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 401, "NoAuthenticationInformation");
    blob_rig_send(&r, "GET", "/open/x", NULL, "Authorization: Basic eA==", NULL, &resp);
    blob_rig_code(&resp, 400, "InvalidAuthenticationInfo");
}

/* ---- keys ---- */

static int send_signed(struct rig *r, const char *key, int64_t ahead_s, struct http_response *resp)
{
    char date[TIME_TEXT_MAX];
    time_http(clock_wall_ns(&r->clock.base) + ahead_s * NS_PER_S, date);
    cleanup_free char *text =
        xasprintf("GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:%s\nx-ms-version:2020-"
                  "04-08\n/" ACCOUNT_NAME "/\ncomp:list\nprefix:a b",
                  date);
    cleanup_free char *bytes = NULL;
    size_t len;
    unsigned char mac[SHA256_LEN];
    assert_int_equal(base64_parse(key, strlen(key), &bytes, &len, NULL), 0);
    hmac_sha256(bytes, len, text, strlen(text), mac);
    cleanup_free char *signature = base64_give(mac, sizeof(mac));
    cleanup_free char *headers = xasprintf(
        "x-ms-date: %s\nx-ms-version: 2020-04-08\nAuthorization: SharedKey " ACCOUNT_NAME ":%s",
        date, signature);
    return blob_rig_send(r, "GET", "/", "comp=list&prefix=a%20b", headers, NULL, resp);
}

static void check_shared_key(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(send_signed(&r, ACCOUNT_KEY, 0, &resp), 200);
    assert_int_equal(send_signed(&r, "c2Vjb25k", 0, &resp), 200);
    send_signed(&r, "dGhpcmQ=", 0, &resp);
    blob_rig_code(&resp, 403, "AuthenticationFailed");
    assert_non_null(strstr(buf_str(&resp.body), "string to sign: 'GET"));
    send_signed(&r, ACCOUNT_KEY, -901, &resp);
    blob_rig_code(&resp, 403, "AuthenticationFailed");
    assert_non_null(strstr(buf_str(&resp.body), "too old"));
}

/* ---- tokens ---- */

static char *give_bearer(struct rig *r)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(
        rig_sign_in(r, "/oauth2/v2.0/token",
                    RIG_SECRET_FORM "&scope=https%3A%2F%2Fstorage.azure.com%2F.default", &reply),
        200);
    return xasprintf("x-ms-version: 2020-04-08\nAuthorization: Bearer %s",
                     json_path_str(reply.body, "access_token"));
}

static void assign(struct rig *r, const char *scope, const char *role, const char *number)
{
    cleanup_free char *path =
        xasprintf("%s" ASSIGNMENT "%s?api-version=2018-09-01-preview", scope, number);
    cleanup_free char *body =
        xasprintf("{'properties':{'principalId':'" RIG_OBJECT
                  "','roleDefinitionId':'/providers/Microsoft.Authorization/roleDefinitions/%s'}}",
                  role);
    assert_int_equal(rig_call(r, "PUT", path, body, NULL), 201);
}

static void check_roles(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_container(&r, "/other");
    blob_rig_put(&r, "/aro/x", "text");
    blob_rig_put(&r, "/other/x", "text");
    cleanup_free char *bearer = give_bearer(&r);
    cleanup_response struct http_response resp = { 0 };

    blob_rig_send(&r, "GET", "/aro/x", NULL, bearer, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthorizationPermissionMismatch");
    assign(&r, ACCOUNT_ID, "b24988ac-6180-42a0-ab88-20f7382dd24c",
           "1"); /* manages, reads nothing */
    blob_rig_send(&r, "GET", "/aro/x", NULL, bearer, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthorizationPermissionMismatch");
    assign(&r, ACCOUNT_ID "/blobServices/default/containers/aro", CONTRIBUTOR, "2");
    assert_int_equal(blob_rig_send(&r, "GET", "/aro/x", NULL, bearer, NULL, &resp), 200);
    assert_int_equal(blob_rig_send(&r, "DELETE", "/aro/x", NULL, bearer, NULL, &resp), 202);
    blob_rig_send(&r, "GET", "/other/x", NULL, bearer, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthorizationPermissionMismatch");
}

static void check_delay(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_put(&r, "/aro/x", "text");
    cleanup_free char *bearer = give_bearer(&r);
    rig_patch(&r, "{'role_delay_ms':300000}");
    cleanup_response struct http_response resp = { 0 };
    assign(&r, RIG_SUBSCRIPTION, CONTRIBUTOR, "1");

    blob_rig_send(&r, "GET", "/aro/x", NULL, bearer, NULL, &resp);
    blob_rig_code(&resp, 403, "AuthorizationPermissionMismatch");

    rig_advance_s(&r, 301);
    assert_int_equal(blob_rig_send(&r, "GET", "/aro/x", NULL, bearer, NULL, &resp), 200);
}

static void check_bad_tokens(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_free char *of_arm =
        xasprintf("x-ms-version: 2020-04-08\nAuthorization: Bearer %s", r.token);
    cleanup_free char *bearer = give_bearer(&r);
    cleanup_response struct http_response resp = { 0 };

    blob_rig_send(&r, "GET", "/aro/x", NULL, of_arm, NULL, &resp);
    blob_rig_code(&resp, 401, "InvalidAuthenticationInfo");
    blob_rig_send(&r, "GET", "/aro/x", NULL, strstr(bearer, "Authorization"), NULL, &resp);
    blob_rig_code(&resp, 403, "AuthenticationFailed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a signature allows what its letters say", check_letters),
        CASE("a signature holds for its time and its words", check_time_and_signature),
        CASE("a signature may be of other services, places and days", check_other_signatures),
        CASE("a new key ends signatures of the old one", check_rotation),
        CASE("an account may forbid its keys", check_keys_forbidden),
        CASE("nobody reads what is not public", check_nobody),
        CASE("requests are signed with either key, now", check_shared_key),
        CASE("a token opens what a role of its principal covers", check_roles),
        CASE("a role takes its time to be known", check_delay),
        CASE("tokens of other services are refused", check_bad_tokens),
    };
    return RUN_CASES("blob_auth", tests);
}

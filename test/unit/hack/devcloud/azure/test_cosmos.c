#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define ACCOUNTS \
    RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.DocumentDB/databaseAccounts"
#define ACCOUNT ACCOUNTS "/acct"
#define BODY \
    "{'location':'eastus','properties':{'databaseAccountOfferType':'Standard','locations':[{" \
    "'locationName':'eastus'}]}}"
#define DATABASE "{'properties':{'resource':{'id':'ARO'},'options':{}}}"

static void check_account(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", ACCOUNT RIG_VERSION, BODY, &reply), 200);

    assert_non_null(http_headers_get(&reply.headers, "Azure-AsyncOperation"));
    rig_advance_s(&r, 60);
    assert_int_equal(rig_call(&r, "GET", ACCOUNT RIG_VERSION, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Succeeded");
    assert_string_equal(json_path_str(reply.body, "properties.documentEndpoint"),
                        "https://acct.documents.azure.com:443/");
    assert_string_equal(json_path_str(reply.body, "kind"), "GlobalDocumentDB");
    assert_null(json_get(reply.body, "keys"));
    rig_call(&r, "PATCH", ACCOUNT RIG_VERSION, "{'tags':{'a':'b'}}", &reply);
    assert_string_equal(json_path_str(reply.body, "tags.a"), "b");
}

static void check_keys(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply first = { 0 }, again = { 0 }, text = { 0 };
    rig_refused(&r, "POST", ACCOUNT "/listKeys" RIG_VERSION, NULL, 404, "ResourceNotFound");
    rig_call(&r, "PUT", ACCOUNT RIG_VERSION, BODY, NULL);

    assert_int_equal(rig_call(&r, "POST", ACCOUNT "/listKeys" RIG_VERSION, NULL, &first), 200);
    rig_call(&r, "PUT", ACCOUNT RIG_VERSION, BODY, NULL);
    rig_call(&r, "POST", ACCOUNT "/listkeys" RIG_VERSION, NULL, &again);
    rig_call(&r, "POST", ACCOUNT "/listConnectionStrings" RIG_VERSION, NULL, &text);

    const char *key = json_path_str(first.body, "primaryMasterKey");
    assert_int_equal(strlen(key), 88);
    assert_string_equal(json_path_str(again.body, "primaryMasterKey"), key);
    assert_string_not_equal(json_path_str(first.body, "secondaryMasterKey"), key);
    assert_non_null(strstr(json_path_str(text.body, "connectionStrings[0].connectionString"), key));
}

/* Where documents can be kept in earnest, the account leads there. */
static void check_elsewhere(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_patch(&r, "{'cosmos':{'endpoint':'https://localhost:8081/','key':'a2V5'}}");
    rig_call(&r, "PUT", ACCOUNT RIG_VERSION, BODY, NULL);

    rig_call(&r, "GET", ACCOUNT RIG_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "properties.documentEndpoint"),
                        "https://localhost:8081/");
    rig_call(&r, "POST", ACCOUNT "/listKeys" RIG_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "primaryMasterKey"), "a2V5");
}

static void check_parts(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_refused(&r, "PUT", ACCOUNT "/sqlDatabases/ARO" RIG_VERSION, DATABASE, 404,
                "ParentResourceNotFound");
    rig_call(&r, "PUT", ACCOUNT RIG_VERSION, BODY, NULL);

    assert_int_equal(rig_call(&r, "PUT", ACCOUNT "/sqlDatabases/ARO" RIG_VERSION, DATABASE, NULL),
                     200);

    rig_call(&r, "GET", ACCOUNT "/sqlDatabases/ARO" RIG_VERSION, NULL, &reply);
    assert_string_equal(json_path_str(reply.body, "properties.resource.id"), "ARO");
    assert_non_null(json_path_str(reply.body, "properties.resource._etag"));
    rig_call(&r, "GET", ACCOUNT "/sqlDatabases" RIG_VERSION, NULL, &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    rig_call(&r, "GET",
             RIG_SUBSCRIPTION "/providers/Microsoft.DocumentDB/databaseAccounts" RIG_VERSION, NULL,
             &reply);
    assert_int_equal(json_len(json_get(reply.body, "value")), 1);
    assert_int_equal(rig_call(&r, "DELETE", ACCOUNT RIG_VERSION, NULL, NULL), 202);
    rig_refused(&r, "GET", ACCOUNT "/sqlDatabases/ARO" RIG_VERSION, NULL, 404, "ResourceNotFound");
    assert_int_equal(rig_call(&r, "DELETE", ACCOUNT RIG_VERSION, NULL, NULL), 204);
}

static void check_names(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char path[] =
        "/providers/Microsoft.DocumentDB/databaseAccountNames/acct" RIG_VERSION;

    assert_int_equal(rig_call(&r, "HEAD", path, NULL, NULL), 404);
    rig_call(&r, "PUT", ACCOUNT RIG_VERSION, BODY, NULL);
    assert_int_equal(rig_call(&r, "HEAD", path, NULL, NULL), 200);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const struct {
        const char *body, *code;
    } rows[] = {
        { "{'location':'eastus'}", "BadRequest" },
        { "{'properties':{}}", "LocationRequired" },
        { "{'location':'eastus','properties':{}}", "BadRequest" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rig_refused(&r, "PUT", ACCOUNT RIG_VERSION, rows[i].body, 400, rows[i].code);
    rig_refused(&r, "PUT", ACCOUNTS RIG_VERSION, BODY, 405, "MethodNotAllowed");
    rig_refused(&r, "POST", ACCOUNT "/explode" RIG_VERSION, "{}", 404, "InvalidResourceType");
    rig_patch(&r, "{'registrations':{'microsoft.documentdb':'NotRegistered'}}");
    rig_refused(&r, "PUT", ACCOUNT RIG_VERSION, BODY, 409, "MissingSubscriptionRegistration");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an account is made, read and tagged", check_account),
        CASE("keys are told on request and stay the same", check_keys),
        CASE("an account can lead to documents elsewhere", check_elsewhere),
        CASE("databases lie in accounts and go with them", check_parts),
        CASE("names are asked for before they are taken", check_names),
        CASE("bad accounts are refused", check_refusals),
    };
    return RUN_CASES("cosmos", tests);
}

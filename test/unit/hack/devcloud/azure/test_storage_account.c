#include "test/unit/hack/devcloud/azure/blob_rig.h"

static void check_creation(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':17000,'retry_after_s':17}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", ACCOUNT_ID STORAGE_VERSION, ACCOUNT_BODY, &reply), 202);

    cleanup_free char *location = xstrdup(http_headers_get(&reply.headers, "Location"));
    assert_null(http_headers_get(&reply.headers, "Azure-AsyncOperation"));
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "17");
    assert_null(reply.body);
    const char *path = strstr(location, "/subscriptions/");
    assert_non_null(strstr(path, "/asyncoperations/"));
    assert_int_equal(rig_call(&r, "GET", path, NULL, &reply), 202);
    rig_advance_s(&r, 17);
    assert_int_equal(rig_call(&r, "GET", path, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "properties.primaryEndpoints.blob"),
                        "https://clusterabc12.blob.core.windows.net/");
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Succeeded");
}

static void check_failure(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_error':{'code':'StorageAccountOperationFailed','message':'no'}}");
    cleanup_reply struct rig_reply reply = { 0 };

    rig_call(&r, "PUT", ACCOUNT_ID STORAGE_VERSION, ACCOUNT_BODY, &reply);

    cleanup_free char *location = xstrdup(http_headers_get(&reply.headers, "Location"));
    rig_refused(&r, "GET", strstr(location, "/subscriptions/"), NULL, 409,
                "StorageAccountOperationFailed");
}

static void check_view(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_reply struct rig_reply one = { 0 }, list = { 0 };

    assert_int_equal(rig_call(&r, "GET", ACCOUNT_ID STORAGE_VERSION, NULL, &one), 200);
    rig_call(&r, "GET",
             RIG_SUBSCRIPTION "/providers/Microsoft.Storage/storageAccounts" STORAGE_VERSION, NULL,
             &list);

    assert_null(json_get(one.body, "keys"));
    assert_null(json_get(one.body, "containers"));
    assert_string_equal(json_path_str(one.body, "properties.networkAcls.defaultAction"), "Allow");
    assert_true(json_equal(json_path(list.body, "value[0]"), one.body));
    rig_call(&r, "GET", STORAGE_ACCOUNTS STORAGE_VERSION, NULL, &list);
    assert_int_equal(json_len(json_get(list.body, "value")), 1);
}

static void check_change(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PATCH", ACCOUNT_ID STORAGE_VERSION,
                              "{'tags':{'a':'b'},'properties':{'allowSharedKeyAccess':false,"
                              "'provisioningState':'Odd'}}",
                              &reply),
                     200);
    assert_int_equal(rig_call(&r, "PUT", ACCOUNT_ID STORAGE_VERSION, ACCOUNT_BODY, &reply), 200);

    assert_string_equal(json_path_str(reply.body, "tags.a"), "b");
    assert_false(json_path_bool(reply.body, "properties.allowSharedKeyAccess", true));
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Succeeded");
    rig_refused(&r, "PUT", ACCOUNT_ID STORAGE_VERSION,
                "{'location':'westus','kind':'StorageV2','sku':{'name':'Standard_LRS'}}", 409,
                "InvalidResourceLocation");
}

static void check_uniqueness(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    static const char elsewhere[] =
        RIG_SUBSCRIPTION "/resourceGroups/aro-cluster/providers/Microsoft.Storage/storageAccounts/"
                         "clusterabc12" STORAGE_VERSION;

    rig_refused(&r, "PUT", elsewhere, ACCOUNT_BODY, 409, "StorageAccountAlreadyTaken");
    assert_int_equal(rig_call(&r, "DELETE", ACCOUNT_ID STORAGE_VERSION, NULL, NULL), 200);
    assert_int_equal(rig_call(&r, "DELETE", ACCOUNT_ID STORAGE_VERSION, NULL, NULL), 204);
    assert_int_equal(rig_call(&r, "PUT", elsewhere, ACCOUNT_BODY, NULL), 202);
    rig_refused(&r, "GET", ACCOUNT_ID STORAGE_VERSION, NULL, 404, "ResourceNotFound");
}

static void check_keys(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_refused(&r, "POST", ACCOUNT_ID "/listKeys" STORAGE_VERSION, NULL, 404, "ResourceNotFound");
    rig_call(&r, "PUT", ACCOUNT_ID STORAGE_VERSION, ACCOUNT_BODY, NULL);
    cleanup_reply struct rig_reply first = { 0 }, again = { 0 };

    rig_call(&r, "POST", ACCOUNT_ID "/listKeys" STORAGE_VERSION, NULL, &first);
    assert_int_equal(rig_call(&r, "POST", ACCOUNT_ID "/regenerateKey" STORAGE_VERSION,
                              "{'keyName':'key2'}", &again),
                     200);

    assert_string_equal(json_path_str(first.body, "keys[0].keyName"), "key1");
    assert_int_equal(strlen(json_path_str(first.body, "keys[0].value")), 88);
    assert_string_equal(json_path_str(again.body, "keys[0].value"),
                        json_path_str(first.body, "keys[0].value"));
    assert_string_not_equal(json_path_str(again.body, "keys[1].value"),
                            json_path_str(first.body, "keys[1].value"));
    rig_refused(&r, "POST", ACCOUNT_ID "/regenerateKey" STORAGE_VERSION, "{'keyName':'key3'}", 400,
                "InvalidValuesForRequestParameters");
    rig_refused(&r, "GET", ACCOUNT_ID "/listKeys" STORAGE_VERSION, NULL, 405, "MethodNotAllowed");
}

static void check_template(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    static const char deployment[] =
        RIG_SUBSCRIPTION "/resourcegroups/net-rg/providers/Microsoft.Resources/deployments/d"
                         "?api-version=2021-04-01";

    static const char body[] =
        "{\"properties\":{\"mode\":\"Incremental\",\"parameters\":{\"sas\":{\"value\":{"
        "\"signedServices\":\"b\",\"signedResourceTypes\":\"o\",\"signedPermission\":\"rl\","
        "\"signedProtocol\":\"https\",\"signedStart\":\"2020-06-01T00:00:00Z\",\"signedExpiry\":"
        "\"2020-06-02T00:00:00Z\"}}},\"template\":{\"$schema\":\"https://schema.management.azure."
        "com/schemas/2015-01-01/deploymentTemplate.json#\",\"contentVersion\":\"1.0.0.0\","
        "\"parameters\":{\"sas\":{\"type\":\"object\"}},\"resources\":[],\"outputs\":{\"sas\":{"
        "\"type\":\"string\",\"value\":\"[listAccountSas(resourceId('Microsoft.Storage/"
        "storageAccounts','clusterabc12'),'2019-04-01',parameters('sas')).accountSasToken]\"}}}}}";

    assert_int_equal(rig_send(&r, "PUT", deployment, "application/json", body, &reply), 201);
    rig_call(&r, "GET", deployment, NULL, &reply);

    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Succeeded");
    assert_string_equal(json_path_str(reply.body, "properties.outputs.sas.value"),
                        "sv=2015-04-05&ss=b&srt=o&sp=rl&st=2020-06-01T00%3A00%3A00Z&se=2020-06-02T"
                        "00%3A00%3A00Z&spr=https&sig=lKTBvZjoNC%2FR9GbPcu63YGiMwDQ9yna868WqyeCmCgE%"
                        "3D");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a new account takes its time behind a Location", check_creation),
        CASE("an account that fails tells why where it was waited for", check_failure),
        CASE("views hide keys and data", check_view),
        CASE("an account is changed and keeps what it does not say", check_change),
        CASE("a name is taken in the whole cloud until its account is gone", check_uniqueness),
        CASE("keys are told and made anew one by one", check_keys),
        CASE("a template gets a signature of the account", check_template),
    };
    return RUN_CASES("storage_account", tests);
}

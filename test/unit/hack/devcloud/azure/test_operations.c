#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define NSG RIG_NSGS "/new"
#define BODY "{'location':'eastus','properties':{}}"

/* The path of a status URL that a header named; it leads back to the same host. */
static char *give_path(struct rig *r, const struct rig_reply *reply, const char *header)
{
    const char *url = http_headers_get(&reply->headers, header);
    assert_non_null(url);
    cleanup_free char *origin = xasprintf("https://%s/", r->host);
    assert_true(str_starts(url, origin));
    return xstrdup(url + strlen(origin) - 1);
}

static void assert_status(struct rig *r, const char *path, const char *want)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, "GET", path, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "status"), want);
}

static void assert_provisioning(struct rig *r, const char *want)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, "GET", NSG RIG_VERSION, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), want);
}

static void check_put(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000,'retry_after_s':3}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, BODY, &reply), 201);

    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Updating");
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "3");
    assert_null(http_headers_get(&reply.headers, "Location"));
    cleanup_free char *status = give_path(&r, &reply, "Azure-AsyncOperation");
    assert_true(str_ends(status, RIG_VERSION));
    assert_status(&r, status, "InProgress");
    assert_provisioning(&r, "Updating");
    rig_advance_s(&r, 60);
    assert_status(&r, status, "Succeeded");
    assert_provisioning(&r, "Succeeded");
    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, BODY, &reply), 200);
}

static void check_delete(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", NSG RIG_VERSION, BODY, NULL);
    rig_patch(&r, "{'operation_ms':60000,'retry_after_s':3}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, &reply), 202);

    assert_null(reply.body);
    cleanup_free char *status = give_path(&r, &reply, "Azure-AsyncOperation");
    cleanup_free char *result = give_path(&r, &reply, "Location");
    assert_status(&r, status, "InProgress");
    assert_int_equal(rig_call(&r, "GET", result, NULL, &reply), 202);
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "3");
    assert_non_null(http_headers_get(&reply.headers, "Location"));
    assert_provisioning(&r, "Deleting");
    rig_advance_s(&r, 60);
    assert_status(&r, status, "Succeeded");
    assert_int_equal(rig_call(&r, "GET", result, NULL, NULL), 204);
    rig_refused(&r, "GET", NSG RIG_VERSION, NULL, 404, "ResourceNotFound");
    assert_int_equal(rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, NULL), 204);
}

static void check_overtaken_delete(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply second = { 0 };
    rig_call(&r, "PUT", NSG RIG_VERSION, BODY, NULL);
    rig_patch(&r, "{'operation_ms':60000}");
    assert_int_equal(rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, NULL), 202);
    rig_advance_s(&r, 30);
    assert_int_equal(rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, &second), 202);
    cleanup_free char *status = give_path(&r, &second, "Azure-AsyncOperation");
    rig_advance_s(&r, 29); /* before the first ends */
    assert_provisioning(&r, "Deleting");
    rig_advance_s(&r, 1);

    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, BODY, NULL), 201);
    rig_advance_s(&r, 30);

    assert_status(&r, status, "Succeeded");
    assert_provisioning(&r, "Updating"); /* only its own operation ends it */
    rig_advance_s(&r, 30);
    assert_provisioning(&r, "Succeeded");
}

static void check_failure(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_error':{'code':'InternalServerError','message':'it broke'}}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(rig_call(&r, "PUT", NSG RIG_VERSION, BODY, &reply), 201);

    cleanup_free char *status = give_path(&r, &reply, "Azure-AsyncOperation");
    assert_int_equal(rig_call(&r, "GET", status, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "status"), "Failed");
    assert_string_equal(json_path_str(reply.body, "error.code"), "InternalServerError");
    assert_string_equal(json_path_str(reply.body, "error.message"), "it broke");
    assert_true(json_path_has(reply.body, "error.details"));
    assert_provisioning(&r, "Failed");
}

static void check_failed_delete(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_call(&r, "PUT", NSG RIG_VERSION, BODY, NULL);
    rig_patch(&r, "{'operation_error':{'code':'NoWay','message':'it broke'}}");
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(&r, "DELETE", NSG RIG_VERSION, NULL, &reply), 202);

    cleanup_free char *result = give_path(&r, &reply, "Location");

    rig_refused(&r, "GET", result, NULL, 400, "NoWay");
    assert_provisioning(&r, "Failed");
}

static void check_unknown(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    static const char path[] = RIG_SUBSCRIPTION
        "/providers/Microsoft.Network/locations/eastus/operations/none" RIG_VERSION;

    rig_refused(&r, "GET", path, NULL, 404, "OperationNotFound");
    rig_refused(&r, "PUT", path, "{}", 404, "InvalidResourceType");
    free(take(r.token));
    rig_refused(&r, "GET", path, NULL, 401, "AuthenticationFailed");
}

static void check_faults(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "PUT", NSG RIG_VERSION, BODY, &reply);
    cleanup_free char *status = give_path(&r, &reply, "Azure-AsyncOperation");
    rig_faults(&r, "[{'path':'*/operations/*','status':404,'body':{}},"
                   "{'path':'*/operations/*','status':429,'headers':{'Retry-After':'2'}}]");

    assert_int_equal(rig_call(&r, "GET", status, NULL, &reply), 404);
    assert_int_equal(rig_call(&r, "GET", status, NULL, &reply), 429);
    assert_string_equal(http_headers_get(&reply.headers, "Retry-After"), "2");
    assert_status(&r, status, "Succeeded");
}

static void check_forgetting(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "PUT", NSG RIG_VERSION, BODY, &reply);
    cleanup_free char *status = give_path(&r, &reply, "Azure-AsyncOperation");
    assert_status(&r, status, "Succeeded");

    rig_advance_s(&r, 3500);
    assert_status(&r, status, "Succeeded");
    rig_advance_s(&r, 200);

    assert_int_equal(rig_sign_in(&r, "/oauth2/token",
                                 RIG_SECRET_FORM "&resource=https://management.azure.com/", &reply),
                     200);
    free(r.token);
    r.token = xstrdup(json_path_str(reply.body, "access_token"));
    rig_refused(&r, "GET", status, NULL, 404, "OperationNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a second deletion does not touch what is made after the first",
             check_overtaken_delete),
        CASE("a put is Updating until its operation succeeded", check_put),
        CASE("a delete takes its time and has two status URLs", check_delete),
        CASE("an operation fails on request, with status 200", check_failure),
        CASE("a failed delete tells at its Location", check_failed_delete),
        CASE("unknown operations are not found", check_unknown),
        CASE("polls can be disturbed", check_faults),
        CASE("operations that ended are forgotten after an hour", check_forgetting),
    };
    return RUN_CASES("operations", tests);
}

#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define N CLUSTER_NICS "/n"
#define BODY NIC_IN(MASTER_SUBNET, "")

static void check_put(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'operation_ms':60000}");
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(compute_call(&r, "PUT", N, BODY, &reply), 201);

    assert_string_equal(json_path_str(reply.body, "properties.provisioningState"), "Updating");
    const char *url = http_headers_get(&reply.headers, "Azure-AsyncOperation");
    assert_non_null(strstr(url, "/providers/Microsoft.Network/locations/eastus/operations/"));
    cleanup_free char *guid = xstrdup(json_path_str(reply.body, "properties.resourceGuid"));
    rig_advance_s(&r, 60);
    assert_text(&r, N, "properties.provisioningState", "Succeeded");
    assert_int_equal(compute_call(&r, "PUT", CLUSTER_NICS "/N", BODY, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "name"), "n");
    assert_string_equal(json_path_str(reply.body, "properties.resourceGuid"), guid);
}

static void check_conditions(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_reply struct rig_reply reply = { 0 };
    compute_call(&r, "PUT", N, BODY, &reply);
    cleanup_free char *etag = xstrdup(json_path_str(reply.body, "etag"));

    http_headers_set(&r.extra, "If-None-Match", "*");
    compute_refused(&r, "PUT", N, BODY, 412, "PreconditionFailed");
    http_headers_set(&r.extra, "If-Match", etag);
    assert_int_equal(compute_call(&r, "PUT", N, BODY, NULL), 200);
    http_headers_set(&r.extra, "If-Match", etag);
    compute_refused(&r, "PUT", N, BODY, 412, "PreconditionFailed");
    http_headers_set(&r.extra, "If-Match", etag);
    compute_refused(&r, "DELETE", N, NULL, 412, "PreconditionFailed");
    http_headers_set(&r.extra, "If-Match", "");
    assert_int_equal(compute_call(&r, "DELETE", N, NULL, NULL), 202);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", N, BODY, NULL);

    compute_refused(&r, "PUT", CLUSTER_NICS "/x", "[]", 400, "InvalidRequestFormat");
    compute_refused(&r, "PUT", CLUSTER_NICS "/x", "{'location':'eastus','properties':7}", 400,
                    "InvalidRequestFormat");
    compute_refused(&r, "PUT", CLUSTER_NICS "/x", "{'properties':{}}", 400, "LocationRequired");
    compute_refused(&r, "PUT", N, "{'location':'westus','properties':{}}", 409,
                    "InvalidResourceLocation");
    rig_patch(&r, "{'registrations':{'microsoft.network':'NotRegistered'}}");
    compute_refused(&r, "PUT", CLUSTER_NICS "/x", BODY, 409, "MissingSubscriptionRegistration");
    rig_patch(&r, "{'registrations':null,'operation_ms':60000}");
    compute_call(&r, "DELETE", N, NULL, NULL);
    compute_refused(&r, "PUT", N, BODY, 409, "AnotherOperationInProgress");
}

static void check_patch(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", N, BODY, NULL);
    cleanup_free char *address =
        compute_give_text(&r, N, "properties.ipConfigurations[0].properties.privateIPAddress");

    assert_int_equal(compute_call(&r, "PATCH", N, "{'tags':{'a':'b'}}", NULL), 200);

    assert_text(&r, N, "tags.a", "b");
    assert_text(&r, N, "properties.ipConfigurations[0].properties.privateIPAddress", address);
    compute_refused(&r, "PATCH", CLUSTER_NICS "/x", "{}", 404, "ResourceNotFound");
}

static void check_delete(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    compute_call(&r, "PUT", N, BODY, NULL);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(compute_call(&r, "DELETE", N, NULL, &reply), 202);

    assert_non_null(http_headers_get(&reply.headers, "Location"));
    assert_non_null(http_headers_get(&reply.headers, "Azure-AsyncOperation"));
    assert_int_equal(compute_call(&r, "DELETE", N, NULL, NULL), 204);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a put makes, or replaces but for the service's own", check_put),
        CASE("etags are conditions", check_conditions),
        CASE("what is no resource, or elsewhere, or going, is refused", check_refusals),
        CASE("a patch changes what it names", check_patch),
        CASE("a deletion takes its time, and repeats", check_delete),
    };
    return RUN_CASES("resource_write", tests);
}

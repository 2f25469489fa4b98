#include "test/unit/hack/devcloud/azure/blob_rig.h"

#define KIND "restype=container"

static void check_life(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(blob_rig_call(&r, "PUT", "/aro", KIND, "x-ms-meta-owner: me", "", &resp), 201);
    cleanup_free char *etag = xstrdup(http_headers_get(&resp.headers, "ETag"));
    assert_non_null(http_headers_get(&resp.headers, "Last-Modified"));
    blob_rig_call(&r, "PUT", "/aro", KIND, NULL, "", &resp);
    blob_rig_code(&resp, 409, "ContainerAlreadyExists");
    assert_int_equal(blob_rig_call(&r, "HEAD", "/aro", KIND, NULL, NULL, &resp), 200);
    assert_string_equal(http_headers_get(&resp.headers, "x-ms-meta-owner"), "me");
    assert_string_equal(http_headers_get(&resp.headers, "ETag"), etag);
    assert_null(http_headers_get(&resp.headers, "x-ms-blob-public-access"));

    assert_int_equal(blob_rig_call(&r, "DELETE", "/aro", KIND, NULL, NULL, &resp), 202);

    blob_rig_call(&r, "GET", "/aro", KIND, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "ContainerNotFound");
    blob_rig_call(&r, "DELETE", "/aro", KIND, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "ContainerNotFound");
    blob_rig_call(&r, "PUT", "/aro", KIND, NULL, "", &resp);
    blob_rig_code(&resp, 409, "ContainerBeingDeleted");
    rig_advance_s(&r, 31);
    assert_int_equal(blob_rig_call(&r, "PUT", "/aro", KIND, NULL, "", NULL), 201);
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_response struct http_response resp = { 0 };

    blob_rig_call(&r, "PUT", "/A", KIND, NULL, "", &resp);
    blob_rig_code(&resp, 400, "InvalidResourceName");
    blob_rig_call(&r, "PUT", "/aro", KIND, "x-ms-blob-public-access: all", "", &resp);
    blob_rig_code(&resp, 400, "InvalidHeaderValue");
    rig_call(&r, "PATCH", ACCOUNT_ID STORAGE_VERSION,
             "{'properties':{'allowBlobPublicAccess':false}}", NULL);
    blob_rig_call(&r, "PUT", "/aro", KIND, "x-ms-blob-public-access: blob", "", &resp);
    blob_rig_code(&resp, 409, "PublicAccessNotPermitted");
}

static void check_metadata(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_call(&r, "PUT", "/aro", KIND, "x-ms-meta-old: 1", "", NULL);
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(
        blob_rig_call(&r, "PUT", "/aro", KIND "&comp=metadata", "x-ms-meta-new: 2", "", NULL), 200);

    blob_rig_call(&r, "GET", "/aro", KIND "&comp=metadata", NULL, NULL, &resp);
    assert_string_equal(http_headers_get(&resp.headers, "x-ms-meta-new"), "2");
    assert_null(http_headers_get(&resp.headers, "x-ms-meta-old"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a container is made, seen and deleted, and its name rests", check_life),
        CASE("bad containers are refused", check_refusals),
        CASE("metadata is replaced", check_metadata),
    };
    return RUN_CASES("blob_container", tests);
}

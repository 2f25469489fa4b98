#include "test/unit/hack/devcloud/azure/blob_rig.h"

static void check_put(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 }, again = { 0 };
    static const char headers[] = "x-ms-blob-type: BlockBlob\nContent-Type: a/b\n"
                                  "x-ms-blob-content-type: c/d\nx-ms-meta-k: v\n"
                                  "x-ms-blob-cache-control: no-store";

    assert_int_equal(blob_rig_call(&r, "PUT", "/aro/x", NULL, headers, "one", &resp), 201);
    assert_non_null(http_headers_get(&resp.headers, "ETag"));
    assert_string_equal(http_headers_get(&resp.headers, "x-ms-request-server-encrypted"), "true");
    blob_rig_call(&r, "PUT", "/aro/x", NULL, headers, "two", &again);

    assert_string_not_equal(http_headers_get(&again.headers, "ETag"),
                            http_headers_get(&resp.headers, "ETag"));
    blob_rig_call(&r, "GET", "/aro/x", NULL, NULL, NULL, &resp);
    assert_string_equal(buf_str(&resp.body), "two");
    assert_string_equal(http_headers_get(&resp.headers, "Content-Type"), "c/d");
    assert_string_equal(http_headers_get(&resp.headers, "Cache-Control"), "no-store");
    assert_string_equal(http_headers_get(&resp.headers, "x-ms-meta-k"), "v");
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };

    blob_rig_call(&r, "PUT", "/aro/x", NULL, NULL, "one", &resp);
    blob_rig_code(&resp, 400, "MissingRequiredHeader");
    blob_rig_call(&r, "PUT", "/aro/x", NULL, "x-ms-blob-type: PageBlob", "one", &resp);
    blob_rig_code(&resp, 400, "InvalidHeaderValue");
    blob_rig_call(&r, "PUT", "/aro", NULL, "x-ms-blob-type: BlockBlob", "one", &resp);
    blob_rig_code(&resp, 400, "InvalidResourceName");
    blob_rig_call(&r, "DELETE", "/aro/x", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "BlobNotFound");
}

static void check_delete(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_put(&r, "/aro/x", "text");
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(blob_rig_call(&r, "DELETE", "/aro/x", NULL, NULL, NULL, NULL), 202);

    assert_int_equal(blob_rig_call(&r, "HEAD", "/aro/x", NULL, NULL, NULL, &resp), 404);
    assert_string_equal(http_headers_get(&resp.headers, "x-ms-error-code"), "BlobNotFound");
    assert_int_equal(resp.body.len, 0);
}

static void check_changes(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_put(&r, "/aro/x", "text");
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(
        blob_rig_call(&r, "PUT", "/aro/x", "comp=metadata", "x-ms-meta-k: v", "", NULL), 200);
    assert_int_equal(blob_rig_call(&r, "PUT", "/aro/x", "comp=properties",
                                   "x-ms-blob-content-language: de", "", NULL),
                     200);

    blob_rig_call(&r, "GET", "/aro/x", NULL, NULL, NULL, &resp);
    assert_string_equal(buf_str(&resp.body), "text");
    assert_string_equal(http_headers_get(&resp.headers, "x-ms-meta-k"), "v");
    assert_string_equal(http_headers_get(&resp.headers, "Content-Language"), "de");
    assert_string_equal(http_headers_get(&resp.headers, "Content-Type"),
                        "application/octet-stream");
    blob_rig_call(&r, "PUT", "/aro/y", "comp=metadata", NULL, "", &resp);
    blob_rig_code(&resp, 404, "BlobNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a blob is put, and put again", check_put),
        CASE("bad writes are refused", check_refusals),
        CASE("a blob is deleted", check_delete),
        CASE("metadata and headers change alone", check_changes),
    };
    return RUN_CASES("blob_write", tests);
}

#include "test/unit/hack/devcloud/azure/blob_rig.h"

static void check_ranges(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_put(&r, "/aro/x", "0123456789");
    static const struct {
        const char *headers;
        int status;
        const char *text, *range;
    } rows[] = {
        { NULL, 200, "0123456789", NULL },
        { "x-ms-range: bytes=2-4", 206, "234", "bytes 2-4/10" },
        { "Range: bytes=7-", 206, "789", "bytes 7-9/10" },
        { "x-ms-range: bytes=8-100", 206, "89", "bytes 8-9/10" },
        { "x-ms-range: bytes=0-0\nRange: bytes=1-1", 206, "0", "bytes 0-0/10" },
        { "x-ms-range: chars=1-2", 200, "0123456789", NULL },
    };
    cleanup_response struct http_response resp = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(blob_rig_call(&r, "GET", "/aro/x", NULL, rows[i].headers, NULL, &resp),
                         rows[i].status);
        assert_string_equal(buf_str(&resp.body), rows[i].text);
        assert_true(str_eq(http_headers_get(&resp.headers, "Content-Range"), rows[i].range));
    }
    blob_rig_call(&r, "GET", "/aro/x", NULL, "x-ms-range: bytes=10-", NULL, &resp);
    blob_rig_code(&resp, 416, "InvalidRange");
}

static void check_head(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_put(&r, "/aro/x", "0123456789");
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(blob_rig_call(&r, "HEAD", "/aro/x", NULL, NULL, NULL, &resp), 200);

    assert_int_equal(resp.body.len, 0);
    assert_string_equal(http_headers_get(&resp.headers, "Content-Length"), "10");
    assert_string_equal(http_headers_get(&resp.headers, "x-ms-blob-type"), "BlockBlob");
    assert_non_null(http_headers_get(&resp.headers, "x-ms-creation-time"));
    blob_rig_call(&r, "GET", "/aro/y", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "BlobNotFound");
}

static void check_metadata(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_call(&r, "PUT", "/aro/x", NULL, "x-ms-blob-type: BlockBlob\nx-ms-meta-a: b", "text",
                  NULL);
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(blob_rig_call(&r, "GET", "/aro/x", "comp=metadata", NULL, NULL, &resp), 200);

    assert_string_equal(http_headers_get(&resp.headers, "x-ms-meta-a"), "b");
    assert_int_equal(resp.body.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a blob is read whole or in part", check_ranges),
        CASE("a blob is looked at without its bytes", check_head),
        CASE("metadata is read alone", check_metadata),
    };
    return RUN_CASES("blob_read", tests);
}

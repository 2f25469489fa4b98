#include "test/unit/hack/devcloud/azure/blob_rig.h"

#define BLOCK(id) "comp=block&blockid=" id
#define LIST(lines) "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>" lines "</BlockList>"

static void put_block(struct rig *r, const char *query, const char *text)
{
    assert_int_equal(blob_rig_call(r, "PUT", "/aro/x", query, NULL, text, NULL), 201);
}

static void check_assembly(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };
    put_block(&r, BLOCK("YQ%3D%3D"), "one ");
    put_block(&r, BLOCK("Yg%3D%3D"), "two ");

    blob_rig_call(&r, "GET", "/aro/x", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "BlobNotFound"); /* not yet */
    assert_int_equal(
        blob_rig_call(&r, "PUT", "/aro/x", "comp=blocklist", "x-ms-blob-content-type: a/b",
                      LIST("<Latest>Yg==</Latest>\n<Uncommitted>YQ==</Uncommitted>"), NULL),
        201);
    put_block(&r, BLOCK("Yw%3D%3D"), "three");
    blob_rig_call(&r, "GET", "/aro/x", NULL, NULL, NULL, &resp);
    assert_string_equal(buf_str(&resp.body), "two one ");
    assert_string_equal(http_headers_get(&resp.headers, "Content-Type"), "a/b");

    assert_int_equal(blob_rig_call(&r, "PUT", "/aro/x", "comp=blocklist", NULL,
                                   LIST("<Committed>YQ==</Committed><Latest>Yw==</Latest>"), NULL),
                     201);
    blob_rig_call(&r, "GET", "/aro/x", NULL, NULL, NULL, &resp);
    assert_string_equal(buf_str(&resp.body), "one three");
}

static void check_list(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };
    blob_rig_call(&r, "GET", "/aro/x", "comp=blocklist", NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "BlobNotFound");
    put_block(&r, BLOCK("YQ%3D%3D"), "one");
    blob_rig_call(&r, "PUT", "/aro/x", "comp=blocklist", NULL, LIST("<Latest>YQ==</Latest>"), NULL);
    put_block(&r, BLOCK("Yg%3D%3D"), "four");

    blob_rig_call(&r, "GET", "/aro/x", "comp=blocklist&blocklisttype=all", NULL, NULL, &resp);

    assert_non_null(strstr(buf_str(&resp.body),
                           "<CommittedBlocks><Block><Name>YQ==</Name><Size>3</Size></Block>"
                           "</CommittedBlocks><UncommittedBlocks><Block><Name>Yg==</Name><Size>4"
                           "</Size></Block></UncommittedBlocks>"));
}

static void check_refusals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };
    put_block(&r, BLOCK("YQ%3D%3D"), "one");

    blob_rig_call(&r, "PUT", "/aro/x", BLOCK("YWJjZA%3D%3D"), NULL, "two", &resp);
    blob_rig_code(&resp, 400, "InvalidBlobOrBlock"); /* of another length */
    blob_rig_call(&r, "PUT", "/aro/x", "comp=block", NULL, "two", &resp);
    blob_rig_code(&resp, 400, "InvalidQueryParameterValue");
    static const char *const lists[] = {
        LIST("<Latest>Yg==</Latest>"),
        LIST("<Committed>YQ==</Committed>"),
        "<BlockList><Latest",
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        blob_rig_call(&r, "PUT", "/aro/x", "comp=blocklist", NULL, lists[i], &resp);
        blob_rig_code(&resp, 400, "InvalidBlockList");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("blocks become a blob when a list says so", check_assembly),
        CASE("blocks are listed, those of the blob and those that wait", check_list),
        CASE("unknown and odd blocks are refused", check_refusals),
    };
    return RUN_CASES("blob_block", tests);
}

#include "hack/devcloud/azure/resource.h"
#include "pkg/base/encoding.h"
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

/* They lie in memory, and nobody may ever make a blob of them. */
static void check_waiting_bytes(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };
    cleanup_free char *half = xmalloc(BLOB_BYTES_MAX / 2 + 1);
    memset(half, 'x', BLOB_BYTES_MAX / 2);
    half[BLOB_BYTES_MAX / 2] = '\0';
    put_block(&r, BLOCK("YQ%3D%3D"), half);
    put_block(&r, BLOCK("Yg%3D%3D"), half);

    blob_rig_call(&r, "PUT", "/aro/x", BLOCK("Yw%3D%3D"), NULL, "more", &resp);
    blob_rig_code(&resp, 413, "RequestBodyTooLarge");
    put_block(&r, BLOCK("YQ%3D%3D"), "less"); /* in the place of what was there */
    put_block(&r, BLOCK("Yw%3D%3D"), "more");
}

static void check_waiting_count(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };
    put_block(&r, BLOCK("MDAwMDAw"), "x");
    json *waiting = json_new_object();
    for (int i = 1; i < 100000; i++) {
        cleanup_free char *number = xasprintf("%06d", i), *id = base64_give(number, 6);
        json_put(waiting, id, json_new_str("eA=="));
    }
    pthread_mutex_lock(&r.sim->mu);
    json *entry = json_path(resource_get(r.sim, ACCOUNT_ID), "containers.aro.blobs.x");
    json_put(waiting, "MDAwMDAw", json_new_str("eA=="));
    json_put(entry, "pending", waiting);
    pthread_mutex_unlock(&r.sim->mu);

    blob_rig_call(&r, "PUT", "/aro/x", BLOCK("MTAwMDAw"), NULL, "x", &resp);
    blob_rig_code(&resp, 409, "BlockCountExceedsLimit");
    put_block(&r, BLOCK("MDAwMDAw"), "again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("blocks become a blob when a list says so", check_assembly),
        CASE("blocks are listed, those of the blob and those that wait", check_list),
        CASE("unknown and odd blocks are refused", check_refusals),
        CASE("what waits has no more bytes than a blob", check_waiting_bytes),
        CASE("so many blocks may wait, and no more", check_waiting_count),
    };
    return RUN_CASES("blob_block", tests);
}

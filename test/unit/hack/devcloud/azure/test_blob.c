#include "test/unit/hack/devcloud/azure/blob_rig.h"

static void check_unknown_places(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_response struct http_response resp = { 0 };

    blob_rig_send(&r, "GET", "/aro/graph", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "AccountNotFound");
    rig_call(&r, "PUT", ACCOUNT_ID STORAGE_VERSION, ACCOUNT_BODY, NULL);
    blob_rig_call(&r, "GET", "/aro/graph", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 404, "ContainerNotFound");
    blob_rig_call(&r, "POST", "/aro/graph", NULL, NULL, "", &resp);
    blob_rig_code(&resp, 405, "UnsupportedHttpVerb");
    blob_rig_call(&r, "GET", "/aro/graph", "comp=torrent", NULL, NULL, &resp);
    blob_rig_code(&resp, 405, "UnsupportedHttpVerb");
    blob_rig_call(&r, "GET", "/aro/gr%00aph", NULL, NULL, NULL, &resp);
    blob_rig_code(&resp, 400, "InvalidUri");
}

static void check_names(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };

    blob_rig_put(&r, "/aro/a/b%20c%2Fd", "text");

    assert_int_equal(blob_rig_call(&r, "GET", "/aro/a/b%20c/d", NULL, NULL, NULL, &resp), 200);
    assert_string_equal(buf_str(&resp.body), "text");
}

/* Whatever its type says: a blob is bytes. */
static void check_broken_json(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");

    assert_int_equal(blob_rig_call(&r, "PUT", "/aro/x", NULL,
                                   "x-ms-blob-type: BlockBlob\nContent-Type: application/json",
                                   "{broken", NULL),
                     201);
}

static void check_data_goes_with_account(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    blob_rig_put(&r, "/aro/graph", "text");
    cleanup_response struct http_response resp = { 0 };

    assert_int_equal(rig_call(&r, "DELETE",
                              RIG_SUBSCRIPTION "/resourceGroups/net-rg" STORAGE_VERSION, NULL,
                              NULL),
                     202);

    blob_rig_send(&r, "GET", "/aro/graph", NULL, NULL, NULL, &resp);
    assert_int_equal(rig_call(&r, "GET", ACCOUNT_ID STORAGE_VERSION, NULL, NULL), 404);
    blob_rig_code(&resp, 404, "AccountNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is not there is told apart", check_unknown_places),
        CASE("names are decoded, slashes and all", check_names),
        CASE("a blob may be called JSON and be none", check_broken_json),
        CASE("data goes with its account", check_data_goes_with_account),
    };
    return RUN_CASES("blob", tests);
}

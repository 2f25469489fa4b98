#include "test/unit/hack/devcloud/azure/blob_rig.h"

#define LIST "restype=container&comp=list"

static void open_with_blobs(struct rig *r)
{
    blob_rig_open(r);
    blob_rig_container(r, "/aro");
    static const char *const names[] = { "/aro/b", "/aro/a/2", "/aro/a/1", "/aro/c&d" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        blob_rig_put(r, names[i], "text");
}

static void check_lists(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_with_blobs(&r);
    static const struct {
        const char *query, *has, *lacks;
    } rows[] = {
        { LIST, "<Name>a/1</Name>", "<BlobPrefix>" },
        { LIST, "<Name>c&amp;d</Name>", "<Metadata>" },
        { LIST, "<Content-Length>4</Content-Length>", "<Etag>\"" },
        { LIST, "<NextMarker></NextMarker>", "<Marker>" },
        { LIST "&prefix=a", "<Name>a/2</Name>", "<Name>b</Name>" },
        { LIST "&delimiter=/", "<BlobPrefix><Name>a/</Name></BlobPrefix>", "<Name>a/1</Name>" },
        { LIST "&maxresults=1", "<NextMarker>a/2</NextMarker>", "<Name>a/2</Name>" },
        { LIST "&maxresults=1&marker=a/2", "<Name>a/2</Name>", "<Name>a/1</Name>" },
        { LIST "&include=metadata", "<Metadata></Metadata>", "<BlobPrefix>" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_response struct http_response resp = { 0 };
        assert_int_equal(blob_rig_call(&r, "GET", "/aro", rows[i].query, NULL, NULL, &resp), 200);
        const char *text = buf_str(&resp.body);
        if (!strstr(text, rows[i].has) || strstr(text, rows[i].lacks))
            fail_msg("row %zu: %s", i, text);
    }
}

static void check_order(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    open_with_blobs(&r);
    cleanup_response struct http_response resp = { 0 };

    blob_rig_call(&r, "GET", "/aro", LIST, NULL, NULL, &resp);

    const char *text = buf_str(&resp.body);
    assert_true(strstr(text, "<Name>a/1<") < strstr(text, "<Name>a/2<"));
    assert_true(strstr(text, "<Name>a/2<") < strstr(text, "<Name>b<"));
}

static void check_containers(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/two");
    blob_rig_call(&r, "PUT", "/one", "restype=container",
                  "x-ms-blob-public-access: blob\nx-ms-meta-a: b", "", NULL);
    cleanup_response struct http_response resp = { 0 };

    blob_rig_call(&r, "GET", "/", "comp=list&include=metadata", NULL, NULL, &resp);

    const char *text = buf_str(&resp.body);
    assert_true(strstr(text, "<Name>one<") < strstr(text, "<Name>two<"));
    assert_non_null(strstr(text, "<PublicAccess>blob</PublicAccess>"));
    assert_non_null(strstr(text, "<Metadata><a>b</a></Metadata>"));
}

static void check_bad_page(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };

    blob_rig_call(&r, "GET", "/aro", LIST "&maxresults=0", NULL, NULL, &resp);

    blob_rig_code(&resp, 400, "OutOfRangeQueryParameterValue");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("lists have prefixes, delimiters, pages and metadata", check_lists),
        CASE("lists are sorted by name", check_order),
        CASE("containers are listed with their access", check_containers),
        CASE("a page of nothing is refused", check_bad_page),
    };
    return RUN_CASES("blob_list", tests);
}

#include "test/unit/hack/devcloud/azure/blob_rig.h"

static void check_headers(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    blob_rig_container(&r, "/aro");
    cleanup_response struct http_response resp = { 0 };

    blob_rig_call(&r, "GET", "/aro", "restype=container",
                  "x-ms-version: 2020-04-08\nx-ms-client-request-id: mine", NULL, &resp);

    assert_string_equal(http_headers_get(&resp.headers, "x-ms-version"), "2020-04-08");
    assert_string_equal(http_headers_get(&resp.headers, "x-ms-client-request-id"), "mine");
    assert_int_equal(strlen(http_headers_get(&resp.headers, "x-ms-request-id")), UUID_LEN);
}

static void check_error(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    blob_rig_open(&r);
    cleanup_response struct http_response resp = { 0 };

    blob_rig_call(&r, "GET", "/aro", "restype=container", NULL, NULL, &resp);

    blob_rig_code(&resp, 404, "ContainerNotFound");
    assert_string_equal(http_headers_get(&resp.headers, "Content-Type"), "application/xml");
    assert_non_null(strstr(buf_str(&resp.body), "\nRequestId:"));
    assert_non_null(strstr(buf_str(&resp.body), "\nTime:2"));
}

static void check_escapes(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);

    blob_xml(&b, "N", "a<b>&\"c\" \xC3\xA4");

    assert_string_equal(buf_str(&b), "<N>a&lt;b&gt;&amp;&quot;c&quot; \xC3\xA4</N>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("answers carry the service's headers", check_headers),
        CASE("errors are documents with the code in a header, too", check_error),
        CASE("XML is escaped", check_escapes),
    };
    return RUN_CASES("blob_reply", tests);
}

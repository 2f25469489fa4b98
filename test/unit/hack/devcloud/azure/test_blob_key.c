#include "pkg/base/encoding.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/hack/devcloud/azure/blob_rig.h"

static char *give_signature(struct blob_call *b, struct strv *lines)
{
    struct http_headers headers = { 0 };
    for (size_t i = 0; i < lines->len; i++) {
        cleanup_free char *name = xstrndup(lines->v[i], strcspn(lines->v[i], ":"));
        http_headers_add(&headers, name, lines->v[i] + strlen(name) + 2);
    }
    b->headers = &headers;
    b->account = xstrdup(ACCOUNT_NAME);
    cleanup_free char *text = blob_give_key_text(b), *key = NULL;
    size_t len;
    unsigned char mac[SHA256_LEN];
    assert_int_equal(base64_parse(ACCOUNT_KEY, strlen(ACCOUNT_KEY), &key, &len, NULL), 0);
    hmac_sha256(key, len, text, strlen(text), mac);
    http_headers_release(&headers);
    free(take(b->account));
    return base64_give(mac, sizeof(mac));
}

/* Made by other implementations of the documented text. */
static void check_vectors(void **state)
{
    (void)state;
    cleanup_strv struct strv put = STRV_INIT, list = STRV_INIT;
    strv_split(
        &put,
        "Content-Length: 2\nContent-Type: application/octet-stream\nx-ms-blob-type: BlockBlob"
        "\nX-Ms-Date: Mon, 01 Jun 2020 00:00:00 GMT\nx-ms-version: 2020-04-08",
        "\n", false);
    strv_split(&list, "x-ms-date: Mon, 01 Jun 2020 00:00:00 GMT\nx-ms-version: 2020-04-08", "\n",
               false);
    struct blob_call a = { .method = "PUT", .path = "/aro/graph" };
    struct blob_call b = { .method = "GET",
                           .path = "/aro",
                           .query = "restype=container&comp=list&prefix=g" };

    cleanup_free char *first = give_signature(&a, &put), *second = give_signature(&b, &list);

    assert_string_equal(first, "E/kh4o3cCq9GFl5RrXpGrdAJLO6Ch/RdsTlxf6uzfA4=");
    assert_string_equal(second, "ZdMvDOh4vrBNluGI7Hk7S0uE5i+NP4jQy8wjU6hR624=");
}

static void check_text(void **state)
{
    (void)state;
    struct http_headers headers = { 0 };
    http_headers_add(&headers, "x-ms-b", " two ");
    http_headers_add(&headers, "X-MS-A", "one");
    http_headers_add(&headers, "x-ms-b", "three");
    http_headers_add(&headers, "Content-Length", "0");
    http_headers_add(&headers, "Range", "bytes=1-2");
    http_headers_add(&headers, "Date", "today");
    struct blob_call b = { .method = "HEAD",
                           .path = "/c/a%20b",
                           .query = "Z=2&include=b&a%20=%2F&include=a&z=1",
                           .headers = &headers };
    char account[] = "acct";
    b.account = account;

    cleanup_free char *text = blob_give_key_text(&b);

    assert_string_equal(text, "HEAD\n\n\n\n\n\ntoday\n\n\n\n\nbytes=1-2\nx-ms-a:one\nx-ms-b:two,"
                              "three\n/acct/c/a%20b\na :/\ninclude:a,b\nz:1,2");
    http_headers_release(&headers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("signatures are those that others compute", check_vectors),
        CASE("headers and parameters are sorted, joined and trimmed", check_text),
    };
    return RUN_CASES("blob_key", tests);
}

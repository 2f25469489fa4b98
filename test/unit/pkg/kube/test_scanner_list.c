#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/scanner.h"
#include "test/unit/support/test.h"

static int add_item(void *arg, const char *text, size_t len, struct error **err)
{
    (void)err;
    struct buf *out = arg;
    buf_add(out, text, len);
    buf_addc(out, '|');
    return 0;
}

static int feed(struct list_scan *l, const char *text, size_t n, struct error **err)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len; at += n) {
        size_t piece = len - at < n ? len - at : n;
        cleanup_free char *copy = xmalloc(piece);
        memcpy(copy, text + at, piece);
        if (list_scan_feed(l, copy, piece, err) < 0)
            return -1;
    }
    return list_scan_finish(l, err);
}

static struct good_case {
    const char *name, *text, *items, *version, *token;
} good_cases[] = {
    { "reads a list as Go writes it",
      "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{\"selfLink\":\"/x\","
      "\"resourceVersion\":\"42\",\"continue\":\"abc\",\"remainingItemCount\":5},"
      "\"items\":[{\"a\":\"]}\"},{\"b\":[{}]},{}]}\n",
      "{\"a\":\"]}\"}|{\"b\":[{}]}|{}|", "42", "abc" },
    { "accepts metadata behind the items",
      "{\"items\":[{\"a\":1}],\"metadata\":{\"resourceVersion\":\"7\"},\"kind\":\"L\"}",
      "{\"a\":1}|", "7", "" },
    { "accepts no items", "{\"kind\":\"L\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]}",
      "", "7", "" },
    { "accepts items that are null",
      "{\"kind\":\"L\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":null}", "", "7", "" },
    { "accepts items that are absent", "{\"kind\":\"L\",\"metadata\":{\"resourceVersion\":\"7\"}}",
      "", "7", "" },
    { "accepts metadata that is null", "{\"kind\":\"L\",\"metadata\":null,\"items\":[1]}", "1|", "",
      "" },
    { "accepts white space anywhere",
      " { \"kind\" : \"L\" , \"n\" : -12.5e3 , \"t\":true, \"metadata\" : { \"continue\" : null , "
      "\"resourceVersion\" : \"7\" } ,\n \"items\" : [\n1\n,\n2\n] } \n",
      "1|2|", "7", "" },
    { "takes the last of duplicate fields",
      "{\"kind\":\"L\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[],"
      "\"metadata\":{\"resourceVersion\":\"2\"}}",
      "", "2", "" },
    { "decodes escaped keys", "{\"it\\u0065ms\":[5],\"kind\":\"L\"}", "5|", "", "" },
};

static void check_good(void **state)
{
    const struct good_case *c = *state;
    for (size_t n = 1; n <= strlen(c->text); n++) {
        cleanup_buf struct buf out = BUF_INIT(10000);
        struct list_scan l;
        list_scan_init(&l, add_item, &out);

        assert_int_equal(0, feed(&l, c->text, n, NULL));

        char items[256];
        size_t kept = 0;
        for (const char *p = buf_str(&out); *p; p++) {
            if (*p != '\n')
                items[kept++] = *p;
        }
        items[kept] = '\0';
        assert_string_equal(c->items, items);
        assert_string_equal(c->version, buf_str(&l.version));
        assert_string_equal(c->token, buf_str(&l.continue_token));
        list_scan_release(&l);
    }
}

static struct bad_case {
    const char *name, *text;
    enum err_kind want;
} bad_cases[] = {
    { "a list that ends early is a broken connection", "{\"kind\":\"L\",\"items\":[{}", ERR_CONN },
    { "an empty reply is a broken connection", "", ERR_CONN },
    { "a Status is its error",
      "{\"kind\":\"Status\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"gone\","
      "\"reason\":\"Expired\",\"code\":410}",
      ERR_GONE },
    { "a Table is refused", "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"rows\":[{}]}",
      ERR_UNSUPPORTED },
    { "an object without kind and items is no list", "{\"a\":1}", ERR_INVALID },
    { "an array is no list", "[]", ERR_INVALID },
    { "items that are an object are refused", "{\"items\":{}}", ERR_INVALID },
    { "a missing colon is refused", "{\"items\" [1]}", ERR_INVALID },
    { "a key that is no string is refused", "{1:2}", ERR_INVALID },
    { "a missing comma between items is refused", "{\"items\":[{}{}]}", ERR_INVALID },
    { "a value that is no JSON is refused", "{\"metadata\":{x}}", ERR_INVALID },
    { "text behind the list is refused", "{\"kind\":\"L\"}{", ERR_INVALID },
    { "a trailing comma is refused", "{\"kind\":\"L\",}", ERR_INVALID },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    cleanup_buf struct buf out = BUF_INIT(10000);
    cleanup_error struct error *err = NULL;
    struct list_scan l;
    list_scan_init(&l, add_item, &out);

    assert_int_equal(-1, feed(&l, c->text, 5, &err));

    assert_int_equal(c->want, error_kind(err));
    list_scan_release(&l);
}

static void status_reason(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;
    struct list_scan l;
    list_scan_init(&l, add_item, NULL);

    assert_int_equal(-1, feed(&l,
                              "{\"kind\":\"Status\",\"message\":\"no\",\"reason\":\"Forbidden\","
                              "\"code\":403}",
                              7, &err));
    assert_string_equal("Forbidden", error_get_code(err));
    list_scan_release(&l);
}

static void again(void **state)
{
    (void)state;
    cleanup_buf struct buf out = BUF_INIT(10000);
    struct list_scan l;
    list_scan_init(&l, add_item, &out);

    assert_int_equal(-1,
                     feed(&l, "{\"metadata\":{\"continue\":\"x\"},\"items\":[{\"a\":", 9, NULL));
    list_scan_reset(&l);
    assert_int_equal(0, feed(&l, "{\"kind\":\"L\",\"items\":[2]}", 3, NULL));
    assert_string_equal("2|", buf_str(&out));
    assert_string_equal("", buf_str(&l.continue_token));
    assert_int_equal(1, l.items_len);
    list_scan_release(&l);
}

static int refuse(void *arg, const char *text, size_t len, struct error **err)
{
    (void)arg;
    (void)text;
    (void)len;
    return error_set(err, ERR_INVALID, "bad item");
}

static void refusal(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;
    struct list_scan l;
    list_scan_init(&l, refuse, NULL);

    assert_int_equal(-1, feed(&l, "{\"items\":[1,2]}", 4, &err));
    assert_string_equal("bad item", error_text(err));
    assert_int_equal(1, l.items_len);
    list_scan_release(&l);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(good_cases) + ARRAY_LEN(bad_cases) + 3] = {
        CASE("a Status gives its reason", status_reason),
        CASE("a reset forgets what was read", again),
        CASE("a refused item ends the list", refusal),
    };
    size_t n = 3;
    for (size_t i = 0; i < ARRAY_LEN(good_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(good_cases[i].name, check_good, &good_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(bad_cases[i].name, check_bad, &bad_cases[i]);
    return RUN_CASES("scanner_list", tests);
}

#include <string.h>

#include "pkg/base/json.h"
#include "test/unit/support/test.h"

struct round_case {
    const char *name, *text, *want; /* want: NULL when the compact text equals text */
};

static struct round_case round_cases[] = {
    { "null is a text", "null", NULL },
    { "white space goes", " { \"a\" : [ 1 , 2 ] } ", "{\"a\":[1,2]}" },
    { "a byte order mark goes", "\xEF\xBB\xBF[]", "[]" },
    { "slashes are not escaped", "{\"a/b\":\"c/d\"}", NULL },
    { "escaped slashes lose their backslash", "[\"\\/\"]", "[\"/\"]" },
    { "big integers survive", "[18446744073709551615,18446744073709551616,-9223372036854775809]",
      NULL },
    { "decimals keep their spelling", "[1.0,1.10,1e3,1E+3,-0,0.0,123456789.123456789123456789]",
      NULL },
    { "controls become escapes", "\"\\u0001\\b\\f\\n\\r\\t\\u001f\"", NULL },
    { "an escaped NUL survives", "\"a\\u0000b\"", NULL },
    { "DEL is no control", "\"\x7F\"", NULL },
    { "escaped letters become UTF-8", "\"\\u00e9\\u20ac\\ud83d\\ude00\"",
      "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"" },
    { "a lone surrogate becomes the replacement character", "\"\\ud800\"", "\"\xEF\xBF\xBD\"" },
    { "escaped quotes and backslashes stay", "\"\\\"\\\\\"", NULL },
    { "the last duplicate key wins, in the first one's place", "{\"a\":1,\"b\":2,\"a\":[3]}",
      "{\"a\":[3],\"b\":2}" },
    { "keys that are equal after decoding are duplicates", "{\"\\u0061\":1,\"a\":2}", "{\"a\":2}" },
    { "the empty key is a key", "{\"\":{\"\":0}}", NULL },
    { "null members and items stay", "{\"a\":null,\"b\":[null,null]}", NULL },
    { "order stays", "{\"z\":1,\"a\":2,\"m\":{\"y\":1,\"b\":2}}", NULL },
};

static void check_round(void **state)
{
    const struct round_case *c = *state;
    cleanup_json json *j = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(json_parse(c->text, strlen(c->text), &j, &err), 0);
    cleanup_free char *text = json_give_text(j);

    assert_string_equal(text, c->want ? c->want : c->text);
}

struct defect_case {
    const char *name, *text, *want;
};

static struct defect_case defect_cases[] = {
    { "the empty text is no JSON", "", "JSON text: unexpected end at byte 0" },
    { "an open object is reported at the end", "{\"a\":{\"b\":1}",
      "JSON text: unexpected end at byte 12" },
    { "text behind the value is reported", "{}x", "JSON text: text behind the value at byte 2" },
    { "bad UTF-8 is reported", "[\"\xC3\x28\"]", "JSON text: bad UTF-8 at byte 2" },
    { "a NUL in a key is reported", "{\"a\\u0000b\":1}", "JSON text: NUL in a key at byte 2" },
    { "a defect behind a large part is reported", "{\"a\":[1,2,{\"b\":[true,fals]}]}",
      "JSON text: a value is expected at byte 21" },
};

static void check_defect(void **state)
{
    const struct defect_case *c = *state;
    json *j = (json *)(uintptr_t)1;
    cleanup_error struct error *err = NULL;

    assert_int_equal(json_parse(c->text, strlen(c->text), &j, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_string_equal(error_text(err), c->want);
    assert_ptr_equal(j, (json *)(uintptr_t)1);
}

static char *give_nested(int depth, const char *open, const char *inner, const char *close)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (int i = 0; i < depth; i++)
        buf_adds(&b, open);
    buf_adds(&b, inner);
    for (int i = 0; i < depth; i++)
        buf_adds(&b, close);
    return buf_give(&b);
}

static void check_depth(void **state)
{
    (void)state;
    static const char *const opens[] = { "[", "{\"k\":" }, *const closes[] = { "]", "}" };

    for (int i = 0; i < 2; i++) {
        cleanup_free char *fits = give_nested(JSON_DEPTH_MAX, opens[i], "1", closes[i]);
        cleanup_free char *deeper = give_nested(JSON_DEPTH_MAX + 1, opens[i], "1", closes[i]);
        cleanup_json json *j = NULL, *none = NULL;
        cleanup_error struct error *err = NULL;

        assert_int_equal(json_parse(fits, strlen(fits), &j, &err), 0);
        assert_int_equal(json_parse(deeper, strlen(deeper), &none, &err), -1);

        cleanup_free char *text = json_give_text(j);
        assert_string_equal(text, fits);
        assert_true(error_is(err, ERR_INVALID));
        assert_non_null(strstr(error_text(err), "nested deeper than 256"));
    }
}

static void check_siblings(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    cleanup_json json *j = NULL;
    buf_addc(&b, '[');
    for (int i = 0; i < 1000; i++)
        buf_adds(&b, "[{}],");
    buf_adds(&b, "0]");

    assert_int_equal(json_parse(b.data, b.len, &j, NULL), 0);

    assert_int_equal(json_len(j), 1001);
}

static void check_object_only(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "[]", "JSON text: an object is expected, not array" },
        { "null", "JSON text: an object is expected, not null" },
        { "\"x\"", "JSON text: an object is expected, not string" },
    };
    json *j = NULL;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_error struct error *err = NULL;
        assert_int_equal(json_parse_object(cases[i].text, strlen(cases[i].text), &j, &err), -1);
        assert_string_equal(error_text(err), cases[i].want);
    }
    assert_int_equal(json_parse_object("{}", 2, &j, NULL), 0);
    assert_true(json_is_object(j));
    json_free(j);
}

static void check_sorted(void **state)
{
    (void)state;
    static const char doc[] =
        "{\"b\":{\"z\":1,\"\":2,\"a\":[{\"y\":1,\"x\":2}]},\"a\":1,\"B\":2,\"\xC3\xA9\":3}";
    cleanup_json json *j = NULL;
    assert_int_equal(json_parse(doc, strlen(doc), &j, NULL), 0);

    cleanup_free char *text = json_give_sorted(j);

    assert_string_equal(
        text, "{\"B\":2,\"a\":1,\"b\":{\"\":2,\"a\":[{\"x\":2,\"y\":1}],\"z\":1},\"\xC3\xA9\":3}");
}

static void check_indented(void **state)
{
    (void)state;
    static const char doc[] = "{\"a\":{},\"b\":[],\"c\":[1,{\"d\":null}]}";
    cleanup_json json *j = NULL;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    assert_int_equal(json_parse(doc, strlen(doc), &j, NULL), 0);

    json_write_indented(&b, j, 4);

    assert_string_equal(buf_str(&b), "{\n"
                                     "    \"a\": {},\n"
                                     "    \"b\": [],\n"
                                     "    \"c\": [\n"
                                     "        1,\n"
                                     "        {\n"
                                     "            \"d\": null\n"
                                     "        }\n"
                                     "    ]\n"
                                     "}");
}

static void check_made_of_bad_bytes(void **state)
{
    (void)state;
    cleanup_json json *j = json_new_array();
    json_append(j, json_new_str("a\xFFz\xE2\x82"));
    json_append(j, json_new_str("\xC3\xA9 \xED\xA0\x80"));

    cleanup_free char *text = json_give_text(j);

    assert_string_equal(text, "[\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\","
                              "\"\xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"]");
    cleanup_json json *again = NULL;
    assert_int_equal(json_parse(text, strlen(text), &again, NULL), 0);
}

static void check_bounded(void **state)
{
    (void)state;
    cleanup_json json *j = json_make("{'a':'0123456789'}");
    cleanup_buf struct buf small = BUF_INIT(10), enough = BUF_INIT(18);

    json_write(&small, j);
    json_write(&enough, j);

    assert_int_equal(buf_check(&small, NULL), -1);
    assert_int_equal(buf_check(&enough, NULL), 0);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(round_cases) + ARRAY_LEN(defect_cases) + 7];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(round_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(round_cases[i].name, check_round, &round_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(defect_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(defect_cases[i].name, check_defect, &defect_cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("nesting to the limit is read and written", check_depth);
    tests[n++] = (struct CMUnitTest)CASE("siblings do not count as nesting", check_siblings);
    tests[n++] = (struct CMUnitTest)CASE("only objects are objects", check_object_only);
    tests[n++] = (struct CMUnitTest)CASE("sorted text is canonical", check_sorted);
    tests[n++] = (struct CMUnitTest)CASE("indented text has one member a line", check_indented);
    tests[n++] = (struct CMUnitTest)CASE("bytes that are no UTF-8 are replaced when written",
                                         check_made_of_bad_bytes);
    tests[n++] = (struct CMUnitTest)CASE("the buffer's limit holds", check_bounded);
    return RUN_CASES("json_text", tests);
}

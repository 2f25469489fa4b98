#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/json_scan.h"
#include "test/unit/support/test.h"

/* One letter a token, so that a sequence fits a line. */
static const char letters[] = {
    [SCAN_END] = '.',         [SCAN_OBJECT_BEGIN] = '{', [SCAN_OBJECT_END] = '}',
    [SCAN_ARRAY_BEGIN] = '[', [SCAN_ARRAY_END] = ']',    [SCAN_KEY] = 'k',
    [SCAN_STR] = 's',         [SCAN_NUMBER] = 'n',       [SCAN_TRUE] = 't',
    [SCAN_FALSE] = 'f',       [SCAN_NULL] = '0',         [SCAN_ERROR] = '!',
};

struct token_case {
    const char *name, *text, *want;
    size_t at; /* of the error */
};

static struct token_case token_cases[] = {
    { "an empty object", "{}", "{}.", 0 },
    { "an empty array with white space", " [ \t\r\n] ", "[].", 0 },
    { "a scalar is a document", "7", "n.", 0 },
    { "all kinds of values", "{\"a\":[1,\"x\",true,false,null,{}]}", "{k[nstf0{}]}.", 0 },
    { "white space everywhere", " { \"a\" : 1 , \"b\" : [ 1 , 2 ] } ", "{knk[nn]}.", 0 },
    { "a byte order mark is skipped", "\xEF\xBB\xBF{}", "{}.", 0 },
    { "numbers in every shape", "[0,-0,1.5,-10.25e+3,1E9,0e-1]", "[nnnnnn].", 0 },
    { "UTF-8 of every length", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"", "s.", 0 },
    { "an empty text is refused", "", "!", 0 },
    { "white space alone is refused", "  ", "!", 2 },
    { "a comma before the end of an array is refused", "[1,]", "[n!", 3 },
    { "a comma before the end of an object is refused", "{\"a\":1,}", "{kn!", 7 },
    { "a comma at the start is refused", "[,1]", "[!", 1 },
    { "a missing comma is refused", "[1 2]", "[n!", 3 },
    { "a missing colon is refused", "{\"a\" 1}", "{k!", 5 },
    { "a missing value is refused", "{\"a\":}", "{k!", 5 },
    { "a key without quotes is refused", "{a:1}", "{!", 1 },
    { "a number as key is refused", "{1:1}", "{!", 1 },
    { "crossed brackets are refused", "[{]}", "[{!", 2 },
    { "an array closed as object is refused", "[1}", "[n!", 2 },
    { "an end without a begin is refused", "]", "!", 0 },
    { "a second value is refused", "{} {}", "{}!", 3 },
    { "an open array is refused", "[1", "[n!", 2 },
    { "an open object is refused", "{\"a\":1", "{kn!", 6 },
    { "an open string is refused", "\"abc", "!", 4 },
    { "a backslash at the end is refused", "\"abc\\", "!", 4 },
    { "an unknown escape is refused", "\"a\\x\"", "!", 2 },
    { "a short \\u is refused", "\"\\u12\"", "!", 1 },
    { "a line end in a string is refused", "\"a\nb\"", "!", 2 },
    { "single quotes are refused", "'a'", "!", 0 },
    { "a leading zero is refused", "[01]", "[!", 1 },
    { "a leading plus is refused", "+1", "!", 0 },
    { "a lone minus is refused", "-", "!", 1 },
    { "a point without digits is refused", "1.", "!", 2 },
    { "a point without an integer is refused", ".5", "!", 0 },
    { "an exponent without digits is refused", "1e+", "!", 3 },
    { "hexadecimal is refused", "0x1", "n!", 1 },
    { "NaN is refused", "NaN", "!", 0 },
    { "a capital word is refused", "True", "!", 0 },
    { "a cut word is refused", "tru", "!", 0 },
    { "a word with a tail is refused", "[truely]", "[t!", 5 },
    { "a comment is refused", "[1 // one\n]", "[n!", 3 },
    { "bad UTF-8 in a string is refused", "\"a\xC3(\"", "!", 2 },
    { "bad UTF-8 in a key is refused", "{\"\xFF\":1}", "{!", 2 },
    { "an overlong form is refused", "\"\xC0\x80\"", "!", 1 },
    { "a raw surrogate is refused", "\"\xED\xA0\x80\"", "!", 1 },
    { "bad UTF-8 after a long plain run is refused", "\"0123456789abcdef0123456789abcdef\x80\"",
      "!", 33 },
};

static void check_tokens(void **state)
{
    const struct token_case *c = *state;
    cleanup_free char *copy =
        malloc(strlen(c->text) + 1); /* ends where the text ends, for the sanitizers */
    memcpy(copy, c->text, strlen(c->text));
    char got[64] = "";
    struct json_scan s;
    cleanup_error struct error *err = NULL;

    json_scan_init(&s, copy, strlen(c->text));
    size_t n = 0;
    do
        got[n++] = letters[json_scan_next(&s, &err)];
    while (got[n - 1] != '.' && got[n - 1] != '!' && n < sizeof(got) - 1);

    assert_string_equal(got, c->want);
    if (got[n - 1] == '!') {
        char suffix[32];
        (void)snprintf(suffix, sizeof(suffix), " at byte %zu", c->at);
        assert_true(error_is(err, ERR_INVALID));
        assert_non_null(strstr(error_text(err), suffix));
        assert_int_equal(json_scan_next(&s, NULL), SCAN_ERROR);
    } else {
        assert_null(err);
        assert_int_equal(json_scan_next(&s, NULL), SCAN_END);
    }
}

static void check_nul_inside(void **state)
{
    (void)state;
    static const char raw[] = "\"a\0b\"", between[] = "[1\0]";
    struct json_scan s;

    json_scan_init(&s, raw, sizeof(raw) - 1);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_ERROR);
    json_scan_init(&s, between, sizeof(between) - 1);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_ARRAY_BEGIN);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_NUMBER);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_ERROR);
}

static void check_spans(void **state)
{
    (void)state;
    static const char doc[] = "{\"plain\":\"v\\n\", \"esc\\u0061ped\" : -1.50e3}";
    struct json_scan s;
    json_scan_init(&s, doc, sizeof(doc) - 1);

    assert_int_equal(json_scan_next(&s, NULL), SCAN_OBJECT_BEGIN);
    assert_int_equal(s.depth, 1);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_KEY);
    assert_ptr_equal(s.text, doc + 2);
    assert_int_equal(s.len, 5);
    assert_false(s.escaped);
    assert_true(json_scan_key_is(&s, "plain"));
    assert_false(json_scan_key_is(&s, "plai"));
    assert_false(json_scan_key_is(&s, "plain2"));

    assert_int_equal(json_scan_next(&s, NULL), SCAN_STR);
    assert_true(s.escaped);
    assert_int_equal(s.len, 3);
    cleanup_free char *value = json_scan_give_text(&s);
    assert_string_equal(value, "v\n");

    assert_int_equal(json_scan_next(&s, NULL), SCAN_KEY);
    assert_true(json_scan_key_is(&s, "escaped"));
    cleanup_free char *key = json_scan_give_text(&s);
    assert_string_equal(key, "escaped");

    assert_int_equal(json_scan_next(&s, NULL), SCAN_NUMBER);
    assert_int_equal(s.len, 7);
    assert_memory_equal(s.text, "-1.50e3", 7);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_OBJECT_END);
    assert_int_equal(s.depth, 0);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_END);
}

static void check_skip(void **state)
{
    (void)state;
    static const char doc[] = "{\"a\": {\"x\":[1,{\"y\":\"]}\"}]} ,\"b\":\"s\\\"t\",\"c\":-12 }";
    static const char *const want[] = { "{\"x\":[1,{\"y\":\"]}\"}]}", "\"s\\\"t\"", "-12" };
    struct json_scan s;
    json_scan_init(&s, doc, sizeof(doc) - 1);

    assert_int_equal(json_scan_next(&s, NULL), SCAN_OBJECT_BEGIN);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        const char *text;
        size_t len;
        assert_true(json_scan_more(&s));
        assert_int_equal(json_scan_next(&s, NULL), SCAN_KEY);
        assert_int_equal(json_scan_skip(&s, &text, &len, NULL), 0);
        assert_int_equal(len, strlen(want[i]));
        assert_memory_equal(text, want[i], len);
        assert_int_equal(s.depth, 1);
    }
    assert_false(json_scan_more(&s));
    assert_int_equal(json_scan_next(&s, NULL), SCAN_OBJECT_END);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_END);
}

static void check_items(void **state)
{
    (void)state;
    static const char doc[] = " [ {\"a\":1} , 2,[],\"x\" ] ";
    struct json_scan s;
    json_scan_init(&s, doc, sizeof(doc) - 1);
    size_t items = 0, bytes = 0;

    assert_int_equal(json_scan_next(&s, NULL), SCAN_ARRAY_BEGIN);
    for (; json_scan_more(&s); items++) {
        const char *text;
        size_t len;
        assert_int_equal(json_scan_skip(&s, &text, &len, NULL), 0);
        bytes += len;
    }

    assert_int_equal(items, 4);
    assert_int_equal(bytes, 7 + 1 + 2 + 3);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_ARRAY_END);
}

struct skip_defect {
    const char *name, *text;
};

/* Each is skipped as the first item of the array. */
static struct skip_defect skip_defects[] = {
    { "skipping refuses bad syntax inside", "[{\"a\":[1,}]" },
    { "skipping refuses bad UTF-8 inside", "[{\"a\":\"\xC3\"}]" },
    { "skipping refuses an open value", "[{\"a\":1" },
    { "skipping refuses the end of the array", "[]" },
};

static void check_skip_defect(void **state)
{
    const struct skip_defect *c = *state;
    cleanup_error struct error *err = NULL;
    const char *text = NULL;
    size_t len = 77;
    struct json_scan s;
    json_scan_init(&s, c->text, strlen(c->text));
    assert_int_equal(json_scan_next(&s, NULL), SCAN_ARRAY_BEGIN);

    assert_int_equal(json_scan_skip(&s, &text, &len, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_null(text);
    assert_int_equal(len, 77);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_ERROR);
}

static void check_skip_before_key(void **state)
{
    (void)state;
    struct json_scan s;
    const char *text;
    size_t len;
    json_scan_init(&s, "{\"a\":1}", 7);
    assert_int_equal(json_scan_next(&s, NULL), SCAN_OBJECT_BEGIN);

    assert_int_equal(json_scan_skip(&s, &text, &len, NULL), -1);
}

static void check_depth(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    cleanup_error struct error *err = NULL;
    const char *text;
    size_t len;
    struct json_scan s;
    for (int i = 0; i < SCAN_DEPTH_MAX; i++)
        buf_adds(&b, i % 2 ? "{\"k\":" : "[");
    buf_addc(&b, '1');
    for (int i = SCAN_DEPTH_MAX; i-- > 0;)
        buf_addc(&b, i % 2 ? '}' : ']');

    json_scan_init(&s, b.data, b.len);
    assert_int_equal(json_scan_skip(&s, &text, &len, &err), 0);
    assert_int_equal(len, b.len);
    assert_int_equal(json_scan_next(&s, &err), SCAN_END);
    assert_int_equal(s.depth, 0);
    assert_int_equal(s.deepest, SCAN_DEPTH_MAX);

    cleanup_buf struct buf deeper = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&deeper, "[%s]", buf_str(&b));
    json_scan_init(&s, deeper.data, deeper.len);
    assert_int_equal(json_scan_skip(&s, &text, &len, &err), -1);
    assert_non_null(strstr(error_text(err), "too deeply"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(token_cases) + ARRAY_LEN(skip_defects) + 6];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(token_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(token_cases[i].name, check_tokens, &token_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(skip_defects); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(skip_defects[i].name, check_skip_defect, &skip_defects[i]);
    tests[n++] =
        (struct CMUnitTest)CASE("a NUL byte is refused in and between values", check_nul_inside);
    tests[n++] = (struct CMUnitTest)CASE("tokens are spans of the input", check_spans);
    tests[n++] =
        (struct CMUnitTest)CASE("skipping after a key gives the value's bytes", check_skip);
    tests[n++] =
        (struct CMUnitTest)CASE("the items of an array are walked by skipping", check_items);
    tests[n++] =
        (struct CMUnitTest)CASE("skipping where a key is due is refused", check_skip_before_key);
    tests[n++] = (struct CMUnitTest)CASE("nesting is limited", check_depth);
    return RUN_CASES("json_scan", tests);
}

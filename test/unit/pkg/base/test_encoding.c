#include <string.h>

#include "pkg/base/encoding.h"
#include "test/unit/support/test.h"

/* RFC 4648, section 10, and bytes that differ between the alphabets. */
static const struct {
    const char *plain, *text, *url;
} pairs[] = {
    { "", "", "" },
    { "f", "Zg==", "Zg" },
    { "fo", "Zm8=", "Zm8" },
    { "foo", "Zm9v", "Zm9v" },
    { "foob", "Zm9vYg==", "Zm9vYg" },
    { "fooba", "Zm9vYmE=", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
    { "\xfb\xff\xfe", "+//+", "-__-" },
};

static void check_base64_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        size_t len = strlen(pairs[i].plain), got_len = 99;
        cleanup_free char *text = base64_give(pairs[i].plain, len);
        cleanup_free char *url = base64url_give(pairs[i].plain, len);
        cleanup_free char *back = NULL, *url_back = NULL;
        assert_string_equal(text, pairs[i].text);
        assert_string_equal(url, pairs[i].url);
        assert_int_equal(base64_parse(text, strlen(text), &back, &got_len, NULL), 0);
        assert_int_equal(got_len, len);
        assert_string_equal(back, pairs[i].plain);
        assert_int_equal(base64url_parse(url, strlen(url), &url_back, &got_len, NULL), 0);
        assert_int_equal(got_len, len);
        assert_string_equal(url_back, pairs[i].plain);
    }
}

struct base64_case {
    const char *name, *text, *want; /* want NULL: refused */
};
static struct base64_case base64_cases[] = {
    { "accepts missing padding", "Zg", "f" },
    { "accepts a trailing newline", "Zm9v\n", "foo" },
    { "accepts a trailing newline of DOS", "Zg==\r\n", "f" },
    { "refuses two newlines", "Zm9v\n\n", NULL },
    { "refuses inner white space", "Zm 9v", NULL },
    { "refuses half of the padding", "Zg=", NULL },
    { "refuses too much padding", "Zm9v====", NULL },
    { "refuses padding of nothing", "====", NULL },
    { "refuses inner padding", "Zg==Zg==", NULL },
    { "refuses a lone character", "Z", NULL },
    { "refuses the other alphabet", "-__-", NULL },
    { "refuses bits that belong to no byte", "Zh==", NULL },
};

static void check_base64(void **state)
{
    const struct base64_case *c = *state;
    cleanup_error struct error *err = NULL;
    cleanup_free char *got = NULL;
    size_t len = 0;

    int status = base64_parse(c->text, strlen(c->text), &got, &len, &err);

    assert_int_equal(status, c->want ? 0 : -1);
    if (c->want) {
        assert_string_equal(got, c->want);
    } else {
        assert_null(got);
        assert_int_equal(error_kind(err), ERR_INVALID);
    }
}

static void check_hex(void **state)
{
    (void)state;
    cleanup_free char *text = hex_give("\x00\x9f\xff", 3);
    cleanup_free char *nothing = hex_give("", 0);

    assert_string_equal(text, "009fff");
    assert_string_equal(nothing, "");
}

static void check_percent(void **state)
{
    (void)state;
    cleanup_free char *coded = percent_give("a b/c~\xc3\xa9%");
    cleanup_free char *path = percent_give_keeping("a b/c", "/");
    cleanup_free char *plain = NULL;

    assert_string_equal(coded, "a%20b%2Fc~%C3%A9%25");
    assert_string_equal(path, "a%20b/c");
    assert_true(percent_parse(coded, &plain));
    assert_string_equal(plain, "a b/c~\xc3\xa9%");
    free(take(plain));
    assert_true(percent_parse("a+%2f%2F", &plain));
    assert_string_equal(plain, "a+//");
}

static void check_broken_percent(void **state)
{
    (void)state;
    static const char *const broken[] = { "%", "a%2", "%zz", "%2z", "%00", "x%" };
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        char *plain = NULL;
        assert_false(percent_parse(broken[i], &plain));
        assert_null(plain);
    }
}

static void check_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        { "", true },
        { "plain ASCII of some length", true },
        { "eight by\xc3\xa9", true },
        { "\xe2\x82\xac \xf0\x9f\x98\x80", true },
        { "\xed\x9f\xbf\xee\x80\x80", true },
        { "\xf4\x8f\xbf\xbf", true },
        { "\xc0\xaf", false },         /* overlong */
        { "\xe0\x9f\xbf", false },     /* overlong */
        { "\xf0\x8f\xbf\xbf", false }, /* overlong */
        { "\xed\xa0\x80", false },     /* surrogate */
        { "\xf4\x90\x80\x80", false }, /* over U+10FFFF */
        { "\xf5\x80\x80\x80", false },
        { "\x80", false },
        { "\xc3", false }, /* cut */
        { "12345678\xe2\x82", false },
        { "\xe2\x28\xa1", false },
        { "\xf0\x9f\x98\x28", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(utf8_is_valid(cases[i].text, strlen(cases[i].text)), cases[i].valid);
}

struct utf_case {
    const char *name, *data;
    size_t len;
    const char *want; /* NULL: refused */
};
static struct utf_case utf_cases[] = {
    { "copies text without a mark", "a\xc3\xa9", 3, "a\xc3\xa9" },
    { "removes the UTF-8 mark", "\xef\xbb\xbf{}", 5, "{}" },
    { "converts little-endian UTF-16", "\xff\xfe{\0\xe9\0\xac\x20}\0", 10,
      "{\xc3\xa9\xe2\x82\xac}" },
    { "converts big-endian UTF-16", "\xfe\xff\0a\x00\xe9", 6, "a\xc3\xa9" },
    { "joins surrogates", "\xff\xfe\x3d\xd8\x00\xde", 6, "\xf0\x9f\x98\x80" },
    { "refuses an odd number of bytes",
      "\xff\xfe"
      "a",
      3, NULL },
    { "refuses a lone high surrogate", "\xff\xfe\x3d\xd8", 4, NULL },
    { "refuses a high surrogate before a letter",
      "\xff\xfe\x3d\xd8"
      "a\0",
      6, NULL },
    { "refuses a lone low surrogate", "\xff\xfe\x00\xde", 4, NULL },
    { "accepts a mark alone", "\xfe\xff", 2, "" },
    { "accepts nothing", "", 0, "" },
};

static void check_utf(void **state)
{
    const struct utf_case *c = *state;
    cleanup_error struct error *err = NULL;
    cleanup_free char *got = NULL;
    size_t len = 99;

    int status = utf_give_utf8(c->data, c->len, &got, &len, &err);

    assert_int_equal(status, c->want ? 0 : -1);
    if (c->want) {
        assert_string_equal(got, c->want);
        assert_int_equal(len, strlen(c->want));
    } else {
        assert_int_equal(error_kind(err), ERR_INVALID);
    }
}

int main(void)
{
    struct CMUnitTest tests[5 + ARRAY_LEN(base64_cases) + ARRAY_LEN(utf_cases)] = {
        CASE("base64 follows the vectors of the RFC", check_base64_vectors),
        CASE("hex is lower case", check_hex),
        CASE("percent coding keeps unreserved characters", check_percent),
        CASE("broken percent codes are refused", check_broken_percent),
        CASE("UTF-8 is checked as the RFC says", check_utf8),
    };
    size_t n = 5;
    for (size_t i = 0; i < ARRAY_LEN(base64_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(base64_cases[i].name, check_base64, &base64_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(utf_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(utf_cases[i].name, check_utf, &utf_cases[i]);
    return RUN_CASES("encoding", tests);
}

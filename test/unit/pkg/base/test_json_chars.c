#include <string.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/json_chars.h"
#include "test/unit/support/test.h"

struct utf8_case {
    const char *name, *text;
    size_t want;
};

static struct utf8_case utf8_cases[] = {
    { "ASCII is one byte", "a", 1 },
    { "U+0080 is the first of two bytes", "\xC2\x80", 2 },
    { "U+07FF is the last of two bytes", "\xDF\xBF", 2 },
    { "U+0800 is the first of three bytes", "\xE0\xA0\x80", 3 },
    { "U+D7FF before the surrogates is three bytes", "\xED\x9F\xBF", 3 },
    { "U+FFFF is three bytes", "\xEF\xBF\xBF", 3 },
    { "U+10000 is the first of four bytes", "\xF0\x90\x80\x80", 4 },
    { "U+10FFFF is the last code point", "\xF4\x8F\xBF\xBF", 4 },
    { "a continuation byte alone is refused", "\x80", 0 },
    { "an overlong slash of two bytes is refused", "\xC0\xAF", 0 },
    { "an overlong slash of three bytes is refused", "\xE0\x80\xAF", 0 },
    { "an overlong slash of four bytes is refused", "\xF0\x80\x80\xAF", 0 },
    { "the surrogate U+D800 is refused", "\xED\xA0\x80", 0 },
    { "U+110000 is refused", "\xF4\x90\x80\x80", 0 },
    { "the byte F5 is refused", "\xF5\x80\x80\x80", 0 },
    { "the byte FF is refused", "\xFF", 0 },
    { "two bytes of three are refused", "\xE2\x82", 0 },
    { "three bytes of four are refused", "\xF0\x9F\x98", 0 },
    { "a sequence broken by ASCII is refused", "\xE2\x28\xA1", 0 },
};

static void check_utf8(void **state)
{
    const struct utf8_case *c = *state;

    assert_int_equal(chars_utf8_len(c->text, c->text + strlen(c->text)), c->want);
}

struct escape_case {
    const char *name, *text, *want; /* want: decoded; NULL when text is no escape */
    size_t want_len;
};

static struct escape_case escape_cases[] = {
    { "short escapes decode", "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8 },
    { "text between escapes stays", "a\\nb\\tc", "a\nb\tc", 5 },
    { "hexadecimal digits have two cases", "\\u00e9\\u00E9", "\xC3\xA9\xC3\xA9", 4 },
    { "an escaped NUL is a byte", "a\\u0000b", "a\0b", 3 },
    { "a surrogate pair is one character", "\\ud83d\\ude00", "\xF0\x9F\x98\x80", 4 },
    { "the highest pair is U+10FFFF", "\\udbff\\udfff", "\xF4\x8F\xBF\xBF", 4 },
    { "a high surrogate alone is replaced", "\\ud83dx", "\xEF\xBF\xBDx", 4 },
    { "a high surrogate at the end is replaced", "\\ud83d", "\xEF\xBF\xBD", 3 },
    { "a low surrogate alone is replaced", "\\ude00", "\xEF\xBF\xBD", 3 },
    { "a high surrogate before another escape keeps that", "\\ud83d\\u0041",
      "\xEF\xBF\xBD"
      "A",
      4 },
    { "a high surrogate before a short escape keeps that", "\\ud83d\\n....", "\xEF\xBF\xBD\n....",
      8 },
    { "two high surrogates and a low one are two characters", "\\ud83d\\ud83d\\ude00",
      "\xEF\xBF\xBD\xF0\x9F\x98\x80", 7 },
};

static void check_unescape(void **state)
{
    const struct escape_case *c = *state;
    char out[64];

    size_t n = chars_unescape(out, c->text, strlen(c->text));

    assert_int_equal(n, c->want_len);
    assert_memory_equal(out, c->want, n);
}

static void check_escape_len(void **state)
{
    static const struct {
        const char *text;
        size_t want;
    } cases[] = {
        { "\\n", 2 },   { "\\u00Ff", 6 }, { "\\u00Fg", 0 }, { "\\u00F", 0 },
        { "\\x41", 0 }, { "\\", 0 },      { "\\'", 0 },     { "\\U0041", 0 },
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(chars_escape_len(cases[i].text, cases[i].text + strlen(cases[i].text)),
                         cases[i].want);
}

/* Every stopping byte at every position, so that each lane of a wide comparison is looked at. */
static void check_skip_plain(void **state)
{
    (void)state;
    for (size_t len = 0; len < 70; len++) {
        char text[70];
        memset(text, '~', sizeof(text));
        assert_ptr_equal(chars_skip_plain(text, text + len), text + len);
        for (size_t at = 0; at < len; at++) {
            static const char stops[] = { '"', '\\', '\0', '\n', 0x1F, (char)0x80, (char)0xFF };
            for (size_t k = 0; k < sizeof(stops); k++) {
                text[at] = stops[k];
                assert_ptr_equal(chars_skip_plain(text, text + len), text + at);
            }
            text[at] = (char)(at % 2 ? 0x20 : 0x7F);
        }
        assert_ptr_equal(chars_skip_plain(text, text + len), text + len);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(utf8_cases) + ARRAY_LEN(escape_cases) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(utf8_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(utf8_cases[i].name, check_utf8, &utf8_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(escape_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(escape_cases[i].name, check_unescape, &escape_cases[i]);
    tests[n++] =
        (struct CMUnitTest)CASE("only the escapes of JSON have a length", check_escape_len);
    tests[n++] =
        (struct CMUnitTest)CASE("a plain run ends at each stopping byte", check_skip_plain);
    return RUN_CASES("json_chars", tests);
}

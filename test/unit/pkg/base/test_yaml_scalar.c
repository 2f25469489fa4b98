#include <string.h>

#include "pkg/base/yaml_impl.h"
#include "test/unit/support/test.h"

struct resolve_case {
    const char *text,
        *want; /* want: JSON; NULL for a string, "-" for what JSON lacks; the case's name is text */
};

static struct resolve_case resolve_cases[] = {
    { "", "null" },
    { "~", "null" },
    { "null", "null" },
    { "Null", "null" },
    { "NULL", "null" },
    { "nULL", NULL },
    { "true", "true" },
    { "True", "true" },
    { "TRUE", "true" },
    { "tRUE", NULL },
    { "False", "false" },
    { "yes", NULL },
    { "No", NULL },
    { "on", NULL },
    { "off", NULL },
    { "y", NULL },
    { "0", "0" },
    { "-0", "-0" },
    { "42", "42" },
    { "+42", "42" },
    { "-42", "-42" },
    { "1_000_000", "1000000" },
    { "0644", "420" },
    { "-017", "-15" },
    { "0o17", "15" },
    { "0x1F", "31" },
    { "-0x1f", "-31" },
    { "0b101", "5" },
    { "0xffffffffffffffff", "18446744073709551615" },
    { "0x1ffffffffffffffff", NULL },
    { "0x", NULL },
    { "0o8", NULL },
    { "0b2", NULL },
    { "08", "8" },
    { "00", "0" },
    { "123456789012345678901234567890", "123456789012345678901234567890" },
    { "1.50", "1.50" },
    { "1.", "1" },
    { ".5", "0.5" },
    { "-.5", "-0.5" },
    { "+1.5", "1.5" },
    { "08.5", "8.5" },
    { "1e3", "1e3" },
    { "1E+3", "1E+3" },
    { "1.e3", "1e3" },
    { "1e400", "1e400" },
    { "1e", NULL },
    { "1e+", NULL },
    { "e3", NULL },
    { ".", NULL },
    { "-", NULL },
    { "+", NULL },
    { "1.2.3", NULL },
    { "4.10.3", NULL },
    { "1,5", NULL },
    { "12 ", NULL },
    { "2023-04-05", NULL },
    { "22:30", NULL },
    { "1d", NULL },
    { "100Mi", NULL },
    { ".inf", "-" },
    { "-.Inf", "-" },
    { ".NaN", "-" },
    { "inf", NULL },
    { "nan", NULL },
    { "=", NULL },
    { "0123456789", "123456789" },
};

static void check_resolve(void **state)
{
    const struct resolve_case *c = *state;
    cleanup_json json *value = NULL;

    enum yaml_plain type = yaml_resolve(c->text, strlen(c->text), &value);

    if (!c->want) {
        assert_int_equal(type, YAML_PLAIN_STR);
        return;
    }
    if (strcmp(c->want, "-") == 0) {
        assert_int_equal(type, YAML_PLAIN_NO_JSON);
        return;
    }
    assert_int_equal(type, YAML_PLAIN_VALUE);
    cleanup_free char *text = json_give_text(value);
    assert_string_equal(text, c->want);
}

static void check_embedded_nul(void **state)
{
    (void)state;
    json *value = NULL;

    assert_int_equal(yaml_resolve("1\0", 2, &value), YAML_PLAIN_STR);
    assert_int_equal(yaml_resolve("\0", 1, &value), YAML_PLAIN_STR);
    assert_true(yaml_needs_quotes("a\0", 2));
}

static void check_quotes(void **state)
{
    (void)state;
    static const char *const needed[] = {
        "",
        "yes",
        "Yes",
        "NO",
        "on",
        "Off",
        "y",
        "N",
        "true",
        "~",
        "null",
        "1",
        "1e3",
        "0x1",
        "0644",
        ".5",
        ".inf",
        "1_0",
        "22:30",
        "1:20:30.5",
        "-1:30",
        "2023-04-05",
        "2023-4-5T1:2:3Z",
        " a",
        "a ",
        "a: b",
        "a:",
        "a #b",
        "#a",
        "- a",
        "-",
        "---",
        "--- a",
        "...",
        "? a",
        "?",
        ": a",
        "{a",
        "[a",
        "]",
        "}",
        ",a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a'",
        "\"a\"",
        "%a",
        "@a",
        "`a",
        "a\nb",
        "a\tb",
        "\x7F",
        "a\xC2\x85",
        "\xEF\xBB\xBF"
        "a",
        "\xE2\x80\xA8",
        "\xFF",
        "=",
        "<<",
    };
    static const char *const free_of_quotes[] = {
        "a",
        "a b",
        "a:b",
        "a#b",
        "-a",
        "--bind-address=127.0.0.1:8080",
        "a,b",
        "a{b}",
        "a[0]",
        "a\"b'c",
        "4.10.3",
        "/subscriptions/0000/x",
        "http://x.y/z?a=b&c=d",
        "10.0.0.0/8",
        "yesterday",
        "100Mi",
        "a*b",
        "_x",
        "x!",
        "sha256:0123",
        "\xC3\xA9t\xC3\xA9",
    };

    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!yaml_needs_quotes(needed[i], strlen(needed[i])))
            fail_msg("'%s' needs quotes", needed[i]);
    for (size_t i = 0; i < ARRAY_LEN(free_of_quotes); i++)
        if (yaml_needs_quotes(free_of_quotes[i], strlen(free_of_quotes[i])))
            fail_msg("'%s' needs no quotes", free_of_quotes[i]);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(resolve_cases) + 2];
    char names[ARRAY_LEN(resolve_cases)][80];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(resolve_cases); i++) {
        const char *want = resolve_cases[i].want;
        (void)snprintf(names[i], sizeof(names[i]), "\"%s\" is %s", resolve_cases[i].text,
                       !want                      ? "a string"
                       : *want == '-' && !want[1] ? "refused"
                                                  : want);
        tests[n++] = (struct CMUnitTest)CASE_OF(names[i], check_resolve, &resolve_cases[i]);
    }
    tests[n++] = (struct CMUnitTest)CASE("a NUL makes a string", check_embedded_nul);
    tests[n++] =
        (struct CMUnitTest)CASE("quotes are asked for where a reader would err", check_quotes);
    return RUN_CASES("yaml_scalar", tests);
}

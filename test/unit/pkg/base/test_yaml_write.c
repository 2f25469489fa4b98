#include <string.h>

#include "pkg/base/yaml.h"
#include "test/unit/support/test.h"

struct write_case {
    const char *name, *json, *want;
};

static struct write_case write_cases[] = {
    { "null", "null", "null\n" },
    { "a scalar", "\"x\"", "x\n" },
    { "empty collections in flow style", "{\"a\":{},\"b\":[]}", "a: {}\nb: []\n" },
    { "mappings are indented by two", "{\"b\":{\"z\":1,\"a\":{\"x\":null}},\"a\":true}",
      "b:\n  z: 1\n  a:\n    x: null\na: true\n" },
    { "lists stand at their key's column", "{\"a\":[1,{\"b\":2,\"c\":[3]},[4,[5]],[],{}]}",
      "a:\n- 1\n- b: 2\n  c:\n  - 3\n- - 4\n  - - 5\n- []\n- {}\n" },
    { "a list as document", "[{\"a\":{\"b\":1}},\"x\"]", "- a:\n    b: 1\n- x\n" },
    { "strings that look like other types are quoted",
      "[\"yes\",\"1e3\",\"0x1\",\"~\",\"null\",\"\",\"1\"]",
      "- \"yes\"\n- \"1e3\"\n- \"0x1\"\n- \"~\"\n- \"null\"\n- \"\"\n- \"1\"\n" },
    { "keys that look like other types are quoted", "{\"on\":1,\"1\":2,\"a: b\":3}",
      "\"on\": 1\n\"1\": 2\n\"a: b\": 3\n" },
    { "numbers keep their spelling", "[1.10,18446744073709551616,1E+400]",
      "- 1.10\n- 18446744073709551616\n- 1E+400\n" },
    { "several lines become a block",
      "{\"a\":\"x\\n  y\\n\",\"b\":\"x\\ny\",\"c\":\"x\\n\\n\",\"d\":1}",
      "a: |\n  x\n    y\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: 1\n" },
    { "a block in a list is indented", "[\"x\\ny\"]", "- |-\n  x\n  y\n" },
    { "a leading space is quoted", "{\"a\":\" x\\ny\"}", "a: \" x\\ny\"\n" },
    { "controls are escaped", "[\"\\u0000\\u0007\\t\\r\\\"\\\\\x7F\xC2\x85\xE2\x80\xA8\"]",
      "- \"\\u0000\\u0007\\t\\r\\\"\\\\\\u007F\\u0085\\u2028\"\n" },
};

static json *give_tree(const char *text)
{
    json *j = NULL;
    assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
    return j;
}

static void assert_reads_back(const json *j, const char *text)
{
    cleanup_json json *again = NULL;
    cleanup_error struct error *err = NULL;
    int r = yaml_parse(text, strlen(text), &again, &err);
    assert_string_equal(error_text(err), "");
    assert_int_equal(r, 0);
    cleanup_free char *want = json_give_text(j), *got = json_give_text(again);
    assert_string_equal(got, want);
}

static void check_write(void **state)
{
    const struct write_case *c = *state;
    cleanup_json json *j = give_tree(c->json);

    cleanup_free char *text = yaml_give_text(j);

    assert_string_equal(text, c->want);
    assert_reads_back(j, text);
}

/* As document, member, key, item, and item of an item. */
static void check_strings(void **state)
{
    (void)state;
    static const char *const strings[] = {
        "yes",
        "No",
        "1e3",
        "0x1",
        "~",
        "null",
        "true",
        "",
        " ",
        "  x",
        "x ",
        "x\n",
        "x\n\n",
        "\n",
        "\nx",
        "x\ny",
        "x\n\ny\n",
        " x\ny",
        "x\n y",
        "x\n\ty",
        "\tx",
        "x\ty",
        "x\n ",
        "x\n \n",
        "x\n\n ",
        "x \ny",
        "#x",
        "x #y",
        "x: y",
        "x:",
        ":x",
        "- x",
        "-x",
        "-",
        "--",
        "---",
        "--- x",
        "...",
        "x\n---\ny",
        "x\n...\ny\n",
        "? x",
        "?x",
        "!x",
        "&x",
        "*x",
        "%x",
        "@x",
        "`x",
        "|",
        ">",
        "'x'",
        "\"x\"",
        "{x}",
        "[x]",
        "x, y",
        "a{b",
        "\\",
        "a\\nb",
        "x\r\ny",
        "x\ry",
        "\x7F",
        "\xC2\x85",
        "x\xC2\x85y\n",
        "\xE2\x80\xA8",
        "\xEF\xBB\xBF",
        "x\xEF\xBB\xBFy",
        "\xEF\xBF\xBE",
        "\xC3\xA9",
        "\xF0\x9F\x98\x80",
        "1_000",
        "0b1",
        "0644",
        "0o7",
        "1:30",
        "2023-04-05",
        ".inf",
        ".NaN",
        ".5",
        "+1",
        "<<",
        "=",
        "4.10.3",
        "100Mi",
        "\x01",
        "x\n# y\n",
        "|\n",
        "x\n\n\n\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
        const char *s = strings[i];
        cleanup_json json *j =
            json_make("{'m':%s,%s:1,'l':[%s,[%s],{'k':%s},%s],'z':0}", s, s, s, s, s, s);
        cleanup_json json *alone = json_new_str(s);

        cleanup_free char *text = yaml_give_text(j), *alone_text = yaml_give_text(alone);

        assert_reads_back(j, text);
        assert_reads_back(alone, alone_text);
    }
}

static void check_long_keys(void **state)
{
    (void)state;
    for (int quoted = 0; quoted < 2; quoted++) {
        cleanup_buf struct buf key = BUF_INIT(BUF_UNBOUNDED);
        buf_adds(&key, quoted ? "# " : "a");
        for (int i = 0; i < 3000; i++)
            buf_addc(&key, 'x');
        cleanup_json json *j =
            json_make("{%s:1,'b':{%s:[1,{%s:{'c':2}}]},'d':[{%s:'x\\ny'}],'e':3}", key.data,
                      key.data, key.data, key.data);

        cleanup_free char *text = yaml_give_text(j);

        assert_reads_back(j, text);
    }
}

static void check_bad_bytes(void **state)
{
    (void)state;
    cleanup_json json *j = json_new_str("a\xFF\nb");

    cleanup_free char *text = yaml_give_text(j);

    assert_string_equal(text, "\"a\xEF\xBF\xBD\\nb\"\n");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(write_cases) + 3];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(write_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(write_cases[i].name, check_write, &write_cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("strings survive in every position", check_strings);
    tests[n++] = (struct CMUnitTest)CASE("long keys survive", check_long_keys);
    tests[n++] = (struct CMUnitTest)CASE("bytes that are no UTF-8 are replaced", check_bad_bytes);
    return RUN_CASES("yaml_write", tests);
}

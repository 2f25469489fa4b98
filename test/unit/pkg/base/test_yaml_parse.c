#include <string.h>

#include "pkg/base/yaml.h"
#include "test/unit/support/test.h"

struct parse_case {
    const char *name, *text, *want; /* want: JSON */
};

static struct parse_case parse_cases[] = {
    { "the empty text is null", "", "null" },
    { "comments alone are null", "# nothing\n\n", "null" },
    { "an empty document is null", "---\n...\n", "null" },
    { "null is null", "null\n", "null" },
    { "a scalar is a document", "hello\n", "\"hello\"" },
    { "a mapping keeps its order", "z: 1\na: 2\n", "{\"z\":1,\"a\":2}" },
    { "a missing value is null", "a:\nb: ~\n", "{\"a\":null,\"b\":null}" },
    { "a list may stand at its key's column", "a:\n- 1\n- b: 2\n  c: 3\n- - x\n",
      "{\"a\":[1,{\"b\":2,\"c\":3},[\"x\"]]}" },
    { "flow style is read", "{a: [1, 'x', \"y\"], b: {}}", "{\"a\":[1,\"x\",\"y\"],\"b\":{}}" },
    { "quotes make strings", "[\"1\", 'true', \"null\", '~', \"0x1\"]",
      "[\"1\",\"true\",\"null\",\"~\",\"0x1\"]" },
    { "old booleans are strings", "[yes, no, on, off, y, n]",
      "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\"]" },
    { "file modes are octal", "defaultMode: 0644\n", "{\"defaultMode\":420}" },
    { "big numbers keep their spelling", "[18446744073709551616, 1.10, 1e400]",
      "[18446744073709551616,1.10,1e400]" },
    { "dates are strings", "t: 2023-04-05T06:07:08Z\n", "{\"t\":\"2023-04-05T06:07:08Z\"}" },
    { "colons without a space belong to the text", "image: quay.io/x@sha256:00\n",
      "{\"image\":\"quay.io/x@sha256:00\"}" },
    { "a literal block keeps its lines", "a: |\n  x\n    y\n\n  z\nb: 1\n",
      "{\"a\":\"x\\n  y\\n\\nz\\n\",\"b\":1}" },
    { "a literal block may be stripped", "a: |-\n  x\n  y\n\n", "{\"a\":\"x\\ny\"}" },
    { "a literal block may keep its end", "a: |+\n  x\n\nb: 1\n", "{\"a\":\"x\\n\\n\",\"b\":1}" },
    { "a folded block joins its lines", "a: >\n  x\n  y\n\n  z\n", "{\"a\":\"x y\\nz\\n\"}" },
    { "a literal block of digits is a string", "a: |-\n  1\n", "{\"a\":\"1\"}" },
    { "escapes in double quotes", "a: \"x\\ty\\u00e9\\x41\\0\\/\\e\"\n",
      "{\"a\":\"x\\ty\xC3\xA9"
      "A\\u0000/\\u001b\"}" },
    { "single quotes are doubled", "a: 'it''s'\n", "{\"a\":\"it's\"}" },
    { "an anchor is repeated", "a: &x {k: [1]}\nb: *x\n", "{\"a\":{\"k\":[1]},\"b\":{\"k\":[1]}}" },
    { "an anchored null is repeated", "a: &x\nb: *x\n", "{\"a\":null,\"b\":null}" },
    { "the latest anchor of a name counts", "[&x 1, *x, &x 2, *x]", "[1,1,2,2]" },
    { "an alias may be a key", "a: &x key\n*x : 1\n", "{\"a\":\"key\",\"key\":1}" },
    { "a merge adds what is missing", "base: &b {x: 1, y: 2}\nc:\n  y: 3\n  <<: *b\n",
      "{\"base\":{\"x\":1,\"y\":2},\"c\":{\"y\":3,\"x\":1}}" },
    { "a merge before the key loses, too", "c:\n  <<: {x: 1, y: 2}\n  y: 3\n",
      "{\"c\":{\"y\":3,\"x\":1}}" },
    { "of several merges the first wins", "<<: [{x: 1}, {x: 2, y: 2}]\nz: 3\n",
      "{\"z\":3,\"x\":1,\"y\":2}" },
    { "a merged null counts as a member", "<<: [{x: null}, {x: 2}]\n", "{\"x\":null}" },
    { "a quoted merge sign is a key", "\"<<\": 1\n", "{\"<<\":1}" },
    { "scalars as keys become strings", "1: a\ntrue: b\n1.50: c\n0x10: d\n",
      "{\"1\":\"a\",\"true\":\"b\",\"1.50\":\"c\",\"16\":\"d\"}" },
    { "explicit keys are read", "? a\n: 1\n", "{\"a\":1}" },
    { "tags of the core are honoured",
      "[!!str 1, !!int \"3\", !!float 3, !!bool \"true\", !!null \"\", ! 7]",
      "[\"1\",3,3,true,null,\"7\"]" },
    { "collections may carry their tag", "!!map {a: !!seq [1], b: ! [2]}",
      "{\"a\":[1],\"b\":[2]}" },
    { "a byte order mark is skipped",
      "\xEF\xBB\xBF"
      "a: 1\n",
      "{\"a\":1}" },
    { "Windows line ends are line ends", "a: 1\r\nb: |\r\n  x\r\n  y\r\n",
      "{\"a\":1,\"b\":\"x\\ny\\n\"}" },
    { "a trailing empty document is ignored", "a: 1\n---\n", "{\"a\":1}" },
    { "JSON is read", " {\"a\":[1,2.50,null],\"b\":\"\\/\\ud83d\\ude00\"} ",
      "{\"a\":[1,2.50,null],\"b\":\"/\xF0\x9F\x98\x80\"}" },
    { "indented JSON with tabs is read", "{\n\t\"a\": [\n\t\t1\n\t]\n}\n", "{\"a\":[1]}" },
    { "JSON keeps characters that YAML folds", "{\"a\":\"x\xE2\x80\xA8y\x7F\"}",
      "{\"a\":\"x\xE2\x80\xA8y\x7F\"}" },
    { "UTF-8 is text", "\xC3\xA9: \xF0\x9F\x98\x80\n", "{\"\xC3\xA9\":\"\xF0\x9F\x98\x80\"}" },
    { "a kubeconfig is read",
      "apiVersion: v1\nkind: Config\ncurrent-context: admin # the one\nclusters:\n- cluster:\n"
      "    certificate-authority-data: LS0tLS1CRUdJTg==\n    server: "
      "https://api-int.example.com:6443\n"
      "  name: c1\nusers:\n- name: admin\n  user:\n    token: \"123\"\n    exec:\n      args: "
      "[--a, -b]\n"
      "      env: null\npreferences: {}\n",
      "{\"apiVersion\":\"v1\",\"kind\":\"Config\",\"current-context\":\"admin\",\"clusters\":[{"
      "\"cluster\":{"
      "\"certificate-authority-data\":\"LS0tLS1CRUdJTg==\",\"server\":\"https://"
      "api-int.example.com:6443\"},"
      "\"name\":\"c1\"}],\"users\":[{\"name\":\"admin\",\"user\":{\"token\":\"123\",\"exec\":{"
      "\"args\":[\"--a\",\"-b\"],"
      "\"env\":null}}}],\"preferences\":{}}" },
};

static void check_parse(void **state)
{
    const struct parse_case *c = *state;
    cleanup_json json *j = NULL;
    cleanup_error struct error *err = NULL;

    int r = yaml_parse(c->text, strlen(c->text), &j, &err);

    assert_string_equal(error_text(err), "");
    assert_int_equal(r, 0);
    cleanup_free char *text = json_give_text(j);
    assert_string_equal(text, c->want);
}

static struct parse_case defect_cases[] = {
    { "a duplicate key is refused", "a: 1\nb: 2\na: 3\n",
      "YAML text: line 3, column 1: duplicate key: a" },
    { "a nested duplicate key is refused", "x:\n  - {b: 1, b: 1}\n",
      "YAML text: line 2, column 12: duplicate key: b" },
    { "a duplicate key in JSON is refused", "{\"a\":1,\"a\":1}",
      "YAML text: line 1, column 8: duplicate key: a" },
    { "keys that read alike are duplicates", "1: a\n\"1\": b\n",
      "YAML text: line 2, column 1: duplicate key: 1" },
    { "two merges are refused", "<<: {a: 1}\n<<: {b: 1}\n",
      "YAML text: line 2, column 1: duplicate key: <<" },
    { "a merge of a scalar is refused", "<<: 1\n",
      "YAML text: line 1, column 5: only mappings can be merged" },
    { "a merge of scalars is refused", "<<: [{a: 1}, 2]\n",
      "YAML text: line 1, column 5: only mappings can be merged" },
    { "a tab as indentation is refused", "a:\n\tb: 1\n",
      "YAML text: line 2, column 1: while scanning for the next token: "
      "found character that cannot start any token" },
    { "an unknown anchor is refused", "a: *x\n", "YAML text: line 1, column 4: unknown anchor: x" },
    { "an anchor within itself is refused", "&x [*x]\n",
      "YAML text: line 1, column 5: unknown anchor: x" },
    { "an anchor ends with its document", "a: &x 1\n---\nb: *x\n",
      "YAML text: line 3, column 4: unknown anchor: x" },
    { "an open bracket is refused", "a: [1\n", NULL },
    { "an open quote is refused", "a: \"x\n", NULL },
    { "wrong indentation is refused", "a: 1\n  b: 2\n", NULL },
    { "a mapping as key is refused", "? {a: 1}\n: 2\n",
      "YAML text: line 1, column 3: a key must be a scalar" },
    { "null as key is refused", "~: 1\n",
      "YAML text: line 1, column 1: a key must be a scalar other than null" },
    { "NUL in a key is refused", "\"a\\0b\": 1\n", "YAML text: line 1, column 1: NUL in a key" },
    { "infinity is refused", "a: .inf\n",
      "YAML text: line 1, column 4: JSON has no such number: .inf" },
    { "a tag of another type is refused", "a: !!int x\n", NULL },
    { "a local tag is refused", "a: !Ref x\n",
      "YAML text: line 1, column 4: tag that does not fit or is not supported: !Ref" },
    { "a foreign collection tag is refused", "!!set {a}\n", NULL },
    { "bad UTF-8 is refused", "a: \xC3(\n", "YAML text: byte 4: invalid trailing UTF-8 octet" },
    { "a control character is refused", "a: \x01\n",
      "YAML text: byte 3: control characters are not allowed" },
    { "two documents are not one", "a: 1\n---\nb: 2\n",
      "YAML text: one document is expected, not 2" },
};

static void check_defect(void **state)
{
    const struct parse_case *c = *state;
    cleanup_error struct error *err = NULL;
    json *j = (json *)(uintptr_t)1;

    assert_int_equal(yaml_parse(c->text, strlen(c->text), &j, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    if (c->want)
        assert_string_equal(error_text(err), c->want);
    assert_ptr_equal(j, (json *)(uintptr_t)1);
}

static void check_all(void **state)
{
    (void)state;
    static const char text[] =
        "# first\n---\na: 1\n---\n---\n# nothing\n---\n- 2\n...\n---\nnull\n---\nx\n";
    cleanup_json json *all = NULL, *none = NULL;

    assert_int_equal(yaml_parse_all(text, strlen(text), &all, NULL), 0);
    assert_int_equal(yaml_parse_all("", 0, &none, NULL), 0);

    cleanup_free char *got = json_give_text(all), *empty = json_give_text(none);
    assert_string_equal(got, "[{\"a\":1},[2],\"x\"]");
    assert_string_equal(empty, "[]");
}

static void check_laughs(void **state)
{
    (void)state;
    static const char text[] =
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
        "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    cleanup_error struct error *err = NULL;
    json *j = NULL;

    assert_int_equal(yaml_parse(text, strlen(text), &j, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_non_null(strstr(error_text(err), "too many nodes"));
}

static void check_long_laughs(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    cleanup_error struct error *err = NULL;
    json *j = NULL;
    buf_adds(&b, "- &a ");
    for (int i = 0; i < 100000; i++)
        buf_addc(&b, 'x');
    for (int i = 0; i < 1000; i++)
        buf_adds(&b, "\n- *a");

    assert_int_equal(yaml_parse(b.data, b.len, &j, &err), -1);

    assert_non_null(strstr(error_text(err), "too many nodes"));
}

static void check_copies(void **state)
{
    (void)state;
    static const char text[] = "a: &x {k: 1}\nb: *x\n";
    cleanup_json json *j = NULL;
    assert_int_equal(yaml_parse(text, strlen(text), &j, NULL), 0);

    assert_int_equal(json_path_put(j, "b.k", json_new_int(2), NULL), 0);

    assert_int_equal(json_path_int(j, "a.k", 0), 1);
}

static void check_depth(void **state)
{
    (void)state;
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
        cleanup_json json *j = NULL;
        cleanup_error struct error *err = NULL;
        for (int i = 0; i < depth; i++)
            buf_adds(&b, "[");
        buf_adds(&b, "plain");
        for (int i = 0; i < depth; i++)
            buf_adds(&b, "]");

        assert_int_equal(yaml_parse(b.data, b.len, &j, &err), depth > JSON_DEPTH_MAX ? -1 : 0);

        if (depth > JSON_DEPTH_MAX)
            assert_non_null(strstr(error_text(err), "nested too deeply"));
    }
}

/* Each line nests the one before: an alias may not pass the limit that brackets have. */
static void check_alias_depth(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    cleanup_error struct error *err = NULL;
    json *j = NULL;
    buf_adds(&b, "- &a0 x\n");
    for (int i = 1; i <= JSON_DEPTH_MAX; i++)
        buf_addf(&b, "- &a%d [*a%d]\n", i, i - 1);

    assert_int_equal(yaml_parse(b.data, b.len, &j, &err), -1);

    assert_non_null(strstr(error_text(err), "too deeply"));
}

int main(void)
{
    static const struct {
        const char *name;
        CMUnitTestFunction run;
    } others[] = {
        { "a stream gives its documents but the empty ones", check_all },
        { "a billion laughs are refused", check_laughs },
        { "long strings laugh, too", check_long_laughs },
        { "an alias is a copy", check_copies },
        { "nesting is limited", check_depth },
        { "aliases cannot nest deeper than brackets", check_alias_depth },
    };
    struct CMUnitTest tests[ARRAY_LEN(parse_cases) + ARRAY_LEN(defect_cases) + ARRAY_LEN(others)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(parse_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(parse_cases[i].name, check_parse, &parse_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(defect_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(defect_cases[i].name, check_defect, &defect_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        tests[n++] = (struct CMUnitTest)CASE(others[i].name, others[i].run);
    return RUN_CASES("yaml_parse", tests);
}

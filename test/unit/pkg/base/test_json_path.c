#include <string.h>

#include "pkg/base/json.h"
#include "test/unit/support/test.h"

static const char doc[] =
    "{\"spec\":{\"resourceId\":\"/s/1\",\"n\":7,\"on\":true,\"nil\":null,"
    "\"operatorflags\":{\"aro.x\":\"true\",\"q\\\"]\\\\\":\"odd\",\"\":\"empty\"},"
    "\"list\":[{\"a\":[10,20]},null,\"s\"]},\"0\":\"zero\",\"a b\":\"space\"}";

static json *give_tree(const char *text)
{
    json *j = NULL;
    assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
    return j;
}

static void assert_text(const json *j, const char *want)
{
    cleanup_free char *text = json_give_text(j);
    assert_string_equal(text, want);
}

struct find_case {
    const char *name, *path, *want; /* want: JSON; NULL when absent */
};

static struct find_case find_cases[] = {
    { "finds a nested value", "spec.resourceId", "\"/s/1\"" },
    { "finds a number", "spec.n", "7" },
    { "finds an explicit null", "spec.nil", "null" },
    { "finds a key with dots", "spec.operatorflags[\"aro.x\"]", "\"true\"" },
    { "finds a key with escaped characters", "spec.operatorflags[\"q\\\"]\\\\\"]", "\"odd\"" },
    { "finds the empty key", "spec.operatorflags[\"\"]", "\"empty\"" },
    { "finds an item of an item", "spec.list[0].a[1]", "20" },
    { "finds a null item", "spec.list[1]", "null" },
    { "a quoted key may begin a path", "[\"spec\"].n", "7" },
    { "a quoted key may follow a quoted key", "[\"spec\"][\"n\"]", "7" },
    { "digits are a key when no brackets stand round them", "0", "\"zero\"" },
    { "a space is an ordinary character", "a b", "\"space\"" },
    { "an absent key is absent", "spec.other", NULL },
    { "a key below a string is absent", "spec.resourceId.x", NULL },
    { "a key below null is absent", "spec.nil.x", NULL },
    { "a key of an array is absent", "spec.list.a", NULL },
    { "an index into an object is absent", "spec[0]", NULL },
    { "an index beyond the end is absent", "spec.list[3]", NULL },
    { "an index beyond size_t is absent", "spec.list[99999999999999999999999]", NULL },
    { "a negative index finds nothing", "spec.list[-1]", NULL },
    { "an empty index finds nothing", "spec.list[]", NULL },
    { "an open index finds nothing", "spec.list[0", NULL },
    { "an open quote finds nothing", "spec[\"n", NULL },
    { "a quote without its bracket finds nothing", "spec[\"n\"", NULL },
    { "a backslash at the end finds nothing", "spec[\"n\\", NULL },
    { "two dots find nothing", "spec..n", NULL },
    { "a dot at the start finds nothing", ".spec", NULL },
    { "a dot at the end finds nothing", "spec.", NULL },
    { "a dot before a bracket finds nothing", "spec.[\"n\"]", NULL },
    { "a key behind a bracket needs a dot", "spec[\"list\"]a", NULL },
};

static void check_find(void **state)
{
    const struct find_case *c = *state;
    cleanup_json json *j = give_tree(doc);

    assert_int_equal(json_path_has(j, c->path), c->want != NULL);
    if (c->want)
        assert_text(json_path(j, c->path), c->want);
    else
        assert_null(json_path(j, c->path));
}

struct put_case {
    const char *name, *before, *path, *after, *error; /* the value put is 1 */
};

static struct put_case put_cases[] = {
    { "adds a member", "{}", "a", "{\"a\":1}", NULL },
    { "replaces a member", "{\"a\":{\"b\":2}}", "a", "{\"a\":1}", NULL },
    { "makes missing objects", "{}", "a.b.c", "{\"a\":{\"b\":{\"c\":1}}}", NULL },
    { "makes an object in the place of null", "{\"a\":null}", "a.b", "{\"a\":{\"b\":1}}", NULL },
    { "keeps what stands beside", "{\"a\":{\"x\":0}}", "a.b", "{\"a\":{\"x\":0,\"b\":1}}", NULL },
    { "makes a missing array", "{}", "a[0].b[0]", "{\"a\":[{\"b\":[1]}]}", NULL },
    { "replaces an item", "{\"a\":[5,6]}", "a[1]", "{\"a\":[5,1]}", NULL },
    { "appends at the end", "{\"a\":[5,6]}", "a[2]", "{\"a\":[5,6,1]}", NULL },
    { "appends an object at the end", "[{}]", "[1].b", "[{},{\"b\":1}]", NULL },
    { "uses a key with dots", "{}", "f[\"a.b\"].c", "{\"f\":{\"a.b\":{\"c\":1}}}", NULL },
    { "refuses an index behind the end", "{\"a\":[5]}", "a[2]", NULL,
      "a[2]: index 2 is beyond the end" },
    { "refuses an index into a new array", "{}", "x.a[1]", NULL,
      "x.a[1]: index 1 is beyond the end" },
    { "refuses a string on the way", "{\"a\":{\"b\":\"s\"}}", "a.b.c", NULL,
      "a.b.c: \"a.b\" is not an object" },
    { "refuses an array in the place of an object", "{\"a\":[]}", "a.b", NULL,
      "a.b: \"a\" is not an object" },
    { "refuses an object in the place of an array", "{\"a\":{}}", "a[0]", NULL,
      "a[0]: \"a\" is not an array" },
    { "refuses the empty path", "{}", "", NULL, "malformed path \"\"" },
    { "refuses a malformed path before anything changes", "{}", "a.b..c", NULL,
      "malformed path \"a.b..c\"" },
};

static void check_put(void **state)
{
    const struct put_case *c = *state;
    cleanup_json json *j = give_tree(c->before);
    cleanup_error struct error *err = NULL;

    int r = json_path_put(j, c->path, json_new_int(1), &err);

    assert_int_equal(r, c->after ? 0 : -1);
    assert_text(j, c->after ? c->after : c->before);
    if (!c->after) {
        assert_true(error_is(err, ERR_INVALID));
        assert_string_equal(error_text(err), c->error);
    }
}

static void check_put_null(void **state)
{
    (void)state;
    cleanup_json json *j = give_tree("{\"a\":1}");

    assert_int_equal(json_path_put(j, "a", NULL, NULL), 0);
    assert_int_equal(json_set_str(j, "b.c", "x", NULL), 0);
    assert_int_equal(json_set_str(j, "b.d", NULL, NULL), 0);

    assert_text(j, "{\"a\":null,\"b\":{\"c\":\"x\",\"d\":null}}");
}

static void check_put_into_nothing(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;

    assert_int_equal(json_path_put(NULL, "a", json_new_int(1), &err), -1);

    assert_true(error_is(err, ERR_INVALID));
}

struct del_case {
    const char *name, *path;
    bool want;
    const char *after;
};

static struct del_case del_cases[] = {
    { "deletes a member", "a.b", true, "{\"a\":{\"n\":null},\"l\":[1,{\"x\":2}]}" },
    { "deletes a null member", "a.n", true, "{\"a\":{\"b\":1},\"l\":[1,{\"x\":2}]}" },
    { "deletes an item", "l[0]", true, "{\"a\":{\"b\":1,\"n\":null},\"l\":[{\"x\":2}]}" },
    { "deletes within an item", "l[1].x", true, "{\"a\":{\"b\":1,\"n\":null},\"l\":[1,{}]}" },
    { "an absent member is left", "a.c", false, NULL },
    { "an absent item is left", "l[2]", false, NULL },
    { "a member of nothing is left", "x.y.z", false, NULL },
    { "a malformed path deletes nothing", "a.b.", false, NULL },
    { "the empty path deletes nothing", "", false, NULL },
};

static void check_del(void **state)
{
    static const char before[] = "{\"a\":{\"b\":1,\"n\":null},\"l\":[1,{\"x\":2}]}";
    const struct del_case *c = *state;
    cleanup_json json *j = give_tree(before);

    assert_int_equal(json_path_del(j, c->path), c->want);

    assert_text(j, c->after ? c->after : before);
}

static void check_typed(void **state)
{
    (void)state;
    cleanup_json json *j = give_tree(doc);
    cleanup_error struct error *err = NULL;
    const char *s = NULL;
    int64_t v = 0;

    assert_string_equal(json_path_str(j, "spec.resourceId"), "/s/1");
    assert_null(json_path_str(j, "spec.n"));
    assert_int_equal(json_path_int(j, "spec.n", 3), 7);
    assert_int_equal(json_path_int(j, "spec.resourceId", 3), 3);
    assert_true(json_path_bool(j, "spec.on", false));
    assert_true(json_path_bool(j, "spec.n", true));
    assert_ptr_equal(json_path(j, ""), j);

    assert_int_equal(json_need_str(j, "spec.resourceId", &s, NULL), 0);
    assert_string_equal(s, "/s/1");
    assert_int_equal(json_need_str(j, "spec.n", &s, &err), -1);
    assert_string_equal(error_text(err), "spec.n: missing or not a string");
    assert_true(error_is(err, ERR_INVALID));
    error_clear(&err);
    assert_int_equal(json_need_int(j, "spec.n", &v, NULL), 0);
    assert_int_equal(v, 7);
    assert_int_equal(json_need_int(j, "spec.nil", &v, &err), -1);
    assert_string_equal(error_text(err), "spec.nil: missing or not an integer");
}

static void check_long_path(void **state)
{
    (void)state;
    cleanup_buf struct buf path = BUF_INIT(BUF_UNBOUNDED);
    cleanup_json json *j = json_new_object();
    for (int i = 0; i < 100; i++)
        buf_addf(&path, "%skey-%04d", i ? "." : "", i);
    buf_adds(&path, "[\"a.b\"]");

    assert_int_equal(json_path_put(j, path.data, json_new_int(5), NULL), 0);

    assert_int_equal(json_path_int(j, path.data, 0), 5);
    assert_true(json_path_del(j, path.data));
    assert_false(json_path_has(j, path.data));
}

int main(void)
{
    struct CMUnitTest
        tests[ARRAY_LEN(find_cases) + ARRAY_LEN(put_cases) + ARRAY_LEN(del_cases) + 4];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(find_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(find_cases[i].name, check_find, &find_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(put_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(put_cases[i].name, check_put, &put_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(del_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(del_cases[i].name, check_del, &del_cases[i]);
    tests[n++] = (struct CMUnitTest)CASE("null is a value to put", check_put_null);
    tests[n++] = (struct CMUnitTest)CASE("nothing can be put into null", check_put_into_nothing);
    tests[n++] = (struct CMUnitTest)CASE("typed readers check the type", check_typed);
    tests[n++] = (struct CMUnitTest)CASE("paths may be long", check_long_path);
    return RUN_CASES("json_path", tests);
}

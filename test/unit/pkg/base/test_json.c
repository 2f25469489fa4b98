#include <string.h>

#include "pkg/base/json.h"
#include "test/unit/support/test.h"

static void assert_text(const json *j, const char *want)
{
    cleanup_free char *text = json_give_text(j);
    assert_string_equal(text, want);
}

struct kind_case {
    const char *name, *text, *kind_name;
    enum json_kind kind;
};

static struct kind_case kind_cases[] = {
    { "null is null", "null", "null", JSON_NULL },
    { "true is a boolean", "true", "boolean", JSON_BOOL },
    { "8 is an integer", "8", "integer", JSON_INT },
    { "an integer beyond 64 bits is an integer", "18446744073709551616", "integer", JSON_INT },
    { "8.0 is a decimal", "8.0", "number", JSON_DECIMAL },
    { "1e3 is a decimal", "1e3", "number", JSON_DECIMAL },
    { "text is a string", "\"8\"", "string", JSON_STR },
    { "brackets are an array", "[]", "array", JSON_ARRAY },
    { "braces are an object", "{}", "object", JSON_OBJECT },
};

static void check_kind(void **state)
{
    const struct kind_case *c = *state;
    cleanup_json json *j = NULL;
    assert_int_equal(json_parse(c->text, strlen(c->text), &j, NULL), 0);

    assert_int_equal(json_kind(j), c->kind);
    assert_string_equal(json_kind_name(json_kind(j)), c->kind_name);

    assert_int_equal(json_str(j) != NULL, c->kind == JSON_STR);
    assert_int_equal(json_is_array(j), c->kind == JSON_ARRAY);
    assert_int_equal(json_is_object(j), c->kind == JSON_OBJECT);
    bool number = c->kind == JSON_INT || c->kind == JSON_DECIMAL;
    assert_int_equal(json_spelling(j) != NULL, number);
    assert_int_equal(json_number(j, -1) != -1, number);
    assert_int_equal(json_bool(j, false) != json_bool(j, true), c->kind != JSON_BOOL);
}

static void check_three_states(void **state)
{
    (void)state;
    cleanup_json json *j = json_make("{'null':null,'empty':'','array':[null]}");

    assert_true(json_has(j, "null"));
    assert_null(json_get(j, "null"));
    assert_false(json_has(j, "absent"));
    assert_null(json_get(j, "absent"));
    assert_string_equal(json_str(json_get(j, "empty")), "");
    assert_false(json_has(json_get(j, "array"), "0"));
    assert_false(json_has(NULL, "a"));
    assert_null(json_get(NULL, "a"));
    assert_int_equal(json_len(NULL), 0);
    assert_null(json_at(json_get(j, "array"), 0));
    assert_null(json_at(json_get(j, "array"), 1));
    assert_null(json_at(j, 0));
}

static void check_strings(void **state)
{
    (void)state;
    cleanup_json json *nul = json_new_str_n("a\0b", 3), *same = json_new_str_n("a\0b", 3);
    cleanup_json json *other = json_new_str_n("a\0c", 3);

    assert_int_equal(json_str_len(nul), 3);
    assert_memory_equal(json_str(nul), "a\0b", 4);
    assert_true(json_equal(nul, same));
    assert_false(json_equal(nul, other));
    assert_text(nul, "\"a\\u0000b\"");
    assert_null(json_new_str(NULL));
}

static void check_integers(void **state)
{
    (void)state;
    cleanup_json json *j = json_make("[5, 8.0, 8.5, '5', true, null, 18446744073709551616, 2e3]");
    static const struct {
        bool is;
        int64_t value;
    } want[] = { { true, 5 },   { true, 8 },   { false, -1 }, { false, -1 },
                 { false, -1 }, { false, -1 }, { false, -1 }, { true, 2000 } };

    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        int64_t v = -1;
        assert_int_equal(json_int(json_at(j, i), &v), want[i].is);
        assert_int_equal(v, want[i].value);
    }
}

struct equal_case {
    const char *name, *a, *b;
    bool want;
};

static struct equal_case equal_cases[] = {
    { "the order of members does not matter", "{\"a\":1,\"b\":{\"c\":2,\"d\":3}}",
      "{\"b\":{\"d\":3,\"c\":2},\"a\":1}", true },
    { "8 equals 8.0 within a tree", "[{\"a\":8}]", "[{\"a\":8.0}]", true },
    { "the order of items matters", "[1,2]", "[2,1]", false },
    { "a null member is not an absent one", "{\"a\":null}", "{\"b\":null}", false },
    { "fewer members are not equal", "{\"a\":1,\"b\":2}", "{\"a\":1}", false },
    { "fewer items are not equal", "[1,2]", "[1]", false },
    { "a number is not its text", "1", "\"1\"", false },
    { "null is not false", "null", "false", false },
    { "an empty array is not an empty object", "[]", "{}", false },
    { "nulls are equal", "[null]", "[null]", true },
    { "strings differ by case", "\"a\"", "\"A\"", false },
    { "true is not false", "true", "false", false },
};

static void check_equal(void **state)
{
    const struct equal_case *c = *state;
    cleanup_json json *a = NULL, *b = NULL;
    assert_int_equal(json_parse(c->a, strlen(c->a), &a, NULL), 0);
    assert_int_equal(json_parse(c->b, strlen(c->b), &b, NULL), 0);

    assert_int_equal(json_equal(a, b), c->want);
    assert_int_equal(json_equal(b, a), c->want);
    assert_true(json_equal(a, a));
}

static void check_copy(void **state)
{
    (void)state;
    cleanup_json json *j = json_make("{'a':[1,{'b':1.50,'c':null,'d':true}],'e':'x'}");
    cleanup_free char *before = json_give_text(j);

    cleanup_json json *copy = json_give_copy(j);

    assert_text(copy, before);
    json_append(json_path(copy, "a"), json_new_int(2));
    json_put(json_path(copy, "a[1]"), "b", NULL);
    assert_text(j, before);
    assert_null(json_give_copy(NULL));
}

static void check_each(void **state)
{
    (void)state;
    cleanup_json json *j = json_make("{'a':1,'b':null,'c':3,'d':4}");
    char seen[16] = "";

    for (struct json_iter it = json_each(j); json_next(&it);) {
        size_t n = strlen(seen);
        seen[n] = it.key[0];
        if (it.key[0] != 'c')
            assert_true(json_del(j, it.key));
    }

    assert_string_equal(seen, "abcd");
    assert_text(j, "{\"c\":3}");
    struct json_iter none = json_each(NULL);
    assert_false(json_next(&none));
    assert_false(json_next(&none));
}

static void check_many_keys(void **state)
{
    (void)state;
    cleanup_json json *j = json_new_object();
    char key[16];

    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        json_put(j, key, json_new_int(i));
    }
    for (struct json_iter it = json_each(j); json_next(&it);)
        if (json_number(it.value, 0) >= 10)
            assert_true(json_del(j, it.key));

    assert_text(j, "{\"k0\":0,\"k1\":1,\"k2\":2,\"k3\":3,\"k4\":4,\"k5\":5,\"k6\":6,\"k7\":7,"
                   "\"k8\":8,\"k9\":9}");
}

static void check_editing(void **state)
{
    (void)state;
    cleanup_json json *a = json_new_array();

    json_append(a, json_new_int(1));
    json_insert_at(a, 0, json_new_int(0));
    json_insert_at(a, 2, NULL);
    json_insert_at(a, 1, json_new_str("x"));
    assert_text(a, "[0,\"x\",1,null]");
    json_replace_at(a, 3, json_new_bool(true));
    json_remove_at(a, 0);
    assert_text(a, "[\"x\",1,true]");
    assert_int_equal(json_len(a), 3);

    cleanup_json json *o = json_new_object();
    json_put(o, "a", json_new_decimal("1.10"));
    json_put(o, "b", NULL);
    json_put(o, "a", json_new_decimal("12345678901234567890"));
    assert_text(o, "{\"a\":12345678901234567890,\"b\":null}");
    assert_true(json_del(o, "b"));
    assert_false(json_del(o, "b"));
    assert_false(json_del(NULL, "b"));
}

static void check_keyed(void **state)
{
    (void)state;
    cleanup_json json *list = json_make("[{'n':'a'},{'n':'b','x':1},{'n':'b'},{},7]");

    json_put_keyed(list, "n", json_make("{'n':'b','x':2}"));
    json_put_keyed(list, "n", json_make("{'n':'c'}"));
    json_put_keyed(list, "n", json_make("{'x':3}"));
    json_put_keyed(list, "n", json_make("{'n':7}"));

    assert_text(list,
                "[{\"n\":\"a\"},{\"n\":\"b\",\"x\":2},{\"n\":\"b\"},{},7,{\"n\":\"c\"},{\"x\":3},"
                "{\"n\":7}]");
}

static void check_sort(void **state)
{
    (void)state;
    cleanup_json json *j = json_make("['b',1,'a','B',null,'','ab']");

    json_sort_strs(j);

    for (size_t i = 0; i < 5; i++)
        assert_non_null(json_str(json_at(j, i)));
    for (size_t i = 1; i < 5; i++)
        assert_true(strcmp(json_str(json_at(j, i - 1)), json_str(json_at(j, i))) < 0);
    assert_null(json_str(json_at(j, 5)));
    assert_null(json_str(json_at(j, 6)));
}

static void check_owners(void **state)
{
    (void)state;
    json *j = json_make("{'a':1}");
    json *second = json_ref(j);

    json_free(j);

    assert_text(second, "{\"a\":1}");
    json_free(second);
    json_free(NULL);
    assert_null(json_ref(NULL));
}

static void check_zero(void **state)
{
    static const char *const zeros[] = { "null", "false", "\"\"", "0", "[]", "{}" };
    static const char *const others[] = { "true",   "\"0\"",     "1",   "-0.5",
                                          "[null]", "{\"a\":0}", "0e0", "1e400" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(zeros); i++) {
        cleanup_json json *v = NULL;
        assert_int_equal(json_parse(zeros[i], strlen(zeros[i]), &v, NULL), 0);
        assert_true(json_is_zero(v));
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        cleanup_json json *v = NULL;
        assert_int_equal(json_parse(others[i], strlen(others[i]), &v, NULL), 0);
        assert_false(json_is_zero(v));
    }
}

int main(void)
{
    static const struct {
        const char *name;
        CMUnitTestFunction run;
    } others[] = {
        { "absent, null and empty are three states", check_three_states },
        { "zero is known from all that is not", check_zero },
        { "strings may hold NUL", check_strings },
        { "integers are found where they are exact", check_integers },
        { "a copy shares nothing", check_copy },
        { "the current member may be deleted while iterating", check_each },
        { "a table that grew may shrink while iterating", check_many_keys },
        { "arrays and objects are edited in place", check_editing },
        { "a named member takes the place of its namesake", check_keyed },
        { "strings sort by bytes, others come last", check_sort },
        { "a tree lives as long as its last owner", check_owners },
    };
    struct CMUnitTest tests[ARRAY_LEN(kind_cases) + ARRAY_LEN(equal_cases) + ARRAY_LEN(others)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(kind_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(kind_cases[i].name, check_kind, &kind_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(equal_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(equal_cases[i].name, check_equal, &equal_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        tests[n++] = (struct CMUnitTest)CASE(others[i].name, others[i].run);
    return RUN_CASES("json", tests);
}

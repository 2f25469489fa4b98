#include "hack/devcloud/cluster/fieldset.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

static struct fieldset *give_set(const char *loose)
{
    cleanup_json json *tree = loose_tree(loose);
    struct fieldset *set = NULL;
    assert_int_equal(fieldset_parse(tree, &set, NULL), 0);
    return set;
}

static void assert_set(const struct fieldset *set, const char *want)
{
    cleanup_json json *got = fieldset_give_json(set);
    assert_tree(got, want);
}

struct set_case {
    const char *name;
    void (*fn)(struct fieldset *, const struct fieldset *);
    const char *a, *b, *want;
};

static struct set_case cases[] = {
    { "adds members and what lies below them", fieldset_add, "{'f:a':{'f:b':{}}}",
      "{'f:a':{'.':{},'f:c':{}},'f:d':{}}", "{'f:a':{'.':{},'f:b':{},'f:c':{}},'f:d':{}}" },
    { "subtracts members only", fieldset_subtract, "{'f:a':{'.':{},'f:b':{},'f:c':{}}}",
      "{'f:a':{'.':{},'f:b':{}}}", "{'f:a':{'f:c':{}}}" },
    { "a subtracted parent leaves its children", fieldset_subtract, "{'f:a':{'f:b':{}}}",
      "{'f:a':{}}", "{'f:a':{'f:b':{}}}" },
    { "keeps what both have", fieldset_intersect, "{'f:a':{'.':{},'f:b':{}},'f:c':{}}",
      "{'f:a':{'f:b':{},'f:x':{}},'f:c':{'f:y':{}}}", "{'f:a':{'f:b':{}}}" },
    { "nothing remains of different sets", fieldset_intersect, "{'f:a':{}}", "{'f:b':{}}", "{}" },
};

static void check(void **state)
{
    const struct set_case *c = *state;
    cleanup_fieldset struct fieldset *a = give_set(c->a), *b = give_set(c->b);

    c->fn(a, b);

    assert_set(a, c->want);
    cleanup_json json *other = fieldset_give_json(b);
    assert_tree(other, c->b);
}

static void copies(void **state)
{
    (void)state;
    cleanup_fieldset struct fieldset *a =
        give_set("{'f:a':{'k:{\\\"name\\\":\\\"x\\\"}':{'.':{},'f:b':{}}}}");
    cleanup_fieldset struct fieldset *b = fieldset_give_copy(a);

    assert_true(fieldset_equal(a, b));
    fieldset_make(b, "f:z")->member = true;
    assert_false(fieldset_equal(a, b));
    assert_null(fieldset_find(a, "f:z"));
    assert_false(fieldset_is_empty(a));
    assert_true(fieldset_is_empty(NULL));
}

static void refuses(void **state)
{
    (void)state;
    static const char *const bad[] = { "{'a':{}}",    "{'f:a':1}",  "{'k:x':{}}",
                                       "{'k:[]':{}}", "{'i:x':{}}", "[]" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_json json *tree = loose_tree(bad[i]);
        struct fieldset *set = NULL;
        cleanup_error struct error *err = NULL;
        assert_int_equal(fieldset_parse(tree, &set, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
    }
}

static void lists_paths(void **state)
{
    (void)state;
    cleanup_fieldset struct fieldset *set =
        give_set("{'f:a':{'k:{\\\"n\\\":\\\"x\\\",\\\"p\\\":80}':{'.':{},'f:b':{}}},"
                 "'f:s':{'v:\\\"y\\\"':{},'i:3':{}}}");
    cleanup_strv struct strv paths = STRV_INIT;

    fieldset_list(set, &paths);

    cleanup_free char *all = strv_give_joined(&paths, " ");
    assert_string_equal(all, ".a[n=\"x\",p=80] .a[n=\"x\",p=80].b .s[3] .s[=\"y\"]");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    size_t n = 0;
    for (; n < ARRAY_LEN(cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(cases[n].name, check, &cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("a copy is equal and separate", copies);
    tests[n++] = (struct CMUnitTest)CASE("refuses what no server writes", refuses);
    tests[n++] = (struct CMUnitTest)CASE("lists paths as messages show them", lists_paths);
    return RUN_CASES("fieldset", tests);
}

/* By the built-in keys; the whole algorithm is tested by what devcloud makes of it, too. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/merge_keys.h"
#include "pkg/kube/strategic.h"
#include "test/unit/support/test.h"

static const struct strategic_case {
    const char *name, *live, *patch, *want; /* want NULL: refused */
} cases[] = {
    { "merges by key, at any depth",
      "{'spec':{'containers':[{'name':'a','env':[{'name':'E','value':'1'}]},{'name':'b'}]}}",
      "{'spec':{'containers':[{'name':'a','env':[{'name':'F'}]}]}}",
      "{'spec':{'containers':[{'name':'a','env':[{'name':'F'},{'name':'E','value':'1'}]},{'name':'"
      "b'}]}}" },
    { "deletes an item", "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
      "{'spec':{'containers':[{'$patch':'delete','name':'a'}]}}",
      "{'spec':{'containers':[{'name':'b'}]}}" },
    { "replaces lists of which nothing is known", "{'spec':{'tolerations':[{'key':'a'}]}}",
      "{'spec':{'tolerations':[{'key':'b'}]}}", "{'spec':{'tolerations':[{'key':'b'}]}}" },
    { "retains keys", "{'spec':{'volumes':[{'name':'v','secret':{}}]}}",
      "{'spec':{'volumes':[{'name':'v','$retainKeys':['name','emptyDir'],'emptyDir':{}}]}}",
      "{'spec':{'volumes':[{'name':'v','emptyDir':{}}]}}" },
    { "wants keys", "{'spec':{'containers':[{'name':'a'}]}}",
      "{'spec':{'containers':[{'image':'x'}]}}", NULL },
};

static json *tree(const char *text)
{
    json *made = NULL;
    cleanup_free char *real = xstrdup(text);
    for (char *p = real; *p; p++)
        if (*p == '\'')
            *p = '"';
    assert_int_equal(json_parse(real, strlen(real), &made, NULL), 0);
    return made;
}

static void check(void **state)
{
    const struct strategic_case *c = *state;
    const struct merge_keys *k = merge_keys_builtin();
    cleanup_json json *live = tree(c->live), *patch = tree(c->patch), *got = NULL;

    int rc = strategic_apply(merge_keys_schema(k), merge_keys_find(k, "", "Pod"), live, patch, &got,
                             NULL);

    assert_int_equal(rc, c->want ? 0 : -1);
    cleanup_json json *want = c->want ? tree(c->want) : NULL;
    assert_true(json_equal(got, want));
}

static void items_are_found_by_key_or_value(void **state)
{
    (void)state;
    cleanup_json json *list = tree("[{'k':1},{'k':2}]"), *item = tree("{'k':2,'x':1}");
    cleanup_json json *values = tree("['a','b']"), *value = tree("'b'"), *none = tree("'c'");
    assert_int_equal(strategic_index_of(list, item, "k"), 1);
    assert_int_equal(strategic_index_of(values, value, NULL), 1);
    assert_int_equal(strategic_index_of(values, none, NULL), 2);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("items are found by key or value", items_are_found_by_key_or_value);
    return RUN_CASES("strategic", tests);
}

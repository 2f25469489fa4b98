#include <string.h>

#include "rp/cluster/template.h"
#include "test/unit/support/test.h"

#define VALUES \
    "{'name':'n','number':7,'flag':true,'off':false,'none':null,'list':['x','y']," \
    "'pairs':[{'k':1,'v':'a'},{'k':2,'v':'b'}],'object':{'a':'${name}'}}"

struct fill_case {
    const char *name, *skeleton, *want; /* want NULL: it fails with error */
    const char *error;
};
static struct fill_case cases[] = {
    { "texts take texts and numbers", "{'a':'x-${name}-${number}','b':'[concat(${name})]'}",
      "{'a':'x-n-7','b':'[concat(n)]'}", NULL },
    { "a reference alone takes the value's type", "{'a':'${number}','b':'${flag}','c':'${list}'}",
      "{'a':7,'b':true,'c':['x','y']}", NULL },
    { "null takes its member or element out", "{'a':'${none}','b':['${none}','${name}']}",
      "{'b':['n']}", NULL },
    { "what only looks like a reference stays", "['$name','${','${}','$(name)','${na me}']",
      "['$name','${','${}','$(name)','${na me}']", NULL },
    { "objects stay where their conditions hold",
      "[{'$when':'flag','a':1},{'$when':'!off flag','b':1},{'$when':'off'},{'$when':'flag off'}]",
      "[{'a':1},{'b':1}]", NULL },
    { "a member whose condition does not hold goes", "{'a':{'$when':'off','b':1},'c':2}", "{'c':2}",
      NULL },
    { "an element is repeated for each text", "[{'$each':'list','a':'${item}-${name}'},3]",
      "[{'a':'x-n'},{'a':'y-n'},3]", NULL },
    { "an element is repeated for each object", "[{'$each':'pairs','a':'${k}${v}'}]",
      "[{'a':'1a'},{'a':'2b'}]", NULL },
    { "a condition stands before a repetition", "[{'$when':'off','$each':'list','a':'${item}'}]",
      "[]", NULL },
    { "values are not filled themselves", "{'a':'${object}'}", "{'a':{'a':'${name}'}}", NULL },
    { "an unknown value is told", "{'a':{'b':'${other}'}}", NULL, "a: b: ${other} has no value" },
    { "an unknown condition is told", "{'a':{'$when':'other'}}", NULL,
      "a: $when other has no value" },
    { "a list that is none is told", "[{'$each':'name'}]", NULL, "$each name has no list" },
    { "a list within a text is told", "['x${list}']", NULL, "${list} is no text" },
};

static void check_fill(void **state)
{
    const struct fill_case *c = *state;
    cleanup_json json *values = json_make(VALUES);
    cleanup_json json *skeleton = json_make(c->skeleton);
    cleanup_json json *got = NULL;
    cleanup_error struct error *err = NULL;

    int rcode = template_fill(skeleton, values, &got, &err);

    if (!c->want) {
        assert_int_equal(rcode, -1);
        assert_string_equal(error_text(err), c->error);
        return;
    }
    if (rcode < 0)
        fail_msg("%s", error_text(err));
    cleanup_json json *want = json_make(c->want);
    cleanup_free char *got_text = json_give_sorted(got), *want_text = json_give_sorted(want);
    assert_string_equal(got_text, want_text);
}

static void check_embedded(void **state)
{
    (void)state;
    cleanup_json json *values = json_new_object();
    for (int i = 0; i < CLUSTER_TEMPLATES; i++) {
        cleanup_error struct error *err = NULL;
        json *got = NULL;

        assert_int_equal(template_make((enum cluster_template)i, values, &got, &err), -1);

        assert_non_null(strstr(error_text(err), "has no value"));
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_fill, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("every skeleton is part of the build", check_embedded);
    return RUN_CASES("template", tests);
}

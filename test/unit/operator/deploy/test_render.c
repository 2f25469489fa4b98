#include <string.h>

#include "operator/deploy/render.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/test.h"

static json *give_tree(const char *text)
{
    json *tree = NULL;
    assert_int_equal(yaml_parse(text, strlen(text), &tree, NULL), 0);
    return tree;
}

struct render_case {
    const char *name, *in, *out; /* out NULL: refused */
};
static struct render_case cases[] = {
    { "fills a variable in", "{a: '${Image}'}", "{a: 'r/x:1'}" },
    { "fills variables in beside other text", "{a: 'is ${Image}, ${Role}!'}",
      "{a: 'is r/x:1, master!'}" },
    { "goes into lists and objects", "[[{b: ['${Role}']}]]", "[[{b: ['master']}]]" },
    { "leaves keys alone", "{'${Role}': 1}", "{'${Role}': 1}" },
    { "keeps numbers, booleans and null", "{a: 1, b: true, c: null, d: 1.50}",
      "{a: 1, b: true, c: null, d: 1.50}" },
    { "leaves references of the kubelet alone", "{a: '$(POD_IP)'}", "{a: '$(POD_IP)'}" },
    { "leaves references of the collector alone", "{a: '${env:X}'}", "{a: '${env:X}'}" },
    { "leaves a lone dollar alone", "{a: 'a$ ${ ${} ${Role'}", "{a: 'a$ ${ ${} ${Role'}" },
    { "keeps a number in a variable a string", "{a: '${Digits}'}", "{a: '007'}" },
    { "does not fill in what a value brings along", "{a: '${Sly}'}", "{a: '${Role}'}" },
    { "cannot be made to add fields", "{a: '${Evil}'}", "{a: \"x\\nb: 1\\n'}]\"}" },
    { "refuses a variable that nobody knows", "{a: {b: ['${Nobody}']}}", NULL },
    { "refuses a variable that has no value here", "{a: '${Unset}'}", NULL },
};

static void check_render(void **state)
{
    static const struct render_var vars[] = {
        { "Image", "r/x:1" }, { "Role", "master" },       { "Digits", "007" },
        { "Sly", "${Role}" }, { "Evil", "x\nb: 1\n'}]" }, { "Unset", NULL },
    };
    const struct render_case *c = *state;
    cleanup_json json *in = give_tree(c->in);
    cleanup_json json *out = NULL;
    cleanup_error struct error *err = NULL;

    int rcode = render_tree(in, vars, ARRAY_LEN(vars), &out, &err);

    if (!c->out) {
        assert_int_equal(rcode, -1);
        assert_non_null(strstr(error_text(err), "has no value"));
        return;
    }
    cleanup_json json *want = give_tree(c->out);
    assert_int_equal(rcode, 0);
    assert_true(json_equal(out, want));
}

static void all_documents_of_a_file_are_appended(void **state)
{
    (void)state;
    cleanup_json json *objects = json_make("['before']");

    int rcode = render_file("operator/rbac/aro-sre.yaml", NULL, 0, objects, NULL);

    assert_int_equal(rcode, 0);
    assert_int_equal(json_len(objects), 3);
    assert_string_equal(json_path_str(json_at(objects, 1), "kind"), "ClusterRole");
    assert_string_equal(json_path_str(json_at(objects, 2), "kind"), "ClusterRoleBinding");
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    cleanup_json json *objects = json_new_array();
    cleanup_error struct error *err = NULL;

    int rcode = render_file("operator/nothing.yaml", NULL, 0, objects, &err);

    assert_int_equal(rcode, -1);
    assert_non_null(strstr(error_text(err), "operator/nothing.yaml"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_render, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("appends all documents of a file",
                                                      all_documents_of_a_file_are_appended);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE("names a file that is not there",
                                                          a_file_that_is_not_there_is_named);
    return RUN_CASES("render", tests);
}

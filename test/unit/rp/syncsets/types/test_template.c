#include <string.h>

#include "rp/syncsets/types/template.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

/* want NULL: an error that says `error`. */
static const struct template_case {
    const char *name, *text, *want, *error;
} cases[] = {
    { "leaves plain text", "a } { b", "a } { b", NULL },
    { "gives a label", "x-{{ fromCDLabel \"env\" }}-y", "x-prod-y", NULL },
    { "gives nothing for a missing label", "[{{fromCDLabel \"no\"}}]", "[]", NULL },
    { "gives name, namespace and annotation",
      "{{fromCDName}} {{fromCDNamespace}} {{ fromCDAnnotation `a` }}", "c n b", NULL },
    { "trims", "a  {{- fromCDName -}}  b", "acb", NULL },
    { "drops comments", "a{{/* no */}}b{{- /* no */ -}} c", "abc", NULL },
    { "has defaults",
      "{{ default \"x\" (fromCDLabel \"no\") }}{{ fromCDLabel \"env\" | default \"x\" }}", "xprod",
      NULL },
    { "knows strings", "{{ \"q\\\"\\n\" }}{{ `r\\` }}", "q\"\nr\\", NULL },
    { "refuses other functions", "a\n {{ len \"x\" }}", NULL, "2:5" },
    { "refuses control", "{{ if true }}", NULL, "1:4" },
    { "refuses fields", "{{ .Name }}", NULL, "1:4" },
    { "wants an end", "{{ fromCDName", NULL, "unclosed action" },
    { "wants arguments", "{{ fromCDLabel }}", NULL, "wrong number of arguments" },
};

static void check(void **state)
{
    const struct template_case *c = *state;
    cleanup_json json *cluster = sets_rig_parse("{'metadata':{'name':'c','namespace':'n','labels':{"
                                                "'env':'prod'},'annotations':{'a':'b'}}}");
    cleanup_error struct error *err = NULL;
    cleanup_free char *made = NULL;
    int status = template_render(c->text, cluster, NULL, &made, &err);
    if (c->want) {
        assert_int_equal(status, 0);
        assert_string_equal(made, c->want);
        return;
    }
    assert_int_equal(status, -1);
    if (!strstr(error_text(err), c->error))
        fail_msg("%s", error_text(err));
}

static void trees_keep_their_keys(void **state)
{
    (void)state;
    cleanup_json json *value = sets_rig_parse("{'{{ x }}':['{{ \\\"a\\\" }}',1,null]}");
    cleanup_json json *made = NULL;
    assert_int_equal(template_render_tree(value, NULL, NULL, &made, NULL), 0);
    assert_string_equal(json_path_str(made, "[\"{{ x }}\"][0]"), "a");
}

static void what_all_texts_come_to_is_limited(void **state)
{
    (void)state;
    cleanup_json json *cluster =
        sets_rig_parse("{'metadata':{'name':'four','namespace':'n','annotations':{}}}");
    cleanup_json json *value =
        sets_rig_parse("{'a':'{{ fromCDName }}{{ fromCDName }}','b':['{{ fromCDName }}']}");
    size_t room = 12;
    cleanup_json json *fits = NULL, *does_not = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(template_render_tree(value, cluster, &room, &fits, NULL), 0);
    assert_int_equal(room, 0);

    room = 11;
    assert_int_equal(template_render_tree(value, cluster, &room, &does_not, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_null(does_not);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("trees keep their keys", trees_keep_their_keys);
    tests[ARRAY_LEN(cases) + 1] = (struct CMUnitTest)CASE("what all texts come to is limited",
                                                          what_all_texts_come_to_is_limited);
    return RUN_CASES("template", tests);
}

#include "rp/syncsets/types/selector.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static const struct selector_case {
    const char *name, *text, *labels;
    int want; /* -1: refused */
} cases[] = {
    { "nothing selects everything", "", "{}", 1 },
    { "equality", "a=b", "{'a':'b'}", 1 },
    { "double equality", "a==b", "{'a':'c'}", 0 },
    { "inequality also matches a missing key", "a!=b", "{}", 1 },
    { "inequality", "a!=b", "{'a':'b'}", 0 },
    { "in", "a in (x, y)", "{'a':'y'}", 1 },
    { "notin also matches a missing key", "a notin (x)", "{}", 1 },
    { "existence", "a", "{'a':''}", 1 },
    { "absence", "!a", "{'a':''}", 0 },
    { "all must hold", "a=b,!c , d in (e)", "{'a':'b','d':'e'}", 1 },
    { "a key may be called in", "in", "{'in':'x'}", 1 },
    { "an empty value", "a=", "{'a':''}", 1 },
    { "refuses half a list", "a in (x", "{}", -1 },
    { "refuses a lonely comma", "a=b,", "{}", -1 },
    { "refuses bad keys", "a b", "{}", -1 },
    { "refuses bad values", "a=-", "{}", -1 },
};

static void check(void **state)
{
    const struct selector_case *c = *state;
    cleanup_selector struct selector s = { 0 };
    cleanup_json json *labels = sets_rig_parse(c->labels);
    int status = selector_parse(c->text, &s, NULL);
    assert_int_equal(status, c->want < 0 ? -1 : 0);
    if (status == 0)
        assert_int_equal(selector_matches(&s, labels), c->want);
}

static void objects_say_the_same(void **state)
{
    (void)state;
    cleanup_json json *j =
        sets_rig_parse("{'matchLabels':{'a':'b'},'matchExpressions':[{'key':'c','operator':'NotIn',"
                       "'values':['y','x']},{'key':'d','operator':'Exists'},"
                       "{'key':'e','operator':'DoesNotExist'}]}");
    cleanup_causes struct api_causes causes;
    cleanup_selector struct selector s = { 0 };
    api_causes_init(&causes);
    selector_decode(j, "p", &causes, &s);
    cleanup_free char *text = selector_give_text(&s);
    assert_string_equal(text, "a in (b),c notin (x,y),d,!e");
    assert_int_equal(json_len(causes.list), 0);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, (void *)(uintptr_t)&cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("objects say the same", objects_say_the_same);
    return RUN_CASES("selector", tests);
}

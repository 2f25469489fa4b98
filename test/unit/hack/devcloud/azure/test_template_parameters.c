#include "test/unit/hack/devcloud/azure/template_rig.h"

#define TEMPLATE \
    "{'parameters':{'s':{'type':'string','minLength':2,'allowedValues':['ab','cd','x']}," \
    "'i':{'type':'Int','defaultValue':1,'maxValue':9},'b':{'type':'bool','defaultValue':true}," \
    "'a':{'type':'array','defaultValue':[]},'o':{'type':'object','defaultValue':{}}," \
    "'p':{'type':'securestring','defaultValue':'hidden'}}}"

static void check_values(void **state)
{
    (void)state;
    static const struct {
        const char *given, *part; /* of the error; NULL: good */
    } rows[] = {
        { "{'s':{'value':'ab'}}", NULL },
        { "{'S':{'value':'cd'},'i':{'value':9},'b':{'value':false},'a':{'value':[1]},'o':{'value':"
          "{}},'p':{'value':'x'}}",
          NULL },
        { "{}", "'s' is not provided" },
        { "{'s':{'value':'ef'}}", "allowed" },
        { "{'s':{'value':'x'}}", "bounds" },
        { "{'s':{'value':'ab'},'i':{'value':'1'}}", "type 'int'" },
        { "{'s':{'value':'ab'},'i':{'value':10}}", "bounds" },
        { "{'s':{'value':'ab'},'b':{'value':1}}", "type 'bool'" },
        { "{'s':{'value':'ab'},'z':{'value':1}}", "'z'" },
        { "{'s':{}}", "no value" },
        { "{'s':'ab'}", "no value" },
    };
    cleanup_json json *template = template_rig_json(TEMPLATE);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_json json *given = template_rig_json(rows[i].given), *values = NULL;
        cleanup_error struct error *err = NULL;
        int rcode = template_take_parameters(template, given, &values, &err);
        assert_int_equal(rcode, rows[i].part ? -1 : 0);
        if (rows[i].part)
            assert_non_null(strstr(error_text(err), rows[i].part));
    }
}

static void check_shown(void **state)
{
    (void)state;
    cleanup_json json *template = template_rig_json(TEMPLATE);
    cleanup_json json *values = json_make("{'s':'ab'}");
    const struct template_scope s = { .template = template, .parameters = values };

    cleanup_json json *shown = template_give_parameters(&s);

    assert_string_equal(json_path_str(shown, "s.value"), "ab");
    assert_int_equal(json_path_int(shown, "i.value", 0), 1);
    assert_string_equal(json_path_str(shown, "p.type"), "secureString");
    assert_false(json_path_has(shown, "p.value"));
}

static void check_untyped(void **state)
{
    (void)state;
    cleanup_json json *template = json_make("{'parameters':{'x':{'type':'float'}}}");
    cleanup_json json *given = json_make("{'x':{'value':1}}"), *values = NULL;
    const struct template_scope s = { .template = template };

    assert_int_equal(template_take_parameters(template, given, &values, NULL), -1);
    assert_null(template_give_parameters(&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("values have the type and the bounds of their parameter", check_values),
        CASE("secret values are not shown", check_shown),
        CASE("a type that is not known is refused", check_untyped),
    };
    return RUN_CASES("template_parameters", tests);
}

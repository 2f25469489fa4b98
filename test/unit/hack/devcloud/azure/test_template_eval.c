#include "hack/devcloud/azure/template.h"
#include "test/unit/hack/devcloud/azure/template_rig.h"

static void assert_value(const struct template_scope *s, const char *value, const char *want)
{
    cleanup_json json *tree = template_rig_json(value), *result = NULL;
    cleanup_json json *expected = template_rig_json(want);
    assert_int_equal(template_evaluate(s, tree, &result, NULL), 0);
    assert_true(json_equal(result, expected));
}

static void check_values(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };
    static const char *const rows[][2] = {
        { "'plain'", "'plain'" },
        { "'[[not one]'", "'[not one]'" },
        { "'[open'", "'[open'" },
        { "7", "7" },
        { "null", "null" },
        { "{'a':['[add(1,2)]',{'b':'[true()]'}]}", "{'a':[3,{'b':true}]}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_value(&s, rows[i][0], rows[i][1]);
    assert_expression(&s, "", NULL);
}

static void check_expressions(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };
    static const struct expression_case rows[] = {
        { "CONCAT('a', 'b')", "'ab'" },
        { "createObject('A', createArray(1, 2)).a[1]", "2" },
        { "createObject('a', 5)['A']", "5" },
        { "if(true(), 'y', int('no number'))", "'y'" },
        { "if(false(), int('no number'), 'n')", "'n'" },
        { "createObject('a', null()).a", "null" },
        { "if('yes', 1, 2)", NULL },
        { "if(true(), 1)", NULL },
        { "createObject('a', 5).b", NULL },
        { "createArray(1)[1]", NULL },
        { "createArray(1)[-1]", NULL },
        { "string(1).x", NULL },
        { "nothing('x')", NULL },
        { "not()", NULL },
        { "reference('x')", NULL }, /* only while it runs */
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
}

static void check_property_copies(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };

    assert_value(&s,
                 "{'copy':[{'name':'disks','count':'[add(1,1)]','input':{'lun':\"[copyIndex("
                 "'disks',1)]\"}}],'x':1}",
                 "{'disks':[{'lun':1},{'lun':2}],'x':1}");
}

static void check_checking(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int want;
    } rows[] = {
        { "{'a':['[concat()]']}", 0 },   { "{'a':'[if(true(),reference(1),2)]'}", 0 },
        { "{'a':['[nothing()]']}", -1 }, { "{'a':{'b':'[concat(]'}}", -1 },
        { "{'a':'[not(1,2)]'}", -1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_json json *value = template_rig_json(rows[i].value);
        assert_int_equal(template_check(value, NULL), rows[i].want);
    }
}

static void see(void *arg, const char *first)
{
    strv_add(arg, first);
}

static void check_seeing(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };
    cleanup_strv struct strv seen = STRV_INIT;
    cleanup_json json *value =
        json_make("{'a':\"[reference('one').x]\",'b':[\"[concat(Reference(concat('tw','o')).y,"
                  "reference(unknown()))]\"]}");

    template_each_call(&s, value, "reference", see, &seen);

    cleanup_free char *all = strv_give_joined(&seen, " ");
    assert_string_equal(all, "one two");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("expressions are evaluated wherever they stand", check_values),
        CASE("members, indexes and one branch of if are taken", check_expressions),
        CASE("properties are copied in a loop", check_property_copies),
        CASE("a template is checked before it runs", check_checking),
        CASE("calls are found without running them", check_seeing),
    };
    return RUN_CASES("template_eval", tests);
}

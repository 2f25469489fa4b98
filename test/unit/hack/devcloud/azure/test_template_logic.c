#include "test/unit/hack/devcloud/azure/template_rig.h"

static void check_results(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };
    static const struct expression_case rows[] = {
        { "equals('a', 'A')", "false" },
        { "equals(createArray(1), createArray(1))", "true" },
        { "not(false())", "true" },
        { "and(true(), true(), false())", "false" },
        { "or(false(), true())", "true" },
        { "bool('TRUE')", "true" },
        { "bool(0)", "false" },
        { "empty('')", "true" },
        { "empty(createArray())", "true" },
        { "empty(null())", "true" },
        { "empty('x')", "false" },
        { "empty(0)", "false" },
        { "coalesce(null(), 'b', 'c')", "'b'" },
        { "contains('OneTwo', 'Two')", "true" },
        { "contains('OneTwo', 'two')", "false" },
        { "contains(createArray('a'), 'a')", "true" },
        { "contains(createObject('Key', 1), 'kEY')", "true" },
        { "add(2, 3)", "5" },
        { "sub(2, 3)", "-1" },
        { "mul(2, 3)", "6" },
        { "div(7, 2)", "3" },
        { "mod(7, 2)", "1" },
        { "less(1, 2)", "true" },
        { "lessOrEquals('b', 'a')", "false" },
        { "greater(2, 1)", "true" },
        { "greaterOrEquals(1, 1)", "true" },
        { "int('12')", "12" },
        { "length('abc')", "3" },
        { "length(createObject('a', 1))", "1" },
        { "first('abc')", "'a'" },
        { "last(createArray(1, 2))", "2" },
        { "first('')", "''" },
        { "first(createArray())", "null" },
        { "array('a')", "['a']" },
        { "createObject('a', 1, 'b', createArray())", "{'a':1,'b':[]}" },
        { "union(createArray(1, 2), createArray(2, 3))", "[1,2,3]" },
        { "union(createObject('a', 1, 'o', createObject('x', 1)), createObject('a', 2, 'o', "
          "createObject('y', 2)))",
          "{'a':2,'o':{'x':1,'y':2}}" },
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
}

static void check_refusals(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };
    static const struct expression_case rows[] = {
        { "not('true')", NULL },
        { "and(true(), 1)", NULL },
        { "bool('maybe')", NULL },
        { "contains(5, 5)", NULL },
        { "add('1', 2)", NULL },
        { "div(1, 0)", NULL },
        { "mod(1, 0)", NULL },
        { "add(9223372036854775807, 1)", NULL },
        { "less('a', 1)", NULL },
        { "int('1x')", NULL },
        { "length(1)", NULL },
        { "first(1)", NULL },
        { "createObject('a')", NULL },
        { "createObject(1, 2)", NULL },
        { "union(createArray(), createObject())", NULL },
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("values are compared, counted and collected", check_results),
        CASE("arguments of other kinds are refused", check_refusals),
    };
    return RUN_CASES("template_logic", tests);
}

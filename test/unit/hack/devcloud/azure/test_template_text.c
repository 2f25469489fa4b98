#include "test/unit/hack/devcloud/azure/template_rig.h"

static void check_texts(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };
    static const struct expression_case rows[] = {
        { "concat('a', 1, 'b', true())", "'a1bTrue'" },
        { "concat(createArray(1), createArray(2, 3))", "[1,2,3]" },
        { "concat()", "''" },
        { "format('{0}-{1}{{}}', 'a', 2)", "'a-2{}'" },
        { "substring('abcdef', 2, 3)", "'cde'" },
        { "substring('abc', 3)", "''" },
        { "take('abc', 2)", "'ab'" },
        { "take('abc', 9)", "'abc'" },
        { "take(createArray(1, 2), 1)", "[1]" },
        { "skip('abc', 1)", "'bc'" },
        { "skip(createArray(1, 2), -1)", "[1,2]" },
        { "replace('aXbX', 'X', '--')", "'a--b--'" },
        { "split('a,b,', ',')", "['a','b','']" },
        { "toLower('ABc')", "'abc'" },
        { "toUpper('abC')", "'ABC'" },
        { "trim('  a ')", "'a'" },
        { "base64('one')", "'b25l'" },
        { "base64ToString('b25l')", "'one'" },
        { "json('[1,{\"a\":null}]')[1]", "{'a':null}" },
        { "length(uniqueString('a'))", "13" },
        { "equals(uniqueString('a'), uniqueString('a'))", "true" },
        { "equals(uniqueString('a'), uniqueString('b'))", "false" },
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
    cleanup_json json *value = json_new_str("[string(createObject('a', 1))]"), *result = NULL;
    assert_int_equal(template_evaluate(&s, value, &result, NULL), 0);
    assert_string_equal(json_str(result), "{\"a\":1}");
}

/* Published with the service's own results. */
static void check_guids(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };
    static const struct expression_case rows[] = {
        { "guid('a', 'b', 'c')", "'a98fa280-e03f-5afa-8d8e-92d0a9c201e8'" },
        { "guid('/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/aro-demo', "
          "'ARO cluster resource group deny assignment')",
          "'36074d89-9a91-5c5b-9a36-0a7e8896fcdd'" },
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
}

static void check_refusals(void **state)
{
    (void)state;
    const struct template_scope s = { 0 };
    static const struct expression_case rows[] = {
        { "concat('a', createArray(1))", NULL },
        { "concat(createArray(1), 'a')", NULL },
        { "format('{1}', 'a')", NULL },
        { "substring('abc', 2, 2)", NULL },
        { "substring('abc', 4)", NULL },
        { "substring('abc', -1)", NULL },
        { "take(1, 1)", NULL },
        { "toLower(1)", NULL },
        { "base64ToString('*')", NULL },
        { "json('{')", NULL },
        { "split(1, ',')", NULL },
        { "replace('a', 1, 'b')", NULL },
    };
    assert_expressions(&s, rows, ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("texts are put together and taken apart", check_texts),
        CASE("guid makes the same names as the service", check_guids),
        CASE("arguments of other kinds are refused", check_refusals),
    };
    return RUN_CASES("template_text", tests);
}

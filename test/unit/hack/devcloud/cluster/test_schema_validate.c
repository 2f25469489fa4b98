#include <string.h>

#include "hack/devcloud/cluster/catalog.h"
#include "hack/devcloud/cluster/schema_crd.h"
#include "hack/devcloud/cluster/schema_validate.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

struct value_case {
    const char *name, *props, *value; /* of the field v */
    const char *fault;                /* NULL: fine */
};

static struct value_case cases[] = {
    { "an integer", "{'type':'integer'}", "1", NULL },
    { "a whole decimal is an integer", "{'type':'integer'}", "1.0", NULL },
    { "a fraction is none", "{'type':'integer'}", "1.5",
      "v: Invalid value: \"number\": v in body must be of type integer: \"number\"" },
    { "a text is no number", "{'type':'number'}", "'x'",
      "v: Invalid value: \"string\": v in body must be of type number: \"string\"" },
    { "null where it is not allowed", "{'type':'string'}", "null",
      "v: Invalid value: \"null\": v in body must be of type string: \"null\"" },
    { "null where it is allowed", "{'type':'string','nullable':true}", "null", NULL },
    { "below the minimum", "{'type':'integer','minimum':1}", "0",
      "v: Invalid value: 0: v in body should be greater than or equal to 1" },
    { "at an exclusive maximum", "{'type':'integer','maximum':5,'exclusiveMaximum':true}", "5",
      "v: Invalid value: 5: v in body should be less than 5" },
    { "a multiple", "{'type':'integer','multipleOf':3}", "7",
      "v: Invalid value: 7: v in body should be a multiple of 3" },
    { "in the list", "{'type':'string','enum':['a','b']}", "'a'", NULL },
    { "not in the list", "{'type':'string','enum':['a','b']}", "'z'",
      "v: Unsupported value: \"z\": supported values: \"a\", \"b\"" },
    { "a pattern with digits", "{'type':'string','pattern':'^\\\\d{2}(?:a|b)$'}", "'12b'", NULL },
    { "a pattern that does not fit", "{'type':'string','pattern':'^[a-z]+$'}", "'A'",
      "v: Invalid value: \"A\": v in body should match '^[a-z]+$'" },
    { "too long", "{'type':'string','maxLength':2}", "'abc'",
      "v: Invalid value: \"abc\": v in body should be at most 2 chars long" },
    { "characters count, not bytes", "{'type':'string','maxLength':2}", "'\u00e4\u00f6'", NULL },
    { "too short", "{'type':'string','minLength':2}", "'a'",
      "v: Invalid value: \"a\": v in body should be at least 2 chars long" },
    { "no date", "{'type':'string','format':'date-time'}", "'x'",
      "v: Invalid value: \"x\": v in body must be of type date-time: \"x\"" },
    { "too many items", "{'type':'array','maxItems':1,'items':{'type':'integer'}}", "[1,2]",
      "v: Invalid value: 2: v in body should have at most 1 items" },
    { "a bad item", "{'type':'array','items':{'type':'string'}}", "[1]",
      "v: Invalid value: \"integer\": v in body must be of type string: \"integer\"" },
    { "a repeated key",
      "{'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['k'],"
      "'items':{'type':'object','properties':{'k':{'type':'string'}}}}",
      "[{'k':'a'},{'k':'a'}]", "v[1]: Duplicate value: {\"k\":\"a\"}" },
    { "a repeated value",
      "{'type':'array','x-kubernetes-list-type':'set','items':{'type':'string'}}", "['a','a']",
      "v[1]: Duplicate value: \"a\"" },
    { "a missing field", "{'type':'object','required':['x'],'properties':{'x':{'type':'string'}}}",
      "{}", "v.x: Required value" },
    { "a bad map value", "{'type':'object','additionalProperties':{'type':'integer'}}", "{'a':'b'}",
      "v.a: Invalid value: \"string\": v.a in body must be of type integer: \"string\"" },
    { "either form", "{'x-kubernetes-int-or-string':true}", "'5%'", NULL },
    { "neither form", "{'x-kubernetes-int-or-string':true}", "true",
      "v: Invalid value: \"boolean\": v in body must be of type integer,string: \"boolean\"" },
    { "one of two",
      "{'type':'object','properties':{'x':{'type':'string'},'y':{'type':'string'}},"
      "'oneOf':[{'required':['x']},{'required':['y']}]}",
      "{'x':'a'}", NULL },
    { "both of two",
      "{'type':'object','properties':{'x':{'type':'string'},'y':{'type':'string'}},"
      "'oneOf':[{'required':['x']},{'required':['y']}]}",
      "{'x':'a','y':'b'}",
      "<nil>: Invalid value: \"\": \"v\" must validate one and only one schema (oneOf). Found 2 "
      "valid alternatives" },
    { "none of any", "{'type':'string','anyOf':[{'pattern':'^a'},{'pattern':'^b'}]}", "'c'",
      "<nil>: Invalid value: \"\": \"v\" must validate at least one schema (anyOf)" },
    { "what must not be", "{'type':'string','not':{'enum':['x']}}", "'x'",
      "<nil>: Invalid value: \"\": \"v\" must not validate the schema (not)" },
    { "an embedded object without kind", "{'type':'object','x-kubernetes-embedded-resource':true}",
      "{'apiVersion':'v1'}", "v.kind: Required value: must not be empty" },
};

static void check(void **state)
{
    const struct value_case *c = *state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    cleanup_schemas struct schemas *set = schemas_new();
    cleanup_json json *props =
        json_make("{'type':'object','properties':{'v':%j}}", loose_tree(c->props));
    cleanup_json json *obj = json_make("{'v':%j}", loose_tree(c->value));
    const struct schema *s =
        schema_from_crd(set, props, catalog_type(catalog, "meta.v1.ObjectMeta"));
    struct invalid faults = { NULL };
    struct fail_object o = { "", "x", "X", "n" };
    cleanup_error struct error *err = NULL;

    schema_validate(s, obj, &faults);

    int rc = invalid_check(&faults, &o, &err);
    invalid_release(&faults);
    if (c->fault)
        assert_string_equal(rc ? error_text(err) + strlen("X \"n\" is invalid: ") : "fine",
                            c->fault);
    else
        assert_string_equal(error_text(err), "");
}

static void built_in_types(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    const struct schema *s = catalog_type(catalog, "apps.v1.Deployment");
    cleanup_json json *good = loose_tree("{'spec':{'replicas':1,'selector':null,'template':{'spec':"
                                         "{'containers':[{'name':'a'}]}}},'unknown':[]}");
    cleanup_json json *bad =
        loose_tree("{'spec':{'template':{'spec':{'containers':[{'name':7}]}}}}");
    cleanup_error struct error *err = NULL;

    assert_int_equal(schema_check_types(s, good, NULL), 0);
    assert_int_equal(schema_check_types(s, bad, &err), -1);
    assert_string_equal(error_text(err), "spec.template.spec.containers[0].name: expected string, "
                                         "but found integer");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    size_t n = 0;
    for (; n < ARRAY_LEN(cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(cases[n].name, check, &cases[n]);
    tests[n++] =
        (struct CMUnitTest)CASE("a wrong type in a built-in kind is named", built_in_types);
    return RUN_CASES("schema_validate", tests);
}

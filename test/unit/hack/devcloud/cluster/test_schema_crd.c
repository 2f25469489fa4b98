#include <string.h>

#include "hack/devcloud/cluster/catalog.h"
#include "hack/devcloud/cluster/schema_crd.h"
#include "hack/devcloud/cluster/schema_fill.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

struct rig {
    struct catalog *catalog;
    struct schemas *set;
    json *props;
    const struct schema *schema;
};

static void set_up(struct rig *r, const char *loose)
{
    r->catalog = catalog_new();
    r->set = schemas_new();
    r->props = loose_tree(loose);
    r->schema = schema_from_crd(r->set, r->props, catalog_type(r->catalog, "meta.v1.ObjectMeta"));
}

static void tear_down(struct rig *r)
{
    json_free(r->props);
    schemas_free(r->set);
    catalog_free(r->catalog);
}

static void prunes(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, "{'type':'object','properties':{'spec':{'type':'object','properties':{"
               "'a':{'type':'string','default':'x'},'any':{'type':'object',"
               "'x-kubernetes-preserve-unknown-fields':true,'properties':{'n':{'type':'object'}}},"
               "'map':{'type':'object','additionalProperties':{'type':'object','properties':{"
               "'k':{'type':'integer'}}}},'nul':{'type':'string','nullable':true},"
               "'list':{'type':'array','items':{'type':'object','properties':{'i':{'type':"
               "'integer','default':5}}}}}}}}");
    cleanup_json json *obj = loose_tree(
        "{'apiVersion':'x','kind':'y','metadata':{'name':'n','foo':1},'spec':{'b':1,'any':{'z':1,"
        "'n':{'gone':1}},'map':{'q':{'k':1,'gone':1}},'nul':null,'list':[{'gone':1}],'a':null},"
        "'top':1}");

    schema_prune(r.schema, obj, NULL);
    schema_fill_custom(r.schema, obj);

    assert_tree(obj, "{'apiVersion':'x','kind':'y','metadata':{'name':'n'},'spec':{'any':{'z':1,"
                     "'n':{}},'map':{'q':{'k':1}},'nul':null,'list':[{'i':5}],'a':'x'}}");
    tear_down(&r);
}

static void embeds(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, "{'type':'object','properties':{'t':{'type':'object',"
               "'x-kubernetes-embedded-resource':true,'properties':{'spec':{'type':'object'}}}}}");
    cleanup_json json *obj = loose_tree("{'t':{'apiVersion':'v1','kind':'Pod','metadata':{'name':"
                                        "'x','foo':1},'spec':{'gone':1},'other':1}}");

    schema_prune(r.schema, obj, NULL);

    assert_tree(obj, "{'t':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'x'},'spec':{}}}");
    tear_down(&r);
}

static void lists(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r, "{'type':'object','properties':{'m':{'type':'array','x-kubernetes-list-type':'map',"
               "'x-kubernetes-list-map-keys':['a','b'],'items':{'type':'object'}},'s':{'type':"
               "'array','x-kubernetes-list-type':'set','items':{'type':'string'}},'o':{'type':"
               "'object','x-kubernetes-map-type':'atomic'}}}");

    const struct schema *m = schema_field(r.schema, "m")->schema;
    assert_int_equal(m->list, LIST_MAP);
    assert_string_equal(m->keys[1], "b");
    assert_int_equal(schema_field(r.schema, "s")->schema->list, LIST_SET);
    assert_true(schema_field(r.schema, "o")->schema->atomic);
    tear_down(&r);
}

static void anything_goes(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    cleanup_schemas struct schemas *set = schemas_new();
    const struct schema *s = schema_from_crd(set, NULL, catalog_type(c, "meta.v1.ObjectMeta"));
    cleanup_json json *obj = loose_tree("{'metadata':{'foo':1},'spec':{'a':[{'b':null}]}}");

    schema_prune(s, obj, NULL);

    assert_tree(obj, "{'metadata':{},'spec':{'a':[{'b':null}]}}");
}

struct structural_case {
    const char *name, *props, *fault; /* fault NULL: fine */
};

static struct structural_case structural_cases[] = {
    { "types at every level", "{'type':'object','properties':{'a':{'type':'string'}}}", NULL },
    { "no type at a level", "{'type':'object','properties':{'a':{}}}",
      "s.properties[a].type: Required value: must not be empty for specified object fields" },
    { "preserving needs no type",
      "{'type':'object','properties':{'a':{'x-kubernetes-preserve-unknown-fields':true}}}", NULL },
    { "int-or-string has no type",
      "{'type':'object','properties':{'a':{'x-kubernetes-int-or-string':true}}}", NULL },
    { "an array has items", "{'type':'object','properties':{'a':{'type':'array'}}}",
      "s.properties[a].items: Required value: must be specified" },
    { "an unknown type", "{'type':'object','properties':{'a':{'type':'strange'}}}",
      "s.properties[a].type: Unsupported value: \"strange\": supported values: \"array\", "
      "\"boolean\", \"integer\", \"number\", \"object\", \"string\"" },
};

static void check_structural(void **state)
{
    const struct structural_case *c = *state;
    cleanup_json json *props = loose_tree(c->props);
    struct invalid faults = { NULL };
    struct fail_object o = { "", "x", "X", "n" };
    cleanup_error struct error *err = NULL;

    schema_check_structural(props, "s", &faults);

    int rc = invalid_check(&faults, &o, &err);
    invalid_release(&faults);
    assert_int_equal(rc, c->fault ? -1 : 0);
    if (c->fault)
        assert_string_equal(error_text(err) + strlen("X \"n\" is invalid: "), c->fault);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(structural_cases) + 4];
    size_t n = 0;
    for (; n < ARRAY_LEN(structural_cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(structural_cases[n].name, check_structural,
                                              &structural_cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("prunes and fills as the schema says", prunes);
    tests[n++] = (struct CMUnitTest)CASE("embedded objects keep their envelope", embeds);
    tests[n++] = (struct CMUnitTest)CASE("list and map types are read", lists);
    tests[n++] = (struct CMUnitTest)CASE("without a schema anything goes", anything_goes);
    return RUN_CASES("schema_crd", tests);
}

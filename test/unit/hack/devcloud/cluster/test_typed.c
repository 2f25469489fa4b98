#include "hack/devcloud/cluster/catalog.h"
#include "hack/devcloud/cluster/typed.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

#define K(key) "k:{\\\"name\\\":\\\"" key "\\\"}"

struct typed_case {
    const char *name, *type;
    const char *a, *b;
    const char *want; /* fields: FieldsV1; compare: [added, modified, removed]; else the value */
};

static const struct schema *type_of(const struct catalog *c, const char *name)
{
    return name ? catalog_type(c, name) : schema_any();
}

static struct typed_case field_cases[] = {
    { "a struct is its leaves, a map also its keys", "core.v1.ConfigMap",
      "{'metadata':{'name':'x','labels':{'a':'b'}},'data':{'k':'v'},'immutable':false}", NULL,
      "{'f:metadata':{'f:name':{},'f:labels':{'f:a':{}}},'f:data':{'f:k':{}},'f:immutable':{}}" },
    { "items of a keyed list belong to the set themselves", "core.v1.PodSpec",
      "{'containers':[{'name':'a','args':['x']}]}", NULL,
      "{'f:containers':{'" K("a") "':{'.':{},'f:name':{},'f:args':{}}}}" },
    { "items of a set are values", "meta.v1.ObjectMeta", "{'finalizers':['x/y']}", NULL,
      "{'f:finalizers':{'v:\\\"x/y\\\"':{}}}" },
    { "an atomic object is one field", "apps.v1.DeploymentSpec",
      "{'selector':{'matchLabels':{'a':'b'}}}", NULL, "{'f:selector':{}}" },
    { "an empty map sets nothing, an empty atomic list does", "core.v1.PodSpec",
      "{'nodeSelector':{},'tolerations':[]}", NULL, "{'f:tolerations':{}}" },
    { "below no schema every key counts", NULL, "{'spec':{'a':1,'m':{},'l':[1]}}", NULL,
      "{'f:spec':{'.':{},'f:a':{},'f:m':{},'f:l':{}}}" },
    { "a missing list key has its default", "core.v1.Container", "{'ports':[{'containerPort':80}]}",
      NULL,
      "{'f:ports':{'k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}':{'.':{},"
      "'f:containerPort':{}}}}" },
};

static void check_fields(void **state)
{
    const struct typed_case *c = *state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    cleanup_json json *value = loose_tree(c->a);
    cleanup_fieldset struct fieldset *set = NULL;

    assert_int_equal(typed_give_fields(type_of(catalog, c->type), value, &set, NULL), 0);

    cleanup_json json *got = fieldset_give_json(set);
    assert_tree(got, c->want);
}

static struct typed_case compare_cases[] = {
    { "tells added, changed and removed apart", "core.v1.ConfigMap", "{'data':{'a':'1','b':'2'}}",
      "{'data':{'b':'3','c':'4'}}",
      "[{'f:data':{'f:c':{}}},{'f:data':{'f:b':{}}},{'f:data':{'f:a':{}}}]" },
    { "an added parent counts itself", "core.v1.ConfigMap", "{}", "{'data':{'a':'1'}}",
      "[{'f:data':{'.':{},'f:a':{}}},{},{}]" },
    { "null that becomes a list is no added parent", "core.v1.PodSpec", "{'containers':null}",
      "{'containers':[{'name':'a'}]}",
      "[{'f:containers':{'" K("a") "':{'.':{},'f:name':{}}}},{},{}]" },
    { "items are matched by key, not by place", "core.v1.PodSpec",
      "{'containers':[{'name':'a','image':'1'},{'name':'b'}]}",
      "{'containers':[{'name':'b'},{'name':'a','image':'2'}]}",
      "[{},{'f:containers':{'" K("a") "':{'f:image':{}}}},{}]" },
    { "an atomic list changes as a whole", "core.v1.Container", "{'args':['a']}",
      "{'args':['a','b']}", "[{},{'f:args':{}},{}]" },
    { "equal numbers are equal", "core.v1.Container", "{'stdin':true}", "{'stdin':true}",
      "[{},{},{}]" },
    { "a value that becomes an object changes", NULL, "{'a':1}", "{'a':{'b':1}}",
      "[{},{'f:a':{}},{}]" },
};

static void check_compare(void **state)
{
    const struct typed_case *c = *state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    cleanup_json json *a = loose_tree(c->a), *b = loose_tree(c->b);
    struct typed_diff d;
    typed_diff_init(&d);

    typed_compare(type_of(catalog, c->type), a, b, &d);

    cleanup_json json *got =
        json_make("[%j,%j,%j]", fieldset_give_json(d.added), fieldset_give_json(d.modified),
                  fieldset_give_json(d.removed));
    typed_diff_release(&d);
    assert_tree(got, c->want);
}

static struct typed_case merge_cases[] = {
    { "lays an object over another", "core.v1.ConfigMap", "{'data':{'a':'1','b':'2'}}",
      "{'data':{'b':'3'},'immutable':true}", "{'data':{'a':'1','b':'3'},'immutable':true}" },
    { "merges keyed items, new ones last", "core.v1.PodSpec",
      "{'containers':[{'name':'a','image':'1'},{'name':'b'}]}",
      "{'containers':[{'name':'c'},{'name':'a','tty':true}]}",
      "{'containers':[{'name':'a','image':'1','tty':true},{'name':'b'},{'name':'c'}]}" },
    { "unites sets", "meta.v1.ObjectMeta", "{'finalizers':['a','b']}", "{'finalizers':['c','a']}",
      "{'finalizers':['a','b','c']}" },
    { "replaces atomic lists", "core.v1.Container", "{'args':['a','b']}", "{'args':['c']}",
      "{'args':['c']}" },
    { "replaces a value of another kind", NULL, "{'a':1}", "{'a':{'b':1}}", "{'a':{'b':1}}" },
};

static void check_merge(void **state)
{
    const struct typed_case *c = *state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    cleanup_json json *a = loose_tree(c->a), *b = loose_tree(c->b);

    cleanup_json json *got = typed_give_merged(type_of(catalog, c->type), a, b);

    assert_tree(got, c->want);
}

static struct typed_case cut_cases[] = {
    { "cuts keys", "core.v1.ConfigMap", "{'data':{'a':'1','b':'2'}}", "{'f:data':{'f:a':{}}}",
      "{'data':{'b':'2'}}" },
    { "what loses all becomes null", "core.v1.ConfigMap", "{'data':{'a':'1'},'immutable':true}",
      "{'f:data':{'f:a':{}}}", "{'data':null,'immutable':true}" },
    { "cuts keyed items", "core.v1.PodSpec",
      "{'containers':[{'name':'a'},{'name':'b','tty':true}]}",
      "{'f:containers':{'" K("a") "':{},'" K("b") "':{'f:tty':{}}}}",
      "{'containers':[{'name':'b'}]}" },
    { "leaves atomic lists alone", "core.v1.Container", "{'args':['a']}",
      "{'f:args':{'v:\\\"a\\\"':{}}}", "{'args':['a']}" },
    { "cuts values of sets", "meta.v1.ObjectMeta", "{'finalizers':['a','b']}",
      "{'f:finalizers':{'v:\\\"a\\\"':{}}}", "{'finalizers':['b']}" },
};

static void check_cut(void **state)
{
    const struct typed_case *c = *state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    cleanup_json json *a = loose_tree(c->a), *b = loose_tree(c->b);
    cleanup_fieldset struct fieldset *gone = NULL;
    assert_int_equal(fieldset_parse(b, &gone, NULL), 0);

    cleanup_json json *got = typed_give_without(type_of(catalog, c->type), a, gone);

    assert_tree(got, c->want);
}

static void refuses_bad_items(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    const struct schema *spec = catalog_type(catalog, "core.v1.PodSpec");
    static const char *const bad[] = { "{'containers':[{'image':'x'}]}", "{'containers':['x']}",
                                       "{'containers':[{'name':'a'},{'name':'a'}]}" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_json json *value = loose_tree(bad[i]);
        cleanup_fieldset struct fieldset *set = NULL;
        assert_int_equal(typed_give_fields(spec, value, &set, NULL), -1);
    }
}

#define ALL(cases, check) \
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) \
    tests[n++] = (struct CMUnitTest)CASE_OF((cases)[i].name, check, &(cases)[i])

int main(void)
{
    struct CMUnitTest tests[64];
    size_t n = 0;
    ALL(field_cases, check_fields);
    ALL(compare_cases, check_compare);
    ALL(merge_cases, check_merge);
    ALL(cut_cases, check_cut);
    tests[n++] = (struct CMUnitTest)CASE("items without key or with the same key are refused",
                                         refuses_bad_items);
    return _cmocka_run_group_tests("typed", tests, n, NULL, NULL);
}

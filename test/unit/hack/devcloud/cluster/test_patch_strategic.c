#include "hack/devcloud/cluster/catalog.h"
#include "hack/devcloud/cluster/patch_strategic.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

struct patch_case {
    const char *name, *type, *live, *patch, *want; /* want NULL: refused */
};

#define SPEC "core.v1.PodSpec"

static struct patch_case cases[] = {
    { "merges maps and removes nulls", "core.v1.ConfigMap", "{'data':{'a':'1','b':'2'}}",
      "{'data':{'b':null,'c':'3'}}", "{'data':{'a':'1','c':'3'}}" },
    { "merges items by key", SPEC, "{'containers':[{'name':'a','image':'1'},{'name':'b'}]}",
      "{'containers':[{'name':'a','image':'2'}]}",
      "{'containers':[{'name':'a','image':'2'},{'name':'b'}]}" },
    { "new items stand before unrelated old ones", SPEC, "{'containers':[{'name':'a'}]}",
      "{'containers':[{'name':'n'}]}", "{'containers':[{'name':'n'},{'name':'a'}]}" },
    { "deletes an item", SPEC, "{'containers':[{'name':'a'},{'name':'b'}]}",
      "{'containers':[{'name':'a','$patch':'delete'}]}", "{'containers':[{'name':'b'}]}" },
    { "replaces a list", SPEC, "{'containers':[{'name':'a'},{'name':'b'}]}",
      "{'containers':[{'$patch':'replace'},{'name':'c'}]}", "{'containers':[{'name':'c'}]}" },
    { "replaces a map", "meta.v1.ObjectMeta", "{'labels':{'a':'1'}}",
      "{'labels':{'$patch':'replace','b':'2'}}", "{'labels':{'b':'2'}}" },
    { "empties a map", "meta.v1.ObjectMeta", "{'labels':{'a':'1'}}",
      "{'labels':{'$patch':'delete'}}", "{'labels':{}}" },
    { "orders a list", SPEC, "{'containers':[{'name':'a'},{'name':'b'}]}",
      "{'$setElementOrder/containers':[{'name':'n'},{'name':'b'},{'name':'a'}],"
      "'containers':[{'name':'n'}]}",
      "{'containers':[{'name':'n'},{'name':'b'},{'name':'a'}]}" },
    { "orders a list that it does not change", SPEC, "{'containers':[{'name':'a'},{'name':'b'}]}",
      "{'$setElementOrder/containers':[{'name':'b'},{'name':'a'}]}",
      "{'containers':[{'name':'b'},{'name':'a'}]}" },
    { "unites plain values", "meta.v1.ObjectMeta", "{'finalizers':['a/b']}",
      "{'finalizers':['a/c']}", "{'finalizers':['a/c','a/b']}" },
    { "takes plain values away", "meta.v1.ObjectMeta", "{'finalizers':['a/b','a/c']}",
      "{'$deleteFromPrimitiveList/finalizers':['a/b']}", "{'finalizers':['a/c']}" },
    { "takes away and adds at once", "meta.v1.ObjectMeta", "{'finalizers':['a/b']}",
      "{'finalizers':['a/c'],'$deleteFromPrimitiveList/finalizers':['a/b'],"
      "'$setElementOrder/finalizers':['a/c']}",
      "{'finalizers':['a/c']}" },
    { "replaces lists without a key", "core.v1.Container", "{'args':['a','b']}", "{'args':['c']}",
      "{'args':['c']}" },
    { "retains only the named keys", "apps.v1.DeploymentSpec",
      "{'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1}}}",
      "{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}",
      "{'strategy':{'type':'Recreate'}}" },
    { "retains keys of items", SPEC, "{'volumes':[{'name':'a','secret':{'secretName':'s'}}]}",
      "{'volumes':[{'name':'a','$retainKeys':['name','emptyDir'],'emptyDir':{}}]}",
      "{'volumes':[{'name':'a','emptyDir':{}}]}" },
    { "a key that is not retained cannot be set", SPEC, "{'volumes':[{'name':'a'}]}",
      "{'volumes':[{'name':'a','$retainKeys':['name'],'emptyDir':{}}]}", NULL },
    { "items need their key", SPEC, "{'containers':[{'name':'a'}]}",
      "{'containers':[{'image':'x'}]}", NULL },
    { "unknown directives are refused", SPEC, "{'securityContext':{}}",
      "{'securityContext':{'$patch':'bogus'}}", NULL },
    { "a value takes the place of another kind", "core.v1.ServicePort", "{'targetPort':80}",
      "{'targetPort':'web'}", "{'targetPort':'web'}" },
};

static void check(void **state)
{
    const struct patch_case *c = *state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    cleanup_json json *live = loose_tree(c->live), *patch = loose_tree(c->patch), *got = NULL;

    int rc = patch_strategic_give(catalog_type(catalog, c->type), live, patch, &got, NULL);

    assert_int_equal(rc, c->want ? 0 : -1);
    if (c->want)
        assert_tree(got, c->want);
    assert_tree(live, c->live);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("patch_strategic", tests);
}

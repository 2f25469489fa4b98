#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/apply/plan.h"
#include "test/unit/support/test.h"

static json *tree(const char *text)
{
    json *made = NULL;
    cleanup_free char *real = xstrdup(text);
    for (char *p = real; *p; p++)
        if (*p == '\'')
            *p = '"';
    assert_int_equal(json_parse(real, strlen(real), &made, NULL), 0);
    return made;
}

static void assert_is(const json *got, const char *want)
{
    cleanup_json json *wanted = tree(want);
    cleanup_free char *text = json_give_text(got);
    if (!json_equal(got, wanted))
        fail_msg("%s", text);
}

static void what_is_the_servers_is_taken_out(void **state)
{
    (void)state;
    cleanup_json json *o =
        tree("{'metadata':{'name':'a','uid':'u','resourceVersion':'1','generation':2,"
             "'creationTimestamp':null,'selfLink':'/x','managedFields':[],"
             "'deletionTimestamp':'t','labels':{'l':'v'}},'status':{'x':1},'spec':{}}");
    object_strip(o);
    assert_is(o, "{'metadata':{'name':'a','labels':{'l':'v'}},'spec':{}}");
}

static void marks_are_added_to_what_is_there(void **state)
{
    (void)state;
    cleanup_json json *o = tree("{'metadata':{'labels':{'l':'v'},'annotations':{"
                                "'kubectl.kubernetes.io/last-applied-configuration':'{}'}}}");
    object_mark(o, "SyncSet/n/s");
    assert_is(o,
              "{'metadata':{'labels':{'l':'v','hive.openshift.io/managed':'true'},'annotations':{"
              "'syncsets.aro.openshift.io/applied-by':'SyncSet/n/s'}}}");
}

static void texts_of_secrets_become_data(void **state)
{
    (void)state;
    cleanup_json json *o = tree("{'data':{'a':'QQ==','b':'Qg=='},'stringData':{'b':'b','c':''}}");
    object_join_string_data(o);
    assert_is(o, "{'data':{'a':'QQ==','b':'Yg==','c':''}}");
}

static void references_are_sorted(void **state)
{
    (void)state;
    static const struct apply_object objects[] = {
        { "apps", "v1", "Deployment", "n", "d", false }, { "", "v1", "Secret", "n", "s", false },
        { "", "v1", "ConfigMap", "z", "a", false },      { "", "v1", "ConfigMap", "n", "b", false },
        { "", "v1", "Namespace", "", "n", false },
    };
    cleanup_json json *list = apply_give_references(objects, ARRAY_LEN(objects));
    assert_is(list, "[{'apiVersion':'apps/v1','kind':'Deployment','name':'d','namespace':'n'},"
                    "{'apiVersion':'v1','kind':'ConfigMap','name':'b','namespace':'n'},"
                    "{'apiVersion':'v1','kind':'ConfigMap','name':'a','namespace':'z'},"
                    "{'apiVersion':'v1','kind':'Namespace','name':'n'},"
                    "{'apiVersion':'v1','kind':'Secret','name':'s','namespace':'n'}]");
}

static void the_version_is_no_part_of_identity(void **state)
{
    (void)state;
    const struct apply_object a = { "g", "v1", "K", "n", "a", false },
                              b = { "g", "v2", "K", "n", "a", false },
                              c = { "h", "v1", "K", "n", "a", false };
    assert_true(apply_same_object(&a, &b, false));
    assert_false(apply_same_object(&a, &c, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is the server's is taken out", what_is_the_servers_is_taken_out),
        CASE("marks are added to what is there", marks_are_added_to_what_is_there),
        CASE("texts of secrets become data", texts_of_secrets_become_data),
        CASE("references are sorted", references_are_sorted),
        CASE("the version is no part of identity", the_version_is_no_part_of_identity),
    };
    return RUN_CASES("object", tests);
}

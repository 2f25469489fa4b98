/* Kinds that come and go while a set is applied. */
#include "test/unit/support/joint/syncsets/apply_rig.h"

#define DEFINITION \
    "{'apiVersion':'apiextensions.k8s.io/" \
    "v1','kind':'CustomResourceDefinition','metadata':{'name':" \
    "'things.NS.test'},'spec':{'group':'NS.test','scope':'Namespaced','names':{'plural':'things'," \
    "'singular':'thing','kind':'Thing','listKind':'ThingList'},'versions':[{'name':'v1','served':" \
    "true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object'," \
    "'x-kubernetes-preserve-unknown-fields':true}}}]}}"
#define THING(list) \
    "{'apiVersion':'NS.test/" \
    "v1','kind':'Thing','metadata':{'name':'t','namespace':'NS'},'spec':{'l':[" list "]}}"
#define THINGS "/apis/NS.test/v1/namespaces/NS/things"

static void a_kind_and_its_object_come_together(void **state)
{
    struct apply_rig *r = *state;

    rig_must_apply(r, "'resources':[" DEFINITION "," THING("'a'") "]");

    rig_check(r, THINGS "/t", "spec.l", "['a']");
}

static void custom_resources_are_merged_as_json(void **state)
{
    struct apply_rig *r = *state;
    rig_must_apply(r, "'resources':[" DEFINITION "," THING("{'name':'a','x':1}") "]");
    rig_merge(r, THINGS "/t", "{'spec':{'l':[{'name':'a','x':1},{'name':'b'}],'foreign':1}}");

    rig_must_apply(r, "'resources':[" DEFINITION "," THING("{'name':'a','x':1}") "]");

    rig_check(r, THINGS "/t", "spec.l", "[{'name':'a','x':1}]");
    rig_check(r, THINGS "/t", "spec.foreign", "1");
}

static void an_unknown_kind_fails(void **state)
{
    struct apply_rig *r = *state;

    rig_must_fail(r, "'resources':[" THING("") "]", "failed to apply resource 0: Thing ");
}

static void an_object_of_no_kind_yet_comes_later(void **state)
{
    struct apply_rig *r = *state;
    assert_false(rig_apply(r, "'resources':[" THING("") "]"));
    rig_make(r, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION);
    while (rig_ask(r, "GET", THINGS, NULL, NULL, NULL) != 200)
        assert_int_equal(opctx_sleep_ms(&r->ctx, 50, NULL), 0);

    rig_must_apply(r, "'resources':[" THING("") "]");
}

static void what_is_late_changes_nothing(void **state)
{
    struct apply_rig *r = *state;
    r->mutate_until_ns = clock_mono_ns(r->ctx.clock);

    assert_false(rig_apply(r, "'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata':"
                              "{'name':'a','namespace':'NS'}}]"));

    assert_null(rig_get(r, "/api/v1/namespaces/NS/configmaps/a"));
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("a kind and its object come together", a_kind_and_its_object_come_together),
        FRESH("custom resources are merged as JSON", custom_resources_are_merged_as_json),
        FRESH("an unknown kind fails", an_unknown_kind_fails),
        FRESH("an object of no kind yet comes later", an_object_of_no_kind_yet_comes_later),
        FRESH("what is late changes nothing", what_is_late_changes_nothing),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}

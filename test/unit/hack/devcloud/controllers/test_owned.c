#include "hack/devcloud/controllers/owned.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/control_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define SETS "/apis/apps/v1/namespaces/default/replicasets"
#define PODS "/api/v1/namespaces/default/pods"
#define SET \
    "{'metadata':{'name':'a'},'spec':{'selector':{'matchLabels':{'x':'y'}},'template':{'metadata'" \
    ":" \
    "{'labels':{'x':'y'}},'spec':{'containers':[{'name':'c','image':'i'}]}}}}"
#define POD(name, more) \
    "{'metadata':{'name':'" name "','labels':{'x':'y'}" more \
    "},'spec':{'containers':[{'name':'c'," \
    "'image':'i'}]}}"

struct selector_case {
    const char *name, *selector, *want;
};
static struct selector_case selectors[] = {
    { "labels are compared", "{'matchLabels':{'a':'b'}}", "a=b" },
    { "every kind of expression has its text",
      "{'matchExpressions':[{'key':'a','operator':'In','values':['b','c']},{'key':'d','operator':"
      "'NotIn','values':['e']},{'key':'f','operator':'Exists'},{'key':'g','operator':"
      "'DoesNotExist'}]}",
      "a in (b,c),d notin (e),f,!g" },
    { "an empty selector is none", "{}", NULL },
};

static void check_selector(void **state)
{
    const struct selector_case *c = *state;
    cleanup_json json *selector = loose_tree(c->selector);
    cleanup_free char *text = owned_give_selector(selector);
    assert_true(str_eq(text, c->want));
}

static json *list(struct control_rig *r)
{
    cleanup_json json *set = control_rig_give(r, SETS "/a");
    json *pods = NULL;
    assert_int_equal(owned_list(&r->control, &r->ctx, &GVR_PODS, set, "x=y", &pods, NULL), 0);
    return pods;
}

static void adoption(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_create(&r, SETS, SET);
    control_rig_create(&r, PODS, POD("orphan", ""));
    control_rig_create(&r, PODS,
                       POD("foreign", ",'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':"
                                      "'n','uid':'other','controller':true}]"));

    cleanup_json json *pods = list(&r);

    assert_int_equal(json_len(pods), 1);
    assert_string_equal(json_path_str(json_at(pods, 0), "metadata.name"), "orphan");
    control_rig_expect(&r, PODS "/orphan",
                       "{'metadata':{'ownerReferences':[{'kind':'ReplicaSet','name':'a',"
                       "'controller':true}]}}");
    cleanup_json json *again = list(&r);
    assert_int_equal(json_len(again), 1);
    control_rig_close(&r);
}

static void status_written_once(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_create(&r, SETS, SET);
    for (int i = 0; i < 2; i++) {
        cleanup_json json *set = control_rig_give(&r, SETS "/a");
        assert_int_equal(owned_write_status(&r.control, &r.ctx, &GVR_REPLICASETS, set,
                                            json_make("{'replicas':%d}", 7), NULL),
                         0);
    }
    cleanup_json json *first = control_rig_give(&r, SETS "/a");
    assert_int_equal(owned_write_status(&r.control, &r.ctx, &GVR_REPLICASETS, first,
                                        json_make("{'replicas':%d}", 7), NULL),
                     0);
    cleanup_json json *second = control_rig_give(&r, SETS "/a");

    assert_string_equal(json_path_str(first, "metadata.resourceVersion"),
                        json_path_str(second, "metadata.resourceVersion"));
    assert_int_equal(json_path_int(second, "status.replicas", 0), 7);

    control_rig_delete(&r, SETS "/a");
    assert_int_equal(owned_write_status(&r.control, &r.ctx, &GVR_REPLICASETS, second,
                                        json_make("{'replicas':%d}", 8), NULL),
                     0);
    control_rig_close(&r);
}

static void deleting_the_very_object(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_create(&r, PODS, POD("a", ""));
    cleanup_json json *old = control_rig_give(&r, PODS "/a");
    control_rig_delete(&r, PODS "/a");
    control_rig_create(&r, PODS, POD("a", ""));

    assert_int_equal(owned_delete(&r.control, &r.ctx, &GVR_PODS, old, NULL), 0);
    control_rig_expect(&r, PODS "/a", "{'kind':'Pod'}"); /* another one of that name stays */
    cleanup_json json *now = control_rig_give(&r, PODS "/a");
    assert_int_equal(owned_delete(&r.control, &r.ctx, &GVR_PODS, now, NULL), 0);
    control_rig_expect_absent(&r, PODS "/a");
    assert_int_equal(owned_delete(&r.control, &r.ctx, &GVR_PODS, now, NULL), 0);
    control_rig_close(&r);
}

static void conditions(void **state)
{
    (void)state;
    cleanup_json json *list_ = json_new_array();

    owned_set_condition(list_, json_make("{'type':'A','status':'False'}"), "one");
    owned_set_condition(list_, json_make("{'type':'A','status':'False','reason':'R'}"), "two");
    assert_tree(list_, "[{'type':'A','status':'False','reason':'R','lastTransitionTime':'one'}]");
    owned_set_condition(list_, json_make("{'type':'A','status':'True'}"), "three");
    assert_string_equal(json_path_str(json_at(list_, 0), "lastTransitionTime"), "three");
}

static void hashes(void **state)
{
    (void)state;
    cleanup_json json *a = loose_tree("{'a':1,'b':2}"), *b = loose_tree("{'b':2,'a':1}");
    cleanup_json json *c = loose_tree("{'a':2,'b':2}");
    char of_a[OWNED_HASH_MAX], of_b[OWNED_HASH_MAX], of_c[OWNED_HASH_MAX];
    owned_hash(a, of_a);
    owned_hash(b, of_b);
    owned_hash(c, of_c);
    assert_string_equal(of_a, of_b);
    assert_string_not_equal(of_a, of_c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF(selectors[0].name, check_selector, &selectors[0]),
        CASE_OF(selectors[1].name, check_selector, &selectors[1]),
        CASE_OF(selectors[2].name, check_selector, &selectors[2]),
        CASE("an object of nobody is adopted, one of others is left alone", adoption),
        CASE("a status that does not differ is not written", status_written_once),
        CASE("another object of the same name is not deleted", deleting_the_very_object),
        CASE("the time of a condition moves with its status", conditions),
        CASE("a hash does not depend on the order of members", hashes),
    };
    return RUN_CASES("owned", tests);
}

#include "hack/devcloud/cluster/strategy.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

struct place_case {
    const char *name, *line, *object;
    bool found;
};

static struct place_case places[] = {
    { "a pod is its spec", "GET /api/v1/namespaces/a/pods/p", "{'spec':{'mark':1}}", true },
    { "a deployment has a template", "GET /apis/apps/v1/namespaces/a/deployments/d",
      "{'spec':{'template':{'spec':{'mark':1}}}}", true },
    { "a template for pods is one itself", "GET /api/v1/namespaces/a/podtemplates/t",
      "{'template':{'spec':{'mark':1}}}", true },
    { "a cron job's is in the template of its jobs",
      "GET /apis/batch/v1beta1/namespaces/a/cronjobs/c",
      "{'spec':{'jobTemplate':{'spec':{'template':{'spec':{'mark':1}}}}}}", true },
    { "what is not there is not found", "GET /apis/apps/v1/namespaces/a/deployments/d",
      "{'spec':{}}", false },
};

static void check_place(void **state)
{
    const struct place_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, c->line, NULL);
    cleanup_json json *object = loose_tree(c->object);

    json *spec = strategy_pod_spec(&o.op, object);

    assert_int_equal(spec && json_has(spec, "mark"), c->found);
}

struct decode_case {
    const char *name;
    bool of_pod;
    const char *spec, *want;
};

static struct decode_case decodes[] = {
    { "the old name of the account follows the new one", false, "{'serviceAccountName':'s'}",
      "{'serviceAccountName':'s','serviceAccount':'s'}" },
    { "and the new one the old", false, "{'serviceAccount':'s'}",
      "{'serviceAccountName':'s','serviceAccount':'s'}" },
    { "the new name wins", false, "{'serviceAccountName':'a','serviceAccount':'b'}",
      "{'serviceAccountName':'a','serviceAccount':'a'}" },
    { "links to services are on in pods alone", true, "{}", "{'enableServiceLinks':true}" },
    { "where they are off they stay off", true, "{'enableServiceLinks':false}",
      "{'enableServiceLinks':false}" },
    { "requests of a template are not filled in", false,
      "{'containers':[{'image':'x:1','resources':{'limits':{'cpu':'1'}}}]}",
      "{'containers':[{'image':'x:1','imagePullPolicy':'IfNotPresent','resources':{'limits':{'cpu':"
      "'1'}}}]}" },
    { "those of a pod are", true,
      "{'initContainers':[{'image':'x','resources':{'limits':{'cpu':'1'}}}]}",
      "{'initContainers':[{'image':'x','imagePullPolicy':'Always','resources':{'limits':{'cpu':'1'}"
      ",'requests':{'cpu':"
      "'1'}}}],'enableServiceLinks':true}" },
    { "ports on the node's network keep what they say", false,
      "{'hostNetwork':true,'containers':[{'image':'x:1','ports':[{'containerPort':80,'hostPort':81}"
      "]}]}",
      "{'hostNetwork':true,'containers':[{'image':'x:1','imagePullPolicy':'IfNotPresent','ports':[{"
      "'containerPort':80,"
      "'hostPort':81}]}]}" },
};

static void check_decode(void **state)
{
    const struct decode_case *c = *state;
    cleanup_json json *spec = loose_tree(c->spec);

    strategy_decode_pod_spec(spec, c->of_pod);

    assert_tree(spec, c->want);
}

static void no_spec_is_left_alone(void **state)
{
    (void)state;
    strategy_decode_pod_spec(NULL, true);
}

static void tells_changes(void **state)
{
    (void)state;
    cleanup_json json *a = loose_tree("{'spec':{'x':1,'y':2},'status':1}"),
                      *b = loose_tree("{'spec':{'y':2,'x':1}}");
    cleanup_json json *c = loose_tree("{'spec':{'x':2,'y':2}}");
    struct fail_object o = { "", "things", "Thing", "t" };
    struct invalid same = { NULL }, other = { NULL };
    cleanup_error struct error *err = NULL;

    strategy_need_same(a, b, "spec.x", &same);
    strategy_need_same(a, c, "spec.x", &other);

    assert_int_equal(invalid_check(&same, &o, NULL), 0);
    assert_int_equal(invalid_check(&other, &o, &err), -1);
    assert_string_equal(error_text(err),
                        "Thing \"t\" is invalid: spec.x: Invalid value: 1: field is immutable");
    invalid_release(&other);
}

/* Each collection is found, and none stands in two tables. */
static void tables_are_disjoint(void **state)
{
    (void)state;
    const struct strategy *const tables[] = { strategies_core, strategies_apps, strategies_other };
    const size_t lens[] = { strategies_core_len, strategies_apps_len, strategies_other_len };
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (size_t i = 0; i < lens[t]; i++)
            assert_ptr_equal(strategy_of(tables[t][i].collection), &tables[t][i]);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(places) + ARRAY_LEN(decodes) + 3];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(places[i].name, check_place, &places[i]);
    for (size_t i = 0; i < ARRAY_LEN(decodes); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(decodes[i].name, check_decode, &decodes[i]);
    tests[n++] = (struct CMUnitTest)CASE("no spec is left alone", no_spec_is_left_alone);
    tests[n++] = (struct CMUnitTest)CASE("changes of specs are told, order aside", tells_changes);
    tests[n++] =
        (struct CMUnitTest)CASE("every strategy is found by its collection", tables_are_disjoint);
    return RUN_CASES("strategy", tests);
}

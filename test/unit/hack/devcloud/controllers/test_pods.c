#include "hack/devcloud/controllers/pods.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/control_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define READY_SINCE(time) \
    "{'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'," \
    "'lastTransitionTime':'" time "'}]}}"

struct state_case {
    const char *name, *pod;
    bool over, active, ready;
};
static struct state_case states[] = {
    { "a new pod is active", "{}", false, true, false },
    { "a failed pod is over", "{'status':{'phase':'Failed'}}", true, false, false },
    { "a pod that succeeded is over", "{'status':{'phase':'Succeeded'}}", true, false, false },
    { "a pod that is deleted is no longer active", "{'metadata':{'deletionTimestamp':'x'}}", false,
      false, false },
    { "the condition says whether it is ready", READY_SINCE("2024-02-03T04:05:06Z"), false, true,
      true },
};

static void check_state(void **state)
{
    const struct state_case *c = *state;
    cleanup_json json *pod = loose_tree(c->pod);
    assert_int_equal(pod_is_over(pod), c->over);
    assert_int_equal(pod_is_active(pod), c->active);
    assert_int_equal(pod_is_ready(pod), c->ready);
}

static void availability(void **state)
{
    (void)state;
    cleanup_json json *pod = loose_tree(READY_SINCE("1970-01-01T00:00:10Z"));
    int64_t wait_ms = 0;

    assert_true(pod_is_available(pod, 0, 10 * NS_PER_S, &wait_ms));
    assert_int_equal(wait_ms, 0);
    assert_false(pod_is_available(pod, 5, 12 * NS_PER_S, &wait_ms));
    assert_int_equal(wait_ms, 3001);
    assert_true(pod_is_available(pod, 5, 15 * NS_PER_S, &wait_ms));
}

static void made_of_template(void **state)
{
    (void)state;
    cleanup_json json *owner = loose_tree(
        "{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'a','namespace':'default',"
        "'uid':'u'},'spec':{'template':{'metadata':{'labels':{'x':'y'}},'spec':{'containers':"
        "[{'name':'c','image':'i'}]}}}}");
    cleanup_json json *labels = loose_tree("{'z':'1'}");
    struct control_rig r;
    control_rig_open(&r);

    cleanup_json json *pod = pod_give(owner, labels);
    assert_int_equal(pod_send(&r.control, &r.ctx, pod, NULL), 0);

    control_rig_expect(
        &r, "/api/v1/namespaces/default/pods",
        "{'items':[{'metadata':{'generateName':'a-','labels':{'x':'y','z':'1'},"
        "'ownerReferences':[{'kind':'ReplicaSet','name':'a','uid':'u','controller':"
        "true,'blockOwnerDeletion':true}]},'spec':{'containers':[{'image':'i'}]}}]}");
    control_rig_close(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(states) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(states[i].name, check_state, &states[i]);
    tests[n++] = (struct CMUnitTest)CASE(
        "a pod is available when it has been ready for long enough", availability);
    tests[n] = (struct CMUnitTest)CASE("a pod has its template's content and its owner's reference",
                                       made_of_template);
    return RUN_CASES("pods", tests);
}

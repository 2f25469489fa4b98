#include "hack/devcloud/controllers/behaviours.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define SETS "/apis/apps/v1/namespaces/default/replicasets"
#define PODS "/api/v1/namespaces/default/pods"
#define SET(image) \
    "{'metadata':{'name':'a'},'spec':{'replicas':3,'selector':{'matchLabels':{'x':'y'}}," \
    "'template':{'metadata':{'labels':{'x':'y'}},'spec':{'containers':[{'name':'c','image':" \
    "'" image "'}]}}}}"

static void open_rig(struct control_rig *r)
{
    control_rig_open(r);
    control_rig_create(r, SETS, SET("i"));
}

static void sync_set(struct control_rig *r)
{
    (void)control_rig_reconcile(r, &replicaset_behaviour, "default/a");
}

static void makes_pods(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);

    sync_set(&r);
    control_rig_expect_len(&r, PODS, 3);
    sync_set(&r);

    control_rig_expect_len(&r, PODS, 3);
    control_rig_expect(&r, SETS "/a",
                       "{'status':{'replicas':3,'fullyLabeledReplicas':3,'observedGeneration':1}}");
    control_rig_close(&r);
}

static void counts_ready_ones(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_add_nodes(&r, 1);
    sync_set(&r);
    (void)control_rig_reconcile(&r, &scheduler_behaviour, "all");
    control_rig_run_pods(&r);

    sync_set(&r);

    control_rig_expect(&r, SETS "/a", "{'status':{'readyReplicas':3,'availableReplicas':3}}");
    control_rig_close(&r);
}

static void deletes_those_that_serve_least(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_add_nodes(&r, 1);
    control_rig_patch(&r, SETS "/a", "{'spec':{'replicas':1}}");
    sync_set(&r);
    (void)control_rig_reconcile(&r, &scheduler_behaviour, "all");
    control_rig_run_pods(&r);
    control_rig_patch(&r, SETS "/a", "{'spec':{'replicas':3}}");
    sync_set(&r);
    control_rig_expect_len(&r, PODS, 3);

    control_rig_patch(&r, SETS "/a", "{'spec':{'replicas':1}}");
    sync_set(&r);

    control_rig_expect_len(&r, PODS, 1);
    control_rig_expect(&r, PODS, "{'items':[{'status':{'phase':'Running'}}]}");
    control_rig_close(&r);
}

static void replaces_failed_ones(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    sync_set(&r);
    cleanup_json json *pods = control_rig_give(&r, PODS);
    cleanup_free char *path =
        xasprintf(PODS "/%s/status", json_path_str(pods, "items[0].metadata.name"));
    control_rig_patch(&r, path, "{'status':{'phase':'Failed'}}");

    sync_set(&r);

    control_rig_expect_len(&r, PODS, 4);
    control_rig_close(&r);
}

static void waits_for_min_ready(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_patch(&r, SETS "/a", "{'spec':{'minReadySeconds':30}}");
    control_rig_add_nodes(&r, 1);
    sync_set(&r);
    (void)control_rig_reconcile(&r, &scheduler_behaviour, "all");
    control_rig_run_pods(&r);

    assert_true(control_rig_reconcile(&r, &replicaset_behaviour, "default/a") > 0);
    control_rig_expect(&r, SETS "/a", "{'status':{'readyReplicas':3,'availableReplicas':null}}");
    fake_clock_advance_ms(&r.cluster.clock, 31000);
    assert_int_equal(control_rig_reconcile(&r, &replicaset_behaviour, "default/a"), 0);

    control_rig_expect(&r, SETS "/a", "{'status':{'availableReplicas':3}}");
    control_rig_close(&r);
}

static void tells_of_refused_pods(void **state)
{
    (void)state;
    struct control_rig r;
    struct result result = { 0 };
    cleanup_error struct error *err = NULL;
    open_rig(&r);
    control_rig_patch(&r, SETS "/a", "{'spec':{'template':{'spec':{'priorityClassName':'none'}}}}");

    assert_int_equal(
        replicaset_behaviour.reconcile(&r.control, NULL, &r.ctx, "default/a", &result, &err), -1);
    assert_non_null(err);
    control_rig_expect(&r, SETS "/a",
                       "{'status':{'conditions':[{'type':'ReplicaFailure','status':'True','reason':"
                       "'FailedCreate'}]}}");

    control_rig_patch(&r, SETS "/a", "{'spec':{'template':{'spec':{'priorityClassName':null}}}}");
    sync_set(&r);
    cleanup_json json *set = control_rig_give(&r, SETS "/a");
    assert_int_equal(json_len(json_path(set, "status.conditions")), 0);
    control_rig_close(&r);
}

static void leaves_deleted_ones_alone(void **state)
{
    (void)state;
    struct control_rig r;
    open_rig(&r);
    control_rig_delete(&r, SETS "/a?propagationPolicy=Foreground");

    sync_set(&r);
    (void)control_rig_reconcile(&r, &replicaset_behaviour, "default/absent");

    control_rig_expect_len(&r, PODS, 0);
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("as many pods as asked for are made, once", makes_pods),
        CASE("ready pods are counted", counts_ready_ones),
        CASE("of too many pods those go that serve least", deletes_those_that_serve_least),
        CASE("a failed pod is replaced", replaces_failed_ones),
        CASE("a pod counts as available after its time", waits_for_min_ready),
        CASE("a pod that is refused is told of in the status", tells_of_refused_pods),
        CASE("a set that is being deleted makes no pods", leaves_deleted_ones_alone),
    };
    return RUN_CASES("replicaset", tests);
}

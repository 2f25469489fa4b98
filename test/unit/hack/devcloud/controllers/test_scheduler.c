#include "hack/devcloud/controllers/behaviours.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/control_rig.h"

#define PODS "/api/v1/namespaces/default/pods"

static void add_pod(struct control_rig *r, const char *name, const char *more)
{
    cleanup_free char *pod = xasprintf("{'metadata':{'name':'%s'},'spec':{'containers':[{'name':"
                                       "'c','image':'i'}]%s}}",
                                       name, more);
    control_rig_create(r, PODS, pod);
}

static int64_t schedule(struct control_rig *r)
{
    return control_rig_reconcile(r, &scheduler_behaviour, "all");
}

static void spreads(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_add_nodes(&r, 2);
    add_pod(&r, "a", "");
    add_pod(&r, "b", "");
    add_pod(&r, "c", "");
    add_pod(&r, "d", "");

    assert_int_equal(schedule(&r), 0);

    for (size_t i = 0; i < 2; i++) {
        cleanup_free char *path =
            xasprintf("/api/v1/pods?fieldSelector=spec.nodeName%%3Dnode-%zu", i);
        control_rig_expect_len(&r, path, 2);
    }
    control_rig_expect(&r, PODS "/a",
                       "{'status':{'conditions':[{'type':'PodScheduled','status':'True'}]}}");
    control_rig_close(&r);
}

static void selects(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_add_nodes(&r, 4);
    add_pod(&r, "a", ",'nodeSelector':{'role':'odd'}");
    add_pod(&r, "b", ",'nodeSelector':{'role':'odd'}");
    add_pod(&r, "c", ",'nodeSelector':{'role':'odd'}");

    assert_int_equal(schedule(&r), 0);

    control_rig_expect(&r, PODS "/a", "{'spec':{'nodeName':'node-1'}}");
    control_rig_expect(&r, PODS "/b", "{'spec':{'nodeName':'node-3'}}");
    control_rig_expect(&r, PODS "/c", "{'spec':{'nodeName':'node-1'}}");
    control_rig_close(&r);
}

static void waits(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_create(&r, "/api/v1/nodes", "{'metadata':{'name':'new'}}");
    add_pod(&r, "a", "");

    assert_true(schedule(&r) > 0);
    control_rig_expect(&r, PODS "/a",
                       "{'spec':{'nodeName':null},'status':{'conditions':[{'type':'PodScheduled',"
                       "'status':'False','reason':'Unschedulable'}]}}");
    control_rig_add_nodes(&r, 1);
    assert_int_equal(schedule(&r), 0);

    control_rig_expect(&r, PODS "/a",
                       "{'spec':{'nodeName':'node-0'},'status':{'conditions':[{'type':"
                       "'PodScheduled','status':'True'}]}}");
    control_rig_close(&r);
}

static void obeys_capacity(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_add_nodes(&r, 1);
    control_rig_patch(&r, "/api/v1/nodes/node-0/status", "{'status':{'allocatable':{'pods':'1'}}}");
    add_pod(&r, "a", "");
    add_pod(&r, "b", "");

    assert_true(schedule(&r) > 0);

    control_rig_expect_len(&r, "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-0", 1);
    control_rig_close(&r);
}

static void leaves_alone(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_add_nodes(&r, 1);
    control_rig_patch(&r, "/api/v1/nodes/node-0", "{'spec':{'unschedulable':true}}");
    add_pod(&r, "a", ",'schedulerName':'another'");
    add_pod(&r, "b", ",'tolerations':[{'operator':'Exists'}]");

    assert_int_equal(schedule(&r), 0);

    control_rig_expect(&r, PODS "/a", "{'spec':{'nodeName':null}}");
    control_rig_expect(&r, PODS "/b", "{'spec':{'nodeName':'node-0'}}");
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("pods are spread over the nodes", spreads),
        CASE("a node selector is obeyed", selects),
        CASE("a pod that fits nowhere says so and is tried again", waits),
        CASE("a node takes as many pods as it says", obeys_capacity),
        CASE("another scheduler's pods are left alone, cordons are for those who tolerate none",
             leaves_alone),
    };
    return RUN_CASES("scheduler", tests);
}

#include "hack/devcloud/controllers/behaviours.h"
#include "test/unit/support/hack/devcloud/control_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define NODES "/api/v1/nodes"

static void expect_taints(struct control_rig *r, const char *want)
{
    (void)control_rig_reconcile(r, &nodes_behaviour, "a");
    cleanup_json json *node = control_rig_give(r, NODES "/a");
    cleanup_json json *none = json_new_array();
    const json *taints = json_path(node, "spec.taints");
    assert_tree(taints ? taints : none, want);
}

static void by_condition(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_create(&r, NODES, "{'metadata':{'name':'a'}}");

    expect_taints(&r, "[{'key':'node.kubernetes.io/not-ready','effect':'NoSchedule'}]");
    control_rig_patch(&r, NODES "/a/status",
                      "{'status':{'conditions':[{'type':'Ready','status':'True'}]}}");
    expect_taints(&r, "[]");
    control_rig_patch(&r, NODES "/a/status",
                      "{'status':{'conditions':[{'type':'Ready','status':'Unknown'},"
                      "{'type':'DiskPressure','status':'True'}]}}");
    expect_taints(&r, "[{'key':'node.kubernetes.io/unreachable','effect':'NoSchedule'},"
                      "{'key':'node.kubernetes.io/disk-pressure','effect':'NoSchedule'}]");
    control_rig_close(&r);
}

static void cordoned(void **state)
{
    (void)state;
    struct control_rig r;
    control_rig_open(&r);
    control_rig_create(&r, NODES,
                       "{'metadata':{'name':'a'},'spec':{'unschedulable':true,'taints':[{'key':"
                       "'mine','effect':'NoExecute'}]},'status':{'conditions':[{'type':'Ready',"
                       "'status':'True'}]}}");

    expect_taints(&r, "[{'key':'mine','effect':'NoExecute'},{'key':'node.kubernetes.io/"
                      "unschedulable','effect':'NoSchedule'}]");
    control_rig_patch(&r, NODES "/a", "{'spec':{'unschedulable':null}}");
    expect_taints(&r, "[{'key':'mine','effect':'NoExecute'}]");
    (void)control_rig_reconcile(&r, &nodes_behaviour, "absent");
    control_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("taints follow the conditions", by_condition),
        CASE("a cordoned node is tainted, other taints stay", cordoned),
    };
    return RUN_CASES("nodes", tests);
}

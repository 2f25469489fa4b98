#include "hack/devcloud/boot/machines.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

#define NS MACHINE_NAMESPACE
#define SET(replicas) \
    "{'metadata':{'name':'s','namespace':'" NS "'},'spec':{" replicas \
    "'selector':{'matchLabels':{" \
    "'x':'y'}},'template':{'metadata':{'labels':{'x':'y'}},'spec':{'providerSpec':{'value':{" \
    "'location':'eastus'}}}}}}"

static void tick(struct view_rig *r)
{
    struct error *err = NULL;
    if (machines_sync(&r->view, &r->rng.base, clock_wall_ns(&r->clock.base), &err) < 0)
        fail_msg("%s", error_text(err));
}

/* Machines, nodes and statuses settle within a few ticks. */
static void settle(struct view_rig *r)
{
    for (int i = 0; i < 6; i++) {
        tick(r);
        view_rig_ready_nodes(r);
    }
}

static size_t machines(struct view_rig *r)
{
    cleanup_json json *list = view_rig_list(r, &GVR_MACHINES);
    return json_len(list);
}

static void scales_up(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINESETS, SET("'replicas':2,"));

    settle(&r);

    cleanup_json json *list = view_rig_list(&r, &GVR_MACHINES);
    assert_int_equal(json_len(list), 2);
    const json *m = json_at(list, 0);
    assert_string_equal(json_path_str(m, "metadata.labels.x"), "y");
    assert_string_equal(json_path_str(m, "metadata.labels[\"" MACHINE_SET_LABEL "\"]"), "s");
    assert_string_equal(json_path_str(m, "metadata.ownerReferences[0].kind"), "MachineSet");
    assert_string_equal(json_path_str(m, "spec.providerSpec.value.location"), "eastus");
    view_rig_expect(&r, &GVR_MACHINESETS, NS, "s",
                    "{'status':{'replicas':2,'readyReplicas':2,'availableReplicas':2,"
                    "'observedGeneration':1}}");
    assert_int_equal(fake_cloud_machines(&r.cloud), 3 + 2);
}

static void scales_down(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINESETS, SET("'replicas':3,"));
    settle(&r);
    view_rig_patch(&r, &GVR_MACHINESETS, NS, "s", "{'spec':{'replicas':1}}");

    settle(&r);

    assert_int_equal(machines(&r), 1);
    assert_int_equal(fake_cloud_machines(&r.cloud), 3 + 1);
    view_rig_expect(&r, &GVR_MACHINESETS, NS, "s",
                    "{'status':{'replicas':1,'availableReplicas':1,'observedGeneration':2}}");
}

static void the_chosen_one_goes_first(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINESETS, SET("'replicas':2,"));
    settle(&r);
    cleanup_json json *list = view_rig_list(&r, &GVR_MACHINES);
    const char *chosen = json_path_str(json_at(list, 1), "metadata.name");
    view_rig_patch(&r, &GVR_MACHINES, NS, chosen,
                   "{'metadata':{'annotations':{'machine.openshift.io/delete-machine':'true'}}}");
    view_rig_patch(&r, &GVR_MACHINESETS, NS, "s", "{'spec':{'replicas':1}}");

    settle(&r);

    assert_null(view_rig_give(&r, &GVR_MACHINES, NS, chosen));
    assert_int_equal(machines(&r), 1);
}

static void one_by_default(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINESETS, SET(""));

    tick(&r);

    assert_int_equal(machines(&r), 1);
}

static void a_deleted_machine_is_replaced(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINESETS, SET("'replicas':1,"));
    settle(&r);
    cleanup_json json *list = view_rig_list(&r, &GVR_MACHINES);
    const char *name = json_path_str(json_at(list, 0), "metadata.name");
    assert_int_equal(
        kube_delete_if_present(r.kube, &r.ctx, KUBE_REF(&GVR_MACHINES, NS, name), NULL), 0);

    settle(&r);

    assert_null(view_rig_give(&r, &GVR_MACHINES, NS, name));
    assert_int_equal(machines(&r), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a MachineSet gets its Machines, which become ready", scales_up),
        CASE("machines go when fewer are wanted", scales_down),
        CASE("the Machine that somebody chose goes first", the_chosen_one_goes_first),
        CASE("one Machine is wanted when nothing is said", one_by_default),
        CASE("a deleted Machine is replaced", a_deleted_machine_is_replaced),
    };
    return RUN_CASES("machinesets", tests);
}

#include "hack/devcloud/boot/machines.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

static void a_master_is_tainted(void **state)
{
    (void)state;
    cleanup_json json *machine =
        json_make("{'metadata':{'name':'m','labels':{'machine.openshift.io/"
                  "cluster-api-machine-role':'master'}},'spec':{'providerSpec':{'value':{'vmSize':"
                  "'big','location':'eastus'}}}}");

    cleanup_json json *node = machine_give_node(machine, "azure:///x");

    assert_string_equal(json_path_str(node, "metadata.name"), "m");
    assert_string_equal(json_path_str(node, "spec.providerID"), "azure:///x");
    assert_string_equal(json_path_str(node, "spec.taints[0].key"),
                        "node-role.kubernetes.io/master");
    assert_string_equal(json_path_str(node, "metadata.labels[\"topology.kubernetes.io/zone\"]"),
                        "0");
    assert_string_equal(
        json_path_str(node, "metadata.annotations[\"machine.openshift.io/machine\"]"),
        "openshift-machine-api/m");
}

static void ready_or_not(void **state)
{
    (void)state;
    cleanup_json json *nodes = json_make(
        "[{'metadata':{'name':'a'},'status':{'conditions':[{'type':'Ready','status':'True'}]}},"
        "{'metadata':{'name':'b'},'status':{'conditions':[{'type':'Ready','status':'Unknown'}]}},"
        "{'metadata':{'name':'c'}}]");
    struct machine_lists l = { .nodes = nodes };

    assert_true(machine_node_is_ready(machine_find_node(&l, "a")));
    assert_false(machine_node_is_ready(machine_find_node(&l, "b")));
    assert_false(machine_node_is_ready(machine_find_node(&l, "c")));
    assert_null(machine_find_node(&l, "d"));
    assert_null(machine_find_node(&l, NULL));
}

static void only_differences_are_written(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_CONFIGMAPS,
                  "{'metadata':{'name':'a','namespace':'default'},'data':{'k':'v'}}");
    cleanup_json json *before = view_rig_give(&r, &GVR_CONFIGMAPS, "default", "a");
    cleanup_json json *same = json_make("{'data':{'k':'v'}}"),
                      *other = json_make("{'data':{'k':'w'}}");
    const char *version = json_path_str(before, "metadata.resourceVersion");

    assert_int_equal(machine_patch(&r.view, &GVR_CONFIGMAPS, before, NULL, same, NULL), 0);
    cleanup_json json *middle = view_rig_give(&r, &GVR_CONFIGMAPS, "default", "a");
    assert_string_equal(json_path_str(middle, "metadata.resourceVersion"), version);
    assert_int_equal(machine_patch(&r.view, &GVR_CONFIGMAPS, before, NULL, other, NULL), 0);
    view_rig_expect(&r, &GVR_CONFIGMAPS, "default", "a", "{'data':{'k':'w'}}");
    assert_int_equal(
        kube_delete_if_present(r.kube, &r.ctx, KUBE_REF(&GVR_CONFIGMAPS, "default", "a"), NULL), 0);
    assert_int_equal(machine_patch(&r.view, &GVR_CONFIGMAPS, before, NULL, other, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a master's node is labelled and tainted", a_master_is_tainted),
        CASE("a node is ready when its condition says so", ready_or_not),
        CASE("only differences are written, and not to what is gone", only_differences_are_written),
    };
    return RUN_CASES("nodes", tests);
}

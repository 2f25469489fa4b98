#include <string.h>

#include "hack/devcloud/boot/machines.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

#define NS MACHINE_NAMESPACE
#define SPEC \
    "'spec':{'providerSpec':{'value':{'location':'eastus','vmSize':'Standard_D4s_v3','vnet':" \
    "'dev-vnet','networkResourceGroup':'net-rg','subnet':'worker','publicLoadBalancer':'demo'," \
    "'zone':'2','osDisk':{'diskSizeGB':99}}}}"
#define MACHINE(name, role) \
    "{'metadata':{'name':'" name "','namespace':'" NS "','finalizers':[" \
    "'machine.machine.openshift.io'],'labels':{'machine.openshift.io/" \
    "cluster-api-machine-role':'" role "'}}," SPEC "}"

static void tick(struct view_rig *r)
{
    struct error *err = NULL;
    r->view.has_workers = false;
    if (machines_sync(&r->view, &r->rng.base, clock_wall_ns(&r->clock.base), &err) < 0)
        fail_msg("%s", error_text(err));
}

static void a_worker_comes_up(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINES, MACHINE("w", "worker"));

    tick(&r);
    view_rig_expect(&r, &GVR_MACHINES, NS, "w", "{'status':{'phase':'Provisioning'}}");
    const json *vm = json_get(r.cloud.machines, BOOT_MACHINES "w");
    assert_string_equal(json_path_str(vm, "size"), "Standard_D4s_v3");
    assert_true(str_ends(json_path_str(vm, "subnet"),
                         "/resourceGroups/net-rg/providers/Microsoft.Network/virtualNetworks/"
                         "dev-vnet/subnets/worker"));
    assert_true(
        str_ends(json_path_str(vm, "pool"), "/loadBalancers/demo/backendAddressPools/demo"));
    assert_int_equal(json_path_int(vm, "disk", 0), 99);
    tick(&r);
    view_rig_expect(&r, &GVR_MACHINES, NS, "w", "{'status':{'phase':'Provisioned'}}");
    assert_false(r.view.has_workers);
    view_rig_ready_nodes(&r);
    tick(&r);

    view_rig_expect(&r, &GVR_MACHINES, NS, "w",
                    "{'spec':{'providerID':'azure://" BOOT_MACHINES
                    "w'},'status':{'phase':'Running',"
                    "'nodeRef':{'name':'w'},'providerStatus':{'vmState':'Running'}}}");
    view_rig_expect(&r, &GVR_NODES, NULL, "w",
                    "{'metadata':{'labels':{'topology.kubernetes.io/zone':'eastus-2',"
                    "'node-role.kubernetes.io/worker':''}}}");
    assert_true(r.view.has_workers);
}

static void nothing_is_written_twice(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINES, MACHINE("w", "worker"));
    tick(&r);
    tick(&r);
    view_rig_ready_nodes(&r);
    tick(&r);
    cleanup_json json *before = view_rig_give(&r, &GVR_MACHINES, NS, "w");

    tick(&r);

    cleanup_json json *after = view_rig_give(&r, &GVR_MACHINES, NS, "w");
    assert_true(json_equal(before, after));
}

static void masters_are_not_made(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINES, MACHINE("elsewhere", "master"));
    view_rig_make(&r, &GVR_MACHINES, MACHINE(BOOT_INFRA "-master-0", "master"));

    tick(&r);
    tick(&r);

    assert_false(fake_cloud_has_machine(&r.cloud, "elsewhere"));
    view_rig_expect(&r, &GVR_MACHINES, NS, BOOT_INFRA "-master-0",
                    "{'status':{'phase':'Provisioned'}}");
    view_rig_expect(&r, &GVR_NODES, NULL, BOOT_INFRA "-master-0",
                    "{'metadata':{'labels':{'node-role.kubernetes.io/master':''}}}");
}

static void a_machine_goes(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINES, MACHINE("w", "worker"));
    tick(&r);
    tick(&r);
    assert_int_equal(kube_delete_if_present(r.kube, &r.ctx, KUBE_REF(&GVR_MACHINES, NS, "w"), NULL),
                     0);

    tick(&r);
    assert_false(fake_cloud_has_machine(&r.cloud, "w"));
    tick(&r);

    assert_null(view_rig_give(&r, &GVR_MACHINES, NS, "w"));
    assert_null(view_rig_give(&r, &GVR_NODES, NULL, "w"));
}

static void azure_refuses(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    r.cloud.refusal = xstrdup("QuotaExceeded");
    view_rig_make(&r, &GVR_MACHINES, MACHINE("w", "worker"));

    tick(&r);

    cleanup_json json *m = view_rig_give(&r, &GVR_MACHINES, NS, "w");
    assert_string_equal(json_path_str(m, "status.phase"), "Failed");
    assert_non_null(strstr(json_path_str(m, "status.errorMessage"), "Code=\"QuotaExceeded\""));
    free(take(r.cloud.refusal));
    tick(&r); /* for good */
    assert_false(fake_cloud_has_machine(&r.cloud, "w"));
}

static void azure_is_busy(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    cleanup_error struct error *err = NULL;
    r.cloud.refusal = xstrdup("AnotherOperationInProgress");
    view_rig_make(&r, &GVR_MACHINES, MACHINE("w", "worker"));

    assert_int_equal(machines_sync(&r.view, &r.rng.base, 0, &err), -1);
    assert_non_null(strstr(error_text(err), "Machine w"));
    free(take(r.cloud.refusal));
    tick(&r);

    assert_true(fake_cloud_has_machine(&r.cloud, "w"));
}

static void a_lost_machine_fails(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINES, MACHINE("w", "worker"));
    tick(&r);
    tick(&r);
    json_del(r.cloud.machines, BOOT_MACHINES "w");

    tick(&r);

    view_rig_expect(&r, &GVR_MACHINES, NS, "w",
                    "{'status':{'phase':'Failed','errorMessage':'~find created instance'}}");
    tick(&r); /* as the cloud's node controller */
    cleanup_json json *node = view_rig_give(&r, &GVR_NODES, NULL, "w");
    assert_null(node);
}

static void settings_decide(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    cleanup_json json *settings =
        json_make("{'delay_ms':{'machines':100},'failed_machines':{'bad*':'SkuNotAvailable'}}");
    r.view.settings = settings;
    view_rig_make(&r, &GVR_MACHINES, MACHINE("bad", "worker"));
    view_rig_make(&r, &GVR_MACHINES, MACHINE("good", "worker"));

    tick(&r);
    assert_false(fake_cloud_has_machine(&r.cloud, "good"));
    r.view.age_ms = 100;
    tick(&r);

    assert_true(fake_cloud_has_machine(&r.cloud, "good"));
    view_rig_expect(&r, &GVR_MACHINES, NS, "bad", "{'status':{'phase':'Failed'}}");
}

static void a_stopped_machine_says_so(void **state)
{
    (void)state;
    cleanup_view_rig struct view_rig r;
    view_rig_open(&r);
    view_rig_make(&r, &GVR_MACHINES, MACHINE("w", "worker"));
    tick(&r);
    tick(&r);
    view_rig_ready_nodes(&r);
    tick(&r);
    json_put(json_get(r.cloud.machines, BOOT_MACHINES "w"), "runs", json_new_bool(false));
    r.view.has_workers = false;

    tick(&r);

    view_rig_expect(&r, &GVR_MACHINES, NS, "w",
                    "{'metadata':{'annotations':{'machine.openshift.io/instance-state':'Stopped'}},"
                    "'status':{'phase':'Running','providerStatus':{'vmState':'Stopped'}}}");
    cleanup_json json *node = view_rig_give(&r, &GVR_NODES, NULL, "w");
    assert_false(machine_node_is_ready(node));
    assert_string_equal(json_path_str(node, "status.conditions[0].status"), "Unknown");
    assert_string_equal(json_path_str(node, "status.conditions[0].reason"), "NodeStatusUnknown");
    assert_false(r.view.has_workers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a worker's Machine becomes a machine and a Node", a_worker_comes_up),
        CASE("a tick without news writes nothing", nothing_is_written_twice),
        CASE("masters are looked at, not made", masters_are_not_made),
        CASE("a deleted Machine takes machine and Node with it", a_machine_goes),
        CASE("what Azure refuses for good fails the Machine with its code", azure_refuses),
        CASE("what Azure refuses for now is tried again", azure_is_busy),
        CASE("a machine that vanishes fails its Machine and takes its Node with it",
             a_lost_machine_fails),
        CASE("settings delay machines, and break some", settings_decide),
        CASE("a machine without power says so, and nobody knows how its Node is",
             a_stopped_machine_says_so),
    };
    return RUN_CASES("machines", tests);
}

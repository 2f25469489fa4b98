#include "hack/devcloud/azure/machines.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

static const struct machine_wish worker = {
    .group_id = CLUSTER_GROUP,
    .name = "worker-0",
    .size = "Standard_D4s_v3",
    .zone = "2",
    .subnet_id = WORKER_SUBNET,
    .custom_data = "aGVsbG8=",
    .disk_gb = 128,
};

static void check_make(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    assert_int_equal(machines_make(r.sim, &worker, NULL), 0);
    assert_int_equal(machines_make(r.sim, &worker, NULL), 0);

    cleanup_machine struct azure_machine *m =
        machines_give_one(r.sim, CLUSTER_MACHINES "/worker-0");
    assert_string_equal(m->zone, "2");
    assert_string_equal(m->custom_data, "hello");
    assert_string_equal(m->addresses.v[0], "10.0.2.4");
    assert_int_equal(compute_call(&r, "HEAD", CLUSTER_COMPUTE "/disks/worker-0_OSDisk", NULL, NULL),
                     204);
    machines_unmake(r.sim, CLUSTER_MACHINES "/worker-0");
    machines_unmake(r.sim, CLUSTER_MACHINES "/worker-0");
    assert_int_equal(compute_call(&r, "HEAD", CLUSTER_MACHINES "/worker-0", NULL, NULL), 404);
    assert_int_equal(compute_call(&r, "HEAD", CLUSTER_COMPUTE "/disks/worker-0_OSDisk", NULL, NULL),
                     404);
    assert_int_equal(compute_call(&r, "HEAD", CLUSTER_NICS "/worker-0-nic", NULL, NULL), 404);
}

static void check_refused(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'usages':{'standardDSv3Family':{'currentValue':499}}}");
    cleanup_error struct error *quota = NULL, *subnet = NULL;
    struct machine_wish lost = worker;
    lost.subnet_id = RIG_VNET "/subnets/none";

    assert_int_equal(machines_make(r.sim, &worker, &quota), -1);
    assert_int_equal(machines_make(r.sim, &lost, &subnet), -1);

    assert_string_equal(error_get_code(quota), "OperationNotAllowed");
    assert_int_equal(error_get_status(quota), 409);
    assert_non_null(strstr(error_text(quota), "exceeding approved standardDSv3Family Cores quota"));
    assert_string_equal(error_get_code(subnet), "InvalidResourceReference");
}

static void check_ask(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_json json *found = NULL, *absent = NULL;

    assert_int_equal(machines_ask(r.sim, "GET", RIG_VNET, "2020-08-01", NULL, &found), 200);
    assert_int_equal(machines_ask(r.sim, "GET", RIG_VNETS "/none", "2020-08-01", NULL, &absent),
                     404);

    assert_string_equal(json_path_str(found, "name"), "dev-vnet");
    assert_string_equal(json_path_str(absent, "error.code"), "ResourceNotFound");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a machine is made with interface and disk, and goes with them", check_make),
        CASE("what Azure refuses has its code", check_refused),
        CASE("anything can be asked of ARM", check_ask),
    };
    return RUN_CASES("machines_make", tests);
}

#include <string.h>

#include "rp/cluster/virtual_machines.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

#define MACHINES RIG_GROUP "/providers/Microsoft.Compute/virtualMachines"
#define VERSION "?api-version=2024-03-01"
#define GET(path) "GET " RIG_ARM path VERSION "\nAccept: application/json\n@gzip: true\n"
#define LIST "{\"value\":[{\"id\":\"" MACHINES "/m0\"},{\"id\":\"" MACHINES "/m1\"}]}"
#define VIEW(power) \
    "{\"statuses\":[{\"code\":\"ProvisioningState/succeeded\"},{\"code\":\"PowerState/" power \
    "\"}]}"

static void stopped_machines_are_started_together(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .request = GET(MACHINES), .reply = LIST },
        { .request = GET(MACHINES "/m0/instanceView"), .reply = VIEW("deallocated") },
        { .status = 202, .headers = "Location: https://management.azure.com/op0\nRetry-After: 1" },
        { .request = GET(MACHINES "/m1/instanceView"), .reply = VIEW("stopped") },
        { .status = 202, .headers = "Location: https://management.azure.com/op1\nRetry-After: 1" },
        { .status = 200 },
        { .status = 200 },
    };
    cleanup_cluster_rig struct cluster_rig r;
    struct error *err = NULL;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    if (cluster_start_machines(r.c, &r.ctx, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_non_null(strstr(r.transport.requests.v[3], "POST " RIG_ARM MACHINES "/m0/start"));
    assert_non_null(strstr(r.transport.requests.v[5], "POST " RIG_ARM MACHINES "/m1/start"));
    assert_non_null(strstr(r.transport.requests.v[6], "/op0"));
    assert_non_null(strstr(r.transport.requests.v[7], "/op1"));
}

static void machines_that_run_are_left_alone(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = LIST },
        { .reply = VIEW("running") },
        { .reply = VIEW("starting") },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));
    assert_int_equal(cluster_start_machines(r.c, &r.ctx, NULL), 0);
}

static void a_machine_that_does_not_start_is_an_error(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = "{\"value\":[{\"id\":\"" MACHINES "/m0\"}]}" },
        { .reply = VIEW("deallocated") },
        { .status = 409,
          .reply = "{\"error\":{\"code\":\"AllocationFailed\",\"message\":\"no room\"}}" },
    };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_error struct error *err = NULL;
    cluster_rig_open(&r, "{}", script, ARRAY_LEN(script));

    assert_int_equal(cluster_start_machines(r.c, &r.ctx, &err), -1);

    assert_non_null(strstr(error_text(err), "/m0"));
    assert_string_equal(error_get_code(err), "AllocationFailed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("stopped machines are started together", stopped_machines_are_started_together),
        CASE("machines that run are left alone", machines_that_run_are_left_alone),
        CASE("a machine that does not start is an error",
             a_machine_that_does_not_start_is_an_error),
    };
    return RUN_CASES("virtual_machines", tests);
}

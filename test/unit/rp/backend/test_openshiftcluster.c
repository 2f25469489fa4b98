#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/asyncoperations.h"
#include "pkg/database/billing.h"
#include "pkg/database/openshiftclusters.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

#define STATE "openShiftCluster.properties.provisioningState"
#define FAILED_STATE "openShiftCluster.properties.failedProvisioningState"

/* ---- every state, success and failure ---- */

struct ending_case {
    const char *name, *state, *more, *steps;
    const char *want_state, *want_failed, *want_async;
};
static struct ending_case endings[] = {
    { "an install ends well", "Creating", "", "..", "Succeeded", NULL, "Succeeded" },
    { "an install fails", "Creating", "", ".i.", "Failed", "Creating", "Failed" },
    { "an update ends well", "Updating", "'failedProvisioningState':'Updating',", ".", "Succeeded",
      NULL, "Succeeded" },
    { "an update fails", "Updating", "", "u", "Failed", "Updating", "Failed" },
    { "an admin update of a good cluster ends well", "AdminUpdating",
      "'lastProvisioningState':'Succeeded',", ".", "Succeeded", NULL, "Succeeded" },
    { "an admin update of a good cluster fails", "AdminUpdating",
      "'lastProvisioningState':'Succeeded',", "i", "Succeeded", "AdminUpdating", "Failed" },
    { "an admin update of a failed cluster ends well", "AdminUpdating",
      "'lastProvisioningState':'Failed','failedProvisioningState':'Updating',", ".", "Failed",
      "Updating", "Succeeded" },
    { "an admin update of a failed cluster fails", "AdminUpdating",
      "'lastProvisioningState':'Failed','failedProvisioningState':'Updating',", "i", "Failed",
      "Updating", "Failed" },
    { "a deletion ends well", "Deleting", "", "..", NULL, NULL, "Succeeded" },
    { "a deletion fails", "Deleting", "", "i", "Failed", "Deleting", "Failed" },
};

static void check_ending(void **state)
{
    const struct ending_case *c = *state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = c->steps;
    backend_rig_cluster(&r, "a", c->state, c->more);

    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "a", c->want_state);
    backend_rig_assert_cluster(&r, "a", FAILED_STATE, c->want_failed);
    backend_rig_assert_async(&r, "a", "asyncOperation.status", c->want_async);
    backend_rig_assert_cluster(&r, "a", "leaseOwner", NULL);
    backend_rig_assert_cluster(&r, "a", "asyncOperationId", NULL);
    backend_rig_assert_cluster(&r, "a", "operationOutcome", NULL);
    assert_false(backend_rig_work(&r));
}

/* ---- a crash at every write, and a recovery by somebody else ---- */

static void check_crash_at_every_write(void **state)
{
    const struct ending_case *c = *state;
    int writes = 0;
    for (bool crashed = true; crashed; writes++) {
        cleanup_backend_rig struct backend_rig r;
        backend_rig_open(&r);
        r.steps = c->steps;
        backend_rig_cluster(&r, "a", c->state, c->more);
        assert_int_equal(atomic_exchange(&r.store->writes, writes), -1);

        /* The dequeue itself may be what fails. */
        cleanup_free char *token = NULL;
        cleanup_document struct document d = { 0 };
        if (writes > 0)
            assert_true(backend_rig_work(&r));
        else
            assert_int_equal(openshiftclusters_dequeue(&r.ctx, r.db, &token, &d, NULL), -1);
        crashed = atomic_load(&r.store->crashed);
        backend_rig_expire(&r);
        /* What is decided stays so, whatever the steps would say now. */
        cleanup_free char *decided = backend_rig_cluster_text(&r, "a", "operationOutcome.status");
        cleanup_free char *told = backend_rig_async_text(&r, "a", "asyncOperation.endTime");
        if (decided)
            r.steps = str_eq(decided, "Succeeded") ? "i" : ".";
        (void)backend_rig_work(&r);
        if (told)
            backend_rig_assert_async(&r, "a", "asyncOperation.endTime", told);

        backend_rig_assert_state(&r, "a", c->want_state);
        backend_rig_assert_async(&r, "a", "asyncOperation.status", c->want_async);
        backend_rig_assert_cluster(&r, "a", "operationOutcome", NULL);
        assert_false(backend_rig_work(&r));
    }
    assert_in_range(writes, 4, 20);
}

/* ---- outcomes ---- */

static void tells_the_customers_errors(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = "u";
    backend_rig_cluster(&r, "a", "Updating", "");

    assert_true(backend_rig_work(&r));

    backend_rig_assert_async(&r, "a", "asyncOperation.error",
                             "{\"code\":\"InvalidLinkedVNet\",\"message\":\"The subnet is too "
                             "small.\",\"target\":\"properties.masterProfile.subnetId\"}");
    backend_rig_assert_async(&r, "a", "asyncOperation.endTime", "2024-02-03T04:05:06Z");
    assert_true(log_capture_has(&r.capture, "resultType=UserError"));
}

static void hides_our_own_errors(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = "i";
    backend_rig_cluster(&r, "a", "Updating", "");

    assert_true(backend_rig_work(&r));

    backend_rig_assert_async(
        &r, "a", "asyncOperation.error",
        "{\"code\":\"InternalServerError\",\"message\":\"Internal server error.\"}");
    assert_true(log_capture_has(&r.capture, "a secret name was not found"));
}

static void keeps_a_snapshot_without_secrets(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");

    assert_true(backend_rig_work(&r));

    backend_rig_assert_async(&r, "a", STATE, "Succeeded");
    backend_rig_assert_async(&r, "a", "openShiftCluster.properties.kubeadminPassword", NULL);
    backend_rig_assert_cluster(&r, "a", "openShiftCluster.properties.kubeadminPassword", "sealed");
}

static void a_manager_that_cannot_be_had_is_a_failure(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.open_code = "InvalidServicePrincipalCredentials";
    backend_rig_cluster(&r, "a", "Updating", "");

    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "a", "Failed");
    backend_rig_assert_async(&r, "a", "asyncOperation.error.code",
                             "InvalidServicePrincipalCredentials");
}

static void an_admin_update_notes_its_error_and_its_end(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = "i";
    backend_rig_cluster(&r, "a", "AdminUpdating",
                        "'lastProvisioningState':'Succeeded','maintenanceState':'Planned',");

    assert_true(backend_rig_work(&r));
    backend_rig_assert_cluster(&r, "a", "openShiftCluster.properties.lastAdminUpdateError",
                               "a secret name was not found");
    backend_rig_assert_cluster(&r, "a", "openShiftCluster.properties.maintenanceState", "Planned");

    backend_rig_cluster(&r, "b", "AdminUpdating",
                        "'lastProvisioningState':'Succeeded','lastAdminUpdateError':'old',"
                        "'maintenanceState':'Planned',");
    r.steps = ".";
    assert_true(backend_rig_work(&r));
    backend_rig_assert_cluster(&r, "b", "openShiftCluster.properties.lastAdminUpdateError", NULL);
    backend_rig_assert_cluster(&r, "b", "openShiftCluster.properties.maintenanceState", "None");
}

/* ---- hand-over ---- */

static void an_install_goes_on_elsewhere_with_its_async_operation(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = ".n";
    backend_rig_cluster(&r, "a", "Creating", "'install':{'phase':0},");

    assert_true(backend_rig_work(&r));
    backend_rig_assert_state(&r, "a", "Creating");
    backend_rig_assert_cluster(&r, "a", "asyncOperationId", "async-a");
    backend_rig_assert_cluster(&r, "a", "leaseOwner", NULL);
    backend_rig_assert_cluster(&r, "a", "dequeues", NULL);
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Creating");

    r.steps = "e";
    assert_true(backend_rig_work(&r));
    backend_rig_assert_state(&r, "a", "Succeeded");
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Succeeded");
}

static void stops_at_the_next_step_when_asked(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = ".h..";
    backend_rig_cluster(&r, "a", "AdminUpdating",
                        "'lastProvisioningState':'Succeeded','maintenanceTask':'Everything',");

    assert_true(backend_rig_work(&r));

    backend_rig_assert_heard(&r, "admin update 0, admin update 1, close");
    backend_rig_assert_state(&r, "a", "AdminUpdating");
    backend_rig_assert_cluster(&r, "a", "openShiftCluster.properties.maintenanceTask",
                               "Everything");
    backend_rig_assert_cluster(&r, "a", "asyncOperationId", "async-a");
    backend_rig_assert_cluster(&r, "a", "leaseOwner", NULL);
}

/* ---- leases ---- */

static void a_frozen_process_begins_no_further_step(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = "z.";
    backend_rig_cluster(&r, "a", "Updating", "");

    assert_true(backend_rig_work(&r));

    backend_rig_assert_heard(&r, "update 0, close");
    backend_rig_assert_state(&r, "a", "Updating");
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Updating");
}

static void loses_to_a_later_dequeue_of_the_same_process(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = "t";
    backend_rig_cluster(&r, "a", "Deleting", "");

    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "a", "Deleting");
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Deleting");
    backend_rig_assert_cluster(&r, "a", "dequeues", "2");
    backend_rig_assert_cluster(&r, "a", "leaseOwner", "another");
    backend_rig_assert_cluster(&r, "a", "operationOutcome", NULL);
}

/* ---- poison ---- */

static void fails_what_was_taken_up_too_often(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    r.steps = "z.";
    backend_rig_cluster(&r, "a", "Updating", "");
    for (int i = 0; i < DATABASE_DEQUEUES_MAX; i++) {
        assert_true(backend_rig_work(&r));
        backend_rig_assert_state(&r, "a", "Updating");
        backend_rig_expire(&r);
    }

    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "a", "Failed");
    backend_rig_assert_cluster(&r, "a", FAILED_STATE, "Updating");
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Failed");
    assert_true(log_capture_has(&r.capture, "dequeued 6 times, failing"));
    assert_int_equal(r.heard.len, 2 * DATABASE_DEQUEUES_MAX); /* no step more */
}

/* ---- what is missing ---- */

static void a_forgotten_async_operation_is_no_hindrance(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");
    fake_clock_advance_ms(&r.clock, INT64_C(8) * 86400 * 1000);

    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "a", "Succeeded");
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Succeeded"); /* it has one again */
}

static void an_async_operation_that_cannot_be_written_is_left_to_the_next(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");
    r.store->fail_coll = COLL_ASYNC_OPERATIONS;
    atomic_store(&r.store->fail, true);
    assert_true(backend_rig_work(&r));
    backend_rig_assert_state(&r, "a", "Updating");
    backend_rig_assert_cluster(&r, "a", "operationOutcome.status", "Succeeded");

    atomic_store(&r.store->fail, false);
    backend_rig_expire(&r);
    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "a", "Succeeded");
    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Succeeded");
    backend_rig_assert_heard(&r, "update 0, update 1, close");
}

static void an_async_operation_that_can_never_be_written_does_not_keep_the_cluster(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");
    r.store->fail_coll = COLL_ASYNC_OPERATIONS;
    atomic_store(&r.store->fail, true);

    for (int i = 0; i <= DATABASE_DEQUEUES_MAX; i++) {
        backend_rig_assert_state(&r, "a", "Updating");
        assert_true(backend_rig_work(&r));
        backend_rig_expire(&r);
    }

    backend_rig_assert_state(&r, "a", "Succeeded");
}

static void leaves_a_cluster_whose_subscription_cannot_be_read(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    assert_int_equal(store_delete(&r.ctx, &r.store->base, COLL_SUBSCRIPTIONS, RIG_SUBSCRIPTION,
                                  RIG_SUBSCRIPTION, STORE_ANY_ETAG, NULL),
                     0);
    backend_rig_cluster(&r, "a", "Updating", "");

    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "a", "Updating");
    backend_rig_assert_cluster(&r, "a", "dequeues", "1");
    assert_int_equal(r.heard.len, 0);
}

/* ---- deletions ---- */

static void a_deletion_ends_the_billing_once(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    cleanup_document struct document billing = { 0 };
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Deleting", "");
    assert_int_equal(
        billing_create(&r.ctx, r.db,
                       backend_rig_tree("{'id':'id-a','key':'k','billing':{'deletionTime':77}}"),
                       NULL, NULL),
        0);

    assert_true(backend_rig_work(&r));

    assert_int_equal(billing_get(&r.ctx, r.db, "id-a", &billing, NULL), 0);
    assert_int_equal(json_path_int(billing.tree, "billing.deletionTime", 0), 77);
    backend_rig_assert_state(&r, "a", NULL);
}

int main(void)
{
    struct CMUnitTest tests[2 * ARRAY_LEN(endings) + 16];
    size_t n = 0;
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        strv_addf(&names, "%s, with a crash at every write", endings[i].name);
        tests[n++] = (struct CMUnitTest)CASE_OF(endings[i].name, check_ending, &endings[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(names.v[i], check_crash_at_every_write, &endings[i]);
    const struct CMUnitTest more[] = {
        CASE("tells the customer's errors", tells_the_customers_errors),
        CASE("hides our own errors", hides_our_own_errors),
        CASE("keeps a snapshot without secrets", keeps_a_snapshot_without_secrets),
        CASE("a manager that cannot be had is a failure",
             a_manager_that_cannot_be_had_is_a_failure),
        CASE("an admin update notes its error and its end",
             an_admin_update_notes_its_error_and_its_end),
        CASE("an install goes on elsewhere with its asynchronous operation",
             an_install_goes_on_elsewhere_with_its_async_operation),
        CASE("stops at the next step when asked", stops_at_the_next_step_when_asked),
        CASE("a frozen process begins no further step", a_frozen_process_begins_no_further_step),
        CASE("loses to a later dequeue of the same process",
             loses_to_a_later_dequeue_of_the_same_process),
        CASE("fails what was taken up too often", fails_what_was_taken_up_too_often),
        CASE("a forgotten asynchronous operation is no hindrance",
             a_forgotten_async_operation_is_no_hindrance),
        CASE("an asynchronous operation that cannot be written is left to the next",
             an_async_operation_that_cannot_be_written_is_left_to_the_next),
        CASE("an asynchronous operation that can never be written does not keep the cluster",
             an_async_operation_that_can_never_be_written_does_not_keep_the_cluster),
        CASE("leaves a cluster whose subscription cannot be read",
             leaves_a_cluster_whose_subscription_cannot_be_read),
        CASE("a deletion ends the billing once", a_deletion_ends_the_billing_once),
    };
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        tests[n++] = more[i];
    return _cmocka_run_group_tests("openshiftcluster", tests, n, NULL, NULL);
}

#include <string.h>

#include "pkg/database/asyncoperations.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/store.h"
#include "rp/backend/asyncoperation.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

#define OUTCOME(status) \
    "'operationOutcome':{'status':'" status "','endTime':'2024-01-01T00:00:00Z'," \
    "'provisioningState':'" status "','error':{'code':'C','message':'m'}}"
#define CLUSTER(id, status) \
    "{'asyncOperationId':'" id "'," OUTCOME(status) ",'openShiftCluster':{'name':'n'," \
                                                    "'properties':{'provisioningState':'Updating'" \
                                                    ",'failedProvisioningState':'Updating'}}}"

static void end(struct backend_rig *r, const char *cluster)
{
    cleanup_json json *tree = backend_rig_tree(cluster);
    assert_int_equal(asyncoperation_end(&r->ctx, r->db, tree, NULL), 0);
}

static void tells_status_time_error_and_cluster(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");

    end(&r, CLUSTER("async-a", "Failed"));

    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Failed");
    backend_rig_assert_async(&r, "a", "asyncOperation.initialStatus", "Updating");
    backend_rig_assert_async(&r, "a", "asyncOperation.endTime", "2024-01-01T00:00:00Z");
    backend_rig_assert_async(&r, "a", "asyncOperation.error.code", "C");
    backend_rig_assert_async(&r, "a", "openShiftCluster",
                             "{\"name\":\"n\",\"properties\":{\"provisioningState\":\"Failed\"}}");
}

static void an_end_that_was_told_stays(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");
    end(&r, CLUSTER("async-a", "Failed"));

    end(&r, CLUSTER("async-a", "Succeeded"));

    backend_rig_assert_async(&r, "a", "asyncOperation.status", "Failed");
}

static void who_names_no_operation_needs_none(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    const struct store_query all = { .query = QUERY_ALL, .coll = COLL_ASYNC_OPERATIONS };
    int64_t records;

    end(&r, "{" OUTCOME("Failed") ",'openShiftCluster':{}}");
    end(&r, CLUSTER("", "Failed"));

    assert_int_equal(store_count(&r.ctx, database_store(r.db), &all, &records, NULL), 0);
    assert_int_equal(records, 0);
}

/* The frontend ended after it had written the cluster. */
static void a_record_that_is_missing_is_made(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);

    end(&r, "{'key':'/subscriptions/s/c','partitionKey':'s','asyncOperationId':'async-m',"
            "'correlationData':{'requestTime':'2023-01-01T00:00:00Z'}," OUTCOME(
                "Succeeded") ",'openShiftCluster':{'location':'EastUS','properties':{'"
                             "provisioningState':'Creating'"
                             "}}}");

    backend_rig_assert_async(&r, "m", "openShiftClusterKey", "/subscriptions/s/c");
    backend_rig_assert_async(&r, "m", "asyncOperation.id",
                             "/subscriptions/s/providers/microsoft.redhatopenshift/locations/"
                             "eastus/operationsstatus/async-m");
    backend_rig_assert_async(&r, "m", "asyncOperation.status", "Succeeded");
    backend_rig_assert_async(&r, "m", "asyncOperation.initialStatus", "Creating");
    backend_rig_assert_async(&r, "m", "asyncOperation.startTime", "2023-01-01T00:00:00Z");
    backend_rig_assert_async(&r, "m", "openShiftCluster.properties.provisioningState", "Succeeded");
}

static void says_that_it_could_not_write(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    cleanup_error struct error *err = NULL;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");
    cleanup_json json *tree = backend_rig_tree(CLUSTER("async-a", "Failed"));
    r.store->fail_coll = COLL_ASYNC_OPERATIONS;
    atomic_store(&r.store->fail, true);

    assert_int_equal(asyncoperation_end(&r.ctx, r.db, tree, &err), -1);

    assert_non_null(strstr(error_text(err), "ending the asynchronous operation"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("tells status, time, error and cluster", tells_status_time_error_and_cluster),
        CASE("an end that was told stays", an_end_that_was_told_stays),
        CASE("who names no operation needs no record", who_names_no_operation_needs_none),
        CASE("a record that is missing is made", a_record_that_is_missing_is_made),
        CASE("says that it could not write", says_that_it_could_not_write),
    };
    return RUN_CASES("asyncoperation", tests);
}

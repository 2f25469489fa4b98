#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/asyncoperations.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define CLUSTER \
    "{'id':'c','properties':{'infraId':'i','sshKey':'sealed','clusterProfile':{'pullSecret':" \
    "'sealed','domain':'d'},'new':{'x':1}}}"
#define SNAPSHOT \
    "{'id':'c','properties':{'infraId':'i','clusterProfile':{'domain':'d'},'new':{'x':1}}}"

static void check_create(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(asyncoperations_create(&r.ctx, r.db,
                                            rig_tree("{'id':'o','asyncOperation':{'id':'/o'}}"), &d,
                                            NULL),
                     0);
    assert_int_equal(asyncoperations_create(&r.ctx, r.db, rig_tree("{'id':'o'}"), NULL, &err), -1);

    rig_assert_tree(d.tree, "{'id':'o','asyncOperation':{'id':'/o'}}");
    assert_int_equal(error_kind(err), ERR_PRECONDITION);
}

static int finish(json *tree, void *arg, struct error **err)
{
    asyncoperations_put_snapshot(tree, arg);
    return json_set_str(tree, "asyncOperation.status", "Succeeded", err);
}

static void check_snapshot(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_ASYNC_OPERATIONS, "{'id':'o'}");
    cleanup_json json *cluster = rig_tree(CLUSTER);
    cleanup_document struct document d = { 0 };

    assert_int_equal(asyncoperations_patch(&r.ctx, r.db, "o", finish, cluster, NULL, NULL), 0);

    assert_int_equal(asyncoperations_get(&r.ctx, r.db, "o", &d, NULL), 0);
    rig_assert_tree(d.tree, "{'id':'o','asyncOperation':{'status':'Succeeded'},"
                            "'openShiftCluster':" SNAPSHOT "}");
    rig_assert_tree(cluster, CLUSTER); /* the cluster itself keeps its secrets */
}

/* Whoever writes them. */
static void check_secrets(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document d = { 0 };

    rig_create(&r, COLL_ASYNC_OPERATIONS, "{'id':'o','openShiftCluster':" CLUSTER "}");

    assert_int_equal(asyncoperations_get(&r.ctx, r.db, "o", &d, NULL), 0);
    rig_assert_tree(d.tree, "{'id':'o','openShiftCluster':" SNAPSHOT "}");
}

static void check_week(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_ASYNC_OPERATIONS, "{'id':'o'}");
    cleanup_document struct document d = { 0 }, gone = { 0 };
    cleanup_error struct error *err = NULL;

    fake_clock_advance_ms(&r.clock, INT64_C(604799) * 1000);
    assert_int_equal(asyncoperations_get(&r.ctx, r.db, "o", &d, NULL), 0);
    fake_clock_advance_ms(&r.clock, 2 * 1000);
    assert_int_equal(asyncoperations_get(&r.ctx, r.db, "o", &gone, &err), -1);

    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
}

static void check_make(void **state)
{
    (void)state;
    const struct asyncoperation_begin b = { "o", "k", "sub", "eastus", "Creating", NULL };

    cleanup_json json *record = asyncoperations_make(&b);

    cleanup_free char *text = json_give_text(record);
    assert_string_equal(
        text, "{\"id\":\"o\",\"openShiftClusterKey\":\"k\",\"asyncOperation\":{\"id\":\"/"
              "subscriptions/sub/providers/microsoft.redhatopenshift/locations/eastus/"
              "operationsstatus/o\",\"name\":\"o\",\"initialStatus\":\"Creating\",\"status\":"
              "\"Creating\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an operation is recorded once", check_create),
        CASE("the snapshot of a cluster has no secrets", check_snapshot),
        CASE("secrets do not get into a record by another way", check_secrets),
        CASE("a record is forgotten after a week", check_week),
        CASE("a record says where to ask about its operation", check_make),
    };
    return RUN_CASES("asyncoperations", tests);
}

#include <string.h>

#include "pkg/database/poolworkers.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define TYPE "monitor"

static int put_bucket(json *tree, void *arg, struct error **err)
{
    return json_set_str(tree, "poolWorker.buckets[0]", arg, err);
}

static void check_master(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_document struct document d = { 0 };
    cleanup_free char *first = NULL, *second = NULL;
    cleanup_error struct error *err = NULL;
    char worker[] = "w";

    assert_int_equal(poolworkers_ensure_master(&r.ctx, r.db, TYPE, NULL), 0);
    assert_int_equal(poolworkers_ensure_master(&r.ctx, r.db, TYPE, NULL), 0);
    assert_int_equal(poolworkers_try_master(&r.ctx, r.db, TYPE, &first, NULL), 0);
    assert_int_equal(poolworkers_try_master(&r.ctx, r.db, TYPE, &second, NULL), 0);
    assert_non_null(first);
    assert_null(second);
    fake_clock_advance_ms(&r.clock, 30 * 1000);
    assert_int_equal(
        poolworkers_patch_master(&r.ctx, r.db, TYPE, first, put_bucket, worker, &d, NULL), 0);
    assert_int_equal(
        poolworkers_patch_master(&r.ctx, r.db, TYPE, "other", put_bucket, worker, NULL, &err), -1);

    assert_int_equal(json_path_int(d.tree, "leaseExpires", 0), RIG_NOW_S + 90);
    assert_string_equal(json_path_str(d.tree, "poolWorker.buckets[0]"), "w");
    assert_false(json_has(d.tree, "dequeues"));
    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
}

/* A master that stalled has lost its lease to the next one. */
static void check_two_masters(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_free char *first = NULL, *second = NULL;
    cleanup_document struct document d = { 0 };
    char old[] = "old", young[] = "young";
    assert_int_equal(poolworkers_ensure_master(&r.ctx, r.db, TYPE, NULL), 0);
    assert_int_equal(poolworkers_try_master(&r.ctx, r.db, TYPE, &first, NULL), 0);

    fake_clock_advance_ms(&r.clock, 61 * 1000);
    assert_int_equal(poolworkers_try_master(&r.ctx, r.db, TYPE, &second, NULL), 0);
    assert_int_equal(
        poolworkers_patch_master(&r.ctx, r.db, TYPE, second, put_bucket, young, NULL, NULL), 0);
    assert_int_equal(
        poolworkers_patch_master(&r.ctx, r.db, TYPE, first, put_bucket, old, NULL, NULL), -1);

    assert_int_equal(poolworkers_get_master(&r.ctx, r.db, TYPE, &d, NULL), 0);
    assert_string_equal(json_path_str(d.tree, "poolWorker.buckets[0]"), "young");
}

static size_t living(struct database_rig *r, const char *type)
{
    cleanup_document_page struct document_page p = { 0 };
    assert_int_equal(poolworkers_list(&r->ctx, r->db, type, 0, NULL, &p, NULL), 0);
    return p.len;
}

static void check_workers(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    assert_int_equal(poolworkers_ensure_master(&r.ctx, r.db, TYPE, NULL), 0);

    assert_int_equal(poolworkers_heartbeat(&r.ctx, r.db, TYPE, "a", 60, NULL), 0);
    assert_int_equal(poolworkers_heartbeat(&r.ctx, r.db, TYPE, "b", 60, NULL), 0);
    assert_int_equal(living(&r, TYPE), 2);
    assert_int_equal(living(&r, "mimo-actuator"), 0);

    fake_clock_advance_ms(&r.clock, 40 * 1000);
    assert_int_equal(poolworkers_heartbeat(&r.ctx, r.db, TYPE, "a", 60, NULL), 0);
    fake_clock_advance_ms(&r.clock, 40 * 1000);
    assert_int_equal(living(&r, TYPE), 1);

    assert_int_equal(poolworkers_heartbeat(&r.ctx, r.db, TYPE, "b", 60, NULL), 0);
    assert_int_equal(living(&r, TYPE), 2);
    assert_int_equal(poolworkers_delete(&r.ctx, r.db, TYPE, "b", NULL), 0);
    assert_int_equal(living(&r, TYPE), 1);
}

static void check_heartbeat_fails(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    r.spy->fail_kind = ERR_UNAVAILABLE;
    atomic_store(&r.spy->fail_replaces, 1);
    cleanup_error struct error *err = NULL;

    assert_int_equal(poolworkers_heartbeat(&r.ctx, r.db, TYPE, "a", 60, &err), -1);

    assert_int_equal(error_kind(err), ERR_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("one master writes and renews", check_master),
        CASE("a master that stalled writes nothing", check_two_masters),
        CASE("workers live from heartbeat to heartbeat", check_workers),
        CASE("a heartbeat that fails is told", check_heartbeat_fails),
    };
    return RUN_CASES("poolworkers", tests);
}

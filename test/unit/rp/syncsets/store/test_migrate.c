#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/store/migrate.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static int64_t count(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

static void up_down_and_up_again(void **state)
{
    (void)state;
    struct sets_rig r;
    int steps;
    struct sets_schema_state s;
    sets_rig_empty(&r);
    assert_int_equal(sets_schema_check(&r.ctx, r.db, NULL), -1);
    assert_int_equal(sets_migrate_up(&r.ctx, r.db, NULL, &steps, NULL), 0);
    assert_true(steps > 0);
    assert_int_equal(sets_schema_check(&r.ctx, r.db, NULL), 0);
    assert_int_equal(sets_migrate_up(&r.ctx, r.db, NULL, &steps, NULL), 0);
    assert_int_equal(steps, 0);
    assert_int_equal(sets_migrate_down(&r.ctx, r.db, 100, false, &steps, NULL), 0);
    assert_int_equal(sets_schema_state(&r.ctx, r.db, &s, NULL), 0);
    assert_int_equal(s.version, 0);
    assert_int_equal(sets_migrate_up(&r.ctx, r.db, NULL, &steps, NULL), 0);
    assert_int_equal(count(&r, "SELECT count(*) FROM clusters"), 0);
    sets_rig_release(&r);
}

static void filled_tables_go_only_by_force(void **state)
{
    (void)state;
    struct sets_rig r;
    int steps;
    cleanup_error struct error *err = NULL;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS,
                              "{'metadata':{'name':'a','namespace':'n','labels':{'env':'prod'}},'"
                              "spec':{'kubeconfig':'foobar'}}"));
    struct sets_schema_state s;
    assert_int_equal(sets_migrate_down(&r.ctx, r.db, 100, false, &steps, &err), -1);
    assert_true(error_is(err, ERR_CONFLICT));
    assert_non_null(
        strstr(error_text(err), "s holds 1 rows")); /* the cluster, or its ClusterSync */
    assert_int_equal(sets_schema_state(&r.ctx, r.db, &s, NULL), 0);
    assert_int_equal(s.version, s.known); /* not even the steps before it */
    assert_int_equal(count(&r, "SELECT count(*) FROM clusters"), 1);
    assert_int_equal(sets_migrate_down(&r.ctx, r.db, 100, true, &steps, NULL), 0);
    assert_int_equal(steps, s.known);
    sets_rig_release(&r);
}

#define ROLLOUTS_VERSION 6

static void steps_that_drop_none_of_them_need_no_force(void **state)
{
    (void)state;
    struct sets_rig r;
    int steps;
    struct sets_schema_state s;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'a','namespace':'n'}}"));
    assert_int_equal(sets_schema_state(&r.ctx, r.db, &s, NULL), 0);
    assert_int_equal(
        sets_migrate_down(&r.ctx, r.db, s.known - ROLLOUTS_VERSION + 1, false, &steps, NULL), 0);
    assert_int_equal(steps, s.known - ROLLOUTS_VERSION + 1);
    assert_int_equal(count(&r, "SELECT count(*) FROM clusters"), 1);
    sets_rig_release(&r);
}

static void one_ahead_is_fine_and_other_scripts_are_not(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    sets_rig_script(
        &r, "INSERT INTO schema_version (version, applied_at, checksum) VALUES (99, 0, 'x')");
    assert_int_equal(sets_schema_check(&r.ctx, r.db, NULL), 0);
    sets_rig_script(&r, "UPDATE schema_version SET checksum = 'x' WHERE version = 1");
    assert_int_equal(sets_schema_check(&r.ctx, r.db, NULL), -1);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("up, down and up again", up_down_and_up_again),
        CASE("filled tables go only by force", filled_tables_go_only_by_force),
        CASE("steps that drop none of them need no force",
             steps_that_drop_none_of_them_need_no_force),
        CASE("one ahead is fine and other scripts are not",
             one_ahead_is_fine_and_other_scripts_are_not),
    };
    return RUN_CASES("migrate", tests);
}

#include "pkg/base/mem.h"
#include "rp/syncsets/store/rollout.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static int64_t number(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

static void begin(struct sets_rig *r, int64_t generation)
{
    cleanup_sql struct sql *c = NULL;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sets_rollout_begin(&r->ctx, c, "u", generation, NULL), 0);
}

static void what_was_said_of_a_generation_ends_with_it(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    begin(&r, 1);
    sets_rig_script(&r, "UPDATE rollouts SET paused = 1, resumed = 1, forgiven = 3");
    begin(&r, 1);
    assert_int_equal(number(&r, "SELECT paused + resumed + forgiven FROM rollouts"), 5);
    begin(&r, 2);
    assert_int_equal(number(&r, "SELECT paused + resumed + forgiven FROM rollouts"), 0);
    assert_int_equal(number(&r, "SELECT generation FROM rollouts"), 2);
    sets_rig_release(&r);
}

static void to_go_on_forgives_what_failed_and_is_audited(void **state)
{
    struct sets_rig r;
    cleanup_error struct error *err = NULL;
    const struct api_type *type = &api_types[TYPE_SELECTORSYNCSETS];
    (void)state;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_SELECTORSYNCSETS,
                              "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{},"
                              "'rollout':{'maxConcurrentClusters':1}}}"));
    sets_rig_script(&r, "INSERT INTO sync_statuses (cluster_uid, kind, name, syncset_uid, "
                        "observed_generation, result) SELECT 'c' || r.type, 'SelectorSyncSet', 's',"
                        " o.uid, CASE WHEN r.type = 'secrets' THEN 0 ELSE 1 END, CASE WHEN r.type ="
                        " 'clusters' THEN 'Success' ELSE 'Failure' END FROM selectorsyncsets o, "
                        "revision r WHERE r.type IN ('clusters', 'secrets', 'syncsets')");

    assert_int_equal(sets_rollout_resume(&r.ctx, r.store, type, "", "s", "ann", NULL), 0);

    assert_int_equal(number(&r, "SELECT forgiven FROM rollouts WHERE resumed = 1 AND paused = 0"),
                     1);
    assert_int_equal(number(&r, "SELECT count(*) FROM audit WHERE verb = 'resume' AND actor = "
                                "'ann'"),
                     1);
    assert_int_equal(sets_rollout_resume(&r.ctx, r.store, type, "", "t", "ann", &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what was said of a generation ends with it",
             what_was_said_of_a_generation_ends_with_it),
        CASE("to go on forgives what failed, and is audited",
             to_go_on_forgives_what_failed_and_is_audited),
    };
    return RUN_CASES("rollout", tests);
}

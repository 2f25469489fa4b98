#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/controllers/rollout.h"
#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

struct rig {
    struct crew_rig c;
    char *uid;
};

static void write_set(struct rig *rig, const char *object)
{
    cleanup_free char *body = xasprintf(
        "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{},'resourceApplyMode':'Sync'"
        ",'enableResourceTemplates':true,'rollout':{'maxConcurrentClusters':1},'resources':[{"
        "'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'%s','namespace':'default'}}]}}",
        object);
    cleanup_json json *decoded = NULL;
    assert_int_equal(api_decode(&api_types[TYPE_SELECTORSYNCSETS], NULL, "s", sets_rig_parse(body),
                                &decoded, NULL),
                     0);
    const struct sets_write w = { .type = &api_types[TYPE_SELECTORSYNCSETS],
                                  .nspace = "",
                                  .name = "s",
                                  .object = decoded,
                                  .upsert = true,
                                  .actor = "test" };
    assert_int_equal(sets_replace(&rig->c.r.ctx, rig->c.r.store, &w, NULL, NULL, NULL), 0);
}

/* A cluster that has generation 1 of the set, with the object one. */
static void start(struct rig *rig, const char *object)
{
    crew_rig_init(&rig->c);
    rig->uid = crew_rig_cluster(&rig->c, "a");
    write_set(rig, object);
    crew_rig_work(&rig->c, rig->uid);
    assert_int_equal(rollout_step(&rig->c.r.ctx, rig->c.r.store, NULL), 0);
    crew_rig_work(&rig->c, rig->uid);
    assert_int_equal(work_rig_number(&rig->c.r, "SELECT observed_generation FROM sync_statuses"),
                     1);
}

static void end(struct rig *rig)
{
    free(rig->uid);
    crew_rig_release(&rig->c);
}

static void what_is_held_back_stays_as_it_was(void **state)
{
    (void)state;
    struct rig rig;
    struct workload w;
    const struct apply_object one = { "", "v1", "ConfigMap", "default", "one", false };
    start(&rig, "one");
    write_set(&rig, "two");
    sets_rig_script(&rig.c.r, "UPDATE cluster_work SET next_full_at = 0");
    crew_rig_work(&rig.c, rig.uid); /* in full */
    assert_int_equal(
        work_rig_number(&rig.c.r, "SELECT count(*) FROM tracked_resources WHERE name = 'one'"), 1);
    cleanup_json json *status = crew_rig_status(&rig.c, TYPE_CLUSTERSYNCS, "a");
    assert_int_equal(json_path_int(status, "selectorSyncSets[0].observedGeneration", 0), 1);
    assert_true(api_condition_is(status, "Failed", "False"));

    assert_int_equal(workload_load(&rig.c.r.ctx, rig.c.r.store, rig.uid, &w, NULL), 0);
    assert_int_equal(workload_render(&rig.c.r.ctx, rig.c.r.store, &w, NULL), 0);
    assert_true(w.sets[0].is_held);
    assert_true(workload_wants(&w, NULL, &one, false)); /* so that no other set deletes it */
    workload_release(&w);
    end(&rig);
}

static void what_failed_before_is_not_tried_while_it_is_held_back(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig, "{{ fromCDLabel `absent` }}");
    write_set(&rig, "two");
    sets_rig_script(&rig.c.r, "UPDATE sync_statuses SET retry_at = 0");
    crew_rig_work(&rig.c, rig.uid);
    assert_int_equal(work_rig_number(&rig.c.r, "SELECT attempts FROM sync_statuses"), 1);
    assert_int_equal(
        work_rig_number(&rig.c.r, "SELECT count(*) FROM cluster_work WHERE due_at = next_full_at"),
        1);
    end(&rig);
}

static void who_is_admitted_while_it_is_worked_on_is_told(void **state)
{
    (void)state;
    struct rig rig;
    struct workload w;
    start(&rig, "one");
    write_set(&rig, "two");
    crew_rig_work(&rig.c, rig.uid);
    assert_int_equal(workload_load(&rig.c.r.ctx, rig.c.r.store, rig.uid, &w, NULL), 0);
    assert_int_equal(w.places.len, 1);
    cleanup_sql struct sql *c = NULL;
    bool is_admitted;
    assert_int_equal(sql_acquire(&rig.c.r.ctx, rig.c.r.db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(hold_write(&rig.c.r.ctx, c, rig.uid, &w, true, &is_admitted, NULL), 0);
    assert_false(is_admitted);
    assert_int_equal(
        sql_exec(&rig.c.r.ctx, c, "UPDATE rollout_clusters SET admitted = 1", NULL, 0, NULL, NULL),
        0);
    assert_int_equal(hold_write(&rig.c.r.ctx, c, rig.uid, &w, true, &is_admitted, NULL), 0);
    assert_true(is_admitted);
    assert_int_equal(hold_write(&rig.c.r.ctx, c, rig.uid, &w, false, &is_admitted, NULL), 0);
    sql_release(take(c));
    assert_int_equal(work_rig_number(&rig.c.r, "SELECT count(*) FROM rollout_clusters"), 0);
    workload_release(&w);
    end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is held back stays as it was", what_is_held_back_stays_as_it_was),
        CASE("what failed before is not tried while it is held back",
             what_failed_before_is_not_tried_while_it_is_held_back),
        CASE("who is admitted while it is worked on is told",
             who_is_admitted_while_it_is_worked_on_is_told),
    };
    return RUN_CASES("hold", tests);
}

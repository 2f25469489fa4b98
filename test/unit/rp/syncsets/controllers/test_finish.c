#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void hold(struct crew_rig *c, const char *uid, struct job *job)
{
    struct lease lease;
    work_rig_match(&c->r);
    assert_int_equal(
        lease_take(&c->r.ctx, c->r.store, c->k->owner, uid, c->cfg.lease_s, &lease, NULL), 1);
    *job = (struct job){ .k = c->k, .ctx = c->k->work_ctx };
    keeper_add(c->k->keeper, &job->held, &lease, c->k->hard);
    assert_int_equal(workload_load(&job->ctx, c->r.store, uid, &job->w, NULL), 0);
    job->began_ns = clock_mono_ns(job->ctx.clock);
}

static void let_go(struct crew_rig *c, struct job *job)
{
    workload_release(&job->w);
    free(job->why_unreachable);
    keeper_remove(c->k->keeper, &job->held);
}

static void who_lost_the_lease_writes_no_status(void **state)
{
    (void)state;
    struct crew_rig c;
    struct job job;
    cleanup_error struct error *err = NULL;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Upsert", "one");
    hold(&c, uid, &job);
    job.w.sets[0].attempt.is_known = job.w.sets[0].is_dirty = true;
    sets_rig_script(&c.r, "UPDATE cluster_work SET fence = fence + 1");
    assert_int_equal(finish_job(&job, 0, 0, true, &err), -1);
    assert_true(error_is(err, ERR_CONFLICT));
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses"), 0);
    let_go(&c, &job);
    crew_rig_release(&c);
}

static void a_set_that_changed_meanwhile_is_due_at_once(void **state)
{
    (void)state;
    struct crew_rig c;
    struct job job;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Upsert", "one");
    hold(&c, uid, &job);
    job.w.sets[0].attempt.is_known = job.w.sets[0].is_dirty = true;
    crew_rig_drop(&c, TYPE_SELECTORSYNCSETS, "", "s");
    assert_int_equal(finish_job(&job, 9999999999, 9999999999, true, NULL), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses"), 0);
    assert_int_equal(
        work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE due_at < 9999999999"), 1);
    let_go(&c, &job);
    crew_rig_release(&c);
}

static void three_failures_to_connect_make_it_unreachable(void **state)
{
    (void)state;
    struct crew_rig c;
    struct job job;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    hold(&c, uid, &job);
    job.unreachable = UNREACHABLE_MAX;
    job.why_unreachable = xstrdup("connection refused");
    assert_int_equal(finish_job(&job, 9999999999, 0, true, NULL), 0);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_string_equal(json_path_str(status, "conditions[1].type"), "Unreachable");
    assert_string_equal(json_path_str(status, "conditions[1].message"), "connection refused");
    assert_int_equal(work_rig_number(&c.r, "SELECT failures FROM cluster_probes"), 1);
    let_go(&c, &job);
    crew_rig_release(&c);
}

static void after_one_failure_the_prober_decides(void **state)
{
    (void)state;
    struct crew_rig c;
    struct job job;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    hold(&c, uid, &job);
    job.unreachable = 1;
    job.why_unreachable = xstrdup("connection refused");
    assert_int_equal(finish_job(&job, 9999999999, 0, true, NULL), 0);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_true(api_condition_is(status, "Unreachable", "Unknown"));

    crew_rig_look_until(&c, "a", "Unreachable", "False");

    assert_int_equal(
        work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE due_at < 9999999999"), 1);
    let_go(&c, &job);
    crew_rig_release(&c);
}

static void of_a_cluster_that_is_gone_nothing_stays(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    work_rig_match(&c.r);
    sets_rig_script(&c.r, "DELETE FROM clusters");
    assert_int_equal(reconcile(c.k, uid, NULL), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work"), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_probes"), 0);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("who lost the lease writes no status", who_lost_the_lease_writes_no_status),
        CASE("a set that changed meanwhile is due at once",
             a_set_that_changed_meanwhile_is_due_at_once),
        CASE("three failures to connect make it unreachable",
             three_failures_to_connect_make_it_unreachable),
        CASE("after one failure the prober decides", after_one_failure_the_prober_decides),
        CASE("of a cluster that is gone nothing stays", of_a_cluster_that_is_gone_nothing_stays),
    };
    return RUN_CASES("finish", tests);
}

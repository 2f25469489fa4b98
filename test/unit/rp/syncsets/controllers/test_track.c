#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

struct rig {
    struct crew_rig c;
    struct job job;
    struct tracking tracking;
    struct apply_tracker tracker;
    char *uid;
};
static const struct apply_object one = { "", "v1", "ConfigMap", "default", "one", false };

static void start(struct rig *rig)
{
    struct lease lease;
    crew_rig_init(&rig->c);
    rig->uid = crew_rig_cluster(&rig->c, "a");
    crew_rig_set(&rig->c, "s", "Sync", "one");
    crew_rig_set(&rig->c, "t", "Sync", "two");
    work_rig_match(&rig->c.r);
    assert_int_equal(
        lease_take(&rig->c.r.ctx, rig->c.r.store, rig->c.k->owner, rig->uid, 120, &lease, NULL), 1);
    rig->job = (struct job){ .k = rig->c.k, .ctx = rig->c.k->work_ctx };
    keeper_add(rig->c.k->keeper, &rig->job.held, &lease, rig->c.k->hard);
    assert_int_equal(workload_load(&rig->job.ctx, rig->c.r.store, rig->uid, &rig->job.w, NULL), 0);
    assert_int_equal(workload_render(&rig->job.ctx, rig->c.r.store, &rig->job.w, NULL), 0);
    rig->tracking = (struct tracking){ .job = &rig->job,
                                       .s = &rig->job.w.sets[0],
                                       .began_ns = clock_mono_ns(clock_system()) };
    rig->tracker = track_give(&rig->tracking);
}

static void end(struct rig *rig)
{
    workload_release(&rig->job.w);
    keeper_remove(rig->c.k->keeper, &rig->job.held);
    free(rig->uid);
    crew_rig_release(&rig->c);
}

static void an_intention_is_in_the_database_first(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    assert_int_equal(rig.tracker.intend(rig.tracker.arg, &one, 1, NULL), 0);
    assert_int_equal(work_rig_number(&rig.c.r, "SELECT count(*) FROM tracked_resources WHERE state "
                                               "= 'Intended' AND name = 'one'"),
                     1);
    assert_int_equal(work_rig_number(&rig.c.r, "SELECT count(*) FROM sync_statuses WHERE result IS "
                                               "NULL"),
                     1);
    end(&rig);
}

static int write_in_transaction(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                                void *arg, struct error **err)
{
    const struct rig *rig = arg;
    return track_write(ctx, st, c, rig->uid, &rig->job.w, err);
}

static void write_rows(struct rig *rig)
{
    assert_int_equal(sets_transact(&rig->c.r.ctx, rig->c.r.store, write_in_transaction, rig, NULL),
                     0);
}

static void what_was_applied_or_deleted_is_written_for_all_objects(void **state)
{
    (void)state;
    struct rig rig;
    const struct apply_object all[] = { one,
                                        { "apps", "v1", "Deployment", "default", "one", false },
                                        one, /* as a template may name it */
                                        { "", "v1", "Namespace", "", "one's \"own\"", false } };
    start(&rig);
    assert_int_equal(rig.tracker.intend(rig.tracker.arg, all, ARRAY_LEN(all), NULL), 0);
    assert_int_equal(work_rig_number(&rig.c.r, "SELECT count(*) FROM tracked_resources"), 3);

    assert_int_equal(rig.tracker.applied(rig.tracker.arg, &all[0], NULL), 0);
    assert_int_equal(rig.tracker.applied(rig.tracker.arg, &all[3], NULL), 0);
    assert_int_equal(rig.tracker.deleted(rig.tracker.arg, &all[1], NULL), 0);
    write_rows(&rig);

    assert_int_equal(work_rig_number(&rig.c.r, "SELECT count(*) FROM tracked_resources"), 2);
    assert_int_equal(work_rig_number(&rig.c.r,
                                     "SELECT count(*) FROM tracked_resources WHERE state "
                                     "= 'Applied' AND kind IN ('ConfigMap', 'Namespace')"),
                     2);
    end(&rig);
}

static void a_set_that_was_deleted_tracks_nothing_more(void **state)
{
    (void)state;
    struct rig rig;
    cleanup_error struct error *err = NULL;
    start(&rig);
    crew_rig_drop(&rig.c, TYPE_SELECTORSYNCSETS, "", "s");
    assert_int_equal(rig.tracker.intend(rig.tracker.arg, &one, 1, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_int_equal(work_rig_number(&rig.c.r, "SELECT count(*) FROM tracked_resources"), 0);
    end(&rig);
}

/* Who orphans a set has dropped what it tracks, as far as it could see, and not ended yet. */
static void a_set_that_is_about_to_go_is_waited_for(void **state)
{
    (void)state;
    struct rig rig;
    struct sql *c;
    cleanup_error struct error *err = NULL;
    start(&rig);
    struct opctx *ctx = &rig.c.r.ctx;
    assert_int_equal(sql_acquire(ctx, rig.c.r.db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sql_begin(ctx, c, NULL), 0);
    assert_int_equal(
        sql_exec(ctx, c, "DELETE FROM selectorsyncsets WHERE name = 's'", NULL, 0, NULL, NULL), 0);

    const struct opctx whole = rig.job.ctx;
    rig.job.ctx = opctx_with_timeout_ms(&whole, 300);
    assert_int_equal(rig.tracker.intend(rig.tracker.arg, &one, 1, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    rig.job.ctx = whole;
    sql_rollback(c);
    sql_release(c);
    assert_int_equal(rig.tracker.intend(rig.tracker.arg, &one, 1, NULL), 0);
    end(&rig);
}

static void a_lost_lease_intends_nothing(void **state)
{
    (void)state;
    struct rig rig;
    cleanup_error struct error *err = NULL;
    start(&rig);
    sets_rig_script(&rig.c.r, "UPDATE cluster_work SET fence = fence + 1");
    assert_int_equal(rig.tracker.intend(rig.tracker.arg, &one, 1, &err), -1);
    assert_true(error_is(err, ERR_CONFLICT));
    assert_int_equal(work_rig_number(&rig.c.r, "SELECT count(*) FROM tracked_resources"), 0);
    end(&rig);
}

static void nothing_is_begun_once_it_stops(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    assert_int_equal(rig.tracker.may_begin(rig.tracker.arg, NULL), 0);
    stop_request(rig.c.k->soft);
    assert_int_equal(rig.tracker.may_mutate(rig.tracker.arg, NULL), 0); /* to its end */
    assert_int_equal(rig.tracker.may_begin(rig.tracker.arg, NULL), -1);
    assert_true(rig.job.is_stopped);
    end(&rig);
}

static void a_set_knows_its_mark(void **state)
{
    (void)state;
    struct rig rig;
    start(&rig);
    assert_true(rig.tracker.is_mark(rig.tracker.arg, "SelectorSyncSet/s"));
    assert_false(rig.tracker.is_mark(rig.tracker.arg, "SelectorSyncSet/t"));
    end(&rig);
}

static void what_is_not_applied_is_intended(void **state)
{
    (void)state;
    struct rig rig;
    size_t n;
    start(&rig);
    assert_int_equal(rig.tracker.intend(rig.tracker.arg, &one, 1, NULL), 0);
    cleanup_free struct apply_object *before = workload_give_tracked(rig.tracking.s, &n);
    assert_int_equal(n, 1);
    assert_true(before[0].is_intended);
    assert_int_equal(rig.tracker.applied(rig.tracker.arg, &one, NULL), 0);
    cleanup_free struct apply_object *after = workload_give_tracked(rig.tracking.s, &n);
    assert_false(after[0].is_intended);
    end(&rig);
}

static void another_set_may_want_the_object(void **state)
{
    (void)state;
    struct rig rig;
    const struct apply_object two = { "", "v1", "ConfigMap", "default", "two", false };
    bool wanted;
    start(&rig);
    assert_int_equal(rig.tracker.is_wanted_elsewhere(rig.tracker.arg, &one, false, &wanted, NULL),
                     0);
    assert_false(wanted);
    assert_int_equal(rig.tracker.is_wanted_elsewhere(rig.tracker.arg, &two, false, &wanted, NULL),
                     0);
    assert_true(wanted);
    end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an intention is in the database first", an_intention_is_in_the_database_first),
        CASE("what was applied or deleted is written for all objects",
             what_was_applied_or_deleted_is_written_for_all_objects),
        CASE("a set that was deleted tracks nothing more",
             a_set_that_was_deleted_tracks_nothing_more),
        CASE("a set that is about to go is waited for", a_set_that_is_about_to_go_is_waited_for),
        CASE("a lost lease intends nothing", a_lost_lease_intends_nothing),
        CASE("nothing is begun once it stops", nothing_is_begun_once_it_stops),
        CASE("a set knows its mark", a_set_knows_its_mark),
        CASE("what is not applied is intended", what_is_not_applied_is_intended),
        CASE("another set may want the object", another_set_may_want_the_object),
    };
    return RUN_CASES("track", tests);
}

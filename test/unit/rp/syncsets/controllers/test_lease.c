#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/syncsets/work_rig.h"

struct rig {
    struct sets_rig r;
    char *uid;
};

static void start(struct rig *rig)
{
    sets_rig_init(&rig->r);
    rig->uid = work_rig_cluster(&rig->r, "n", "a", "{}");
    work_rig_match(&rig->r);
}

static void end(struct rig *rig)
{
    free(rig->uid);
    sets_rig_release(&rig->r);
}

static int take_it(struct rig *rig, const char *owner, struct lease *ret)
{
    return lease_take(&rig->r.ctx, rig->r.store, owner, rig->uid, 120, ret, NULL);
}

static bool is_fenced(int status, struct error *const *err)
{
    return status < 0 && error_is(*err, ERR_CONFLICT) && str_eq(error_get_code(*err), FENCE_LOST);
}

static int finish(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                  struct error **err)
{
    return lease_end(ctx, st, c, arg, 9999999999, 9999999999, true, err);
}

static int guard(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                 struct error **err)
{
    return lease_guard(ctx, st, c, arg, err);
}

static void one_at_a_time_has_a_cluster(void **state)
{
    (void)state;
    struct rig rig;
    struct lease a, b;
    start(&rig);
    assert_int_equal(take_it(&rig, "one", &a), 1);
    assert_int_equal(a.attempts, 1);
    assert_int_equal(take_it(&rig, "two", &b), 0);
    assert_int_equal(lease_renew(&rig.r.ctx, rig.r.store, &a, 120, NULL), 0);
    assert_int_equal(sets_transact(&rig.r.ctx, rig.r.store, guard, &a, NULL), 0);
    assert_int_equal(sets_transact(&rig.r.ctx, rig.r.store, finish, &a, NULL), 0);
    assert_int_equal(take_it(&rig, "two", &b), 0); /* not due */
    assert_int_equal(work_rig_number(&rig.r,
                                     "SELECT count(*) FROM cluster_work WHERE done_revision = "
                                     "dirty_revision AND attempts = 0 AND lease_until IS NULL"),
                     1);
    end(&rig);
}

static void who_lost_it_writes_nothing(void **state)
{
    (void)state;
    struct rig rig;
    struct lease a, b;
    start(&rig);
    assert_int_equal(take_it(&rig, "one", &a), 1);
    sets_rig_script(&rig.r, "UPDATE cluster_work SET lease_until = 1");
    for (int again = 0; again < 2; again++) {
        cleanup_error struct error *renew = NULL, *guarded = NULL, *ended = NULL;
        assert_true(is_fenced(lease_renew(&rig.r.ctx, rig.r.store, &a, 120, &renew), &renew));
        assert_true(
            is_fenced(sets_transact(&rig.r.ctx, rig.r.store, guard, &a, &guarded), &guarded));
        assert_true(is_fenced(sets_transact(&rig.r.ctx, rig.r.store, finish, &a, &ended), &ended));
        assert_int_equal(take_it(&rig, "two", &b), again ? 0 : 1);
    }
    assert_true(b.fence > a.fence);
    assert_int_equal(sets_transact(&rig.r.ctx, rig.r.store, finish, &b, NULL), 0);
    end(&rig);
}

static void a_change_of_the_meantime_is_due_at_once(void **state)
{
    (void)state;
    struct rig rig;
    struct lease a;
    start(&rig);
    assert_int_equal(take_it(&rig, "one", &a), 1);
    assert_int_equal(sets_mark(&rig.r.ctx, rig.r.store, "n", "a", false, "ann", NULL), 0);
    json_free(sets_rig_create(&rig.r, TYPE_SELECTORSYNCSETS,
                              "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{}}}"));
    work_rig_match(&rig.r);
    assert_int_equal(sets_transact(&rig.r.ctx, rig.r.store, finish, &a, NULL), 0);
    assert_int_equal(take_it(&rig, "one", &a), 1);
    end(&rig);
}

/* What comes by time only is slow from then on, what somebody changed is not. */
static void what_is_done_is_slow(void **state)
{
    (void)state;
    struct rig rig;
    struct lease a;
    start(&rig);
    assert_int_equal(take_it(&rig, "one", &a), 1);
    assert_int_equal(work_rig_number(&rig.r, "SELECT count(*) FROM cluster_work WHERE class = "
                                             "'fast'"),
                     1);
    assert_int_equal(sets_transact(&rig.r.ctx, rig.r.store, finish, &a, NULL), 0);
    assert_int_equal(work_rig_number(&rig.r, "SELECT count(*) FROM cluster_work WHERE class = "
                                             "'fast'"),
                     0);
    end(&rig);
}

static void what_is_given_back_is_no_attempt(void **state)
{
    (void)state;
    struct rig rig;
    struct lease a;
    start(&rig);
    for (int i = 0; i < WORK_ATTEMPTS_MAX + 2; i++) {
        assert_int_equal(take_it(&rig, "one", &a), 1);
        assert_int_equal(lease_drop(&rig.r.ctx, rig.r.store, &a, NULL), 0);
    }
    assert_int_equal(work_rig_number(&rig.r, "SELECT attempts FROM cluster_work"), 0);
    end(&rig);
}

static void work_that_failed_waits_unless_something_changed(void **state)
{
    (void)state;
    struct rig rig;
    struct lease a;
    start(&rig);
    assert_int_equal(take_it(&rig, "one", &a), 1);
    assert_int_equal(lease_fail(&rig.r.ctx, rig.r.store, &a, 1000, NULL), 0);
    assert_int_equal(take_it(&rig, "one", &a), 0);
    assert_int_equal(work_rig_number(&rig.r, "SELECT count(*) FROM cluster_work WHERE attempts = 1 "
                                             "AND lease_until IS NULL"),
                     1);
    sets_rig_script(&rig.r, "UPDATE cluster_work SET due_at = 0");
    assert_int_equal(take_it(&rig, "one", &a), 1);
    assert_int_equal(a.attempts, 2);
    assert_int_equal(sets_mark(&rig.r.ctx, rig.r.store, "n", "a", false, "ann", NULL), 0);
    assert_int_equal(lease_fail(&rig.r.ctx, rig.r.store, &a, 1000, NULL), 0);
    assert_int_equal(take_it(&rig, "one", &a), 1);
    end(&rig);
}

static void a_quarantined_cluster_is_not_taken(void **state)
{
    (void)state;
    struct rig rig;
    struct lease a;
    start(&rig);
    sets_rig_script(&rig.r, "UPDATE cluster_work SET quarantined = 9999999999");
    assert_int_equal(take_it(&rig, "one", &a), 0);
    assert_int_equal(sets_mark(&rig.r.ctx, rig.r.store, "n", "a", true, "ann", NULL), 0);
    assert_int_equal(take_it(&rig, "one", &a), 1);
    end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("one at a time has a cluster", one_at_a_time_has_a_cluster),
        CASE("who lost it writes nothing", who_lost_it_writes_nothing),
        CASE("a change of the meantime is due at once", a_change_of_the_meantime_is_due_at_once),
        CASE("what is done is slow", what_is_done_is_slow),
        CASE("what is given back is no attempt", what_is_given_back_is_no_attempt),
        CASE("work that failed waits unless something changed",
             work_that_failed_waits_unless_something_changed),
        CASE("a quarantined cluster is not taken", a_quarantined_cluster_is_not_taken),
    };
    return RUN_CASES("lease", tests);
}

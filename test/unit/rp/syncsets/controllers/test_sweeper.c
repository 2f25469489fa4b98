#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/rp/syncsets/work_rig.h"

static bool is_set_aside(struct sets_rig *r, const char *name)
{
    cleanup_json json *cluster = NULL;
    assert_int_equal(
        sets_get(&r->ctx, r->store, &api_types[TYPE_CLUSTERS], "n", name, &cluster, NULL), 0);
    return api_condition_is(json_get(cluster, "status"), "Quarantined", "True");
}

static struct sweep sweep(struct sets_rig *r)
{
    struct sweep s;
    assert_int_equal(sweep_rows(&r->ctx, r->store, &s, NULL), 0);
    return s;
}

static void a_lapsed_lease_is_freed_and_the_fifth_sets_aside(void **state)
{
    (void)state;
    struct sets_rig r;
    struct lease l;
    sets_rig_init(&r);
    cleanup_free char *uid = work_rig_cluster(&r, "n", "a", "{}");
    free(work_rig_cluster(&r, "n", "b", "{}"));
    work_rig_match(&r);
    for (int i = 1; i <= WORK_ATTEMPTS_MAX; i++) {
        assert_int_equal(lease_take(&r.ctx, r.store, "me", uid, 120, &l, NULL), 1);
        assert_int_equal(sweep(&r).lost, 0);
        sets_rig_script(&r, "UPDATE cluster_work SET lease_until = 1 WHERE lease_until > 0");
        struct sweep s = sweep(&r);
        assert_int_equal(s.lost, 1);
        assert_int_equal(s.quarantined, i == WORK_ATTEMPTS_MAX);
    }
    assert_int_equal(lease_take(&r.ctx, r.store, "me", uid, 120, &l, NULL), 0);
    assert_true(is_set_aside(&r, "a"));
    assert_false(is_set_aside(&r, "b"));
    assert_int_equal(work_rig_number(&r, "SELECT count(*) FROM cluster_work WHERE quarantined = "
                                         "due_at AND lease_until IS NULL"),
                     1);
    assert_int_equal(sets_mark(&r.ctx, r.store, "n", "a", true, "ann", NULL), 0);
    assert_int_equal(lease_take(&r.ctx, r.store, "me", uid, 120, &l, NULL), 1);
    sets_rig_release(&r);
}

static void a_hint_of_long_ago_is_put_again(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    free(work_rig_cluster(&r, "n", "a", "{}"));
    work_rig_match(&r);
    json *chosen = NULL;
    assert_int_equal(dispatch_choose(&r.ctx, r.store, 1, &chosen, NULL), 0);
    json_free(chosen);
    assert_int_equal(sweep(&r).forgotten, 0);
    sets_rig_script(&r, "UPDATE cluster_work SET queued_at = queued_at - 61");
    assert_int_equal(sweep(&r).forgotten, 1);
    assert_int_equal(dispatch_choose(&r.ctx, r.store, 1, &chosen, NULL), 0);
    assert_int_equal(json_len(chosen), 1);
    json_free(chosen);
    sets_rig_release(&r);
}

static void a_dead_letter_sets_aside_but_for_who_is_at_work(void **state)
{
    (void)state;
    struct sets_rig r;
    struct lease l;
    sets_rig_init(&r);
    cleanup_free char *a = work_rig_cluster(&r, "n", "a", "{}");
    cleanup_free char *b = work_rig_cluster(&r, "n", "b", "{}");
    work_rig_match(&r);
    sets_rig_script(&r, "UPDATE cluster_work SET attempts = 1");
    assert_int_equal(lease_take(&r.ctx, r.store, "me", b, 120, &l, NULL), 1);
    assert_int_equal(sweep_quarantine(&r.ctx, r.store, a, NULL), 0);
    assert_int_equal(sweep_quarantine(&r.ctx, r.store, b, NULL), 0);
    assert_int_equal(sweep_quarantine(&r.ctx, r.store, "gone", NULL), 0);
    assert_true(is_set_aside(&r, "a"));
    assert_false(is_set_aside(&r, "b"));
    sets_rig_release(&r);
}

static void a_dead_letter_of_who_is_done_or_never_began_is_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = { "due_at = 0, attempts = 0",
                                        "due_at = 9999999999, attempts = 1",
                                        "due_at = 0, attempts = 1, quarantined = 9999999999" };
    struct sets_rig r;
    sets_rig_init(&r);
    cleanup_free char *uid = work_rig_cluster(&r, "n", "a", "{}");
    work_rig_match(&r);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *text = xasprintf("UPDATE cluster_work SET %s", rows[i]);
        sets_rig_script(&r, text);
        assert_int_equal(sweep_quarantine(&r.ctx, r.store, uid, NULL), 0);
        assert_false(is_set_aside(&r, "a"));
    }
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a lapsed lease is freed, and the fifth sets aside",
             a_lapsed_lease_is_freed_and_the_fifth_sets_aside),
        CASE("a hint of long ago is put again", a_hint_of_long_ago_is_put_again),
        CASE("a dead letter sets aside, but for who is at work",
             a_dead_letter_sets_aside_but_for_who_is_at_work),
        CASE("a dead letter of who is done or never began is nothing",
             a_dead_letter_of_who_is_done_or_never_began_is_nothing),
    };
    return RUN_CASES("sweeper", tests);
}

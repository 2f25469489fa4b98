#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/syncsets/work_rig.h"

static json *choose(struct sets_rig *r, size_t workers)
{
    json *chosen = NULL;
    assert_int_equal(dispatch_choose(&r->ctx, r->store, workers, &chosen, NULL), 0);
    return chosen;
}

static size_t find(const json *chosen, const char *uid)
{
    for (size_t i = 0; i < json_len(chosen); i++)
        if (str_eq(json_path_str(json_at(chosen, i), "uid"), uid))
            return i;
    return SIZE_MAX;
}

static void a_single_cluster_is_not_behind_a_tenant_of_many(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    for (int i = 0; i < 30; i++) {
        cleanup_free char *name = xasprintf("c%02d", i);
        free(work_rig_cluster(&r, "big", name, "{}"));
    }
    cleanup_free char *single = work_rig_cluster(&r, "small", "s", "{}");
    work_rig_match(&r);

    cleanup_json json *chosen = choose(&r, 2);

    assert_int_equal(json_len(chosen), 5); /* the depth of the big one's share, a thread of two */
    assert_true(find(chosen, single) < 2);
    cleanup_json json *more = choose(&r, 2);
    assert_int_equal(json_len(more), 0); /* until some are taken */
    sets_rig_release(&r);
}

/* Its share being taken, more hints of it would only be given back. */
static void who_has_its_share_waits_for_its_own(void **state)
{
    (void)state;
    struct sets_rig r;
    struct lease l[2];
    sets_rig_init(&r);
    for (int i = 0; i < 2; i++) {
        cleanup_free char *name = xasprintf("taken%d", i);
        cleanup_free char *uid = work_rig_cluster(&r, "big", name, "{}");
        work_rig_match(&r);
        assert_int_equal(lease_take(&r.ctx, r.store, "me", uid, 120, &l[i], NULL), 1);
    }
    cleanup_free char *waits = work_rig_cluster(&r, "big", "waits", "{}");
    cleanup_free char *other = work_rig_cluster(&r, "small", "s", "{}");
    work_rig_match(&r);

    cleanup_json json *without = choose(&r, 4);
    assert_int_equal(json_len(without), 1);
    assert_int_equal(find(without, other), 0);
    assert_int_equal(lease_drop(&r.ctx, r.store, &l[0], NULL), 0);
    sets_rig_script(&r, "UPDATE cluster_work SET due_at = 9999999999 WHERE cluster_uid IN (SELECT "
                        "uid FROM clusters WHERE name LIKE 'taken%')");
    cleanup_json json *with = choose(&r, 4);
    assert_int_equal(find(with, waits), 0);
    sets_rig_release(&r);
}

static void slow_work_leaves_room_for_fast_work(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    for (int i = 0; i < 10; i++) {
        cleanup_free char *name = xasprintf("c%02d", i);
        free(work_rig_cluster(&r, "big", name, "{}"));
    }
    work_rig_match(&r);
    sets_rig_script(&r, "UPDATE cluster_work SET class = 'slow'");
    cleanup_json json *slow = choose(&r, 1);
    assert_int_equal(json_len(slow), 4);
    assert_true(json_path_bool(json_at(slow, 0), "slow", false));
    cleanup_free char *quick = work_rig_cluster(&r, "n", "quick", "{}");
    work_rig_match(&r);

    cleanup_json json *fast = choose(&r, 1);

    assert_int_equal(json_len(fast), 1);
    assert_int_equal(find(fast, quick), 0);
    assert_false(json_path_bool(json_at(fast, 0), "slow", true));
    sets_rig_release(&r);
}

static void what_could_not_be_put_waits_again(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    free(work_rig_cluster(&r, "n", "a", "{}"));
    free(work_rig_cluster(&r, "n", "b", "{}"));
    free(work_rig_cluster(&r, "n", "c", "{}"));
    work_rig_match(&r);
    cleanup_json json *first = choose(&r, 1);
    assert_int_equal(json_len(first), 3);
    assert_int_equal(dispatch_give_back(&r.ctx, r.store, first, 1, NULL), 0);
    cleanup_json json *second = choose(&r, 1);
    assert_int_equal(json_len(second), 2);
    assert_int_equal(find(second, json_path_str(json_at(first, 0), "uid")), SIZE_MAX);
    sets_rig_release(&r);
}

static void who_is_not_free_is_not_chosen(void **state)
{
    (void)state;
    struct sets_rig r;
    struct lease l;
    sets_rig_init(&r);
    free(work_rig_cluster(&r, "n", "late", "{}"));
    free(work_rig_cluster(&r, "n", "aside", "{}"));
    cleanup_free char *uid = work_rig_cluster(&r, "n", "taken", "{}");
    work_rig_match(&r);
    sets_rig_script(&r, "UPDATE cluster_work SET due_at = 9999999999 WHERE cluster_uid = (SELECT "
                        "uid FROM clusters WHERE name = 'late')");
    sets_rig_script(&r, "UPDATE cluster_work SET quarantined = 9999999999 WHERE cluster_uid = "
                        "(SELECT uid FROM clusters WHERE name = 'aside')");
    assert_int_equal(lease_take(&r.ctx, r.store, "me", uid, 120, &l, NULL), 1);
    cleanup_json json *chosen = choose(&r, 1);
    assert_int_equal(json_len(chosen), 0);
    sets_rig_release(&r);
}

/* Chooses while another has the only writer (SQLite): who finds nothing to do needs none. */
static void expect_none_without_writing(struct sets_rig *r)
{
    struct opctx soon = opctx_with_timeout_ms(&r->ctx, 2000);
    struct sql *writer = NULL;
    json *chosen = NULL;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_WRITE, &writer, NULL), 0);
    int status = dispatch_choose(&soon, r->store, 1, &chosen, NULL);
    sql_release(writer);
    assert_int_equal(status, 0);
    assert_int_equal(json_len(chosen), 0);
    json_free(chosen);
}

static void without_room_and_for_who_is_set_aside_nothing_is_written(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    for (int i = 0; i < 5; i++) {
        cleanup_free char *name = xasprintf("c%02d", i);
        free(work_rig_cluster(&r, "n", name, "{}"));
    }
    work_rig_match(&r);
    sets_rig_script(&r, "UPDATE cluster_work SET quarantined = 9999999999");
    expect_none_without_writing(&r);
    sets_rig_script(&r, "UPDATE cluster_work SET quarantined = NULL");
    cleanup_json json *chosen = choose(&r, 1);
    assert_int_equal(json_len(chosen), 4); /* the depth of one thread: one is left */
    expect_none_without_writing(&r);
    sets_rig_release(&r);
}

static void count(void *arg)
{
    ++*(int *)arg;
}

/* Who leads waits for news of commits: its own would wake it for ever. */
static void choosing_is_no_news(void **state)
{
    (void)state;
    struct sets_rig r;
    int news = 0;
    bool more = true;
    json *chosen = NULL;
    sets_rig_init(&r);
    const struct sets_store_config cfg = {
        .db = r.db, .keys = r.keys, .on_commit = count, .arg = &news
    };
    struct sets_store *store = sets_store_new(&cfg);
    free(work_rig_cluster(&r, "n", "a", "{}"));
    while (more)
        assert_int_equal(match_events(&r.ctx, store, &more, NULL), 0);
    assert_int_equal(dispatch_choose(&r.ctx, store, 1, &chosen, NULL), 0);
    assert_int_equal(json_len(chosen), 1);
    assert_int_equal(news, 0);
    json_free(chosen);
    sets_store_free(store);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a single cluster is not behind a tenant of many",
             a_single_cluster_is_not_behind_a_tenant_of_many),
        CASE("who has its share waits for its own", who_has_its_share_waits_for_its_own),
        CASE("slow work leaves room for fast work", slow_work_leaves_room_for_fast_work),
        CASE("what could not be put waits again", what_could_not_be_put_waits_again),
        CASE("who is not free is not chosen", who_is_not_free_is_not_chosen),
        CASE("without room, and for who is set aside, nothing is written",
             without_room_and_for_who_is_set_aside_nothing_is_written),
        CASE("choosing is no news", choosing_is_no_news),
    };
    return RUN_CASES("dispatcher", tests);
}

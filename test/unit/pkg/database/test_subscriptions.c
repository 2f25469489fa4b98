#include <string.h>

#include "pkg/database/subscriptions.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define RUNNING \
    "{'id':'s','deleting':true,'dequeues':3,'leaseOwner':'me','leaseExpires':9," \
    "'subscription':{'state':'Deleted'}}"

static int register_it(json *tree, void *arg, struct error **err)
{
    return json_set_str(tree, "subscription.state", arg, err);
}

static void check_create(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_error struct error *taken = NULL, *nameless = NULL;
    cleanup_document struct document d = { 0 };
    char state_word[] = "Registered";

    assert_int_equal(subscriptions_create(&r.ctx, r.db, rig_tree("{'id':'s'}"), NULL, NULL), 0);
    assert_int_equal(subscriptions_create(&r.ctx, r.db, rig_tree("{'id':'s'}"), NULL, &taken), -1);
    assert_int_equal(subscriptions_create(&r.ctx, r.db, rig_tree("{'x':1}"), NULL, &nameless), -1);
    assert_int_equal(subscriptions_patch(&r.ctx, r.db, "s", register_it, state_word, NULL, NULL),
                     0);

    assert_int_equal(error_kind(taken), ERR_PRECONDITION);
    assert_int_equal(error_kind(nameless), ERR_INVALID);
    assert_int_equal(subscriptions_get(&r.ctx, r.db, "s", &d, NULL), 0);
    rig_assert_tree(d.tree, "{'id':'s','subscription':{'state':'Registered'}}");
}

static void check_dequeue(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_SUBSCRIPTIONS, "{'id':'stays'}");
    rig_create(&r, COLL_SUBSCRIPTIONS, "{'id':'goes','deleting':true}");
    cleanup_free char *lease = NULL, *none = NULL;
    cleanup_document struct document d = { 0 }, nothing = { 0 }, renewed = { 0 };

    assert_int_equal(subscriptions_dequeue(&r.ctx, r.db, &lease, &d, NULL), 0);
    assert_int_equal(subscriptions_dequeue(&r.ctx, r.db, &none, &nothing, NULL), 0);

    assert_string_equal(json_path_str(d.tree, "id"), "goes");
    assert_int_equal(json_path_int(d.tree, "dequeues", 0), 1);
    assert_null(nothing.tree);
    fake_clock_advance_ms(&r.clock, 10 * 1000);
    assert_int_equal(subscriptions_lease(&r.ctx, r.db, "goes", lease, &renewed, NULL), 0);
    assert_int_equal(json_path_int(renewed.tree, "leaseExpires", 0), RIG_NOW_S + 70);
}

static void check_patch_with_lease(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_SUBSCRIPTIONS, RUNNING);
    char word[] = "Warned";
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        subscriptions_patch_with_lease(&r.ctx, r.db, "s", "me", register_it, word, NULL, NULL), 0);
    assert_int_equal(
        subscriptions_patch_with_lease(&r.ctx, r.db, "s", "you", register_it, word, NULL, &err),
        -1);

    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
}

struct end_case {
    const char *name;
    bool done, retry_later;
    const char *want;
};
static struct end_case end_cases[] = {
    { "done ends the deletion", true, false, "{'id':'s','subscription':{'state':'Deleted'}}" },
    { "an error releases it at once and is counted", false, false,
      "{'id':'s','deleting':true,'dequeues':3,'subscription':{'state':'Deleted'}}" },
};

static void check_end(void **state)
{
    const struct end_case *c = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_SUBSCRIPTIONS, RUNNING);
    cleanup_document struct document d = { 0 };

    assert_int_equal(
        subscriptions_end_lease(&r.ctx, r.db, "s", "me", c->done, c->retry_later, &d, NULL), 0);

    rig_assert_tree(d.tree, c->want);
}

/* The trigger runs last, so that the lease is gone and yet runs for ten minutes. */
static void check_retry_later(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_SUBSCRIPTIONS, RUNNING);
    cleanup_document struct document d = { 0 }, before = { 0 }, after = { 0 };
    cleanup_free char *early = NULL, *late = NULL;

    assert_int_equal(subscriptions_end_lease(&r.ctx, r.db, "s", "me", false, true, &d, NULL), 0);

    assert_int_equal(json_path_int(d.tree, "leaseExpires", 0), RIG_NOW_S + 600);
    assert_false(json_has(d.tree, "leaseOwner"));
    assert_false(json_has(d.tree, "dequeues"));
    assert_true(json_path_bool(d.tree, "deleting", false));
    fake_clock_advance_ms(&r.clock, 600 * 1000);
    assert_int_equal(subscriptions_dequeue(&r.ctx, r.db, &early, &before, NULL), 0);
    assert_null(before.tree);
    fake_clock_advance_ms(&r.clock, 1000);
    assert_int_equal(subscriptions_dequeue(&r.ctx, r.db, &late, &after, NULL), 0);
    assert_non_null(after.tree);
}

static void check_changes(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    rig_create(&r, COLL_SUBSCRIPTIONS, RUNNING);
    cleanup_document_page struct document_page p = { 0 };

    assert_int_equal(subscriptions_changes(&r.ctx, r.db, NULL, 0, &p, NULL), 0);

    assert_int_equal(p.len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a subscription is made once and then patched", check_create),
        CASE("a subscription that is deleted is dequeued", check_dequeue),
        CASE("only the holder patches with a lease", check_patch_with_lease),
        CASE_OF(end_cases[0].name, check_end, &end_cases[0]),
        CASE_OF(end_cases[1].name, check_end, &end_cases[1]),
        CASE("what is to be tried later sleeps for ten minutes", check_retry_later),
        CASE("changes come through the feed", check_changes),
    };
    return RUN_CASES("subscriptions", tests);
}

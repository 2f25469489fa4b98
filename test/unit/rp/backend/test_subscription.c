#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/subscriptions.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

static int mark_deleted(json *tree, void *arg, struct error **err)
{
    json_put(tree, "deleting", json_new_bool(true));
    return json_set_str(tree, "subscription.state", arg, err);
}

/* As the frontend does it. */
static void delete_subscription(struct backend_rig *r)
{
    static char word[] = "Deleted";
    assert_int_equal(
        subscriptions_patch(&r->ctx, r->db, RIG_SUBSCRIPTION, mark_deleted, word, NULL, NULL), 0);
}

static void assert_subscription(struct backend_rig *r, const char *path, int64_t want)
{
    cleanup_document struct document d = { 0 };
    assert_int_equal(subscriptions_get(&r->ctx, r->db, RIG_SUBSCRIPTION, &d, NULL), 0);
    int64_t is = json_path_bool(d.tree, path, false) ? 1 : json_path_int(d.tree, path, 0);
    assert_int_equal(is, want);
}

static void sleep_between_rounds(struct backend_rig *r)
{
    fake_clock_advance_ms(&r->clock, 601000);
}

/* ---- cases ---- */

static void deletes_clusters_in_terminal_states_only(void **state)
{
    static const char *const states[][2] = {
        { "Succeeded", "Deleting" },          { "Failed", "Deleting" },
        { "Creating", "Creating" },           { "Updating", "Updating" },
        { "AdminUpdating", "AdminUpdating" }, { "Deleting", "Deleting" },
    };
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        cleanup_free char *name = str_give_lower(states[i][0]);
        backend_rig_cluster(&r, name, states[i][0], "");
    }
    delete_subscription(&r);

    assert_true(backend_rig_work_subscription(&r));

    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        cleanup_free char *name = str_give_lower(states[i][0]);
        backend_rig_assert_state(&r, name, states[i][1]);
    }
    backend_rig_assert_cluster(&r, "failed", "openShiftCluster.properties.lastProvisioningState",
                               "Failed");
    assert_subscription(&r, "deleting", true);
    assert_false(backend_rig_work_subscription(&r)); /* it sleeps */
}

static void is_done_when_no_cluster_is_left(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Succeeded", "");
    delete_subscription(&r);
    assert_true(backend_rig_work_subscription(&r));
    assert_true(backend_rig_work(&r)); /* the deletion */
    backend_rig_assert_state(&r, "a", NULL);

    sleep_between_rounds(&r);
    assert_true(backend_rig_work_subscription(&r));

    assert_subscription(&r, "deleting", false);
    sleep_between_rounds(&r);
    assert_false(backend_rig_work_subscription(&r));
}

static int exhaust(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    json_put(tree, "dequeues", json_new_int(6));
    return 0;
}

static void a_poisoned_cluster_gets_new_tries_each_round(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Failed", "");
    assert_int_equal(openshiftclusters_patch(&r.ctx, r.db, RIG_KEY("a"), exhaust, NULL, NULL, NULL),
                     0);
    delete_subscription(&r);
    assert_true(backend_rig_work_subscription(&r));
    r.steps = "i"; /* the deletion fails */
    assert_true(backend_rig_work(&r));
    backend_rig_assert_heard(&r, "delete 0, close");
    backend_rig_assert_state(&r, "a", "Failed");

    sleep_between_rounds(&r);
    assert_true(backend_rig_work_subscription(&r));
    r.steps = ".";
    assert_true(backend_rig_work(&r));

    backend_rig_assert_state(&r, "a", NULL);
    assert_subscription(&r, "deleting", true); /* until somebody looked */
}

static void reads_every_page(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    for (int i = 0; i < 120; i++) {
        cleanup_free char *name = xasprintf("c%03d", i);
        backend_rig_cluster(&r, name, "Succeeded", "");
    }
    delete_subscription(&r);

    assert_true(backend_rig_work_subscription(&r));

    for (int i = 0; i < 120; i++) {
        cleanup_free char *name = xasprintf("c%03d", i);
        backend_rig_assert_state(&r, name, "Deleting");
    }
}

static void a_cluster_that_races_in_is_deleted_in_the_next_round(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Succeeded", "");
    delete_subscription(&r);
    assert_true(backend_rig_work_subscription(&r));
    backend_rig_cluster(&r, "late", "Succeeded", "");

    sleep_between_rounds(&r);
    assert_true(backend_rig_work_subscription(&r));

    backend_rig_assert_state(&r, "late", "Deleting");
    assert_subscription(&r, "deleting", true);
}

static int take_back(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "subscription.state", "Registered", err);
}

static void a_subscription_that_came_back_keeps_its_clusters(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Succeeded", "");
    delete_subscription(&r);
    assert_int_equal(
        subscriptions_patch(&r.ctx, r.db, RIG_SUBSCRIPTION, take_back, NULL, NULL, NULL), 0);

    assert_true(backend_rig_work_subscription(&r));

    backend_rig_assert_state(&r, "a", "Succeeded");
    assert_subscription(&r, "deleting", false);
}

static void an_error_is_tried_again_at_once_and_later_more_slowly(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Succeeded", "");
    delete_subscription(&r);
    r.store->fail_coll = COLL_OPENSHIFT_CLUSTERS;
    atomic_store(&r.store->fail, true);

    for (int i = 1; i <= 5; i++) {
        assert_true(backend_rig_work_subscription(&r));
        assert_subscription(&r, "dequeues", i);
    }
    assert_true(backend_rig_work_subscription(&r));

    assert_subscription(&r, "dequeues", 0);
    assert_subscription(&r, "deleting", true);
    assert_false(backend_rig_work_subscription(&r));
    atomic_store(&r.store->fail, false);
    sleep_between_rounds(&r);
    assert_true(backend_rig_work_subscription(&r));
    backend_rig_assert_state(&r, "a", "Deleting");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("deletes clusters in terminal states only", deletes_clusters_in_terminal_states_only),
        CASE("is done when no cluster is left", is_done_when_no_cluster_is_left),
        CASE("a poisoned cluster gets new tries each round",
             a_poisoned_cluster_gets_new_tries_each_round),
        CASE("reads every page", reads_every_page),
        CASE("a cluster that races in is deleted in the next round",
             a_cluster_that_races_in_is_deleted_in_the_next_round),
        CASE("a subscription that came back keeps its clusters",
             a_subscription_that_came_back_keeps_its_clusters),
        CASE("an error is tried again at once and later more slowly",
             an_error_is_tried_again_at_once_and_later_more_slowly),
    };
    return RUN_CASES("subscription", tests);
}

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/maintenancemanifests.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define CLUSTER "/subscriptions/s/c"
#define MANIFEST(id, rest) \
    "{'id':'" id "','clusterResourceID':'" CLUSTER "','maintenanceManifest':{" rest "}}"

static const struct manifest_key key = { CLUSTER, "m" };

static void create(struct database_rig *r, const char *quoted)
{
    rig_create(r, COLL_MAINTENANCE_MANIFESTS, quoted);
}

static void check_create(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_error struct error *again = NULL, *upper = NULL;
    cleanup_document struct document d = { 0 };
    const char *text = MANIFEST("m", "'state':'Pending','priority':0");

    assert_int_equal(maintenancemanifests_create(&r.ctx, r.db, rig_tree(text), NULL, NULL), 0);
    assert_int_equal(maintenancemanifests_create(&r.ctx, r.db, rig_tree(text), NULL, &again), -1);
    assert_int_equal(maintenancemanifests_create(
                         &r.ctx, r.db, rig_tree("{'clusterResourceID':'/S'}"), NULL, &upper),
                     -1);

    assert_int_equal(error_kind(again), ERR_PRECONDITION);
    assert_int_equal(error_kind(upper), ERR_INVALID);
    assert_int_equal(maintenancemanifests_get(&r.ctx, r.db, &key, &d, NULL), 0);
    rig_assert_tree(d.tree, MANIFEST("m", "'state':'Pending'"));
}

static int take_it(struct database_rig *r, char **lease, struct document *d, struct error **err)
{
    return maintenancemanifests_take(&r->ctx, r->db, &key, lease, d, err);
}

static void check_take(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create(&r, MANIFEST("m", "'state':'Pending'"));
    cleanup_free char *first = NULL, *second = NULL, *third = NULL;
    cleanup_document struct document d = { 0 }, none = { 0 }, again = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(take_it(&r, &first, &d, NULL), 0);
    assert_int_equal(take_it(&r, &second, &none, &err), -1);
    assert_int_equal(error_kind(err), ERR_CONFLICT);
    assert_string_equal(json_path_str(d.tree, "maintenanceManifest.state"), "InProgress");
    assert_int_equal(json_path_int(d.tree, "dequeues", 0), 1);
    assert_true(document_has_lease(d.tree, first));

    fake_clock_advance_ms(&r.clock, 61 * 1000); /* the first has crashed */
    assert_int_equal(take_it(&r, &third, &again, NULL), 0);
    assert_int_equal(json_path_int(again.tree, "dequeues", 0), 2);
    assert_int_equal(
        maintenancemanifests_patch_with_lease(&r.ctx, r.db, &key, first, NULL, NULL, NULL, NULL),
        -1);
}

static void check_take_lost(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create(&r, MANIFEST("m", "'state':'Pending'"));
    r.spy->moves_id = "m";
    cleanup_free char *lease = NULL;
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(take_it(&r, &lease, &d, &err), -1);

    assert_int_equal(error_kind(err), ERR_CONFLICT);
    assert_null(lease);
}

static void check_take_ended(void **state)
{
    (void)state;
    static const char *const states[] = { "Completed", "Failed", "Cancelled", "TimedOut",
                                          "RetriesExceeded" };
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        cleanup_database_rig struct database_rig r;
        database_rig_open(&r);
        cleanup_free char *text = xasprintf(MANIFEST("m", "'state':'%s'"), states[i]);
        create(&r, text);
        cleanup_free char *lease = NULL;
        cleanup_document struct document d = { 0 };
        cleanup_error struct error *err = NULL;
        assert_int_equal(take_it(&r, &lease, &d, &err), -1);
        assert_int_equal(error_kind(err), ERR_CONFLICT);
    }
}

static void check_renews(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create(&r, MANIFEST("m", "'state':'Pending'"));
    cleanup_free char *lease = NULL;
    cleanup_document struct document d = { 0 }, after = { 0 };
    assert_int_equal(take_it(&r, &lease, &d, NULL), 0);

    fake_clock_advance_ms(&r.clock, 40 * 1000);
    assert_int_equal(
        maintenancemanifests_patch_with_lease(&r.ctx, r.db, &key, lease, NULL, NULL, &after, NULL),
        0);

    assert_int_equal(json_path_int(after.tree, "leaseExpires", 0), RIG_NOW_S + 100);
}

struct end_case {
    const char *name, *state, *text;
    bool counts;
};
static struct end_case end_cases[] = {
    { "a task that was completed is not counted on", "Completed", "done", false },
    { "a task that is tried again is counted on", "Pending", "later", true },
    { "a task that failed may have no text", "Failed", NULL, false },
};

static void check_end(void **state)
{
    const struct end_case *c = *state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create(&r, MANIFEST("m", "'state':'Pending','statusText':'old'"));
    cleanup_free char *lease = NULL;
    cleanup_document struct document d = { 0 }, after = { 0 };
    assert_int_equal(take_it(&r, &lease, &d, NULL), 0);

    assert_int_equal(
        maintenancemanifests_end_lease(&r.ctx, r.db, &key, lease, c->state, c->text, &after, NULL),
        0);

    assert_string_equal(json_path_str(after.tree, "maintenanceManifest.state"), c->state);
    if (c->text)
        assert_string_equal(json_path_str(after.tree, "maintenanceManifest.statusText"), c->text);
    else
        assert_false(json_path_has(after.tree, "maintenanceManifest.statusText"));
    assert_int_equal(json_path_int(after.tree, "dequeues", 0), c->counts);
    assert_false(json_has(after.tree, "leaseOwner"));
    assert_false(json_has(after.tree, "leaseExpires"));
}

static int cancel(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "maintenanceManifest.state", "Cancelled", err);
}

static void check_lists(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_free char *future =
        xasprintf(MANIFEST("future", "'state':'Pending','createdBySchedule':'s','runAfter':%lld"),
                  (long long)RIG_NOW_S + 1000);
    create(&r, MANIFEST("due", "'state':'Pending'"));
    create(&r, MANIFEST("done", "'state':'Completed'"));
    create(&r, future);
    static const struct {
        enum manifests which;
        const char *cluster, *schedule;
        size_t len;
    } lists[] = {
        { MANIFESTS_OF_CLUSTER, CLUSTER, NULL, 3 }, { MANIFESTS_DUE, CLUSTER, NULL, 1 },
        { MANIFESTS_DUE, NULL, NULL, 1 },           { MANIFESTS_DUE_CLUSTERS, NULL, NULL, 1 },
        { MANIFESTS_QUEUED, NULL, NULL, 2 },        { MANIFESTS_FUTURE, NULL, "s", 1 },
        { MANIFESTS_FUTURE, CLUSTER, "other", 0 }
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        cleanup_document_page struct document_page p = { 0 };
        const struct manifest_query q = { .which = lists[i].which,
                                          .cluster = lists[i].cluster,
                                          .schedule = lists[i].schedule };
        assert_int_equal(maintenancemanifests_list(&r.ctx, r.db, &q, &p, NULL), 0);
        assert_int_equal(p.len, lists[i].len);
    }
    const struct manifest_query small = { .which = MANIFESTS_OF_CLUSTER,
                                          .cluster = CLUSTER,
                                          .page = 2 };
    cleanup_document_page struct document_page p = { 0 };
    assert_int_equal(maintenancemanifests_list(&r.ctx, r.db, &small, &p, NULL), 0);
    assert_int_equal(p.len, 2);
    assert_non_null(p.next);
    int64_t queued = 0;
    assert_int_equal(maintenancemanifests_queue_length(&r.ctx, r.db, &queued, NULL), 0);
    assert_int_equal(queued, 2);
}

static void check_patch_delete(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    create(&r, MANIFEST("m", "'state':'Pending'"));
    cleanup_document struct document d = { 0 }, none = { 0 };

    assert_int_equal(maintenancemanifests_patch(&r.ctx, r.db, &key, cancel, NULL, &d, NULL), 0);
    assert_int_equal(maintenancemanifests_delete(&r.ctx, r.db, &key, NULL), 0);

    assert_string_equal(json_path_str(d.tree, "maintenanceManifest.state"), "Cancelled");
    assert_int_equal(maintenancemanifests_get(&r.ctx, r.db, &key, &none, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a manifest is made once", check_create),
        CASE("a manifest is taken by one, and after a crash by the next", check_take),
        CASE("whoever was second to write has not taken it", check_take_lost),
        CASE("what has ended is not taken", check_take_ended),
        CASE("each patch with the lease renews it", check_renews),
        CASE_OF(end_cases[0].name, check_end, &end_cases[0]),
        CASE_OF(end_cases[1].name, check_end, &end_cases[1]),
        CASE_OF(end_cases[2].name, check_end, &end_cases[2]),
        CASE("lists go by cluster, schedule and time", check_lists),
        CASE("a manifest is cancelled and deleted", check_patch_delete),
    };
    return RUN_CASES("maintenancemanifests", tests);
}

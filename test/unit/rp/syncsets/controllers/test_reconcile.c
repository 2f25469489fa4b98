#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/rp/syncsets/far_rig.h"

static void a_set_is_applied_once_and_told(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Sync", "one");
    crew_rig_work(&c, uid);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_string_equal(json_path_str(status, "selectorSyncSets[0].result"), "Success");
    assert_string_equal(json_path_str(status, "selectorSyncSets[0].resourcesToDelete[0].name"),
                        "one");
    assert_true(api_condition_is(status, "Failed", "False"));
    assert_non_null(json_path_str(status, "firstSuccessTime"));
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM tracked_resources WHERE state = "
                                           "'Applied'"),
                     1);

    int64_t before = work_rig_number(&c.r, "SELECT last FROM revision WHERE type = ''");
    work_rig_match(&c.r);
    sets_rig_script(&c.r, "UPDATE cluster_work SET due_at = 0");
    crew_rig_work(&c, uid);
    assert_int_equal(work_rig_number(&c.r, "SELECT last FROM revision WHERE type = ''"), before);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE done_revision "
                                           "= dirty_revision AND due_at = next_full_at"),
                     1);
    crew_rig_release(&c);
}

static void the_next_full_time_is_drawn_once(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_work(&c, uid);
    int64_t drawn = work_rig_number(&c.r, "SELECT next_full_at FROM cluster_work");
    int64_t now_s = sets_now_s(&c.r.ctx);
    assert_in_range(drawn, now_s + 7100, now_s + 7930);
    for (int i = 0; i < 3; i++) {
        sets_rig_script(&c.r, "UPDATE cluster_work SET due_at = 0");
        crew_rig_work(&c, uid);
        assert_int_equal(work_rig_number(&c.r, "SELECT next_full_at FROM cluster_work"), drawn);
    }
    crew_rig_release(&c);
}

static void a_set_that_goes_takes_its_objects_along(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Sync", "one");
    crew_rig_work(&c, uid);
    crew_rig_drop(&c, TYPE_SELECTORSYNCSETS, "", "s");
    crew_rig_work(&c, uid);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_int_equal(json_len(json_get(status, "selectorSyncSets")), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM tracked_resources"), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses"), 0);
    crew_rig_release(&c);
}

/* What is deleted of a set, then and when another set has its name, is what rows of it tell. */
static void an_orphaned_set_leaves_its_objects(void **state)
{
    static const char of_one[] = "SELECT count(*) FROM tracked_resources WHERE name = 'one'";
    (void)state;
    struct crew_rig c;
    struct workload w;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Sync", "one");
    crew_rig_set(&c, "kept", "Sync", "two");
    crew_rig_work(&c, uid);
    assert_int_equal(work_rig_number(&c.r, of_one), 1);
    const struct sets_write orphan = { .type = &api_types[TYPE_SELECTORSYNCSETS],
                                       .nspace = "",
                                       .name = "s",
                                       .orphan = true,
                                       .actor = "test" };
    assert_int_equal(sets_delete(&c.r.ctx, c.r.store, &orphan, NULL, NULL), 0);

    assert_int_equal(workload_load(&c.r.ctx, c.r.store, uid, &w, NULL), 0);
    assert_int_equal(w.len, 1);
    assert_string_equal(w.sets[0].name, "kept");
    assert_int_equal(w.sets[0].tracked_len, 1);
    workload_release(&w);
    assert_int_equal(work_rig_number(&c.r, of_one), 0);

    crew_rig_set(&c, "s", "Sync", "three");
    crew_rig_work(&c, uid);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    const json *names = json_path(status, "selectorSyncSets[1].resourcesToDelete");
    assert_int_equal(json_len(names), 1);
    assert_string_equal(json_path_str(json_at(names, 0), "name"), "three");
    crew_rig_release(&c);
}

static void of_a_set_that_goes_it_is_known_what_it_allowed(void **state)
{
    (void)state;
    static const char *const words[] = { "Allow", "Block" };
    struct crew_rig c;
    struct workload w;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        cleanup_free char *body = xasprintf(
            "{'metadata':{'name':'s%zu'},'spec':{'clusterDeploymentSelector':{'matchLabels':{'env':"
            "'prod'}},'resourceApplyMode':'Sync','protectedDeletes':'%s','resources':[{"
            "'apiVersion':'v1','kind':'Namespace','metadata':{'name':'x%zu'}}]}}",
            i, words[i], i);
        json_free(sets_rig_create(&c.r, TYPE_SELECTORSYNCSETS, body));
    }
    crew_rig_work(&c, uid);
    crew_rig_drop(&c, TYPE_SELECTORSYNCSETS, "", "s0");
    crew_rig_drop(&c, TYPE_SELECTORSYNCSETS, "", "s1");
    assert_int_equal(workload_load(&c.r.ctx, c.r.store, uid, &w, NULL), 0);
    assert_int_equal(w.len, 2);
    for (size_t i = 0; i < w.len; i++) {
        assert_null(w.sets[i].set);
        assert_int_equal(w.sets[i].allows_protected, str_eq(w.sets[i].name, "s0"));
    }
    workload_release(&w);
    crew_rig_release(&c);
}

static void what_a_gone_set_may_not_delete_stays_listed(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    json_free(sets_rig_create(&c.r, TYPE_SELECTORSYNCSETS,
                              "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{'"
                              "matchLabels':{'env':'prod'}}"
                              ",'resourceApplyMode':'Sync','resources':[{'apiVersion':'v1','kind':'"
                              "Namespace','metadata':{"
                              "'name':'x'}},{'apiVersion':'v1','kind':'ConfigMap','metadata':{'"
                              "name':'y','namespace':'x'}}"
                              "]}}"));
    crew_rig_work(&c, uid);
    crew_rig_drop(&c, TYPE_SELECTORSYNCSETS, "", "s");
    for (int i = 0; i < 2; i++) {
        sets_rig_script(&c.r, "UPDATE cluster_work SET due_at = 0");
        crew_rig_work(&c, uid);
        cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
        assert_string_equal(json_path_str(status, "selectorSyncSets[0].deletionsBlocked[0].name"),
                            "x");
        assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM tracked_resources"), 1);
    }
    const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                  .nspace = "n",
                                  .name = "a",
                                  .cleanup = true,
                                  .actor = "test" };
    assert_int_equal(sets_delete(&c.r.ctx, c.r.store, &w, NULL, NULL), 0);
    crew_rig_work(&c, uid);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM clusters"), 0);
    crew_rig_release(&c);
}

static void a_full_pass_goes_on_where_its_time_was_up(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Upsert", "one");
    crew_rig_set(&c, "t", "Upsert", "two");
    crew_rig_set(&c, "u", "Upsert", "three");
    crew_rig_work(&c, uid);
    int64_t before = work_rig_number(&c.r, "SELECT last FROM revision WHERE type = ''");
    c.k->cfg.job_max_s = -1; /* is up at once */
    sets_rig_script(&c.r, "UPDATE cluster_work SET due_at = 0, next_full_at = 0");
    for (int left = 2; left >= 0; left--) {
        crew_rig_work(&c, uid);
        assert_int_equal(work_rig_number(&c.r, "SELECT count(retry_at) FROM sync_statuses"), left);
        assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE class = "
                                               "'slow' AND next_full_at > 0"),
                         1);
        assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE due_at = "
                                               "next_full_at"),
                         left == 0);
    }
    assert_int_equal(work_rig_number(&c.r, "SELECT last FROM revision WHERE type = ''"), before);
    crew_rig_release(&c);
}

static void a_set_that_takes_too_long_is_left(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "one", "Upsert", "one");
    json_free(sets_rig_create(
        &c.r, TYPE_SELECTORSYNCSETS,
        "{'metadata':{'name':'two'},'spec':{'clusterDeploymentSelector':{'matchLabels':{'env':"
        "'prod'}},'resources':[{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'x',"
        "'namespace':'n'}},{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'y','namespace'"
        ":"
        "'n'}}]}}"));
    c.k->cfg.set_max_s = -1;
    crew_rig_work(&c, uid);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_string_equal(json_path_str(status, "selectorSyncSets[0].result"), "Success");
    assert_string_equal(json_path_str(status, "selectorSyncSets[1].result"), "Failure");
    assert_non_null(
        strstr(json_path_str(status, "selectorSyncSets[1].failureMessage"), "the set was left"));
    crew_rig_release(&c);
}

static void what_cannot_be_rendered_fails_and_backs_off(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "bad", "Sync", "{{ fromCDLabel `absent` }}");
    crew_rig_set(&c, "good", "Sync", "two");
    crew_rig_work(&c, uid);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_string_equal(json_path_str(status, "selectorSyncSets[0].result"), "Failure");
    assert_string_equal(json_path_str(status, "selectorSyncSets[1].result"), "Success");
    assert_string_equal(json_path_str(api_condition_find(status, "Failed"), "message"),
                        "SelectorSyncSet bad is failing");
    for (int i = 2; i < 5; i++) {
        sets_rig_script(&c.r, "UPDATE cluster_work SET due_at = 0");
        sets_rig_script(&c.r, "UPDATE sync_statuses SET retry_at = 0 WHERE name = 'bad'");
        int64_t before = work_rig_number(&c.r, "SELECT last FROM revision WHERE type = ''");
        crew_rig_work(&c, uid);
        assert_int_equal(
            work_rig_number(&c.r, "SELECT attempts FROM sync_statuses WHERE name = 'bad'"), i);
        assert_int_equal(work_rig_number(&c.r, "SELECT last FROM revision WHERE type = ''"),
                         before);
    }
    crew_rig_release(&c);
}

static void edit_annotations(struct crew_rig *c, const char *annotations)
{
    cleanup_free char *body =
        xasprintf("{'metadata':{'labels':{'env':'prod'},'annotations':%s},'spec':{}}", annotations);
    cleanup_json json *object = sets_rig_parse(body);
    const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                  .nspace = "n",
                                  .name = "a",
                                  .object = object,
                                  .actor = "test" };
    assert_int_equal(sets_replace(&c->r.ctx, c->r.store, &w, NULL, NULL, NULL), 0);
}

static void a_paused_cluster_is_left_alone_and_resumes_at_once(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Sync", "one");
    edit_annotations(&c, "{'hive.openshift.io/fake-cluster':'true','hive.openshift.io/"
                         "syncset-pause':'true'}");
    crew_rig_work(&c, uid);
    cleanup_json json *paused = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_true(api_condition_is(paused, "Paused", "True"));
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses"), 0);
    edit_annotations(&c, "{'hive.openshift.io/fake-cluster':'true'}");
    crew_rig_work(&c, uid);
    cleanup_json json *resumed = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_true(api_condition_is(resumed, "Paused", "False"));
    assert_string_equal(json_path_str(resumed, "selectorSyncSets[0].result"), "Success");
    crew_rig_release(&c);
}

static void a_cluster_goes_once_its_objects_are_gone(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Sync", "one");
    crew_rig_work(&c, uid);
    const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                  .nspace = "n",
                                  .name = "a",
                                  .cleanup = true,
                                  .actor = "test" };
    assert_int_equal(sets_delete(&c.r.ctx, c.r.store, &w, NULL, NULL), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM clusters"), 1);
    crew_rig_work(&c, uid);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM clusters"), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM clustersyncs"), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM tracked_resources"), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work"), 0);
    crew_rig_release(&c);
}

static void two_sets_with_one_object_are_a_conflict(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Upsert", "same");
    crew_rig_set(&c, "t", "Upsert", "same");
    crew_rig_work(&c, uid);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_string_equal(json_path_str(api_condition_find(status, "ResourceConflicts"), "message"),
                        "ConfigMap default/same: SelectorSyncSet s, SelectorSyncSet t");
    crew_rig_drop(&c, TYPE_SELECTORSYNCSETS, "", "t");
    crew_rig_work(&c, uid);
    cleanup_json json *after = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_true(api_condition_is(after, "ResourceConflicts", "False"));
    crew_rig_release(&c);
}

static void an_unknown_cluster_is_not_touched(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = work_rig_cluster(&c.r, "n", "real", "{'env':'prod'}");
    crew_rig_work(&c, uid); /* before any set is for it */
    crew_rig_set(&c, "s", "Sync", "one");
    crew_rig_work(&c, uid);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses"), 0);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE lease_until IS "
                                           "NULL AND attempts = 0"),
                     1);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "real");
    assert_null(api_condition_find(status, "Failed"));
    crew_rig_release(&c);
}

/* Whoever reads it is cut off: the first who does has just taken a lease. */
struct cutting_clock {
    struct clock base;
    struct stop *hard;
};

static int64_t cut(const struct clock *c)
{
    const struct cutting_clock *cutting = (const struct cutting_clock *)c;
    stop_request(cutting->hard);
    return clock_mono_ns(clock_system());
}

static void who_is_cut_off_gives_the_lease_back(void **state)
{
    (void)state;
    struct crew_rig c;
    cleanup_error struct error *err = NULL;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    work_rig_match(&c.r);
    struct cutting_clock clock = { *clock_system(), c.k->hard };
    clock.base.mono_ns = cut;
    c.k->cfg.clock = &clock.base;

    assert_int_equal(reconcile(c.k, uid, &err), -1);

    assert_true(error_is(err, ERR_CANCELLED));
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE fence = 1 AND "
                                           "lease_until IS NULL AND attempts = 0"),
                     1);
    c.k->cfg.clock = clock_system();
    crew_rig_release(&c);
}

/* From now on the database keeps no row of that name there, as it does with what no index holds. */
static void refuse(struct crew_rig *c, const char *table, const char *name)
{
    cleanup_free char *text =
        sql_dialect(c->r.db) == SQL_SQLITE
            ? xasprintf("CREATE TRIGGER refused BEFORE INSERT ON %s WHEN NEW.name = '%s' BEGIN "
                        "SELECT RAISE(ABORT, 'refused'); END",
                        table, name)
            : xasprintf("ALTER TABLE %s ADD CONSTRAINT refused CHECK (name <> '%s')", table, name);
    sets_rig_script(&c->r, text);
}

static void what_cannot_be_tracked_stops_its_set_alone(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    refuse(&c, "tracked_resources", "one");
    crew_rig_set(&c, "s", "Sync", "one");
    crew_rig_set(&c, "t", "Sync", "two");

    crew_rig_work(&c, uid);

    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERSYNCS, "a");
    assert_string_equal(json_path_str(status, "selectorSyncSets[0].result"), "Failure");
    const char *message = json_path_str(status, "selectorSyncSets[0].failureMessage");
    assert_non_null(strstr(message, "database refuses"));
    assert_null(strstr(message, "refused"));
    assert_string_equal(json_path_str(status, "selectorSyncSets[1].result"), "Success");
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses WHERE name = 's' AND"
                                           " attempts = 1 AND retry_at > 0"),
                     1);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE lease_until IS "
                                           "NULL AND due_at > 0 AND attempts = 0"),
                     1);
    crew_rig_release(&c);
}

static void work_that_cannot_be_written_backs_off(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Upsert", "one");
    refuse(&c, "sync_statuses", "s");
    work_rig_match(&c.r);
    for (int attempts = 1; attempts < 8; attempts++) {
        cleanup_error struct error *err = NULL;
        sets_rig_script(&c.r, "UPDATE cluster_work SET due_at = 0");
        int64_t before_s = sets_now_s(&c.r.ctx);
        assert_int_equal(reconcile(c.k, uid, &err), -1);
        assert_false(error_is_retriable(err));
        assert_int_equal(work_rig_number(&c.r, "SELECT attempts FROM cluster_work"), attempts);
        assert_true(work_rig_number(&c.r, "SELECT due_at FROM cluster_work") >=
                    before_s + (attempts < 4 ? 1 : 7));
    }
    crew_rig_release(&c);
}

/* A cluster n/a that the prober has found usable, with a set of one object; its uid, owned. */
static char *give_usable(struct crew_rig *c, struct far_rig *f)
{
    char *uid = far_rig_cluster(f, "n", "a", "", "{}");
    crew_rig_set(c, "s", "Upsert", "one");
    work_rig_match(&c->r);
    crew_rig_look_until(c, "a", "Unreachable", "False");
    return uid;
}

/* One set, one failure: enough for a look, and no worker is held up a second time before. */
static void a_connection_that_fails_is_for_the_prober(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    cleanup_free char *uid = give_usable(&c, &f);
    far_rig_close(&f);

    crew_rig_work(&c, uid);

    assert_int_equal(work_rig_number(&c.r, "SELECT attempts FROM sync_statuses"), 1);
    assert_int_equal(work_rig_number(&c.r, "SELECT due_at FROM cluster_probes"), 0);
    sets_rig_script(&c.r,
                    "UPDATE cluster_work SET due_at = 0; UPDATE sync_statuses SET retry_at = 0");
    crew_rig_work(&c, uid);
    assert_int_equal(work_rig_number(&c.r, "SELECT attempts FROM sync_statuses"), 1);
    crew_rig_look_until(&c, "a", "Unreachable", "True");
    far_rig_release(&f);
    crew_rig_release(&c);
}

/* It is asked once, however many sets it is to get, and not as long as a request may take. */
static void a_cluster_that_is_silent_is_for_the_prober(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    cleanup_free char *uid = give_usable(&c, &f);
    crew_rig_set(&c, "t", "Upsert", "two");
    work_rig_match(&c.r);
    f.status = f.probe_status = 0;

    crew_rig_work(&c, uid);

    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses WHERE result = "
                                           "'Failure' AND failure_message LIKE '%not answer%'"),
                     1);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses"), 1);
    assert_int_equal(work_rig_number(&c.r, "SELECT due_at FROM cluster_probes"), 0);
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_true(api_condition_is(status, "Unreachable", "Unknown"));
    far_rig_release(&f);
    crew_rig_release(&c);
}

static void credentials_that_are_refused_are_for_the_prober(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    cleanup_free char *uid = give_usable(&c, &f);
    f.status = f.probe_status = 401;

    crew_rig_work(&c, uid);

    crew_rig_look_until(&c, "a", "KubeconfigValid", "False");
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_true(api_condition_is(status, "Unreachable", "False"));
    far_rig_release(&f);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a set is applied once and told", a_set_is_applied_once_and_told),
        CASE("the next full time is drawn once", the_next_full_time_is_drawn_once),
        CASE("a set that goes takes its objects along", a_set_that_goes_takes_its_objects_along),
        CASE("an orphaned set leaves its objects", an_orphaned_set_leaves_its_objects),
        CASE("of a set that goes it is known what it allowed",
             of_a_set_that_goes_it_is_known_what_it_allowed),
        CASE("what a gone set may not delete stays listed",
             what_a_gone_set_may_not_delete_stays_listed),
        CASE("a full pass goes on where its time was up",
             a_full_pass_goes_on_where_its_time_was_up),
        CASE("a set that takes too long is left", a_set_that_takes_too_long_is_left),
        CASE("what cannot be rendered fails and backs off",
             what_cannot_be_rendered_fails_and_backs_off),
        CASE("a paused cluster is left alone and resumes at once",
             a_paused_cluster_is_left_alone_and_resumes_at_once),
        CASE("a cluster goes once its objects are gone", a_cluster_goes_once_its_objects_are_gone),
        CASE("two sets with one object are a conflict", two_sets_with_one_object_are_a_conflict),
        CASE("an unknown cluster is not touched", an_unknown_cluster_is_not_touched),
        CASE("a connection that fails is for the prober",
             a_connection_that_fails_is_for_the_prober),
        CASE("a cluster that is silent is for the prober",
             a_cluster_that_is_silent_is_for_the_prober),
        CASE("credentials that are refused are for the prober",
             credentials_that_are_refused_are_for_the_prober),
        CASE("what cannot be tracked stops its set alone",
             what_cannot_be_tracked_stops_its_set_alone),
        CASE("work that cannot be written backs off", work_that_cannot_be_written_backs_off),
        CASE("who is cut off gives the lease back", who_is_cut_off_gives_the_lease_back),
    };
    return RUN_CASES("reconcile", tests);
}

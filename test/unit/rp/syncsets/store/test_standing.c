#include "pkg/base/mem.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"
#include "test/unit/support/test.h"

static void add_cluster(struct sets_rig *r, const char *nspace, const char *name, const char *env)
{
    cleanup_free char *body = xasprintf(
        "{'metadata':{'name':'%s','namespace':'%s','labels':{'env':'%s'}}}", name, nspace, env);
    json_free(sets_rig_create(r, TYPE_CLUSTERS, body));
}

/* What a controller would have written. */
static void add_result(struct sets_rig *r, const char *cluster, const char *uid, const char *result,
                       int generation)
{
    cleanup_free char *text = xasprintf(
        "INSERT INTO sync_statuses (cluster_uid, kind, name, syncset_uid, observed_generation, "
        "result, failure_message) SELECT uid, 'x', 'x', '%s', %d, '%s', 'why' FROM clusters WHERE "
        "name = '%s'",
        uid, generation, result, cluster);
    sets_rig_script(r, text);
}

static struct sets_standing stand(struct sets_rig *r, enum api_type_id type, const char *nspace,
                                  size_t max)
{
    struct sets_standing s;
    assert_int_equal(sets_stand(&r->ctx, r->store, &api_types[type], nspace, "s", max, &s, NULL),
                     0);
    return s;
}

static void add_clusters(struct sets_rig *r)
{
    add_cluster(r, "a", "c1", "prod");
    add_cluster(r, "a", "c2", "prod");
    add_cluster(r, "a", "c3", "test");
    add_cluster(r, "b", "c4", "prod");
}

static void results_are_counted_by_cluster(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    add_clusters(&r);
    cleanup_json json *set =
        sets_rig_create(&r, TYPE_SELECTORSYNCSETS,
                        "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{"
                        "'matchLabels':{'env':'prod'}}}}");
    const char *uid = json_path_str(set, "metadata.uid");
    add_result(&r, "c1", uid, "Success", 1);
    add_result(&r, "c2", uid, "Failure", 1);
    add_result(&r, "c4", uid, "Failure", 1);
    add_result(&r, "c3", "another", "Failure", 1);

    cleanup_standing struct sets_standing s = stand(&r, TYPE_SELECTORSYNCSETS, "", 1);

    assert_int_equal(s.generation, 1);
    assert_int_equal(s.matched, 3);
    assert_int_equal(s.applied, 1);
    assert_int_equal(s.failing, 2);
    cleanup_free char *text = json_give_text(s.failing_clusters);
    assert_string_equal(text, "[{\"namespace\":\"a\",\"name\":\"c2\",\"message\":\"why\"}]");
    sets_rig_release(&r);
}

static void an_older_generation_is_not_applied(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    add_clusters(&r);
    cleanup_json json *set =
        sets_rig_create(&r, TYPE_SELECTORSYNCSETS,
                        "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{}}}");
    add_result(&r, "c1", json_path_str(set, "metadata.uid"), "Success", 0);

    cleanup_standing struct sets_standing s = stand(&r, TYPE_SELECTORSYNCSETS, "", 10);

    assert_int_equal(s.matched, 4);
    assert_int_equal(s.applied, 0);
    assert_int_equal(s.failing, 0);
    sets_rig_release(&r);
}

/* Named and selected: once. */
static void a_cluster_counts_once(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    add_clusters(&r);
    json_free(sets_rig_create(
        &r, TYPE_SYNCSETS,
        "{'metadata':{'name':'s','namespace':'a'},'spec':{'clusterDeploymentRefs':[{'name':'c1'},"
        "{'name':'c3'},{'name':'gone'},{'name':'c4'}],'clusterDeploymentSelector':{"
        "'matchLabels':{'env':'prod'}}}}"));

    cleanup_standing struct sets_standing s = stand(&r, TYPE_SYNCSETS, "a", 10);

    assert_int_equal(s.matched, 3); /* c1, c2, c3: c4 is in another namespace */
    sets_rig_release(&r);
}

static void what_is_not_there_does_not_stand(void **state)
{
    (void)state;
    struct sets_rig r;
    cleanup_error struct error *err = NULL;
    struct sets_standing s;
    sets_rig_init(&r);

    assert_int_equal(sets_stand(&r.ctx, r.store, &api_types[TYPE_SYNCSETS], "a", "s", 1, &s, &err),
                     -1);

    assert_true(error_is(err, ERR_NOT_FOUND));
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("results are counted by cluster", results_are_counted_by_cluster),
        CASE("an older generation is not applied", an_older_generation_is_not_applied),
        CASE("a cluster counts once", a_cluster_counts_once),
        CASE("what is not there does not stand", what_is_not_there_does_not_stand),
    };
    return RUN_CASES("standing", tests);
}

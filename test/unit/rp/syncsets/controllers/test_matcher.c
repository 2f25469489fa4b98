#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/syncsets/work_rig.h"

/* Clusters a and b (env=prod) and c (env=test) in n, d (env=prod) in m; nobody is due. */
static void start(struct sets_rig *r)
{
    sets_rig_init(r);
    free(work_rig_cluster(r, "n", "a", "{'env':'prod'}"));
    free(work_rig_cluster(r, "n", "b", "{'env':'prod'}"));
    free(work_rig_cluster(r, "n", "c", "{'env':'test'}"));
    free(work_rig_cluster(r, "m", "d", "{'env':'prod'}"));
    work_rig_match(r);
    work_rig_settle(r);
}

#define assert_due(r, want) \
    do { \
        work_rig_match(r); \
        cleanup_free char *due_ = work_rig_give_due(r); \
        assert_string_equal(due_, want); \
        work_rig_settle(r); \
    } while (0)

static json *set(struct sets_rig *r, enum api_type_id type, const char *name, const char *spec)
{
    cleanup_free char *body = xasprintf("{'metadata':{'name':'%s'%s},'spec':%s}", name,
                                        type == TYPE_SYNCSETS ? ",'namespace':'n'" : "", spec);
    return sets_rig_create(r, type, body);
}

static void write_again(struct sets_rig *r, enum api_type_id type, const char *nspace,
                        const char *name, const char *body, const char *status)
{
    cleanup_json json *object = sets_rig_parse(body);
    cleanup_json json *status_tree = status ? sets_rig_parse(status) : NULL;
    const struct sets_write w = { .type = &api_types[type],
                                  .nspace = nspace,
                                  .name = name,
                                  .object = object,
                                  .status = status_tree,
                                  .actor = "test" };
    cleanup_error struct error *err = NULL;
    if (sets_replace(&r->ctx, r->store, &w, NULL, NULL, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void drop(struct sets_rig *r, enum api_type_id type, const char *nspace, const char *name)
{
    const struct sets_write w = {
        .type = &api_types[type], .nspace = nspace, .name = name, .actor = "test"
    };
    assert_int_equal(sets_delete(&r->ctx, r->store, &w, NULL, NULL), 0);
}

static void a_cluster_is_marked_by_its_own_changes(void **state)
{
    (void)state;
    struct sets_rig r;
    start(&r);
    write_again(&r, TYPE_CLUSTERS, "n", "a",
                "{'metadata':{'labels':{'env':'prod'},'annotations':{'x':'y'}},'spec':{}}", NULL);
    assert_due(&r, "a");
    write_again(&r, TYPE_CLUSTERS, "n", "c", "{'metadata':{'labels':{'env':'prod'}},'spec':{}}",
                NULL);
    assert_due(&r, "c");
    assert_int_equal(work_rig_number(&r, "SELECT count(*) FROM cluster_probes WHERE due_at = 0"),
                     4);
    sets_rig_release(&r);
}

static void note(json *status, const json *object, void *arg)
{
    (void)object;
    json_put(status, "version", json_new_str(arg));
}

static int put_status(const struct opctx *ctx, struct sets_store *st, struct sql *c, void *arg,
                      struct error **err)
{
    cleanup_changes struct sets_changes ch = { 0 };
    if (sets_status_put(ctx, st, c, &api_types[TYPE_CLUSTERS], "n", "a", note, arg, &ch, NULL,
                        err) < 0)
        return -1;
    return sets_changes_publish(ctx, st, c, &ch, NULL, err);
}

static void a_status_alone_marks_nobody(void **state)
{
    (void)state;
    struct sets_rig r;
    char version[] = "4.15.1";
    start(&r);
    int64_t before = work_rig_number(&r, "SELECT last FROM revision WHERE type = ''");
    assert_int_equal(sets_transact(&r.ctx, r.store, put_status, version, NULL), 0);
    assert_int_equal(work_rig_number(&r, "SELECT last FROM revision WHERE type = ''"), before + 1);
    assert_due(&r, "");
    sets_rig_release(&r);
}

static void a_syncset_marks_old_and_new_targets(void **state)
{
    (void)state;
    struct sets_rig r;
    start(&r);
    cleanup_json json *made =
        set(&r, TYPE_SYNCSETS, "s", "{'clusterDeploymentRefs':[{'name':'a'},{'name':'absent'}]}");
    assert_due(&r, "a");
    cleanup_free char *status = xasprintf(
        "INSERT INTO sync_statuses (cluster_uid, kind, name, syncset_uid, observed_generation) "
        "SELECT uid, 'SyncSet', 's', '%s', 1 FROM clusters WHERE name = 'a'",
        json_path_str(made, "metadata.uid"));
    sets_rig_script(&r, status);
    write_again(&r, TYPE_SYNCSETS, "n", "s", "{'spec':{'clusterDeploymentRefs':[{'name':'b'}]}}",
                NULL);
    assert_due(&r, "a,b");
    drop(&r, TYPE_SYNCSETS, "n", "s");
    assert_due(&r, "a");
    sets_rig_release(&r);
}

static void selectors_mark_by_label(void **state)
{
    (void)state;
    struct sets_rig r;
    start(&r);
    json_free(set(&r, TYPE_SELECTORSYNCSETS, "p",
                  "{'clusterDeploymentSelector':{'matchLabels':{'env':'prod'}}}"));
    assert_due(&r, "a,b,d");
    json_free(set(&r, TYPE_SELECTORSYNCSETS, "all", "{'clusterDeploymentSelector':{}}"));
    assert_due(&r, "a,b,c,d");
    json_free(set(&r, TYPE_SELECTORSYNCSETS, "x",
                  "{'clusterDeploymentSelector':{'matchExpressions':[{'key':'env','operator':"
                  "'NotIn','values':['prod']}]}}"));
    assert_due(&r, "c");
    json_free(set(&r, TYPE_SYNCSETS, "own",
                  "{'clusterDeploymentRefs':[{'name':'c'}],'clusterDeploymentSelector':"
                  "{'matchLabels':{'env':'prod'}}}"));
    assert_due(&r, "a,b,c");
    sets_rig_release(&r);
}

static void a_secret_marks_where_it_goes(void **state)
{
    (void)state;
    struct sets_rig r;
    start(&r);
    json_free(set(&r, TYPE_SYNCSETS, "s",
                  "{'clusterDeploymentRefs':[{'name':'a'}],'secretMappings':[{'sourceRef':{'name':"
                  "'pull'},'targetRef':{'name':'pull','namespace':'x'}}]}"));
    json_free(set(&r, TYPE_SELECTORSYNCSETS, "p",
                  "{'clusterDeploymentSelector':{'matchLabels':{'env':'test'}},'secretMappings':[{"
                  "'sourceRef':{'name':'pull','namespace':'n'},'targetRef':{'name':'pull',"
                  "'namespace':'x'}}]}"));
    work_rig_match(&r);
    work_rig_settle(&r);
    json_free(sets_rig_create(&r, TYPE_SECRETS,
                              "{'metadata':{'name':'pull','namespace':'n'},'spec':{'data':{}}}"));
    assert_due(&r, "a,c");
    json_free(sets_rig_create(&r, TYPE_SECRETS,
                              "{'metadata':{'name':'pull','namespace':'m'},'spec':{'data':{}}}"));
    assert_due(&r, "");
    sets_rig_release(&r);
}

static void few_are_fast_and_many_are_slow(void **state)
{
    (void)state;
    struct sets_rig r;
    start(&r);
    for (int i = 0; i < WORK_FAST_MAX; i++) {
        cleanup_free char *name = xasprintf("x%d", i);
        free(work_rig_cluster(&r, "n", name, "{'env':'many'}"));
    }
    work_rig_match(&r);
    work_rig_settle(&r);
    json_free(set(&r, TYPE_SELECTORSYNCSETS, "few",
                  "{'clusterDeploymentSelector':{'matchLabels':{'env':'many'}}}"));
    work_rig_match(&r);
    assert_int_equal(work_rig_number(&r, "SELECT count(*) FROM cluster_work WHERE class = 'fast'"),
                     WORK_FAST_MAX);
    work_rig_settle(&r);
    json_free(
        set(&r, TYPE_SELECTORSYNCSETS, "many", "{'clusterDeploymentSelector':{'matchLabels':{}}}"));
    work_rig_match(&r);
    assert_int_equal(work_rig_number(&r, "SELECT count(*) FROM cluster_work WHERE class = 'fast'"),
                     0);
    sets_rig_release(&r);
}

static void an_event_is_matched_once(void **state)
{
    (void)state;
    struct sets_rig r;
    bool more;
    start(&r);
    assert_int_equal(match_events(&r.ctx, r.store, &more, NULL), 0);
    assert_false(more);
    assert_due(&r, "");
    assert_int_equal(work_rig_number(&r, "SELECT revision FROM cursors WHERE name = 'matcher'"),
                     work_rig_number(&r, "SELECT last FROM revision WHERE type = ''"));
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster is marked by its own changes", a_cluster_is_marked_by_its_own_changes),
        CASE("a status alone marks nobody", a_status_alone_marks_nobody),
        CASE("a syncset marks old and new targets", a_syncset_marks_old_and_new_targets),
        CASE("selectors mark by label", selectors_mark_by_label),
        CASE("a secret marks where it goes", a_secret_marks_where_it_goes),
        CASE("few are fast and many are slow", few_are_fast_and_many_are_slow),
        CASE("an event is matched once", an_event_is_matched_once),
    };
    return RUN_CASES("matcher", tests);
}

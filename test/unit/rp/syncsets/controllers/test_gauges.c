#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void rows_are_counted(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    free(crew_rig_cluster(&c, "b"));
    crew_rig_set(&c, "s", "Upsert", "one");
    crew_rig_work(&c, uid);
    assert_int_equal(gauges_measure(&c.r.ctx, c.r.store, c.metrics, NULL), 0);
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(c.metrics, &out);
    assert_non_null(strstr(buf_str(&out), "syncsets_work_due 1\n"));
    assert_non_null(strstr(buf_str(&out), "hive_selectorsyncset_clusters_total{name=\"s\"} 1\n"));
    assert_non_null(
        strstr(buf_str(&out), "hive_selectorsyncset_clusters_unapplied_total{name=\"s\"} 0\n"));
    assert_non_null(strstr(buf_str(&out), "hive_controller_reconcile_seconds_count{"));
    crew_rig_release(&c);
}

static bool says(struct crew_rig *c, const char *line)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(c->metrics, &out);
    return strstr(buf_str(&out), line) != NULL;
}

static void who_is_at_work_or_set_aside_does_not_wait(void **state)
{
    (void)state;
    struct crew_rig c;
    struct lease l;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    free(crew_rig_cluster(&c, "b"));
    free(crew_rig_cluster(&c, "c"));
    work_rig_match(&c.r);
    sets_rig_script(&c.r, "UPDATE cluster_work SET quarantined = 9999999999 WHERE cluster_uid = "
                          "(SELECT uid FROM clusters WHERE name = 'b')");
    assert_int_equal(lease_take(&c.r.ctx, c.r.store, "me", uid, 120, &l, NULL), 1);
    assert_int_equal(gauges_measure(&c.r.ctx, c.r.store, c.metrics, NULL), 0);
    assert_true(says(&c, "syncsets_work_due 1\n"));
    assert_true(says(&c, "syncsets_work_leased 1\n"));
    assert_true(says(&c, "syncsets_work_quarantined 1\n"));
    crew_rig_release(&c);
}

static void what_is_gone_is_told_no_longer(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Upsert", "one");
    crew_rig_work(&c, uid);
    assert_int_equal(gauges_measure(&c.r.ctx, c.r.store, c.metrics, NULL), 0);
    assert_true(says(&c, "hive_selectorsyncset_clusters_total{name=\"s\"} 1\n"));
    crew_rig_drop(&c, TYPE_SELECTORSYNCSETS, "", "s");
    crew_rig_work(&c, uid);
    assert_int_equal(gauges_measure(&c.r.ctx, c.r.store, c.metrics, NULL), 0);
    assert_false(says(&c, "hive_selectorsyncset_clusters_total"));
    assert_false(says(&c, "hive_selectorsyncset_clusters_unapplied_total"));
    assert_true(says(&c, "syncsets_work_due"));
    gauges_forget(c.metrics);
    assert_false(says(&c, "syncsets_work_due"));
    crew_rig_release(&c);
}

static void paused_and_failing_clusters_are_named_until_they_are_not(void **state)
{
    (void)state;
    static const char failing[] = "hive_clustersync_failing_seconds{namespaced_name=\"n/a\","
                                  "unreachable=\"false\"} ";
    static const char paused[] = "hive_cluster_deployment_syncset_paused{cluster_deployment=\"b\","
                                 "namespace=\"n\",cluster_type=\"unspecified\"} 1\n";
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *a = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "bad", "Upsert", "{{ fromCDLabel `absent` }}");
    crew_rig_work(&c, a);
    cleanup_json json *made = sets_rig_create(
        &c.r, TYPE_CLUSTERS,
        "{'metadata':{'name':'b','namespace':'n','annotations':{'hive.openshift.io/syncset-pause':"
        "'true'}},'spec':{}}");
    crew_rig_work(&c, json_path_str(made, "metadata.uid"));
    assert_int_equal(gauges_measure(&c.r.ctx, c.r.store, c.metrics, NULL), 0);
    assert_true(says(&c, failing));
    assert_true(says(&c, paused));
    crew_rig_drop(&c, TYPE_CLUSTERS, "n", "a");
    crew_rig_drop(&c, TYPE_CLUSTERS, "n", "b");
    assert_int_equal(gauges_measure(&c.r.ctx, c.r.store, c.metrics, NULL), 0);
    assert_false(says(&c, failing));
    assert_false(says(&c, paused));
    crew_rig_release(&c);
}

static void put_expiry(struct crew_rig *c, const char *name, const char *when)
{
    cleanup_json json *object = NULL, *status = json_make("{'credentialExpiry':%s}", when);
    assert_int_equal(
        sets_get(&c->r.ctx, c->r.store, &api_types[TYPE_CLUSTERS], "n", name, &object, NULL), 0);
    const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                  .nspace = "n",
                                  .name = name,
                                  .object = object,
                                  .status = status,
                                  .actor = "test" };
    assert_int_equal(sets_replace(&c->r.ctx, c->r.store, &w, NULL, NULL, NULL), 0);
}

static void the_end_of_credentials_is_counted_down_to(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    free(crew_rig_cluster(&c, "over"));
    free(crew_rig_cluster(&c, "good"));
    put_expiry(&c, "over", "2001-01-01T00:00:00Z");
    put_expiry(&c, "good", "2999-01-01T00:00:00Z");
    assert_int_equal(gauges_measure(&c.r.ctx, c.r.store, c.metrics, NULL), 0);
    assert_true(says(&c, "syncsets_credential_expiry_seconds{namespaced_name=\"n/over\"} -"));
    assert_true(says(&c, "syncsets_credential_expiry_seconds{namespaced_name=\"n/good\"} "));
    assert_false(says(&c, "syncsets_credential_expiry_seconds{namespaced_name=\"n/good\"} -"));
    gauges_forget(c.metrics);
    assert_false(says(&c, "n/over"));
    crew_rig_release(&c);
}

/* One cluster where all succeeds for the first time, and then a set fails; one that is paused. */
static void every_name_is_there(void **state)
{
    (void)state;
    static const char *const names[] = {
        "hive_syncset_apply_duration_seconds",
        "hive_selectorsyncset_apply_duration_seconds",
        "hive_clustersync_first_success_duration_seconds",
        "hive_syncsetinstance_resources_applied_total",
        "hive_syncsetinstance_apply_duration_seconds",
        "hive_selectorsyncset_clusters_total",
        "hive_selectorsyncset_clusters_unapplied_total",
        "hive_syncsets_total",
        "hive_syncsets_unapplied_total",
        "hive_clustersync_failing_seconds",
        "hive_cluster_deployment_syncset_paused",
        "hive_controller_reconcile_seconds",
        "syncsets_work_due",
        "syncsets_work_oldest_seconds",
        "syncsets_work_leased",
        "syncsets_unreachable_clusters",
        "syncsets_credential_expiry_seconds",
    };
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *a = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Upsert", "one");
    json_free(
        sets_rig_create(&c.r, TYPE_SYNCSETS,
                        "{'metadata':{'name':'s','namespace':'n'},'spec':{"
                        "'clusterDeploymentRefs':[{'name':'a'}],'resources':[{'apiVersion':"
                        "'v1','kind':'ConfigMap','metadata':{'name':'x','namespace':'y'}}]}}"));
    crew_rig_work(&c, a);
    crew_rig_set(&c, "bad", "Upsert", "{{ fromCDLabel `absent` }}");
    crew_rig_work(&c, a);
    cleanup_json json *made = sets_rig_create(
        &c.r, TYPE_CLUSTERS,
        "{'metadata':{'name':'b','namespace':'n','annotations':{'hive.openshift.io/syncset-pause':"
        "'true'}},'spec':{}}");
    crew_rig_work(&c, json_path_str(made, "metadata.uid"));
    put_expiry(&c, "b", "2999-01-01T00:00:00Z");
    assert_int_equal(gauges_measure(&c.r.ctx, c.r.store, c.metrics, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        cleanup_free char *line = xasprintf("# TYPE %s ", names[i]);
        if (!says(&c, line))
            fail_msg("%s is not there", names[i]);
    }
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("rows are counted", rows_are_counted),
        CASE("who is at work or set aside does not wait",
             who_is_at_work_or_set_aside_does_not_wait),
        CASE("what is gone is told no longer", what_is_gone_is_told_no_longer),
        CASE("paused and failing clusters are named until they are not",
             paused_and_failing_clusters_are_named_until_they_are_not),
        CASE("the end of credentials is counted down to",
             the_end_of_credentials_is_counted_down_to),
        CASE("every name is there", every_name_is_there),
    };
    return RUN_CASES("gauges", tests);
}

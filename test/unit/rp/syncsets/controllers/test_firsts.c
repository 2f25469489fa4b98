#include <stdlib.h>
#include <string.h>

#include "test/unit/support/rp/syncsets/crew_rig.h"

static void assert_says(struct crew_rig *c, const char *const *lines, size_t n)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(c->metrics, &out);
    for (size_t i = 0; i < n; i++)
        if (!strstr(buf_str(&out), lines[i]))
            fail_msg("no line: %s", lines[i]);
}

/* The cluster was installed long ago, its sets were made now: each is measured from when it could have had success. */
static void first_successes_are_measured_once(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "hive_selectorsyncset_apply_duration_seconds_bucket{name=\"s\",le=\"3600\"} 1\n",
        "hive_selectorsyncset_apply_duration_seconds_count{name=\"s\"} 1\n",
        "hive_syncset_apply_duration_seconds_bucket{group=\"g\",le=\"3600\"} 1\n",
        "hive_syncset_apply_duration_seconds_count{group=\"g\"} 1\n",
        "hive_syncset_apply_duration_seconds_count{group=\"none\"} 1\n",
        "hive_clustersync_first_success_duration_seconds_bucket{le=\"3600\"} 0\n",
        "hive_clustersync_first_success_duration_seconds_count 1\n",
    };
    static const char *const sets[] = {
        "{'metadata':{'name':'t','namespace':'n','annotations':{"
        "'hive.openshift.io/syncset-metrics-group':'g'}},'spec':{'clusterDeploymentRefs':[{'name':"
        "'a'}]}}",
        "{'metadata':{'name':'u','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':'a'}]}}",
    };
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_set(&c, "s", "Upsert", "one");
    for (size_t i = 0; i < ARRAY_LEN(sets); i++)
        json_free(sets_rig_create(&c.r, TYPE_SYNCSETS, sets[i]));
    crew_rig_work(&c, uid);
    assert_says(&c, lines, ARRAY_LEN(lines));

    crew_rig_set(&c, "late", "Upsert", "two");
    sets_rig_script(&c.r, "UPDATE cluster_work SET next_full_at = 0");
    crew_rig_work(&c, uid);

    assert_int_equal(
        work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses WHERE result = 'Success'"), 4);
    assert_says(&c, lines, ARRAY_LEN(lines));
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(c.metrics, &out);
    assert_null(strstr(buf_str(&out), "name=\"late\"")); /* all had success before it came */
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("first successes are measured once", first_successes_are_measured_once),
    };
    return RUN_CASES("firsts", tests);
}

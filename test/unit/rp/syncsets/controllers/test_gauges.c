#include <stdlib.h>
#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("rows are counted", rows_are_counted),
    };
    return RUN_CASES("gauges", tests);
}

#include <stdlib.h>

#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void who_becomes_reachable_is_due(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    free(crew_rig_cluster(&c, "a"));
    work_rig_match(&c.r);
    work_rig_settle(&c.r);
    crew_rig_run_until(&c, prober_run,
                       "SELECT count(*) FROM cluster_work WHERE due_at < "
                       "9999999999");
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_true(api_condition_is(status, "Unreachable", "False"));
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_probes WHERE due_at = 0"),
                     0);
    crew_rig_release(&c);
}

static void a_missing_kubeconfig_is_not_dialled(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    free(work_rig_cluster(&c.r, "n", "a", "{}"));
    work_rig_match(&c.r);
    crew_rig_run_until(&c, prober_run,
                       "SELECT count(*) FROM cluster_probes WHERE due_at > "
                       "(SELECT max(created_at) + 3600 FROM events)");
    cleanup_json json *status = crew_rig_status(&c, TYPE_CLUSTERS, "a");
    assert_true(api_condition_is(status, "KubeconfigValid", "False"));
    assert_null(api_condition_find(status, "Unreachable"));
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("who becomes reachable is due", who_becomes_reachable_is_due),
        CASE("a missing kubeconfig is not dialled", a_missing_kubeconfig_is_not_dialled),
    };
    return RUN_CASES("prober", tests);
}

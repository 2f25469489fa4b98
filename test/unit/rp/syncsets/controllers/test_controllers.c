#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/controllers/controllers.h"
#include "test/unit/support/rp/syncsets/far_rig.h"

static void from_a_set_to_its_status_and_an_orderly_end(void **state)
{
    (void)state;
    struct crew_rig c;
    struct sets_controllers *k = NULL;
    crew_rig_init(&c);
    free(crew_rig_cluster(&c, "a"));
    free(crew_rig_cluster(&c, "b"));
    crew_rig_set(&c, "s", "Sync", "one");
    assert_int_equal(sets_controllers_start(&c.cfg, &k, NULL), 0);
    while (work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses WHERE result = 'Success'") < 2)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);
    assert_int_equal(sets_controllers_check(k, NULL), 0);
    sets_controllers_stop(k, 1000);
    assert_int_equal(
        work_rig_number(&c.r, "SELECT count(*) FROM cluster_work WHERE lease_until IS NOT NULL"),
        0);
    crew_rig_release(&c);
}

/* More clusters than workers, of one tenant, that take a request and never answer it. */
static void slow_clusters_of_one_tenant_leave_workers_to_others(void **state)
{
    (void)state;
    struct crew_rig c;
    struct far_rig f;
    struct sets_controllers *k = NULL;
    crew_rig_init(&c);
    far_rig_init(&f, &c, false);
    f.status = 0;
    crew_rig_set(&c, "s", "Upsert", "one");
    for (int i = 0; i < 6; i++) {
        cleanup_free char *name = xasprintf("slow%d", i);
        free(far_rig_cluster(&f, "tenant", name, "", "{}"));
    }
    c.cfg.workers = 4;
    assert_int_equal(sets_controllers_start(&c.cfg, &k, NULL), 0);
    /* All are reachable, and every hint of them was taken, or nobody is left to take it. */
    while (work_rig_number(&c.r, "SELECT count(*) FROM cluster_probes WHERE due_at > "
                                 "(SELECT max(created_at) + 3600 FROM events)") < 6)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);
    while (work_rig_number(&c.r,
                           "SELECT count(*) FROM cluster_work HAVING count(lease_until) = 4 OR "
                           "(count(lease_until) = 2 AND count(queued_at) = 0)") == 0)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);

    free(crew_rig_cluster(&c, "single"));
    while (work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses WHERE result = 'Success'") < 1)
        (void)opctx_sleep_ms(&c.r.ctx, 10, NULL);

    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM sync_statuses"), 1);
    sets_controllers_stop(k, 0);
    far_rig_release(&f);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("from a set to its status, and an orderly end",
             from_a_set_to_its_status_and_an_orderly_end),
        CASE("slow clusters of one tenant leave workers to others",
             slow_clusters_of_one_tenant_leave_workers_to_others),
    };
    return RUN_CASES("controllers", tests);
}

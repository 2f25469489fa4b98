#include <stdlib.h>

#include "test/unit/support/rp/syncsets/crew_rig.h"

static void put(struct crew_rig *c, const char *uid)
{
    struct sets_hint h = { .dirty_revision = 1 };
    (void)snprintf(h.uid, sizeof(h.uid), "%s", uid);
    assert_int_equal(sets_queue_put(&c->r.ctx, c->queue, &h, NULL), 0);
}

static void hints_of_finished_work_and_of_nobody_are_used_up(void **state)
{
    (void)state;
    struct crew_rig c;
    crew_rig_init(&c);
    cleanup_free char *a = crew_rig_cluster(&c, "a");
    cleanup_free char *b = crew_rig_cluster(&c, "b");
    work_rig_match(&c.r);
    put(&c, "00000000-0000-0000-0000-000000000000");
    put(&c, a);
    put(&c, a);
    put(&c, b);
    crew_rig_run_until(&c, worker_run,
                       "SELECT count(*) FROM cluster_work HAVING min(done_revision) > 0 AND "
                       "count(lease_until) = 0");
    assert_int_equal(work_rig_number(&c.r, "SELECT max(fence) FROM cluster_work"), 1);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("hints of finished work and of nobody are used up",
             hints_of_finished_work_and_of_nobody_are_used_up),
    };
    return RUN_CASES("worker", tests);
}

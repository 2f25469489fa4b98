#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/controllers/controllers.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("from a set to its status, and an orderly end",
             from_a_set_to_its_status_and_an_orderly_end),
    };
    return RUN_CASES("controllers", tests);
}

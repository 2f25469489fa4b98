#include <stdlib.h>
#include <string.h>

#include "test/unit/support/rp/syncsets/crew_rig.h"

static void a_change_becomes_a_hint(void **state)
{
    (void)state;
    struct crew_rig c;
    struct sets_delivery d;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_run_until(&c, leader_run,
                       "SELECT count(*) FROM cluster_work WHERE queued_at IS NOT NULL");
    assert_int_equal(sets_queue_take(&c.r.ctx, c.queue, true, &d, NULL), 0);
    assert_string_equal(d.hint.uid, uid);
    assert_false(d.hint.slow);
    sets_queue_ack(c.queue, &d);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a change becomes a hint", a_change_becomes_a_hint),
    };
    return RUN_CASES("leader", tests);
}

#include <stdlib.h>

#include "pkg/database/openshiftclusters.h"
#include "rp/backend/work.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

static void holds_the_lease_as_the_settings_say(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    cleanup_free char *token = NULL;
    cleanup_document struct document d = { 0 };
    cleanup_heartbeat struct heartbeat *beat = NULL;
    backend_rig_open(&r);
    backend_rig_cluster(&r, "a", "Updating", "");
    assert_int_equal(openshiftclusters_dequeue(&r.ctx, r.db, &token, &d, NULL), 0);
    r.cfg.settings.heartbeat_ms = 7000;
    const struct work w = { .cfg = &r.cfg,
                            .key = RIG_KEY("a"),
                            .token = token,
                            .since_ns = FAKE_MONO_NS,
                            .hand_over = &r.hand_over };

    assert_int_equal(work_hold(&w, &r.log, openshiftclusters_lease, &beat, NULL), 0);
    fake_clock_await(&r.clock, 1);

    assert_int_equal(fake_clock_step(&r.clock), 7000 * NS_PER_MS);
    fake_clock_await(&r.clock, 1);
    assert_int_equal(heartbeat_renewals(beat), 2);
    assert_true(heartbeat_is_held(beat));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("holds the lease as the settings say", holds_the_lease_as_the_settings_say),
    };
    return RUN_CASES("work", tests);
}

#include "hack/devcloud/azure/sim_clock.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static void check_leap(void **state)
{
    (void)state;
    struct sim_clock c;
    sim_clock_init(&c, clock_system());
    int64_t wall_ns = clock_wall_ns(&c.base), mono_ns = clock_mono_ns(&c.base);

    sim_clock_set_ahead_ms(&c, 3600000);

    assert_true(clock_wall_ns(&c.base) - wall_ns >= 3600 * NS_PER_S);
    assert_true(clock_mono_ns(&c.base) - mono_ns >= 3600 * NS_PER_S);
    sim_clock_set_ahead_ms(&c, -3600000);
    assert_true(clock_wall_ns(&c.base) < wall_ns);
}

/* A token that was good is not, and operations end. */
static void check_state(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);

    rig_patch(&r, "{'clock_ahead_ms':7200000}");

    rig_refused(&r, "GET", RIG_VNET RIG_VERSION, NULL, 401, "ExpiredAuthenticationToken");
    rig_patch(&r, "{'clock_ahead_ms':null}");
    assert_int_equal(rig_call(&r, "GET", RIG_VNET RIG_VERSION, NULL, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("time leaps", check_leap),
        CASE("the state moves the simulator's time", check_state),
    };
    return RUN_CASES("sim_clock", tests);
}

#include "rp/syncsets/controllers/crowd.h"
#include "test/unit/support/test.h"

static void a_namespace_has_at_most_half_of_the_workers(void **state)
{
    (void)state;
    static const struct {
        int64_t workers, limit;
    } cases[] = { { 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 2 }, { 16, 8 } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(crowd_limit(cases[i].workers), cases[i].limit);
}

static void who_leaves_makes_room_for_their_own(void **state)
{
    (void)state;
    struct crowd *c = crowd_new(4);
    assert_true(crowd_enter(c, "big"));
    assert_true(crowd_enter(c, "big"));
    assert_false(crowd_enter(c, "big"));
    assert_true(crowd_enter(c, "small"));
    crowd_leave(c, "small");
    assert_false(crowd_enter(c, "big"));
    crowd_leave(c, "big");
    assert_true(crowd_enter(c, "big"));
    crowd_leave(c, "big");
    crowd_leave(c, "big");
    crowd_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a namespace has at most half of the workers",
             a_namespace_has_at_most_half_of_the_workers),
        CASE("who leaves makes room for their own", who_leaves_makes_room_for_their_own),
    };
    return RUN_CASES("crowd", tests);
}

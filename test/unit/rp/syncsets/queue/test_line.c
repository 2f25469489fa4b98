#include "rp/syncsets/queue/line.h"
#include "test/unit/support/test.h"

static void add(struct line *l, int64_t revision, bool slow)
{
    const struct sets_delivery d = { .hint = { .dirty_revision = revision, .slow = slow } };
    line_add(l, &d);
}

static int64_t next(struct line *l, bool fast_only)
{
    struct sets_delivery d;
    return line_take(l, fast_only, &d) ? d.hint.dirty_revision : -1;
}

static void slow_ones_wait_for_the_others(void **state)
{
    (void)state;
    struct line l;
    line_init(&l);
    add(&l, 1, true);
    add(&l, 2, false);
    add(&l, 3, true);
    assert_int_equal(l.len, 3);
    assert_int_equal(next(&l, true), 2);
    assert_int_equal(next(&l, true), -1);
    assert_int_equal(next(&l, false), 1);
    add(&l, 4, false);
    assert_int_equal(next(&l, false), 4);
    assert_int_equal(next(&l, false), 3);
    assert_int_equal(next(&l, false), -1);
    assert_int_equal(l.len, 0);
}

static void a_cleared_line_can_be_used_again(void **state)
{
    (void)state;
    struct line l;
    line_init(&l);
    add(&l, 1, true);
    add(&l, 2, false);
    line_clear(&l);
    assert_int_equal(next(&l, false), -1);
    add(&l, 3, true);
    assert_int_equal(next(&l, false), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("slow ones wait for the others", slow_ones_wait_for_the_others),
        CASE("a cleared line can be used again", a_cleared_line_can_be_used_again),
    };
    return RUN_CASES("line", tests);
}

#include "pkg/amqp/impl.h"
#include "test/unit/support/test.h"

static void give(struct confirms *f, int n)
{
    confirms_init(f);
    for (int i = 0; i < n; i++)
        confirms_add(f);
}

static void confirms_in_any_order_count_once(void **state)
{
    (void)state;
    struct confirms f;
    give(&f, 3);
    confirms_settle(&f, 2, false, false);
    confirms_settle(&f, 2, false, true);
    assert_int_equal(confirms_open(&f), 3);
    confirms_settle(&f, 1, false, false);
    assert_int_equal(confirms_open(&f), 1);
    confirms_settle(&f, 3, false, false);
    assert_int_equal(confirms_open(&f), 0);
    assert_int_equal(f.refused, 0);
}

static void one_can_stand_for_many(void **state)
{
    (void)state;
    struct confirms f;
    give(&f, AMQP_WINDOW);
    confirms_settle(&f, 5, false, false);
    confirms_settle(&f, 100, true, false);
    assert_int_equal(confirms_open(&f), AMQP_WINDOW - 100);
    for (int i = 0; i < 100; i++)
        confirms_add(&f);
    assert_int_equal(confirms_open(&f), AMQP_WINDOW);
    confirms_settle(&f, AMQP_WINDOW + 100, true, true);
    assert_int_equal(confirms_open(&f), 0);
    assert_int_equal(f.refused, AMQP_WINDOW);
}

static void numbers_of_no_message_are_ignored(void **state)
{
    (void)state;
    struct confirms f;
    give(&f, 2);
    confirms_settle(&f, 0, true, true);
    confirms_settle(&f, 3, true, true);
    confirms_settle(&f, UINT64_MAX, true, true);
    assert_int_equal(confirms_open(&f), 2);
    assert_int_equal(f.refused, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("confirms in any order count once", confirms_in_any_order_count_once),
        CASE("one can stand for many", one_can_stand_for_many),
        CASE("numbers of no message are ignored", numbers_of_no_message_are_ignored),
    };
    return RUN_CASES("confirms", tests);
}

#include "rp/syncsets/queue/impl.h"
#include "test/unit/support/test.h"

static void a_process_keeps_a_limited_number_of_hints(void **state)
{
    (void)state;
    struct sets_queue q = { 0 };
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct sets_hint h = { .uid = "u" };
    struct sets_delivery d;
    cleanup_error struct error *err = NULL;
    int n = 0;
    assert_int_equal(queue_local.open(&q, NULL), 0);
    while (queue_local.put(&ctx, &q, &h, &err) == 0)
        n++;
    assert_true(n >= 1000);
    assert_true(error_is(err, ERR_UNAVAILABLE));
    assert_int_equal(queue_local.fetch(&ctx, &q, true, &d, NULL), 0);
    assert_int_equal(queue_local.put(&ctx, &q, &h, NULL), 0);
    queue_local.close(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a process keeps a limited number of hints",
             a_process_keeps_a_limited_number_of_hints),
    };
    return RUN_CASES("local", tests);
}

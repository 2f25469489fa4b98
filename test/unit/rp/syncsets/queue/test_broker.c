#include <stdlib.h>

#include "test/unit/support/rp/syncsets/queue_rig.h"

static void a_broker_needs_postgresql_beside_it(void **state)
{
    (void)state;
    struct sets_rig r;
    cleanup_amqp_address struct amqp_address *a = NULL;
    cleanup_error struct error *err = NULL;
    struct sets_queue *q;
    if (getenv("STORE_DSN"))
        return; /* there it has it */
    sets_rig_init(&r);
    assert_int_equal(amqp_address_parse("amqp://127.0.0.1:1", env_process(), &a, NULL), 0);
    const struct sets_queue_config cfg = {
        .db = r.db, .broker = a, .clock = clock_system(), .rng = rng_system()
    };
    assert_int_equal(sets_queue_open(&cfg, &q, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    sets_rig_release(&r);
}

static void whoever_only_puts_takes_nothing(void **state)
{
    (void)state;
    struct queue_rig r;
    struct sets_delivery d;
    cleanup_error struct error *err = NULL;
    queue_rig_init_broker(&r);
    struct sets_queue *putter = queue_rig_open(&r, 0);
    const struct sets_hint h = { .uid = "u", .dirty_revision = 5 };
    assert_int_equal(sets_queue_take(&r.ctx, putter, false, &d, &err), -1);
    assert_true(error_is(err, ERR_UNSUPPORTED));
    while (sets_queue_put(&r.ctx, putter, &h, NULL) < 0)
        assert_int_equal(opctx_sleep_ms(&r.ctx, 100, NULL), 0);
    queue_rig_expect(&r, true, "u", 5);
    sets_queue_close(putter);
    queue_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a broker needs PostgreSQL beside it", a_broker_needs_postgresql_beside_it),
        CASE("whoever only puts takes nothing", whoever_only_puts_takes_nothing),
    };
    return RUN_CASES_IF(queue_rig_has_servers(), 1, "broker", tests, BY_SYNCSETS_CHECK);
}

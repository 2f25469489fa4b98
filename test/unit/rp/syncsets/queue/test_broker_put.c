#include "rp/syncsets/queue/broker.h"
#include "test/unit/support/rp/syncsets/queue_rig.h"

static void without_a_connection_nobody_waits(void **state)
{
    (void)state;
    cleanup_amqp_address struct amqp_address *a = NULL;
    cleanup_bus_names struct bus_names names = { 0 };
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct broker_putter *p = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(amqp_address_parse("amqp://127.0.0.1:1", env_process(), &a, NULL), 0);
    struct sets_queue q = { .cfg.broker = a, .stop = stop };
    const struct sets_hint h = { .uid = "u" };
    q.ctx = opctx_root(clock_system(), rng_system(), stop, NULL);
    bus_names_init(&names, "p");
    assert_int_equal(broker_putter_start(&q, &names, &p, NULL), 0);
    assert_int_equal(broker_putter_put(&q.ctx, p, &h, &err), -1);
    assert_true(error_is(err, ERR_UNAVAILABLE));
    stop_request(stop);
    broker_putter_end(p);
}

static void purged_hints_can_be_put_again(void **state)
{
    (void)state;
    struct queue_rig r;
    uint32_t dropped = 0;
    queue_rig_init_broker(&r);
    sets_queue_close(r.queue);
    r.queue = queue_rig_open(&r, 0);
    const struct sets_hint h = { .uid = "u", .dirty_revision = 1 };
    while (sets_queue_put(&r.ctx, r.queue, &h, NULL) < 0)
        assert_int_equal(opctx_sleep_ms(&r.ctx, 100, NULL), 0);
    struct amqp *c = broker_rig_open(&r.broker);
    cleanup_free char *fast = broker_rig_name(&r.broker, "work.fast");
    assert_int_equal(amqp_purge(c, fast, &dropped, NULL), 0);
    assert_int_equal(dropped, 1);
    amqp_close(c);
    sets_queue_close(r.queue);
    r.queue = queue_rig_open(&r, 2);
    queue_rig_await(&r, r.queue); /* its own hint is the first to come */
    queue_rig_put(&r, "u", 2, false);
    queue_rig_expect(&r, false, "u", 2);
    queue_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("without a connection nobody waits", without_a_connection_nobody_waits),
        CASE("purged hints can be put again", purged_hints_can_be_put_again),
    };
    return RUN_CASES_IF(queue_rig_has_servers(), 1, "broker_put", tests, BY_SYNCSETS_CHECK);
}

#include "rp/syncsets/queue/broker.h"
#include "test/unit/support/rp/syncsets/queue_rig.h"

static void without_a_connection_a_taker_waits_until_its_end(void **state)
{
    (void)state;
    cleanup_amqp_address struct amqp_address *a = NULL;
    cleanup_bus_names struct bus_names names = { 0 };
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct broker_taker *t = NULL;
    struct sets_delivery d = { .tag_ = 1 };
    cleanup_error struct error *err = NULL;
    assert_int_equal(amqp_address_parse("amqp://127.0.0.1:1", env_process(), &a, NULL), 0);
    struct sets_queue q = { .cfg.broker = a, .cfg.takers = 1, .stop = stop };
    q.ctx = opctx_root(clock_system(), rng_system(), stop, NULL);
    bus_names_init(&names, "p");
    assert_int_equal(broker_taker_start(&q, &names, &t, NULL), 0);
    const struct opctx soon = opctx_with_timeout_ms(&q.ctx, 20);
    assert_int_equal(broker_taker_take(&soon, t, false, &d, &err), -1);
    assert_true(error_is(err, ERR_TIMEOUT));
    broker_taker_settle(t, &d, true); /* of a connection that is gone */
    stop_request(stop);
    broker_taker_end(t);
}

static void a_dead_takers_hint_goes_to_another_process_at_once(void **state)
{
    (void)state;
    struct queue_rig r;
    struct sets_delivery d;
    queue_rig_init_broker(&r);
    queue_rig_put(&r, "u", 3, true);
    assert_int_equal(sets_queue_take(&r.ctx, r.queue, false, &d, NULL), 0);
    sets_queue_close(r.queue);
    r.queue = queue_rig_open(&r, 2);
    d = queue_rig_take(&r, false);
    assert_string_equal(d.hint.uid, "u");
    assert_true(d.hint.slow);
    assert_int_equal(d.attempts, 2);
    sets_queue_ack(r.queue, &d);
    queue_rig_expect_none(&r, false);
    queue_rig_release(&r);
}

static void slow_hints_are_not_for_those_that_take_fast_ones(void **state)
{
    (void)state;
    struct queue_rig r;
    queue_rig_init_broker(&r);
    queue_rig_put(&r, "slow", 1, true);
    queue_rig_expect_none(&r, true);
    queue_rig_put(&r, "fast", 2, false);
    queue_rig_expect(&r, true, "fast", 2);
    queue_rig_expect(&r, false, "slow", 1);
    queue_rig_release(&r);
}

static void what_is_no_hint_is_dropped(void **state)
{
    (void)state;
    struct queue_rig r;
    queue_rig_init_broker(&r);
    struct amqp *c = broker_rig_open(&r.broker);
    cleanup_free char *work = broker_rig_name(&r.broker, "work");
    const struct amqp_message m = { .exchange = work, .key = "fast", .body = "{", .len = 1 };
    assert_int_equal(amqp_publish(&r.ctx, c, &m, NULL), 0);
    assert_int_equal(amqp_flush(&r.ctx, c, NULL, NULL), 0);
    amqp_close(c);
    queue_rig_put(&r, "u", 1, false);
    queue_rig_expect(&r, false, "u", 1);
    queue_rig_expect_none(&r, false);
    queue_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("without a connection a taker waits until its end",
             without_a_connection_a_taker_waits_until_its_end),
        CASE("a dead taker's hint goes to another process at once",
             a_dead_takers_hint_goes_to_another_process_at_once),
        CASE("slow hints are not for those that take fast ones",
             slow_hints_are_not_for_those_that_take_fast_ones),
        CASE("what is no hint is dropped", what_is_no_hint_is_dropped),
    };
    return RUN_CASES_IF(queue_rig_has_servers(), 1, "broker_take", tests, BY_SYNCSETS_CHECK);
}

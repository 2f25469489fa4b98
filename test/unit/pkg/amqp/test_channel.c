#include <stdlib.h>
#include <string.h>

#include "pkg/amqp/impl.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/pkg/amqp/broker_rig.h"

static void a_connection_that_failed_does_nothing(void **state)
{
    (void)state;
    struct amqp c = { .is_broken = true, .where = (char[]){ "b" } };
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct amqp_message m = { .exchange = "x", .key = "k", .body = "1", .len = 1 };
    struct amqp_delivery d;
    assert_int_equal(amqp_publish(&ctx, &c, &m, NULL), -1);
    assert_int_equal(amqp_flush(&ctx, &c, NULL, NULL), -1);
    assert_int_equal(amqp_next(&ctx, &c, &d, NULL), -1);
    assert_int_equal(amqp_consume(&c, "q", "me", 1, NULL), -1);
    assert_int_equal(amqp_ack(&c, 1, NULL), -1);
    assert_int_equal(amqp_nack(&c, 1, true, NULL), -1);
}

struct channel_rig {
    struct broker_rig base;
    struct amqp *c;
    char *exchange, *queue;
};

static void set_up(struct channel_rig *r)
{
    broker_rig_init(&r->base);
    r->c = broker_rig_open(&r->base);
    broker_rig_declare_queue(&r->base, r->c, "q");
    r->exchange = broker_rig_name(&r->base, "x");
    r->queue = broker_rig_name(&r->base, "q");
}

static void tear_down(struct channel_rig *r)
{
    amqp_close(r->c);
    free(r->exchange);
    free(r->queue);
    broker_rig_release(&r->base);
}

static void send(struct channel_rig *r, const char *key, const char *id, const char *body)
{
    const struct amqp_message m = {
        .exchange = r->exchange, .key = key, .id = id, .body = body, .len = strlen(body)
    };
    assert_int_equal(amqp_publish(&r->base.ctx, r->c, &m, NULL), 0);
}

static void expect(struct channel_rig *r, const char *id, unsigned earlier, uint64_t *ret_tag)
{
    cleanup_delivery struct amqp_delivery d = { 0 };
    cleanup_error struct error *err = NULL;
    if (amqp_next(&r->base.ctx, r->c, &d, &err) != 1)
        fail_msg("%s", error_text(err));
    assert_string_equal(d.id, id);
    assert_int_equal(d.earlier, earlier);
    *ret_tag = d.tag;
}

static void messages_are_confirmed_and_come_in_order(void **state)
{
    (void)state;
    struct channel_rig r;
    size_t returned = 9;
    uint64_t tag;
    set_up(&r);
    for (int i = 0; i < 3 * AMQP_WINDOW; i++) {
        cleanup_free char *id = xasprintf("%d", i);
        send(&r, "q", id, "{}");
        assert_true(confirms_open(&r.c->confirms) <= AMQP_WINDOW);
    }
    assert_int_equal(amqp_flush(&r.base.ctx, r.c, &returned, NULL), 0);
    assert_int_equal(returned, 0);
    assert_int_equal(amqp_consume(r.c, r.queue, "me", 10, NULL), 0);
    for (int i = 0; i < 3 * AMQP_WINDOW; i++) {
        cleanup_free char *id = xasprintf("%d", i);
        expect(&r, id, 0, &tag);
        assert_int_equal(amqp_ack(r.c, tag, NULL), 0);
    }
    tear_down(&r);
}

static void what_no_queue_takes_comes_back(void **state)
{
    (void)state;
    struct channel_rig r;
    size_t returned = 0;
    set_up(&r);
    send(&r, "nowhere", "1", "a body that comes along");
    send(&r, "q", "2", "{}");
    send(&r, "nowhere", "3", "");
    assert_int_equal(amqp_flush(&r.base.ctx, r.c, &returned, NULL), 0);
    assert_int_equal(returned, 2);
    send(&r, "q", "4", "{}");
    assert_int_equal(amqp_flush(&r.base.ctx, r.c, &returned, NULL), 0);
    assert_int_equal(returned, 0);
    uint32_t dropped = 0;
    assert_int_equal(amqp_purge(r.c, r.queue, &dropped, NULL), 0);
    assert_int_equal(dropped, 2);
    tear_down(&r);
}

static void what_is_given_back_is_counted_and_dropped_in_the_end(void **state)
{
    (void)state;
    struct channel_rig r;
    uint64_t tag;
    set_up(&r);
    send(&r, "q", "1", "{}");
    assert_int_equal(amqp_flush(&r.base.ctx, r.c, NULL, NULL), 0);
    assert_int_equal(amqp_consume(r.c, r.queue, "me", 1, NULL), 0);
    for (unsigned i = 0; i <= 2; i++) {
        expect(&r, "1", i, &tag);
        assert_int_equal(amqp_nack(r.c, tag, true, NULL), 0);
    }
    send(&r, "q", "2", "{}");
    expect(&r, "2", 0, &tag);
    tear_down(&r);
}

static void unacknowledged_messages_go_to_the_next_connection(void **state)
{
    (void)state;
    struct channel_rig r;
    uint64_t tag;
    set_up(&r);
    send(&r, "q", "1", "{}");
    assert_int_equal(amqp_consume(r.c, r.queue, "me", 1, NULL), 0);
    expect(&r, "1", 0, &tag);
    amqp_close(r.c);
    r.c = broker_rig_open(&r.base);
    assert_int_equal(amqp_consume(r.c, r.queue, "me", 1, NULL), 0);
    expect(&r, "1", 1, &tag);
    tear_down(&r);
}

static void wake(void *arg)
{
    amqp_wake(arg);
}

static void a_wait_ends_when_woken_and_at_the_deadline(void **state)
{
    (void)state;
    struct channel_rig r;
    struct amqp_delivery d;
    pthread_t thread;
    cleanup_error struct error *err = NULL;
    set_up(&r);
    assert_int_equal(thread_start(&thread, "waker", wake, r.c, NULL), 0);
    assert_int_equal(amqp_next(&r.base.ctx, r.c, &d, NULL), 0);
    pthread_join(thread, NULL);
    const struct opctx soon = opctx_with_timeout_ms(&r.base.ctx, 50);
    assert_int_equal(amqp_next(&soon, r.c, &d, &err), -1);
    assert_true(error_is(err, ERR_TIMEOUT));
    assert_int_equal(amqp_service(r.c, NULL), 0);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a connection that failed does nothing", a_connection_that_failed_does_nothing),
        CASE("messages are confirmed and come in order", messages_are_confirmed_and_come_in_order),
        CASE("what no queue takes comes back", what_no_queue_takes_comes_back),
        CASE("what is given back is counted and dropped in the end",
             what_is_given_back_is_counted_and_dropped_in_the_end),
        CASE("unacknowledged messages go to the next connection",
             unacknowledged_messages_go_to_the_next_connection),
        CASE("a wait ends when woken and at the deadline",
             a_wait_ends_when_woken_and_at_the_deadline),
    };
    return RUN_CASES_IF(broker_is_there(), 1, "channel", tests, BY_SYNCSETS_CHECK);
}

#include <string.h>

#include "pkg/amqp/impl.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/amqp/broker_rig.h"

static void a_connection_that_failed_declares_nothing(void **state)
{
    (void)state;
    struct amqp c = { .is_broken = true, .where = (char[]){ "b" } };
    cleanup_error struct error *err = NULL;
    assert_int_equal(amqp_declare(&c, NULL, 0, &err), -1);
    assert_true(error_is(err, ERR_CONN));
    assert_int_equal(amqp_purge(&c, "q", NULL, NULL), -1);
}

static void the_same_again_is_fine_and_another_is_told(void **state)
{
    (void)state;
    struct broker_rig r;
    cleanup_error struct error *err = NULL;
    broker_rig_init(&r);
    struct amqp *c = broker_rig_open(&r);
    broker_rig_declare_queue(&r, c, "q");
    broker_rig_declare_queue(&r, c, "q");
    cleanup_free char *name = broker_rig_name(&r, "q");
    const struct amqp_entity other = { .kind = AMQP_QUEUE,
                                       .name = name,
                                       .arguments = {
                                           { .key = "x-queue-type", .text = "quorum" },
                                           { .key = "x-delivery-limit", .number = 9 } } };
    assert_int_equal(amqp_declare(c, &other, 1, &err), -1);
    assert_true(error_is(err, ERR_PRECONDITION));
    assert_true(error_is_marked_terminal(err));
    assert_non_null(strstr(error_text(err), "x-delivery-limit"));
    assert_non_null(strstr(error_text(err), name));
    assert_int_equal(amqp_service(c, NULL), -1);
    amqp_close(c);
    broker_rig_release(&r);
}

static void a_private_queue_is_the_one_that_an_empty_name_means(void **state)
{
    (void)state;
    struct broker_rig r;
    broker_rig_init(&r);
    struct amqp *c = broker_rig_open(&r);
    cleanup_free char *exchange = broker_rig_name(&r, "topic");
    const struct amqp_entity entities[] = {
        { .kind = AMQP_EXCHANGE, .name = exchange, .type = "topic" },
        { .kind = AMQP_QUEUE, .name = "", .is_private = true },
        { .kind = AMQP_BINDING, .name = "", .source = exchange, .key = "a.#" },
    };
    assert_int_equal(amqp_declare(c, entities, ARRAY_LEN(entities), NULL), 0);
    assert_int_equal(amqp_consume(c, "", "me", 1, NULL), 0);
    const struct amqp_message m = { .exchange = exchange, .key = "a.b.c", .body = "1", .len = 1 };
    size_t returned = 9;
    cleanup_delivery struct amqp_delivery d = { 0 };
    assert_int_equal(amqp_publish(&r.ctx, c, &m, NULL), 0);
    assert_int_equal(amqp_flush(&r.ctx, c, &returned, NULL), 0);
    assert_int_equal(returned, 0);
    assert_int_equal(amqp_next(&r.ctx, c, &d, NULL), 1);
    assert_string_equal(d.consumer, "me");
    assert_string_equal(d.id, "");
    amqp_close(c);
    broker_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a connection that failed declares nothing",
             a_connection_that_failed_declares_nothing),
        CASE("the same again is fine and another is told",
             the_same_again_is_fine_and_another_is_told),
        CASE("a private queue is the one that an empty name means",
             a_private_queue_is_the_one_that_an_empty_name_means),
    };
    return RUN_CASES_IF(broker_is_there(), 1, "declare", tests, BY_SYNCSETS_CHECK);
}

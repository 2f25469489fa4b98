#include "pkg/amqp/keep.h"
#include "test/unit/support/pkg/amqp/broker_rig.h"

static void pauses_grow_to_half_a_minute(void **state)
{
    (void)state;
    for (unsigned failures = 1; failures < 40; failures++) {
        int64_t whole = failures < 6 ? 1000 << (failures - 1) : AMQP_PAUSE_MAX_MS;
        int64_t ms = amqp_pause_ms(rng_system(), failures);
        assert_true(ms >= whole / 2);
        assert_true(ms <= whole);
    }
}

struct uses {
    struct stop *stop;
    int n;
};

static int use(const struct opctx *ctx, struct amqp *c, void *arg, struct error **err)
{
    struct uses *u = arg;
    struct amqp_delivery d;
    if (++u->n == 2)
        stop_request(u->stop);
    else if (amqp_declare(c,
                          &(struct amqp_entity){
                              .kind = AMQP_BINDING, .name = "none", .source = "none", .key = "k" },
                          1, err) < 0)
        return -1;
    return amqp_next(ctx, c, &d, err);
}

static void a_connection_that_failed_is_followed_by_another(void **state)
{
    (void)state;
    struct broker_rig r;
    broker_rig_init(&r);
    struct uses u = { .stop = r.stop };
    const struct amqp_keep k = { .cfg = { .address = r.address }, .use = use, .arg = &u };
    amqp_keep(&r.ctx, &k);
    assert_int_equal(u.n, 2);
    broker_rig_release(&r);
}

static void a_stop_ends_it_without_a_broker(void **state)
{
    (void)state;
    struct uses u = { 0 };
    cleanup_stop struct stop *stop = stop_new(NULL);
    cleanup_amqp_address struct amqp_address *a = NULL;
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), stop, NULL);
    assert_int_equal(amqp_address_parse("amqp://127.0.0.1:1", env_process(), &a, NULL), 0);
    const struct amqp_keep k = { .cfg = { .address = a }, .use = use, .arg = &u };
    stop_request(stop);
    amqp_keep(&ctx, &k);
    assert_int_equal(u.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("pauses grow to half a minute", pauses_grow_to_half_a_minute),
        CASE("a stop ends it without a broker", a_stop_ends_it_without_a_broker),
        CASE("a connection that failed is followed by another",
             a_connection_that_failed_is_followed_by_another),
    };
    return RUN_CASES_IF(broker_is_there(), 2, "keep", tests, BY_SYNCSETS_CHECK);
}

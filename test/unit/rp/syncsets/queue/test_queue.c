/* The queue's contract, on SQLite within the process; with STORE_DSN set, on rows of that PostgreSQL, and with BROKER_URL, too,
 * on that broker. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/thread.h"
#include "test/unit/support/rp/syncsets/queue_rig.h"

static void set_up(struct queue_rig *r, void **state)
{
    if (*state)
        queue_rig_init_broker(r);
    else
        queue_rig_init(r);
}

static void hints_come_in_order_and_those_that_are_not_slow_first(void **state)
{
    (void)state;
    struct queue_rig r;
    queue_rig_init(&r);
    queue_rig_put(&r, "one", 1, true);
    queue_rig_put(&r, "two", 2, false);
    queue_rig_put(&r, "three", 3, false);

    queue_rig_expect(&r, false, "two", 2);
    queue_rig_expect(&r, false, "three", 3);
    queue_rig_expect_none(&r, true);
    struct sets_delivery d = queue_rig_take(&r, false);

    assert_string_equal(d.hint.uid, "one");
    assert_true(d.hint.slow);
    assert_int_equal(d.attempts, 1);
    sets_queue_ack(r.queue, &d);
    queue_rig_expect_none(&r, false);
    queue_rig_release(&r);
}

static void what_is_given_back_comes_again_and_dead_in_the_end(void **state)
{
    struct queue_rig r;
    set_up(&r, state);
    queue_rig_put(&r, "poison", 7, false);
    for (unsigned i = 1; i <= SETS_DELIVERIES_MAX; i++) {
        struct sets_delivery d = queue_rig_take(&r, false);
        assert_int_equal(d.attempts, i);
        assert_false(d.dead);
        sets_queue_nack(r.queue, &d);
    }
    struct sets_delivery d = queue_rig_take(&r, true);
    assert_true(d.dead);
    assert_string_equal(d.hint.uid, "poison");
    assert_int_equal(d.hint.dirty_revision, 7);
    sets_queue_ack(r.queue, &d);
    queue_rig_expect_none(&r, false);
    assert_int_equal(queue_rig_metric(&r, "syncsets_redeliveries_total"), SETS_DELIVERIES_MAX - 1);
    assert_int_equal(queue_rig_metric(&r, "syncsets_dead_letters_total"), 1);
    queue_rig_release(&r);
}

static void a_hint_without_a_cluster_is_refused(void **state)
{
    (void)state;
    struct queue_rig r;
    cleanup_error struct error *err = NULL;
    queue_rig_init(&r);
    struct sets_hint h = { .dirty_revision = 1 };
    assert_int_equal(sets_queue_put(&r.ctx, r.queue, &h, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    memset(h.uid, 'a', sizeof(h.uid));
    assert_int_equal(sets_queue_put(&r.ctx, r.queue, &h, NULL), -1);
    queue_rig_release(&r);
}

#define TAKERS 6
#define HINTS 60

struct crowd {
    struct queue_rig *rig;
    atomic_int taken[HINTS], sum;
};

static void take_many(void *arg)
{
    struct crowd *c = arg;
    struct sets_delivery d;
    while (sets_queue_take(&c->rig->ctx, c->rig->queue, false, &d, NULL) == 0) {
        atomic_fetch_add(&c->taken[d.hint.dirty_revision], 1);
        sets_queue_ack(c->rig->queue, &d);
        if (atomic_fetch_add(&c->sum, 1) + 1 == HINTS)
            stop_request(c->rig->stop);
    }
}

static void each_hint_goes_to_one_taker(void **state)
{
    struct queue_rig r;
    struct crowd c = { .rig = &r };
    pthread_t threads[TAKERS];
    set_up(&r, state);
    for (size_t i = 0; i < TAKERS; i++)
        assert_int_equal(thread_start(&threads[i], "taker", take_many, &c, NULL), 0);
    for (int i = 0; i < HINTS; i++) {
        const struct sets_hint h = { .uid = "u", .dirty_revision = i, .slow = i % 2 };
        assert_int_equal(sets_queue_put(&r.base.ctx, r.queue, &h, NULL), 0);
    }
    for (size_t i = 0; i < TAKERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < HINTS; i++)
        assert_int_equal(atomic_load(&c.taken[i]), 1);
    queue_rig_release(&r);
}

static void a_commit_ends_the_wait_for_changes(void **state)
{
    (void)state;
    struct queue_rig r;
    int64_t seen = 0;
    queue_rig_init(&r);
    queue_rig_settle(&r, &seen);
    json_free(sets_rig_create(&r.base, TYPE_CLUSTERS, "{'name':'a','namespace':'n'}"));
    int64_t before = seen;
    assert_int_equal(sets_queue_wait_change(&r.ctx, r.queue, &seen, NULL), 0);
    assert_true(seen > before);
    struct opctx now = opctx_with_timeout_ms(&r.ctx, 0);
    cleanup_error struct error *err = NULL;
    queue_rig_settle(&r, &seen);
    assert_int_equal(sets_queue_wait_change(&now, r.queue, &seen, &err), -1);
    assert_true(error_is(err, ERR_TIMEOUT));
    queue_rig_release(&r);
}

static void a_stop_ends_waits(void **state)
{
    struct queue_rig r;
    struct sets_delivery d;
    cleanup_error struct error *err = NULL;
    set_up(&r, state);
    stop_request(r.stop);
    assert_int_equal(sets_queue_take(&r.ctx, r.queue, false, &d, &err), -1);
    assert_true(error_is(err, ERR_CANCELLED));
    queue_rig_release(&r);
}

int main(void)
{
    static char broker[] = "broker";
    const struct CMUnitTest tests[] = {
        CASE("hints come in order and those that are not slow first",
             hints_come_in_order_and_those_that_are_not_slow_first),
        CASE("what is given back comes again and dead in the end",
             what_is_given_back_comes_again_and_dead_in_the_end),
        CASE("a hint without a cluster is refused", a_hint_without_a_cluster_is_refused),
        CASE("each hint goes to one taker", each_hint_goes_to_one_taker),
        CASE("a commit ends the wait for changes", a_commit_ends_the_wait_for_changes),
        CASE("a stop ends waits", a_stop_ends_waits),
        CASE_OF("a broker gives again what was given back, and dead in the end",
                what_is_given_back_comes_again_and_dead_in_the_end, broker),
        CASE_OF("a broker gives each hint to one taker", each_hint_goes_to_one_taker, broker),
        CASE_OF("a stop ends waits for a broker's hints", a_stop_ends_waits, broker),
    };
    const size_t of_broker = 3;
    return RUN_CASES_IF(queue_rig_has_servers(), ARRAY_LEN(tests) - of_broker, "queue", tests,
                        BY_SYNCSETS_CHECK);
}

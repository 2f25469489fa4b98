/* What only rows can do; with STORE_DSN set, on that PostgreSQL. Without one the queue stays within the process: then the
 * first case proves that, and is all. */
#include <stdlib.h>

#include "rp/syncsets/queue/impl.h"
#include "test/unit/support/rp/syncsets/queue_rig.h"

static void the_database_chooses_the_way(void **state)
{
    (void)state;
    struct queue_rig r;
    queue_rig_init(&r);
    assert_ptr_equal(r.queue->ops, getenv("STORE_DSN") ? &queue_rows : &queue_local);
    queue_rig_release(&r);
}

static struct sets_queue *open_another(struct queue_rig *r)
{
    const struct sets_queue_config cfg = { .db = r->base.db,
                                           .clock = clock_system(),
                                           .rng = rng_system() };
    struct sets_queue *q = NULL;
    assert_int_equal(sets_queue_open(&cfg, &q, NULL), 0);
    return q;
}

static void a_hint_reaches_another_process_that_waits(void **state)
{
    (void)state;
    struct queue_rig r;
    struct sets_delivery d;
    queue_rig_init(&r);
    struct sets_queue *other = open_another(&r);
    queue_rig_put(&r, "a", 1, false);
    assert_int_equal(sets_queue_take(&r.ctx, other, true, &d, NULL), 0);
    assert_string_equal(d.hint.uid, "a");
    queue_rig_expect_none(&r, false);
    sets_queue_nack(other, &d);
    queue_rig_expect(&r, false, "a", 1);
    sets_queue_close(other);
    queue_rig_release(&r);
}

static void a_dead_takers_hint_lapses_and_his_late_end_does_nothing(void **state)
{
    (void)state;
    struct queue_rig r;
    queue_rig_init(&r);
    queue_rig_put(&r, "a", 1, false);
    struct sets_delivery lost = queue_rig_take(&r, false);
    queue_rig_expect_none(&r, false);
    sets_rig_script(&r.base, "UPDATE work_hints SET taken_until = 1");
    struct sets_delivery again = queue_rig_take(&r, false);
    assert_int_equal(again.attempts, 2);

    sets_queue_ack(r.queue, &lost);
    sets_queue_nack(r.queue, &again);
    queue_rig_expect(&r, false, "a", 1);

    queue_rig_expect_none(&r, false);
    queue_rig_release(&r);
}

static void emptied_hints_can_be_put_again(void **state)
{
    (void)state;
    struct queue_rig r;
    queue_rig_init(&r);
    queue_rig_put(&r, "a", 1, false);
    sets_rig_script(&r.base, "TRUNCATE work_hints");
    queue_rig_expect_none(&r, false);
    queue_rig_put(&r, "a", 1, false);
    queue_rig_expect(&r, false, "a", 1);
    queue_rig_release(&r);
}

static void changes_of_other_processes_are_told(void **state)
{
    (void)state;
    struct queue_rig r;
    int64_t seen = 0;
    queue_rig_init(&r);
    struct sets_queue *other = open_another(&r);
    int status;
    do {
        struct opctx moment = opctx_with_timeout_ms(&r.ctx, 300);
        status = sets_queue_wait_change(&moment, other, &seen, NULL);
    } while (status == 0);
    json_free(sets_rig_create(&r.base, TYPE_CLUSTERS, "{'name':'a','namespace':'n'}"));
    assert_int_equal(sets_queue_wait_change(&r.ctx, other, &seen, NULL), 0);
    sets_queue_close(other);
    queue_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the database chooses the way", the_database_chooses_the_way),
        CASE("a hint reaches another process that waits",
             a_hint_reaches_another_process_that_waits),
        CASE("a dead taker's hint lapses and his late end does nothing",
             a_dead_takers_hint_lapses_and_his_late_end_does_nothing),
        CASE("emptied hints can be put again", emptied_hints_can_be_put_again),
        CASE("changes of other processes are told", changes_of_other_processes_are_told),
    };
    return RUN_CASES_IF(getenv("STORE_DSN") != NULL, 1, "rows", tests, BY_SYNCSETS_CHECK);
}

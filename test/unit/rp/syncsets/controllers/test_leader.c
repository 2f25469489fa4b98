#include <stdlib.h>
#include <string.h>

#include "pkg/base/thread.h"
#include "rp/syncsets/store/locks.h"
#include "test/unit/support/left_out.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void a_change_becomes_a_hint(void **state)
{
    (void)state;
    struct crew_rig c;
    struct sets_delivery d;
    pthread_t thread;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    assert_int_equal(thread_start(&thread, "leader", leader_run, c.k, NULL), 0);
    assert_int_equal(sets_queue_take(&c.r.ctx, c.queue, true, &d, NULL), 0);
    stop_request(c.k->soft);
    pthread_join(thread, NULL);
    assert_string_equal(d.hint.uid, uid);
    assert_false(d.hint.slow);
    sets_queue_ack(c.queue, &d);
    crew_rig_release(&c);
}

static int64_t await_turn(struct crew_rig *c, int64_t before_ns)
{
    int64_t ns;
    while ((ns = atomic_load(&c->k->leader_ns)) == before_ns)
        (void)opctx_sleep_ms(&c->r.ctx, 10, NULL);
    return ns;
}

#define FULL 100000 /* of hints within one process */

/* On SQLite, whose queue can be filled up. */
static void who_finds_the_queue_full_strands_nobody(void **state)
{
    (void)state;
    struct crew_rig c;
    const struct sets_hint h = { .uid = "other" };
    pthread_t thread;
    crew_rig_init(&c);
    free(crew_rig_cluster(&c, "a"));
    free(crew_rig_cluster(&c, "b"));
    free(crew_rig_cluster(&c, "c"));
    for (int i = 0; i < FULL; i++)
        assert_int_equal(sets_queue_put(&c.r.ctx, c.queue, &h, NULL), 0);
    assert_int_equal(sets_queue_put(&c.r.ctx, c.queue, &h, NULL), -1);
    assert_int_equal(thread_start(&thread, "leader", leader_run, c.k, NULL), 0);
    int64_t first = await_turn(&c, 0);
    (void)await_turn(&c, first);
    stop_request(c.k->soft);
    pthread_join(thread, NULL);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(*) FROM cluster_work"), 3);
    assert_int_equal(work_rig_number(&c.r, "SELECT count(queued_at) FROM cluster_work"), 0);
    crew_rig_release(&c);
}

/* On PostgreSQL only: a relay of the same database has its own lock. */
static void it_leads_beside_a_relay(void **state)
{
    (void)state;
    struct crew_rig c;
    struct sql *relay = NULL;
    crew_rig_init(&c);
    assert_int_equal(sql_acquire(&c.r.ctx, c.r.db, SQL_READ, &relay, NULL), 0);
    sql_abandon(relay);
    assert_int_equal(sets_try_lead(&c.r.ctx, relay, SETS_LEAD_RELAY, NULL), 1);
    free(crew_rig_cluster(&c, "a"));
    crew_rig_run_until(&c, leader_run,
                       "SELECT count(*) FROM cluster_work WHERE queued_at IS NOT NULL");
    sql_release(relay);
    crew_rig_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a change becomes a hint", a_change_becomes_a_hint),
        CASE("it leads beside a relay", it_leads_beside_a_relay),
    };
    const struct CMUnitTest embedded[] = {
        CASE("a change becomes a hint", a_change_becomes_a_hint),
        CASE("who finds the queue full strands nobody", who_finds_the_queue_full_strands_nobody),
    };
    if (getenv("STORE_DSN"))
        return RUN_CASES("leader", tests);
    cases_left_out(1, BY_SYNCSETS_CHECK);
    return RUN_CASES("leader", embedded);
}

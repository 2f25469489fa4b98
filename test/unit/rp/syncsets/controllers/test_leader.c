#include <stdlib.h>
#include <string.h>

#include "rp/syncsets/store/locks.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

static void a_change_becomes_a_hint(void **state)
{
    (void)state;
    struct crew_rig c;
    struct sets_delivery d;
    crew_rig_init(&c);
    cleanup_free char *uid = crew_rig_cluster(&c, "a");
    crew_rig_run_until(&c, leader_run,
                       "SELECT count(*) FROM cluster_work WHERE queued_at IS NOT NULL");
    assert_int_equal(sets_queue_take(&c.r.ctx, c.queue, true, &d, NULL), 0);
    assert_string_equal(d.hint.uid, uid);
    assert_false(d.hint.slow);
    sets_queue_ack(c.queue, &d);
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
    const size_t server = getenv("STORE_DSN") ? 0 : 1; /* cases that need one */
    return _cmocka_run_group_tests("leader", tests, ARRAY_LEN(tests) - server, NULL, NULL);
}

/* Who leads. With STORE_DSN set, in that database; SQLite has no such locks, for one process has the file. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "rp/syncsets/store/locks.h"
#include "test/unit/support/left_out.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static struct sql *give_session(struct sets_rig *r)
{
    struct sql *c = NULL;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    sql_abandon(c);
    return c;
}

static void no_two_locks_have_one_number(void **state)
{
    static const char *const numbers[] = { SETS_LOCK_MIGRATE, SETS_LOCK_NAMESPACE, SETS_LOCK_RELAY,
                                           SETS_LOCK_CONTROLLERS, "4702111234474983745" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(numbers[i], numbers[k]);
}

static void each_has_one_leader_who_may_be_another_session(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_empty(&r);
    struct sql *relay = give_session(&r), *controllers = give_session(&r), *late = give_session(&r);
    assert_int_equal(sets_try_lead(&r.ctx, relay, SETS_LEAD_RELAY, NULL), 1);
    assert_int_equal(sets_try_lead(&r.ctx, controllers, SETS_LEAD_CONTROLLERS, NULL), 1);
    assert_int_equal(sets_try_lead(&r.ctx, late, SETS_LEAD_RELAY, NULL), 0);
    assert_int_equal(sets_try_lead(&r.ctx, late, SETS_LEAD_CONTROLLERS, NULL), 0);

    sql_release(controllers);

    int leads = 0;
    while (leads == 0) /* the server sees the end of a session when it gets to it */
        leads = sets_try_lead(&r.ctx, late, SETS_LEAD_CONTROLLERS, NULL);
    assert_int_equal(leads, 1);
    assert_int_equal(sets_try_lead(&r.ctx, late, SETS_LEAD_RELAY, NULL), 0);
    sql_release(relay);
    sql_release(late);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("no two locks have one number", no_two_locks_have_one_number),
        CASE("each has one leader, who may be another session",
             each_has_one_leader_who_may_be_another_session),
    };
    return RUN_CASES_IF(getenv("STORE_DSN") != NULL, 1, "locks", tests, BY_SYNCSETS_CHECK);
}

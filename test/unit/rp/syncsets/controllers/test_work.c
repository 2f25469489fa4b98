#include <stdlib.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/syncsets/work_rig.h"

static void quarantine_doubles_up_to_a_day(void **state)
{
    (void)state;
    static const struct {
        int64_t attempts, hours;
    } cases[] = { { 0, 1 }, { 5, 1 }, { 6, 2 }, { 7, 4 }, { 9, 16 }, { 10, 24 }, { 1000000, 24 } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(work_quarantine_s(cases[i].attempts), cases[i].hours * 3600);
}

static void the_database_tells_the_time(void **state)
{
    (void)state;
    struct sets_rig r;
    int64_t now_s = 0;
    sets_rig_init(&r);
    cleanup_sql struct sql *c = NULL;
    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_READ, &c, NULL), 0);
    assert_int_equal(work_now_s(&r.ctx, r.store, c, &now_s, NULL), 0);
    assert_true(now_s > 1000000000);
    sql_release(take(c));
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("quarantine doubles up to a day", quarantine_doubles_up_to_a_day),
        CASE("the database tells the time", the_database_tells_the_time),
    };
    return RUN_CASES("work", tests);
}

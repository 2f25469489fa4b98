#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/table_check.h"
#include "test/unit/support/test.h"

static void every_row_can_be_run(void **state)
{
    (void)state;
    for (int task = 0; task < ADMIN_TASKS; task++)
        table_check(&admin_update_tables[task]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every row has a name of its own and something to do", every_row_can_be_run),
    };
    return RUN_CASES("admin_update", tests);
}

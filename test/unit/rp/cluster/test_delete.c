#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/table_check.h"
#include "test/unit/support/test.h"

static void every_row_can_be_run(void **state)
{
    (void)state;
    table_check(&delete_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every row has a name of its own and something to do", every_row_can_be_run),
    };
    return RUN_CASES("delete", tests);
}

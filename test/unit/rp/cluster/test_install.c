#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/table_check.h"
#include "test/unit/support/test.h"

static void every_row_can_be_run(void **state)
{
    (void)state;
    for (int layout = LAYOUT_V1; layout <= LAYOUT_V2; layout++)
        for (int phase = 0; phase < INSTALL_PHASES; phase++)
            table_check(&install_tables[layout][phase]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every row has a name of its own and something to do", every_row_can_be_run),
    };
    return RUN_CASES("install", tests);
}

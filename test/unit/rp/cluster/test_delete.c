#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/rp/cluster/table_check.h"
#include "test/unit/support/test.h"

static void every_row_can_be_run(void **state)
{
    (void)state;
    table_check(&delete_table);
}

/* Nobody is asked about a cluster whose creation failed before anything was made. */
static void nothing_made_needs_no_step(void **state)
{
    (void)state;
    static const struct {
        const char *properties;
        bool has_steps;
    } cases[] = {
        { "{'provisioningState':'Deleting'}", false },
        { "{'provisioningState':'Deleting','infraId':'a-12345'}", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cluster_rig r;
        cluster_rig_open(&r, cases[i].properties, NULL, 0);

        assert_int_equal(r.c->steps_len > 0, cases[i].has_steps);

        cluster_rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every row has a name of its own and something to do", every_row_can_be_run),
        CASE("what was never begun needs no step", nothing_made_needs_no_step),
    };
    return RUN_CASES("delete", tests);
}

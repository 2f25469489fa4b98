#include "pkg/base/strv.h"
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

/* The first row of that name, or one past the end. */
static size_t place(const struct cluster_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->len && !str_eq(table->v[i].step.name, name))
        i++;
    return i;
}

static void a_phase_says_so_first_and_last(void **state)
{
    (void)state;
    for (int layout = LAYOUT_V1; layout <= LAYOUT_V2; layout++) {
        const struct cluster_table *first = &install_tables[layout][PHASE_BOOTSTRAP];
        const struct cluster_table *second = &install_tables[layout][PHASE_REMOVE_BOOTSTRAP];
        assert_int_equal(place(first, "startInstallation"), 0);
        assert_int_equal(place(first, "incrInstallPhase"), first->len - 1);
        assert_int_equal(place(second, "finishInstallation"), second->len - 1);
    }
}

/* Another order would wait for ever, or undo what came before. */
static void what_needs_another_step_comes_behind_it(void **state)
{
    (void)state;
    static const struct {
        enum install_phase phase;
        const char *before, *after;
    } pairs[] = {
        { PHASE_BOOTSTRAP, "initializeKubernetesClients", "apiServersReady" },
        { PHASE_BOOTSTRAP, "initializeKubernetesClients", "bootstrapConfigMapReady" },
        { PHASE_BOOTSTRAP, "bootstrapConfigMapReady", "ensureIfReload" },
        { PHASE_BOOTSTRAP, "apiServersReady", "installAROOperator" },
        { PHASE_BOOTSTRAP, "installAROOperator", "enableOperatorReconciliation" },
        { PHASE_REMOVE_BOOTSTRAP, "initializeKubernetesClients", "apiServersReady" },
        { PHASE_REMOVE_BOOTSTRAP, "operatorConsoleExists", "updateConsoleBranding" },
        { PHASE_REMOVE_BOOTSTRAP, "updateConsoleBranding", "operatorConsoleReady" },
        { PHASE_REMOVE_BOOTSTRAP, "clusterVersionReady", "updateRouterIP" },
        { PHASE_REMOVE_BOOTSTRAP, "updateRouterIP", "installAROOperator" },
        { PHASE_REMOVE_BOOTSTRAP, "installAROOperator", "aroDeploymentReady" },
        { PHASE_REMOVE_BOOTSTRAP, "aroDeploymentReady", "disableOperatorReconciliation" },
        { PHASE_REMOVE_BOOTSTRAP, "configureIngressCertificate", "ingressControllerReady" },
        { PHASE_REMOVE_BOOTSTRAP, "disableOperatorReconciliation", "clusterOperatorsHaveSettled" },
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        int found = 0;
        for (int layout = LAYOUT_V1; layout <= LAYOUT_V2; layout++) {
            const struct cluster_table *table = &install_tables[layout][pairs[i].phase];
            size_t before = place(table, pairs[i].before), after = place(table, pairs[i].after);
            if (before == table->len || after == table->len)
                continue;
            found++;
            if (before >= after)
                fail_msg("%s comes behind %s", pairs[i].before, pairs[i].after);
        }
        if (!found)
            fail_msg("no layout has both %s and %s", pairs[i].before, pairs[i].after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every row has a name of its own and something to do", every_row_can_be_run),
        CASE("a phase says so first and last", a_phase_says_so_first_and_last),
        CASE("what needs another step comes behind it", what_needs_another_step_comes_behind_it),
    };
    return RUN_CASES("install", tests);
}

#include "pkg/base/strv.h"
#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/table_check.h"
#include "test/unit/support/test.h"

static void every_row_can_be_run(void **state)
{
    (void)state;
    table_check(&update_table);
}

static size_t place(const char *name)
{
    for (size_t i = 0; i < update_table.len; i++)
        if (str_eq(update_table.v[i].step.name, name))
            return i;
    fail_msg("there is no %s", name);
    return 0;
}

/* Another order would use what is not there yet, or undo what came before. */
static void what_needs_another_step_comes_behind_it(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        { "validateResources", "createOrUpdateClusterServicePrincipalRBAC" },
        { "clusterSPObjectID", "createOrUpdateClusterServicePrincipalRBAC" },
        { "generateKubeconfigs", "initializeKubernetesClients" },
        { "initializeKubernetesClients", "startVMs" },
        { "startVMs", "apiServersReady" },
        { "apiServersReady", "updateOpenShiftSecret" },
        { "updateOpenShiftSecret", "aroCredentialsRequestReconciled" },
        { "updateAROSecret", "restartAROOperatorMaster" },
        { "restartAROOperatorMaster", "aroDeploymentReady" },
        { "validateResources", "reconcileLoadBalancerProfile" },
        { "scaleWorkers", "workersAreScaled" },
        { "correctCertificateIssuer", "configureAPIServerCertificate" },
        { "correctCertificateIssuer", "configureIngressCertificate" },
        { "generateKubeconfigs", "registerWithSyncSets" },
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (place(pairs[i][0]) >= place(pairs[i][1]))
            fail_msg("%s comes behind %s", pairs[i][0], pairs[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every row has a name of its own and something to do", every_row_can_be_run),
        CASE("what needs another step comes behind it", what_needs_another_step_comes_behind_it),
    };
    return RUN_CASES("update", tests);
}

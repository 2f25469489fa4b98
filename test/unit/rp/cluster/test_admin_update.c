#include "pkg/base/strv.h"
#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/table_check.h"
#include "test/unit/support/test.h"

static void every_row_can_be_run(void **state)
{
    (void)state;
    for (int task = 0; task < ADMIN_TASKS; task++)
        table_check(&admin_update_tables[task]);
}

static size_t place(const struct cluster_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->len && !str_eq(table->v[i].step.name, name))
        i++;
    return i;
}

/* Flags that only the new operator understands, or that restart nodes, must not reach the old one. */
static void settings_come_behind_the_operator_that_reads_them(void **state)
{
    (void)state;
    static const enum admin_task tasks[] = { ADMIN_EVERYTHING, ADMIN_OPERATOR };
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
        const struct cluster_table *table = &admin_update_tables[tasks[i]];
        size_t sync = place(table, "syncClusterObject");
        assert_true(sync < table->len);
        assert_true(place(table, "ensureAROOperator") < place(table, "aroDeploymentReady"));
        assert_true(place(table, "ensureAROOperatorRunningDesiredVersion") < sync);
    }
}

static void only_an_update_of_everything_names_the_build_and_does_so_last(void **state)
{
    (void)state;
    for (int task = 0; task < ADMIN_TASKS; task++) {
        const struct cluster_table *table = &admin_update_tables[task];
        assert_int_equal(place(table, "updateProvisionedBy"),
                         task == ADMIN_EVERYTHING ? table->len - 1 : table->len);
    }
}

static void a_task_does_its_own(void **state)
{
    (void)state;
    const struct cluster_table *sync = &admin_update_tables[ADMIN_SYNC];
    const struct cluster_table *certificates = &admin_update_tables[ADMIN_CERTIFICATES];
    assert_int_equal(place(sync, "ensureAROOperator"), sync->len);
    assert_true(place(sync, "syncClusterObject") < sync->len);
    assert_int_equal(place(certificates, "ensureAROOperator"), certificates->len);
    assert_true(place(certificates, "configureIngressCertificate") < certificates->len);
    assert_true(place(certificates, "renewMDSDCertificate") < certificates->len);
    assert_true(place(&admin_update_tables[ADMIN_EVERYTHING], "clusterSPObjectID") <
                place(&admin_update_tables[ADMIN_EVERYTHING], "createOrUpdateDenyAssignment"));
}

/* The subnets have endpoints before accounts are shut to all others; pointers name an address that the certificate is valid for by
 * then, and probes ask for that certificate. */
static void repairs_come_behind_what_they_stand_on(void **state)
{
    (void)state;
    static const struct {
        const char *first, *then;
    } orders[] = {
        { "ensureServiceEndpoints", "migrateStorageAccounts" },
        { "ensureResourceGroup", "fixSSH" },
        { "populateDatabaseIntIP", "fixMCSCert" },
        { "fixMCSCert", "fixMCSUserData" },
        { "fixMCSCert", "fixLBProbes" },
        { "ensureGatewayUpgrade", "syncClusterObject" },
    };
    const struct cluster_table *table = &admin_update_tables[ADMIN_EVERYTHING];
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        assert_true(place(table, orders[i].first) < place(table, orders[i].then));
        assert_true(place(table, orders[i].then) < table->len);
    }
}

/* Amid it the API is out of reach, and one that was cut off there begins with the first row again. */
static void a_migration_of_the_balancer_waits_for_the_api_behind_it_alone(void **state)
{
    (void)state;
    const struct cluster_table *table = &admin_update_tables[ADMIN_BALANCER];
    size_t migration = place(table, "migrateInternalLoadBalancerZones");
    assert_true(migration < table->len);
    assert_int_equal(place(table, "apiServersReady"), migration + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every row has a name of its own and something to do", every_row_can_be_run),
        CASE("settings come behind the operator that reads them",
             settings_come_behind_the_operator_that_reads_them),
        CASE("only an update of everything names the build, and does so last",
             only_an_update_of_everything_names_the_build_and_does_so_last),
        CASE("a task does its own", a_task_does_its_own),
        CASE("repairs come behind what they stand on", repairs_come_behind_what_they_stand_on),
        CASE("a migration of the balancer waits for the API behind it alone",
             a_migration_of_the_balancer_waits_for_the_api_behind_it_alone),
    };
    return RUN_CASES("admin_update", tests);
}

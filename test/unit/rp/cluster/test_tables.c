#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

static void an_install_goes_by_layout_and_phase(void **state)
{
    (void)state;
    static const struct {
        const char *properties;
        enum cluster_layout layout;
        enum install_phase phase;
    } cases[] = {
        { "{}", LAYOUT_V2, PHASE_BOOTSTRAP },
        { "{'install':{'phase':1}}", LAYOUT_V2, PHASE_REMOVE_BOOTSTRAP },
        { "{'architectureVersion':0,'install':{'phase':0}}", LAYOUT_V1, PHASE_BOOTSTRAP },
        { "{'architectureVersion':0,'install':{'phase':1}}", LAYOUT_V1, PHASE_REMOVE_BOOTSTRAP },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_cluster_rig struct cluster_rig r;
        const struct cluster_table *table = NULL;
        cluster_rig_open(&r, cases[i].properties, NULL, 0);
        assert_int_equal(cluster_find_table(r.c, &table, NULL), 0);
        assert_ptr_equal(table, &install_tables[cases[i].layout][cases[i].phase]);
    }
}

static void an_admin_update_goes_by_its_task(void **state)
{
    (void)state;
    static const struct {
        const char *properties;
        enum admin_task task;
    } cases[] = {
        { "{'provisioningState':'AdminUpdating'}", ADMIN_EVERYTHING },
        { "{'provisioningState':'AdminUpdating','maintenanceTask':'Everything'}",
          ADMIN_EVERYTHING },
        { "{'provisioningState':'AdminUpdating','maintenanceTask':'OperatorUpdate'}",
          ADMIN_OPERATOR },
        { "{'provisioningState':'AdminUpdating','maintenanceTask':'CertificatesRenewal'}",
          ADMIN_CERTIFICATES },
        { "{'provisioningState':'AdminUpdating','maintenanceTask':'SyncClusterObject'}",
          ADMIN_SYNC },
        { "{'provisioningState':'AdminUpdating','maintenanceTask':'MigrateLoadBalancer'}",
          ADMIN_BALANCER },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_cluster_rig struct cluster_rig r;
        const struct cluster_table *table = NULL;
        cluster_rig_open(&r, cases[i].properties, NULL, 0);
        assert_int_equal(cluster_find_table(r.c, &table, NULL), 0);
        assert_ptr_equal(table, &admin_update_tables[cases[i].task]);
    }
}

static void a_phase_or_task_that_nobody_knows_is_an_error(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;
    const struct cluster_table *table;
    cluster_rig_open(&r, "{}", NULL, 0);

    assert_int_equal(json_path_put(r.c->doc, PROPERTIES "install.phase", json_new_int(2), NULL), 0);
    assert_int_equal(cluster_find_table(r.c, &table, NULL), -1);
    r.c->job.operation = CLUSTER_ADMIN_UPDATE;
    assert_int_equal(json_set_str(r.c->doc, PROPERTIES "maintenanceTask", "Pending", NULL), 0);
    assert_int_equal(cluster_find_table(r.c, &table, NULL), -1);
}

static void what_holds_for_a_cluster_is_read_from_its_document(void **state)
{
    (void)state;
    static const struct {
        const char *properties;
        unsigned want;
    } cases[] = {
        { "{}", WHEN_SERVICE_PRINCIPAL | WHEN_OPERATOR },
        { "{'platformWorkloadIdentityProfile':{}}", WHEN_IDENTITIES | WHEN_OPERATOR },
        { "{'featureProfile':{'gatewayEnabled':true}}",
          WHEN_SERVICE_PRINCIPAL | WHEN_GATEWAY | WHEN_OPERATOR },
        { "{'clusterProfile':{'version':'4.14.16'}}", WHEN_SERVICE_PRINCIPAL | WHEN_OPERATOR },
        { "{'clusterProfile':{'version':'4.3.18'},'architectureVersion':0}",
          WHEN_SERVICE_PRINCIPAL | WHEN_NO_OPERATOR },
        { "{'clusterProfile':{'version':'4.14.16'},'architectureVersion':0}",
          WHEN_SERVICE_PRINCIPAL | WHEN_OPERATOR },
        { "{'clusterProfile':{'version':'4.3.18'},'architectureVersion':1}",
          WHEN_SERVICE_PRINCIPAL | WHEN_OPERATOR },
        { "{'infraId':'a-12345'}", WHEN_SERVICE_PRINCIPAL | WHEN_OPERATOR | WHEN_BEGUN },
        { "{'storageSuffix':'abcde'}", WHEN_SERVICE_PRINCIPAL | WHEN_OPERATOR | WHEN_BEGUN },
        { "{'registryProfiles':[{'name':'x'}]}",
          WHEN_SERVICE_PRINCIPAL | WHEN_OPERATOR | WHEN_BEGUN },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_cluster_rig struct cluster_rig r;
        cluster_rig_open(&r, cases[i].properties, NULL, 0);
        assert_int_equal(cluster_whens(r.c), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an install goes by layout and phase", an_install_goes_by_layout_and_phase),
        CASE("an admin update goes by its task", an_admin_update_goes_by_its_task),
        CASE("a phase or a task that nobody knows is an error",
             a_phase_or_task_that_nobody_knows_is_an_error),
        CASE("what holds for a cluster is read from its document",
             what_holds_for_a_cluster_is_read_from_its_document),
    };
    return RUN_CASES("tables", tests);
}

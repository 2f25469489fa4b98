#include "pkg/database/billing.h"
#include "pkg/database/store.h"
#include "rp/cluster/billing.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/database/database_rig.h"
#include "test/unit/support/test.h"

#define CLUSTER \
    "{'id':'id-a','key':'" RIG_KEY( \
        "a") "','clusterResourceGroupIdKey':'rg-a'," \
             "'openShiftCluster':{'location':'eastus','properties':{'infraId':'a-12345'}}}"

static int64_t time_of(struct database_rig *r, const char *path)
{
    cleanup_document struct document d = { 0 };
    assert_int_equal(billing_get(&r->ctx, r->db, "id-a", &d, NULL), 0);
    return json_path_int(d.tree, path, 0);
}

static void the_first_record_counts(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    cleanup_document struct document d = { 0 };
    database_rig_open(&r);
    cleanup_json json *cluster = rig_tree(CLUSTER);

    assert_int_equal(cluster_billing_ensure(&r.ctx, r.db, cluster, "tenant", NULL), 0);
    fake_clock_advance_ms(&r.clock, 5000);
    assert_int_equal(cluster_billing_ensure(&r.ctx, r.db, cluster, "tenant", NULL), 0);

    assert_int_equal(billing_get(&r.ctx, r.db, "id-a", &d, NULL), 0);
    assert_int_equal(json_path_int(d.tree, "billing.creationTime", 0), RIG_NOW_S);
    assert_string_equal(json_path_str(d.tree, "billing.location"), "eastus");
    assert_string_equal(json_path_str(d.tree, "billing.tenantID"), "tenant");
    assert_string_equal(json_path_str(d.tree, "infraId"), "a-12345");
    assert_string_equal(json_path_str(d.tree, "clusterResourceGroupIDKey"), "rg-a");
}

static void the_first_end_counts(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_json json *cluster = rig_tree(CLUSTER);
    assert_int_equal(cluster_billing_ensure(&r.ctx, r.db, cluster, "tenant", NULL), 0);

    assert_int_equal(cluster_billing_end(&r.ctx, r.db, cluster, NULL), 0);
    fake_clock_advance_ms(&r.clock, 5000);
    assert_int_equal(cluster_billing_end(&r.ctx, r.db, cluster, NULL), 0);

    assert_int_equal(time_of(&r, "billing.deletionTime"), RIG_NOW_S);
}

static void without_a_record_there_is_nothing_to_end(void **state)
{
    (void)state;
    cleanup_database_rig struct database_rig r;
    database_rig_open(&r);
    cleanup_json json *cluster = rig_tree(CLUSTER);

    assert_int_equal(cluster_billing_end(&r.ctx, r.db, cluster, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the first record counts", the_first_record_counts),
        CASE("the first end counts", the_first_end_counts),
        CASE("without a record there is nothing to end", without_a_record_there_is_nothing_to_end),
    };
    return RUN_CASES("billing", tests);
}

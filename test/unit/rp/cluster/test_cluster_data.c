#include "rp/cluster/cluster_data.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define VERSION \
    "{'apiVersion':'config.openshift.io/" \
    "v1','kind':'ClusterVersion','metadata':{'name':'version'}," \
    "'status':{'history':[{'state':'Completed','version':'4.5.1'}]}}"

static void customers_are_told_where_it_is(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'apiserverProfile':{'visibility':'Public'}}");
    fake_cluster_add(&r.inside, VERSION);

    inside_rig_must(&r, cluster_update_cluster_data);
    int writes = atomic_load(&r.outer.db.spy->replaces);
    inside_rig_must(&r, cluster_update_cluster_data);

    assert_int_equal(atomic_load(&r.outer.db.spy->replaces), writes);
    cluster_rig_assert(&r.outer, "apiserverProfile.url", "https://api.a." RIG_ZONE ":6443/");
    cluster_rig_assert(&r.outer, "apiserverProfile.visibility", "Public");
    cluster_rig_assert(&r.outer, "consoleProfile.url",
                       "https://console-openshift-console.apps.a." RIG_ZONE "/");
    cluster_rig_assert(&r.outer, "clusterProfile.version", "4.5.1");
}

static void without_a_version_nothing_is_told(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    inside_rig_open(&r, "{}");

    assert_int_equal(cluster_update_cluster_data(r.c, r.ctx, &err), -1);

    cluster_rig_assert(&r.outer, "apiserverProfile.url", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("customers are told where the cluster is", customers_are_told_where_it_is),
        CASE("without a version nothing is told", without_a_version_nothing_is_told),
    };
    return RUN_CASES("cluster data", tests);
}

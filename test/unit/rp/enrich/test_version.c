#include "test/unit/support/rp/enrich/enrich_rig.h"
#include "test/unit/support/test.h"

static void is_the_one_that_is_wanted(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    enrich_rig_open(&r, "{'clusterProfile':{'version':'4.3.18','domain':'d'}}");
    fake_cluster_add(&r.inside,
                     "{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion','metadata':"
                     "{'name':'version'},'status':{'desired':{'version':'4.4.3'}}}");

    assert_int_equal(enrich_rig_run(&r, &enrich_version, NULL), 0);

    enrich_rig_is(&r, "clusterProfile", "{'version':'4.4.3','domain':'d'}");
}

static void that_is_not_known_stays(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    enrich_rig_open(&r, "{'clusterProfile':{'version':'4.3.18'}}");
    fake_cluster_add(&r.inside, "{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion',"
                                "'metadata':{'name':'version'},'status':{}}");

    assert_int_equal(enrich_rig_run(&r, &enrich_version, NULL), -1);

    enrich_rig_is(&r, "clusterProfile.version", "'4.3.18'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("is the one that is wanted", is_the_one_that_is_wanted),
        CASE("that is not known stays", that_is_not_known_stays),
    };
    return RUN_CASES("version", tests);
}

#include "test/unit/support/rp/enrich/enrich_rig.h"
#include "test/unit/support/test.h"

#define REACHABLE "'networkProfile':{'privateEndpointIp':'10.0.0.9'}"
#define VERSION \
    "{'apiVersion':'config.openshift.io/" \
    "v1','kind':'ClusterVersion','metadata':{'name':'version'}," \
    "'status':{'desired':{'version':'4.4.3'}}}"

static void what_is_found_out_counts_and_the_rest_stays(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    enrich_rig_open(&r, "{" REACHABLE ",'clusterProfile':{'version':'4.3.18'},"
                        "'servicePrincipalProfile':{'clientId':'old'},"
                        "'ingressProfiles':[{'name':'old'}]}");
    fake_cluster_add(&r.inside, VERSION);
    fake_cluster_fail(&r.inside, "ingresscontrollers", 403, "Forbidden", 100);

    enrich_clusters(&r.cfg, &r.inside.ctx, &r.cluster, 1);

    enrich_rig_is(&r, "clusterProfile.version", "'4.4.3'");
    enrich_rig_is(&r, "ingressProfiles", "[{'name':'old'}]");
    enrich_rig_is(&r, "servicePrincipalProfile", "{'clientId':'old'}");
    enrich_rig_is(&r, "workerProfilesStatus", "[]");
    assert_true(log_capture_has(&r.inside.capture, "ingressProfile of " ENRICH_ID));
}

static void who_cannot_be_reached_is_not_asked(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    enrich_rig_open(&r, "{'clusterProfile':{'version':'4.3.18'}}");
    fake_cluster_add(&r.inside, VERSION);

    enrich_clusters(&r.cfg, &r.inside.ctx, &r.cluster, 1);

    assert_int_equal(r.inside.reads, 0);
    enrich_rig_is(&r, "clusterProfile.version", "'4.3.18'");
}

static void many_clusters_are_asked_at_once(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    json *clusters[10];
    enrich_rig_open(&r, "{" REACHABLE ",'clusterProfile':{'version':'4.3.18'}}");
    fake_cluster_add(&r.inside, VERSION);
    for (size_t i = 0; i < ARRAY_LEN(clusters); i++)
        clusters[i] = json_give_copy(r.cluster);

    enrich_clusters(&r.cfg, &r.inside.ctx, clusters, ARRAY_LEN(clusters));

    for (size_t i = 0; i < ARRAY_LEN(clusters); i++) {
        assert_string_equal(json_path_str(clusters[i], "properties.clusterProfile.version"),
                            "4.4.3");
        json_free(clusters[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is found out counts, and the rest stays",
             what_is_found_out_counts_and_the_rest_stays),
        CASE("who cannot be reached is not asked", who_cannot_be_reached_is_not_asked),
        CASE("many clusters are asked at once", many_clusters_are_asked_at_once),
    };
    return RUN_CASES("enrich", tests);
}

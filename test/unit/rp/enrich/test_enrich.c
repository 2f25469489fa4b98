#include <stdatomic.h>

#include "test/unit/support/rp/enrich/enrich_rig.h"
#include "test/unit/support/test.h"

#define REACHABLE "'networkProfile':{'privateEndpointIp':'10.0.0.9'}"
#define RELEASE \
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
    fake_cluster_add(&r.inside, RELEASE);
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
    fake_cluster_add(&r.inside, RELEASE);

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
    fake_cluster_add(&r.inside, RELEASE);
    for (size_t i = 0; i < ARRAY_LEN(clusters); i++)
        clusters[i] = json_give_copy(r.cluster);

    enrich_clusters(&r.cfg, &r.inside.ctx, clusters, ARRAY_LEN(clusters));

    for (size_t i = 0; i < ARRAY_LEN(clusters); i++) {
        assert_string_equal(json_path_str(clusters[i], "properties.clusterProfile.version"),
                            "4.4.3");
        json_free(clusters[i]);
    }
}

/* Tells how many are in it at once, in all and before anyone came out. Who is in waits for others to come. */
struct crowd {
    struct http_transport base;
    struct http_transport *behind;
    struct opctx ctx; /* of real time */
    atomic_int inside, most, most_early;
    atomic_bool has_answered;
};

static void keep_most(atomic_int *most, int now)
{
    int seen = atomic_load(most);
    while (now > seen && !atomic_compare_exchange_weak(most, &seen, now))
        ;
}

static int send_crowded(struct http_transport *t, const struct opctx *ctx,
                        const struct http_request *req, struct http_response *ret,
                        struct error **err)
{
    struct crowd *c = container_of(t, struct crowd, base);
    int now = atomic_fetch_add(&c->inside, 1) + 1;
    keep_most(&c->most, now);
    if (!atomic_load(&c->has_answered))
        keep_most(&c->most_early, now);
    (void)opctx_sleep_ms(&c->ctx, 20, NULL);
    int rcode = http_send(c->behind, ctx, req, ret, err);
    atomic_store(&c->has_answered, true);
    atomic_fetch_sub(&c->inside, 1);
    return rcode;
}

static void crowd_open(struct crowd *c, struct enrich_rig *r)
{
    *c = (struct crowd){ .base.send = send_crowded,
                         .behind = &r->transport,
                         .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    r->cfg.transport = &c->base;
}

static void few_threads_ask_a_whole_page(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    json *clusters[20];
    struct crowd crowd;
    enrich_rig_open(&r, "{" REACHABLE ",'clusterProfile':{'version':'4.3.18'}}");
    crowd_open(&crowd, &r);
    for (size_t i = 0; i < ARRAY_LEN(clusters); i++)
        clusters[i] = json_give_copy(r.cluster);

    enrich_clusters(&r.cfg, &r.inside.ctx, clusters, ARRAY_LEN(clusters));

    assert_in_range(atomic_load(&crowd.most), 2, 12);
    for (size_t i = 0; i < ARRAY_LEN(clusters); i++)
        json_free(clusters[i]);
}

static void a_cluster_that_has_not_answered_is_asked_one_question(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    struct crowd crowd;
    enrich_rig_open(&r, "{" REACHABLE ",'clusterProfile':{'version':'4.3.18'}}");
    fake_cluster_add(&r.inside, RELEASE);
    crowd_open(&crowd, &r);

    enrich_clusters(&r.cfg, &r.inside.ctx, &r.cluster, 1);

    assert_int_equal(atomic_load(&crowd.most_early), 1);
    enrich_rig_is(&r, "clusterProfile.version", "'4.4.3'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("what is found out counts, and the rest stays",
             what_is_found_out_counts_and_the_rest_stays),
        CASE("who cannot be reached is not asked", who_cannot_be_reached_is_not_asked),
        CASE("many clusters are asked at once", many_clusters_are_asked_at_once),
        CASE("few threads ask a whole page", few_threads_ask_a_whole_page),
        CASE("a cluster that has not answered is asked one question",
             a_cluster_that_has_not_answered_is_asked_one_question),
    };
    return RUN_CASES("enrich", tests);
}

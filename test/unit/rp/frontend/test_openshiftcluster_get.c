#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

static void shows_a_cluster_in_every_version(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    clusters_finish(&c, "Succeeded", NULL);

    for (size_t i = 0; api_version_at(i); i++) {
        cleanup_free char *target =
            xasprintf("%s?api-version=%s", FRONT_CLUSTER, api_version_name(api_version_at(i)));
        cleanup_free char *answer = front_give_answer(&c.front, "GET", target, NULL);

        assert_memory_equal(answer, "200 {\n    \"", 10);
        cleanup_json json *body = NULL;
        assert_int_equal(json_parse(answer + 4, strlen(answer + 4), &body, NULL), 0);
        assert_string_equal(json_path_str(body, "id"), FRONT_CLUSTER);
        assert_string_equal(json_path_str(body, "name"), "Cluster1");
        assert_string_equal(json_path_str(body, "type"),
                            "Microsoft.RedHatOpenShift/openShiftClusters");
        assert_string_equal(json_path_str(body, "properties.provisioningState"), "Succeeded");
        assert_string_equal(json_path_str(body, "properties.clusterProfile.version"),
                            DEFAULT_VERSION);
        assert_null(strstr(answer, "verysecret"));
        assert_null(strstr(answer, "auths"));
        assert_null(strstr(answer, "passw0rd"));
    }
    clusters_release(&c);
}

static void finds_it_in_any_letters(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);

    cleanup_free char *answer =
        front_give_answer(&c.front, "GET",
                          "/SUBSCRIPTIONS/" FRONT_SUB "//resourcegroups/GROUP/providers/"
                          "microsoft.redhatopenshift/OPENSHIFTCLUSTERS/cluster1" V_2020,
                          NULL);

    assert_memory_equal(answer, "200", 3);
    assert_non_null(strstr(answer, "\"id\": \"" FRONT_CLUSTER "\""));
    clusters_release(&c);
}

static void does_not_find_what_is_not_there(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got = front_give_error(&c.front, "GET", FRONT_CLUSTER V_2020, NULL);

    assert_string_equal(got, "404 ResourceNotFound: The Resource 'openshiftclusters/cluster1' "
                             "under resource group 'group' was not found.");
    clusters_release(&c);
}

/* The second of two replies is the first one's text, until the document changes. */
static void repeats_itself_until_a_change(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);

    cleanup_free char *first = front_give_answer(&c.front, "GET", FRONT_CLUSTER V_2020, NULL);
    cleanup_free char *second = front_give_answer(&c.front, "GET", FRONT_CLUSTER V_2020, NULL);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_free char *changed = front_give_answer(&c.front, "GET", FRONT_CLUSTER V_2020, NULL);
    cleanup_free char *again = front_give_answer(&c.front, "GET", FRONT_CLUSTER V_2020, NULL);

    assert_string_equal(first, second);
    assert_non_null(strstr(first, "\"provisioningState\": \"Creating\""));
    assert_non_null(strstr(changed, "\"provisioningState\": \"Succeeded\""));
    assert_string_equal(again, changed);
    clusters_release(&c);
}

static void mark_live(struct enricher *e, const struct opctx *ctx, json *const *clusters,
                      size_t len)
{
    (void)e;
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        (void)json_set_str(clusters[i], "properties.clusterProfile.version", "4.99.1", NULL);
}

static void asks_live_clusters_that_are_there(void **state)
{
    (void)state;
    struct enricher e = { mark_live };
    struct clusters c;
    clusters_begin(&c);
    c.front.cfg.enricher = &e;
    clusters_serve(&c);
    clusters_set_subscription(&c, "Registered");
    clusters_add_version(&c, DEFAULT_VERSION, true, true);
    clusters_create(&c);

    cleanup_free char *creating = front_give_answer(&c.front, "GET", FRONT_CLUSTER V_2020, NULL);
    clusters_finish(&c, "Succeeded", NULL);
    cleanup_free char *alive = front_give_answer(&c.front, "GET", FRONT_CLUSTER V_2020, NULL);
    cleanup_json json *document = clusters_give_document(&c);

    assert_null(strstr(creating, "4.99.1"));
    assert_non_null(strstr(alive, "\"version\": \"4.99.1\""));
    assert_string_equal(
        json_path_str(document, "openShiftCluster.properties.clusterProfile.version"),
        DEFAULT_VERSION);
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("shows a cluster in every version, without secrets", shows_a_cluster_in_every_version),
        CASE("finds it in any letters and tells the client's own", finds_it_in_any_letters),
        CASE("does not find what is not there", does_not_find_what_is_not_there),
        CASE("repeats itself until the document changes", repeats_itself_until_a_change),
        CASE("adds live data to the reply only, once there is a cluster",
             asks_live_clusters_that_are_there),
    };
    return RUN_CASES("GET cluster", tests);
}

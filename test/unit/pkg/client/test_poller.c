#include "test/unit/pkg/client/client_rig.h"

#define CLUSTER_URL RIG_URL(RIG_GROUP RIG_CLUSTERS "/c", "2025-07-25")
#define STATUS_URL RIG_ENDPOINT "/operationsstatus/1"
#define SENT_HEADERS "Accept: application/json\nContent-Type: application/json\n@gzip: true\n\n"

static const struct aro_openshift_cluster body = { .location = "eastus" };

static void a_create_ends_with_the_cluster(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "PUT " CLUSTER_URL "\n" SENT_HEADERS "{\"location\":\"eastus\"}",
          .status = 201,
          .headers = "Azure-AsyncOperation: " STATUS_URL "\nRetry-After: 5",
          .reply = "{\"properties\":{\"provisioningState\":\"Creating\"}}" },
        { .request = "GET " STATUS_URL "\n" RIG_HEADERS, .reply = "{\"status\":\"Creating\"}" },
        { .request = "GET " STATUS_URL "\n" RIG_HEADERS, .reply = "{\"status\":\"Succeeded\"}" },
        { .request = "GET " CLUSTER_URL "\n" RIG_HEADERS,
          .reply = "{\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
    };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    cleanup_aro_poller struct aro_poller *p = NULL;

    assert_int_equal(aro_openshift_clusters_create_or_update(r.client, &r.azure.ctx, "group", "c",
                                                             &body, &p, NULL),
                     0);
    assert_int_equal(aro_poller_status(p), 201);
    assert_int_equal(aro_poller_pause_ms(p), 5000);
    assert_int_equal(aro_poller_cluster(p)->properties->provisioning_state,
                     ARO_PROVISIONING_STATE_CREATING);
    assert_int_equal(aro_poller_poll(p, &r.azure.ctx, NULL), 0);
    assert_false(aro_poller_is_done(p));
    assert_int_equal(aro_poller_wait(p, &r.azure.ctx, NULL), 0);

    assert_true(aro_poller_is_done(p));
    assert_int_equal(aro_poller_cluster(p)->properties->provisioning_state,
                     ARO_PROVISIONING_STATE_SUCCEEDED);
    client_rig_finish(&r);
}

static void a_failure_says_why(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 200, .headers = "Azure-AsyncOperation: " STATUS_URL, .reply = "{}" },
        { .reply =
              "{\"status\":\"Failed\",\"error\":{\"code\":\"DeploymentFailed\",\"message\":\"m\","
              "\"target\":\"t\",\"details\":[{\"code\":\"Inner\"}]}}" },
    };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    cleanup_aro_poller struct aro_poller *p = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        aro_openshift_clusters_update(r.client, &r.azure.ctx, "group", "c", &body, &p, NULL), 0);
    assert_int_equal(aro_poller_wait(p, &r.azure.ctx, &err), -1);

    assert_true(aro_poller_is_done(p));
    assert_string_equal(error_get_code(err), "DeploymentFailed");
    assert_string_equal(error_get_target(err), "t");
    cleanup_aro_cloud_error struct aro_cloud_error *told = aro_cloud_error_of(err);
    assert_string_equal(told->error->details[0].code, "Inner");
    client_rig_finish(&r);
}

static void a_delete_shows_nothing(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "DELETE " CLUSTER_URL "\n" RIG_HEADERS,
          .status = 202,
          .headers = "Location: " RIG_ENDPOINT "/operationresults/1" },
        { .status = 204 },
        { .status = 204 },
    };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    cleanup_aro_poller struct aro_poller *p = NULL, *again = NULL;

    assert_int_equal(aro_openshift_clusters_delete(r.client, &r.azure.ctx, "group", "c", &p, NULL),
                     0);
    assert_int_equal(aro_poller_wait(p, &r.azure.ctx, NULL), 0);
    assert_null(aro_poller_cluster(p));

    assert_int_equal(
        aro_openshift_clusters_delete(r.client, &r.azure.ctx, "group", "c", &again, NULL), 0);
    assert_true(aro_poller_is_done(again));
    assert_int_equal(aro_poller_status(again), 204);
    client_rig_finish(&r);
}

static void the_context_ends_the_wait_alone(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 200, .headers = "Azure-AsyncOperation: " STATUS_URL, .reply = "{}" },
        { .reply = "{\"status\":\"Succeeded\"}" },
        { .reply = "{}" },
    };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct opctx stopped = opctx_with_stop(&r.azure.ctx, stop);
    cleanup_aro_poller struct aro_poller *p = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        aro_openshift_clusters_update(r.client, &stopped, "group", "c", &body, &p, NULL), 0);
    stop_request(stop);
    assert_int_equal(aro_poller_wait(p, &stopped, &err), -1);
    assert_true(error_is(err, ERR_CANCELLED));
    assert_false(aro_poller_is_done(p));

    assert_int_equal(aro_poller_wait(p, &r.azure.ctx, NULL), 0);
    client_rig_finish(&r);
}

static void nothing_is_sent_that_the_version_lacks(void **state)
{
    (void)state;
    static const struct aro_managed_service_identity identity = { .principal_id = "p" };
    static const struct aro_openshift_cluster newer = { .identity = &identity };
    struct client_rig r;
    client_rig_init(&r, "2023-11-22", NULL, 0);
    struct aro_poller *p = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        aro_openshift_clusters_update(r.client, &r.azure.ctx, "group", "c", &newer, &p, &err), -1);

    assert_string_equal(error_get_target(err), "identity");
    client_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a create ends with the cluster", a_create_ends_with_the_cluster),
        CASE("a failure says why", a_failure_says_why),
        CASE("a delete shows nothing", a_delete_shows_nothing),
        CASE("the context ends the wait alone", the_context_ends_the_wait_alone),
        CASE("nothing is sent that the version lacks", nothing_is_sent_that_the_version_lacks),
    };
    return RUN_CASES("poller", tests);
}

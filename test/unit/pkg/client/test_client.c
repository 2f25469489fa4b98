#include "test/unit/pkg/client/client_rig.h"

static void gets_what_the_path_names(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "GET " RIG_URL("/subscriptions/sub/resourceGroups/a%20b" RIG_CLUSTERS "/c%2Fd",
                                    "2025-07-25") "\n" RIG_HEADERS,
          .reply = "{\"name\":\"c\"}" },
    };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    cleanup_aro_openshift_cluster struct aro_openshift_cluster *got = NULL;

    assert_int_equal(aro_openshift_clusters_get(r.client, &r.azure.ctx, "a b", "c/d", &got, NULL),
                     0);

    assert_string_equal(got->name, "c");
    client_rig_finish(&r);
}

static void credentials_are_secrets(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "POST " RIG_URL(RIG_GROUP RIG_CLUSTERS "/c/listCredentials",
                                     "2020-04-30") "\n" RIG_HEADERS,
          .reply = "{\"kubeadminUsername\":\"kubeadmin\",\"kubeadminPassword\":\"p\"}" },
    };
    struct client_rig r;
    client_rig_init(&r, "2020-04-30", steps, ARRAY_LEN(steps));
    cleanup_aro_openshift_cluster_credentials struct aro_openshift_cluster_credentials *got = NULL;

    assert_int_equal(
        aro_openshift_clusters_list_credentials(r.client, &r.azure.ctx, "group", "c", &got, NULL),
        0);

    assert_string_equal(got->kubeadmin_username, "kubeadmin");
    assert_string_equal(secret_reveal(got->kubeadmin_password, NULL), "p");
    client_rig_finish(&r);
}

static void nothing_is_sent_that_cannot_work(void **state)
{
    (void)state;
    struct client_rig r;
    client_rig_init(&r, "2020-04-30", NULL, 0);
    struct aro_openshift_version *version = NULL;
    struct aro_openshift_cluster *cluster = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        aro_openshift_versions_get(r.client, &r.azure.ctx, "eastus", "4.14.1", &version, &err), -1);
    assert_true(error_is(err, ERR_UNSUPPORTED));
    assert_string_equal(error_text(err),
                        "OpenShiftVersions_Get: API version 2020-04-30 has no such operation");

    assert_int_equal(
        aro_openshift_clusters_get(r.client, &r.azure.ctx, "group", "", &cluster, &err), -1);
    assert_string_equal(error_text(err), "OpenShiftClusters_Get: resourceName: no value");
    client_rig_finish(&r);
}

static void an_unknown_version_makes_no_client(void **state)
{
    (void)state;
    const struct aro_client_config cfg = { .api_version = "admin" };
    struct aro_client *client = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(aro_client_new(&cfg, &client, &err), -1);

    assert_string_equal(error_text(err), "'admin' is no API version");
}

static void a_refusal_keeps_its_details(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .status = 409,
          .reply =
              "{\"error\":{\"code\":\"Outer\",\"message\":\"all\",\"target\":\"t\",\"details\":[{"
              "\"code\":\"Inner\",\"message\":\"one\",\"details\":[]},{\"code\":\"Other\"}]}}" },
    };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    struct aro_openshift_cluster *cluster = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        aro_openshift_clusters_get(r.client, &r.azure.ctx, "group", "c", &cluster, &err), -1);

    assert_string_equal(error_get_code(err), "Outer");
    assert_string_equal(error_get_target(err), "t");
    assert_int_equal(error_get_status(err), 409);
    cleanup_aro_cloud_error struct aro_cloud_error *told = aro_cloud_error_of(err);
    assert_string_equal(told->error->message, "all");
    assert_int_equal(told->error->details_len, 2);
    assert_string_equal(told->error->details[0].code, "Inner");
    assert_non_null(told->error->details[0].details);
    assert_null(told->error->details[1].details);
    client_rig_finish(&r);
}

static void other_errors_have_none(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;
    error_set(&err, ERR_CONN, "away");
    assert_null(aro_cloud_error_of(err));
    error_body(&err, "<html>");
    assert_null(aro_cloud_error_of(err));
    assert_null(aro_cloud_error_of(NULL));
}

struct reply_case {
    const char *name, *reply, *want;
};
static struct reply_case cases[] = {
    { "a reply that is wrong names the place", "{\"properties\":{\"masterProfile\":[]}}",
      "properties.masterProfile: is of type array, not object" },
    { "an empty reply is none", "", "is of type null, not object" },
};

static void check_reply(void **state)
{
    const struct reply_case *c = *state;
    const struct script_step steps[] = { { .reply = c->reply } };
    struct client_rig r;
    client_rig_init(&r, NULL, steps, ARRAY_LEN(steps));
    struct aro_openshift_cluster *cluster = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(
        aro_openshift_clusters_get(r.client, &r.azure.ctx, "group", "c", &cluster, &err), -1);

    assert_string_equal(error_text(err), c->want);
    assert_null(cluster);
    client_rig_finish(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 6] = {
        CASE("gets what the path names", gets_what_the_path_names),
        CASE("credentials are secrets", credentials_are_secrets),
        CASE("nothing is sent that cannot work", nothing_is_sent_that_cannot_work),
        CASE("an unknown version makes no client", an_unknown_version_makes_no_client),
        CASE("a refusal keeps its details", a_refusal_keeps_its_details),
        CASE("other errors have no details", other_errors_have_none),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 6] = (struct CMUnitTest)CASE_OF(cases[i].name, check_reply, &cases[i]);
    return RUN_CASES("client", tests);
}

#include <string.h>

#include "test/unit/support/rp/hive/hive_rig.h"
#include "test/unit/support/test.h"

#define CLUSTER_PATH "clusters/aro-1/cluster"
#define BODY(labels, annotations, since) \
    "{\"metadata\":{\"name\":\"cluster\",\"namespace\":\"aro-1\",\"labels\":{" labels \
    "},\"annotations\":{" annotations "}},\"spec\":{\"kubeconfig\":\"k\",\"installed\":true," \
    "\"installedTimestamp\":\"" since "\",\"apiURLOverride\":\"api-int.a.example.com:6443\"," \
    "\"apiServerIPOverride\":\"10.0.0.4\"}}"
#define LABELS \
    "\"hive.openshift.io/cluster-platform\":\"azure\"," \
    "\"hive.openshift.io/cluster-region\":\"eastus\"," \
    "\"hive.openshift.io/version-major\":\"4\"," \
    "\"hive.openshift.io/version-major-minor\":\"4.14\"," \
    "\"hive.openshift.io/version-major-minor-patch\":\"4.14.16\""
#define ANNOTATIONS \
    "\"aro.openshift.io/resource-id\":\"/subscriptions/1/x\"," \
    "\"hive.openshift.io/additional-log-fields\":\"{\\\"correlationId\\\":\\\"c\\\"}\""

static int register_one(struct hive_rig *r, struct error **err)
{
    cleanup_secret struct secret *kubeconfig = secret_new("k", 1);
    cleanup_json json *correlation = json_make("{'correlationId':'c'}");
    const struct hive_cluster cluster = {
        .nspace = "aro-1",
        .kubeconfig = kubeconfig,
        .api_url = "api-int.a.example.com:6443",
        .api_ip = "10.0.0.4",
        .location = "eastus",
        .version = "4.14.16-rc.1",
        .resource_id = "/subscriptions/1/x",
        .correlation = correlation,
    };
    return hive_register(r->hive, &r->ctx, &cluster, err);
}

static void a_cluster_is_told_of_in_full(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = HIVE_ASKS("GET", CLUSTER_PATH),
          .status = 404,
          .reply = HIVE_STATUS("NotFound") },
        { .request = HIVE_SENDS("PUT", CLUSTER_PATH "?upsert=true",
                                BODY(LABELS, ANNOTATIONS, "2024-02-03T04:05:06Z")),
          .status = 201,
          .reply = "{}" },
    };
    struct hive_rig r;
    hive_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(register_one(&r, NULL), 0);

    hive_rig_close(&r);
}

#define LIVE(version, pause) \
    "{\"metadata\":{\"resourceVersion\":\"" version "\",\"labels\":{\"mine\":\"1\"}," \
    "\"annotations\":{\"hive.openshift.io/syncset-pause\":\"" pause "\"}},\"spec\":{" \
    "\"installedTimestamp\":\"2020-01-01T00:00:00Z\",\"caBundle\":\"theirs\"," \
    "\"apiURLOverride\":\"former:6443\"}}"
#define REPLACES(version, pause) \
    "PUT " HIVE_URL CLUSTER_PATH "\nIf-Match: \"" version "\"\n@gzip: true\n\n" \
    "{\"metadata\":{\"name\":\"cluster\",\"namespace\":\"aro-1\",\"labels\":{\"mine\":" \
    "\"1\"," LABELS "},\"annotations\":{\"hive.openshift.io/syncset-pause\":\"" pause \
    "\"," ANNOTATIONS \
    "}},\"spec\":{\"installedTimestamp\":\"2020-01-01T00:00:00Z\",\"caBundle\":\"theirs\"," \
    "\"apiURLOverride\":\"api-int.a.example.com:6443\",\"kubeconfig\":\"k\",\"installed\":true," \
    "\"apiServerIPOverride\":\"10.0.0.4\"}}"

/* A pause that an administrator ordered must outlive an update, also one that was ordered amid it. */
static void what_others_said_of_it_stays(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = LIVE("7", "false") },
        { .request = REPLACES("7", "false"), .status = 409, .reply = HIVE_STATUS("Conflict") },
        { .reply = LIVE("8", "true") },
        { .request = REPLACES("8", "true"), .reply = "{}" },
    };
    struct hive_rig r;
    hive_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(register_one(&r, NULL), 0);

    hive_rig_close(&r);
}

static void one_that_went_in_between_is_told_of_again(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = LIVE("7", "true") },
        { .request = REPLACES("7", "true"), .status = 404, .reply = HIVE_STATUS("NotFound") },
        HIVE_NONE,
        { .request = HIVE_SENDS("PUT", CLUSTER_PATH "?upsert=true",
                                BODY(LABELS, ANNOTATIONS, "2024-02-03T04:05:06Z")),
          .reply = "{}" },
    };
    struct hive_rig r;
    hive_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(register_one(&r, NULL), 0);

    hive_rig_close(&r);
}

#define OVERTAKEN \
    { .reply = LIVE("7", "true") }, \
    { \
        .status = 409, .reply = HIVE_STATUS("Conflict") \
    }

static void who_is_overtaken_all_the_time_gives_up(void **state)
{
    (void)state;
    static const struct script_step steps[] = { OVERTAKEN, OVERTAKEN, OVERTAKEN, OVERTAKEN,
                                                OVERTAKEN };
    struct hive_rig r;
    cleanup_error struct error *err = NULL;
    hive_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(register_one(&r, &err), -1);

    assert_true(error_is(err, ERR_CONFLICT));
    hive_rig_close(&r);
}

static void an_outage_is_told(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { .status = 503, .reply = HIVE_STATUS("x") } };
    struct hive_rig r;
    cleanup_error struct error *err = NULL;
    hive_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(register_one(&r, &err), -1);

    assert_true(error_is_retriable(err));
    hive_rig_close(&r);
}

static void a_version_is_as_much_of_it_as_there_is(void **state)
{
    (void)state;
    static const char want[] =
        "{\"metadata\":{\"name\":\"cluster\",\"namespace\":\"n\",\"labels\":{"
        "\"hive.openshift.io/cluster-platform\":\"azure\","
        "\"hive.openshift.io/version-major\":\"4\"},\"annotations\":{}},\"spec\":{"
        "\"kubeconfig\":\"k\",\"installed\":true,\"installedTimestamp\":\"2024-02-03T04:05:06Z\"}}";
    const struct script_step steps[] = { HIVE_NONE, { .reply = "{}" } };
    struct hive_rig r;
    cleanup_secret struct secret *kubeconfig = secret_new("k", 1);
    hive_rig_open(&r, steps, ARRAY_LEN(steps));
    const struct hive_cluster cluster = { .nspace = "n", .kubeconfig = kubeconfig, .version = "4" };

    assert_int_equal(hive_register(r.hive, &r.ctx, &cluster, NULL), 0);

    assert_string_equal(strstr(r.server.requests.v[1], "\n\n") + 2, want);
    hive_rig_close(&r);
}

static void a_namespace_is_made_once(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = HIVE_SENDS("POST", "namespaces", "{\"metadata\":{\"name\":\"aro-1\"}}"),
          .status = 201,
          .reply = "{}" },
        { .status = 409, .reply = HIVE_STATUS("AlreadyExists") },
        { .status = 403, .reply = HIVE_STATUS("Forbidden") },
    };
    struct hive_rig r;
    cleanup_free char *nspace = hive_give_namespace("1");
    hive_rig_open(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(hive_ensure_namespace(r.hive, &r.ctx, nspace, NULL), 0);
    assert_int_equal(hive_ensure_namespace(r.hive, &r.ctx, nspace, NULL), 0);
    assert_int_equal(hive_ensure_namespace(r.hive, &r.ctx, nspace, NULL), -1);

    hive_rig_close(&r);
}

struct end {
    const char *name;
    int cluster_status, namespace_status; /* 0: it is not asked */
    int want;
};
static struct end ends[] = {
    { "both go", 200, 200, 0 },
    { "what is gone already is fine", 404, 404, 0 },
    { "what others have there stays", 200, 409, 0 },
    { "an outage is told", 503, 0, -1 },
    { "so is one in between", 200, 503, -1 },
};

static void check_end(void **state)
{
    const struct end *e = *state;
    const struct script_step steps[] = {
        { .request = HIVE_ASKS("DELETE", CLUSTER_PATH),
          .status = e->cluster_status,
          .reply = e->cluster_status == 404 ? HIVE_STATUS("NotFound") : "{}" },
        { .request = HIVE_ASKS("DELETE", "namespaces/aro-1"),
          .status = e->namespace_status,
          .reply = e->namespace_status == 409 ? HIVE_STATUS("Conflict") : "{}" },
    };
    struct hive_rig r;
    hive_rig_open(&r, steps, e->namespace_status ? 2 : 1);

    assert_int_equal(hive_deregister(r.hive, &r.ctx, "aro-1", NULL), e->want);

    hive_rig_close(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(ends) + 7] = {
        CASE("a cluster is told of in full", a_cluster_is_told_of_in_full),
        CASE("what others said of it stays", what_others_said_of_it_stays),
        CASE("one that went in between is told of again",
             one_that_went_in_between_is_told_of_again),
        CASE("who is overtaken all the time gives up", who_is_overtaken_all_the_time_gives_up),
        CASE("an outage is told", an_outage_is_told),
        CASE("a version is as much of it as there is", a_version_is_as_much_of_it_as_there_is),
        CASE("a namespace is made once", a_namespace_is_made_once),
    };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        tests[7 + i] = (struct CMUnitTest)CASE_OF(ends[i].name, check_end, &ends[i]);
    return RUN_CASES("register", tests);
}

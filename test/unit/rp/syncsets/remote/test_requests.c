/* What is counted of requests to clusters. */
#include <string.h>

#include "pkg/base/clock.h"
#include "rp/syncsets/remote/requests.h"
#include "test/unit/support/test.h"

struct resource_case {
    const char *path, *resource; /* NULL: it does not count */
};
static const struct resource_case cases[] = {
    { "/api/v1/nodes", "core/v1/nodes" },
    { "/api/v1/nodes/a/status", "core/v1/nodes" },
    { "/api/v1/namespaces", "core/v1/namespaces" },
    { "/api/v1/namespaces/a", "core/v1/namespaces" },
    { "/api/v1/namespaces/a/finalize", "core/v1/namespaces" },
    { "/api/v1/namespaces/a/configmaps", "core/v1/configmaps" },
    { "/api/v1/namespaces/a/pods/b/log", "core/v1/pods" },
    { "/apis/apps/v1/deployments", "apps/v1/deployments" },
    { "/apis/apps/v1/namespaces/a/deployments/b/scale", "apps/v1/deployments" },
    { "/apis/config.openshift.io/v1/clusterversions/version",
      "config.openshift.io/v1/clusterversions" },
    { "/api", NULL },
    { "/api/v1", NULL },
    { "/apis/apps/v1", NULL },
    { "/openapi/v3", NULL },
};

struct rig {
    struct metrics *metrics;
    struct remote_requests q;
};

static int set_up(void **state)
{
    static struct rig rig;
    rig.metrics = metrics_new();
    remote_requests_init(&rig.q, rig.metrics);
    *state = &rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *r = *state;
    metrics_free(r->metrics);
    return 0;
}

static void add(struct rig *r, const char *path, int status, bool given_up, int64_t seconds)
{
    const struct kube_attempt a = { .method = "GET",
                                    .path = path,
                                    .status = status,
                                    .given_up = given_up,
                                    .duration_ns = seconds * NS_PER_S };
    remote_requests_add(&r->q, "clustersync", &a);
}

static char *give_text(struct rig *r)
{
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(r->metrics, &out);
    return buf_give(&out);
}

static void they_count_by_resource_and_never_by_name(void **state)
{
    struct rig *r = *state;
    double counted = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *resource = cases[i].resource ? cases[i].resource : "";
        const struct metric_labels labels =
            METRIC_LABELS("clustersync", "GET", resource, "true", "404 Not Found");
        double before = metric_get(r->q.all, labels);
        add(r, cases[i].path, 404, false, 2);
        counted = metric_get(r->q.all, labels) - before;
        if (counted != (cases[i].resource ? 1 : 0))
            fail_msg("%s counted %g times as '%s'", cases[i].path, counted, resource);
        assert_true(metric_get(r->q.seconds, labels) == metric_get(r->q.all, labels));
    }
}

static void how_long_they_took_is_told(void **state)
{
    struct rig *r = *state;
    add(r, "/api/v1/nodes", 200, false, 3);
    cleanup_free char *text = give_text(r);
#define SERIES \
    "{controller=\"clustersync\",method=\"GET\",resource=\"core/v1/nodes\",remote=\"true\"," \
    "status=\"200 OK\""
    assert_non_null(
        strstr(text, "hive_kube_client_request_seconds_bucket" SERIES ",le=\"1\"} 0\n"));
    assert_non_null(
        strstr(text, "hive_kube_client_request_seconds_bucket" SERIES ",le=\"5\"} 1\n"));
    assert_non_null(strstr(text, "hive_kube_client_request_seconds_sum" SERIES "} 3\n"));
    assert_non_null(strstr(text, "hive_kube_client_requests_total" SERIES "} 1\n"));
}

static void what_nobody_waited_for_counts_apart(void **state)
{
    struct rig *r = *state;
    add(r, "/api/v1/nodes", 0, true, 60);
    add(r, "/api", 0, true, 10);
    add(r, "/api/v1/nodes", 0, false, 1); /* it broke down */
    assert_true(metric_get(r->q.cancelled,
                           METRIC_LABELS("clustersync", "GET", "core/v1/nodes", "true")) == 1);
    assert_true(metric_get(r->q.cancelled, METRIC_LABELS("clustersync", "GET", "", "true")) == 1);
    cleanup_free char *text = give_text(r);
    assert_null(strstr(text, "hive_kube_client_requests_total"));
}

static void nobody_need_measure(void **state)
{
    struct remote_requests q;
    const struct kube_attempt a = { .method = "GET", .path = "/api/v1/nodes", .status = 200 };
    (void)state;
    remote_requests_init(&q, NULL);
    remote_requests_add(&q, "clustersync", &a);
}

#define IN_RIG(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = set_up, .teardown_func = tear_down \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_RIG("they count by resource, and never by name",
               they_count_by_resource_and_never_by_name),
        IN_RIG("how long they took is told", how_long_they_took_is_told),
        IN_RIG("what nobody waited for counts apart", what_nobody_waited_for_counts_apart),
        CASE("nobody need measure", nobody_need_measure),
    };
    return RUN_CASES("requests", tests);
}

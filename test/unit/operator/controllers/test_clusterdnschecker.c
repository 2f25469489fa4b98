#include <string.h>

#include "operator/controllers/clusterdnschecker.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define TYPE "DefaultClusterDNS"

struct dns_case {
    const char *name, *spec, *status, *message;
};
static struct dns_case cases[] = {
    { "is content without servers", "{}", "True", "no in-cluster upstream DNS servers" },
    { "is content without upstreams", "{servers: [{name: a, zones: [a.com]}]}", "True",
      "no in-cluster upstream DNS servers" },
    { "tells all upstreams",
      "{servers: [{zones: [a.com], forwardPlugin: {upstreams: [1.2.3.4, 5.6.7.8]}}, {zones: "
      "[b.com], forwardPlugin: {upstreams: [9.9.9.9]}}]}",
      "True", "custom upstream DNS servers in use: 1.2.3.4, 5.6.7.8, 9.9.9.9" },
    { "finds the root zone",
      "{servers: [{zones: [a.com], forwardPlugin: {upstreams: [1.2.3.4]}}, {zones: [b.com, .]}]}",
      "False", "malformed config: \".\" in zones" },
    { "survives odd shapes", "{servers: [1, {zones: [2]}, {forwardPlugin: {upstreams: [3]}}]}",
      "True", "no in-cluster upstream DNS servers" },
};

static void start(struct fake_cluster *f, const char *spec)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    if (!spec)
        return;
    cleanup_free char *text = xasprintf("{apiVersion: operator.openshift.io/v1, kind: DNS, "
                                        "metadata: {name: default}, spec: %s}",
                                        spec);
    fake_cluster_add(f, text);
}

static void check_dns(void **state)
{
    const struct dns_case *c = *state;
    struct fake_cluster f;
    struct result result = { 0 };
    fake_cluster_init(&f);
    start(&f, c->spec);

    assert_int_equal(fake_cluster_reconcile(&f, &clusterdnschecker_controller, NULL, &result, NULL),
                     0);

    assert_string_equal(fake_cluster_condition(&f, TYPE), c->status);
    assert_string_equal(fake_cluster_message(&f, TYPE), c->message);
    assert_int_equal(result.requeue_after_ms, 3600000);
    fake_cluster_release(&f);
}

static void a_missing_object_fails_the_check_and_is_tried_again(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    start(f, NULL);

    assert_int_equal(fake_cluster_reconcile(f, &clusterdnschecker_controller, NULL, NULL, &err),
                     -1);

    assert_string_equal(fake_cluster_condition(f, TYPE), "False");
    assert_string_equal(fake_cluster_message(f, TYPE), error_text(err));
}

static void without_its_flag_the_check_is_unknown(void **state)
{
    struct fake_cluster *f = *state;
    start(f, "{}");
    json *cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    json_put(json_path(cluster, "spec.operatorflags"), "aro.checker.enabled", json_new_str("no"));

    fake_cluster_must(f, &clusterdnschecker_controller);

    assert_string_equal(fake_cluster_condition(f, TYPE), "Unknown");
    assert_null(fake_cluster_message(f, TYPE));
}

int main(void)
{
    struct CMUnitTest verdicts[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        verdicts[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_dns, &cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("fails without a DNS object",
                  a_missing_object_fails_the_check_and_is_tried_again),
        FAKE_CASE("is unknown without its flag", without_its_flag_the_check_is_unknown),
    };
    return RUN_CASES("clusterdns_verdicts", verdicts) + RUN_CASES("clusterdnschecker", tests);
}

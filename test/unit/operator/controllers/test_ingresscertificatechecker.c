#include <string.h>

#include "operator/controllers/ingresscertificatechecker.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define TYPE "DefaultIngressCertificate"
#define GOOD "Default ingress certificate is in use"
#define CUSTOM "apps.example.com"

struct certificate_case {
    const char *name, *domain, *certificate;
    int rcode;
    const char *message;
};
static struct certificate_case cases[] = {
    { "is content with the service's certificate", "x.eastus.aroapp.io", "the-id-ingress", 0,
      GOOD },
    { "is content in the government cloud", "x.usgov.aroapp.azure.us", "the-id-ingress", 0, GOOD },
    { "takes a managed domain in any letter case", "x.eastus.AROAPP.io", "the-id-ingress", 0,
      GOOD },
    { "finds another certificate on a managed domain", "x.eastus.aroapp.io", "mine", -1,
      "invalid ingress certificate name for cluster with managed domain" },
    { "finds a missing certificate on a managed domain", "x.eastus.aroapp.io", NULL, -1,
      "missing ingress certificate for cluster with managed domain" },
    { "takes any certificate on a custom domain", CUSTOM, "mine", 0, GOOD },
    { "tells of a missing certificate on a custom domain, without a retry", CUSTOM, NULL, 0,
      "missing ingress certificate for cluster with custom domain" },
    { "does not take a domain that only ends alike for a managed one", "notaroapp.io", "mine", 0,
      GOOD },
};

static void start(struct fake_cluster *f, const char *domain, const char *certificate)
{
    json *cluster = fake_cluster_give_cluster();
    json_path_put(cluster, "spec.domain", json_new_str(domain), NULL);
    fake_cluster_put(f, cluster);
    fake_cluster_add(f, "{apiVersion: config.openshift.io/v1, kind: ClusterVersion, metadata: "
                        "{name: version}, spec: {clusterID: the-id}}");
    json *ingress =
        json_make("{'apiVersion':'operator.openshift.io/v1','kind':'IngressController','metadata':"
                  "{'name':'default','namespace':'openshift-ingress-operator'},'spec':{}}");
    if (certificate)
        json_path_put(ingress, "spec.defaultCertificate", json_make("{'name':%s}", certificate),
                      NULL);
    fake_cluster_put(f, ingress);
}

static void check_certificate(void **state)
{
    const struct certificate_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    start(&f, c->domain, c->certificate);

    int rcode = fake_cluster_reconcile(&f, &ingresscertificatechecker_controller, NULL, NULL, NULL);

    assert_int_equal(rcode, c->rcode);
    assert_string_equal(fake_cluster_condition(&f, TYPE),
                        strcmp(c->message, GOOD) == 0 ? "True" : "False");
    assert_string_equal(fake_cluster_message(&f, TYPE), c->message);
    fake_cluster_release(&f);
}

static void a_read_error_is_told_and_returned(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    start(f, CUSTOM, "mine");
    fake_cluster_fail(f,
                      "GET /apis/operator.openshift.io/v1/namespaces/openshift-ingress-operator"
                      "/ingresscontrollers/default",
                      403, "Forbidden", 1);

    assert_int_equal(
        fake_cluster_reconcile(f, &ingresscertificatechecker_controller, NULL, NULL, &err), -1);

    assert_string_equal(fake_cluster_condition(f, TYPE), "False");
    assert_true(error_is(err, ERR_FORBIDDEN));
}

static void without_its_flag_the_check_is_unknown(void **state)
{
    struct fake_cluster *f = *state;
    start(f, CUSTOM, "mine");
    json *cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    json_del(json_path(cluster, "spec.operatorflags"), "aro.checker.enabled");

    fake_cluster_must(f, &ingresscertificatechecker_controller);

    assert_string_equal(fake_cluster_condition(f, TYPE), "Unknown");
}

int main(void)
{
    struct CMUnitTest verdicts[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        verdicts[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_certificate, &cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("tells and returns a read error", a_read_error_is_told_and_returned),
        FAKE_CASE("is unknown without its flag", without_its_flag_the_check_is_unknown),
    };
    return RUN_CASES("ingresscertificate_verdicts", verdicts) +
           RUN_CASES("ingresscertificatechecker", tests);
}

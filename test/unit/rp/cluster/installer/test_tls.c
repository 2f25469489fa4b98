#include <string.h>

#include "pkg/base/strv.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/tls.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/rp/cluster/installer_contract.h"
#include "test/unit/support/test.h"

#define NOW CERT_EPOCH_NS

static json *graph;

static struct secret *give(const char *asset, const char *member)
{
    struct secret *text = NULL;
    assert_int_equal(asset_need_bytes(graph, asset, member, &text, NULL), 0);
    return text;
}

struct leaf_case {
    const char *name, *asset, *signer, *common_name, *organization;
    int days;
    const char *dns_name, *ip;
    bool is_client;
};
static struct leaf_case cases[] = {
    { "the admin is a master for ten years", "*tls.AdminKubeConfigClientCertKey",
      "*tls.AdminKubeConfigSignerCertKey", "system:admin", "system:masters", 3650, NULL, NULL,
      true },
    { "the API server has both its names for a day", "*tls.KubeAPIServerLBServerCertKey",
      "*tls.KubeAPIServerLBSignerCertKey", "system:kube-apiserver", "kube-master", 1,
      "api.short.example", NULL, false },
    { "within the cluster it has its name", "*tls.KubeAPIServerInternalLBServerCertKey",
      "*tls.KubeAPIServerLBSignerCertKey", "system:kube-apiserver", "kube-master", 1,
      "api-int.short.example", NULL, false },
    { "on its own machine it is localhost", "*tls.KubeAPIServerLocalhostServerCertKey",
      "*tls.KubeAPIServerLocalhostSignerCertKey", "system:kube-apiserver", "kube-master", 1,
      "localhost", "::1", false },
    { "to pods it is kubernetes.default", "*tls.KubeAPIServerServiceNetworkServerCertKey",
      "*tls.KubeAPIServerServiceNetworkSignerCertKey", "system:kube-apiserver", "kube-master", 1,
      "kubernetes.default.svc", "172.30.0.1", false },
    { "machines get their configuration from api-int for ten years", "*tls.MCSCertKey",
      "*tls.RootCA", "system:machine-config-server", NULL, 3650, "api-int.short.example",
      "10.0.0.7", false },
    { "the controller manager is a master for a year",
      "*tls.KubeControlPlaneKubeControllerManagerClientCertKey",
      "*tls.KubeControlPlaneSignerCertKey", "system:admin", "system:masters", 365, NULL, NULL,
      true },
    { "the API server is known to kubelets for a year", "*tls.KubeAPIServerToKubeletClientCertKey",
      "*tls.KubeAPIServerToKubeletSignerCertKey", "system:kube-apiserver", "kube-master", 365, NULL,
      NULL, true },
    { "and to those behind it for a day", "*tls.APIServerProxyCertKey", "*tls.AggregatorCA",
      "system:kube-apiserver-proxy", "kube-master", 1, NULL, NULL, true },
    { "new nodes come as a service account for a day", "*tls.KubeletClientCertKey",
      "*tls.KubeletBootstrapCertSigner",
      "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper",
      "system:serviceaccounts", 1, NULL, NULL, true },
    { "etcd has its client for ten years", "*tls.EtcdSignerClientCertKey", "*tls.EtcdSignerCertKey",
      "etcd", "etcd", 3650, NULL, NULL, true },
};

static void check_leaf(void **state)
{
    const struct leaf_case *c = *state;
    cleanup_secret struct secret *cert = give(c->asset, "CertRaw"), *key = give(c->asset, "KeyRaw"),
                                 *ca = give(c->signer, "CertRaw");
    const char *pem = secret_reveal(cert, NULL);

    struct x509_facts facts = contract_give_facts(pem);

    assert_string_equal(facts.common_name, c->common_name);
    if (c->organization)
        assert_true(strv_has(&facts.organizations, c->organization));
    if (c->dns_name)
        assert_true(strv_has(&facts.dns_names, c->dns_name));
    if (c->ip)
        assert_true(strv_has(&facts.ip_addresses, c->ip));
    assert_int_equal(facts.not_before_wall_ns, NOW);
    assert_int_equal(facts.not_after_wall_ns, NOW + c->days * DAY_NS);
    assert_int_equal(pem_check_key_matches(pem, key, NULL), 0);
    assert_int_equal(contract_is_client_of(pem, secret_reveal(ca, NULL), NOW), c->is_client);
    x509_facts_release(&facts);
}

static void has_files(void **state)
{
    (void)state;
    cleanup_secret struct secret *cert = give("*tls.RootCA", "CertRaw"), *file = NULL;
    const char *name = NULL;
    const json *files = json_get(json_get(graph, "*tls.RootCA"), "FileList");

    assert_int_equal(json_len(files), 2);
    assert_int_equal(asset_read_file(json_at(files, 1), &name, &file, NULL), 0);

    assert_string_equal(name, "tls/root-ca.crt");
    assert_true(secret_equal(cert, file));
}

static void bundles_authorities(void **state)
{
    (void)state;
    cleanup_secret struct secret *bundle = give(ASSET_APISERVER_CA_BUNDLE, "BundleRaw");
    static const char *const members[] = { "*tls.KubeAPIServerLBSignerCertKey",
                                           "*tls.KubeAPIServerLocalhostSignerCertKey",
                                           "*tls.KubeAPIServerServiceNetworkSignerCertKey" };
    size_t count = 0;

    assert_int_equal(pem_check_certs(secret_reveal(bundle, NULL), &count, NULL, NULL), 0);

    assert_int_equal(count, 3);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        cleanup_secret struct secret *cert = give(members[i], "CertRaw");
        assert_non_null(strstr(secret_reveal(bundle, NULL), secret_reveal(cert, NULL)));
    }
}

static void works_without_an_address(void **state)
{
    (void)state;
    struct tls_inputs in = { .domain = "short.example",
                             .service_ip = "172.30.0.1",
                             .wall_ns = NOW };
    cleanup_json json *other = json_new_object();
    cleanup_secret struct secret *cert = NULL;

    assert_int_equal(tls_make_assets(&in, other, NULL), 0);

    assert_int_equal(asset_need_bytes(other, "*tls.MCSCertKey", "CertRaw", &cert, NULL), 0);
    struct x509_facts facts = contract_give_facts(secret_reveal(cert, NULL));
    assert_int_equal(facts.dns_names.len, 1);
    assert_int_equal(facts.ip_addresses.len, 0);
    x509_facts_release(&facts);
}

static void tells_of_impossible_names(void **state)
{
    (void)state;
    struct tls_inputs in = { .domain = "short.example", .service_ip = "moon", .wall_ns = NOW };
    cleanup_json json *other = json_new_object();
    cleanup_error struct error *err = NULL;

    assert_int_equal(tls_make_assets(&in, other, &err), -1);

    assert_non_null(strstr(error_text(err), "kube-apiserver-service-network-server"));
}

int main(void)
{
    struct CMUnitTest tests[4 + ARRAY_LEN(cases)] = {
        CASE("pairs have their files", has_files),
        CASE("the API server's authorities are bundled", bundles_authorities),
        CASE("an unknown address is left out", works_without_an_address),
        CASE("what cannot be certified is named", tells_of_impossible_names),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[4 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_leaf, &cases[i]);
    struct tls_inputs in = { .domain = "short.example",
                             .service_ip = "172.30.0.1",
                             .api_int_ip = "10.0.0.7",
                             .wall_ns = NOW };
    graph = json_new_object();
    if (tls_make_assets(&in, graph, NULL) < 0)
        return 1;
    int failed = RUN_CASES("tls", tests);
    json_free_wiped(graph);
    return failed;
}

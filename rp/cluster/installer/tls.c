#include "rp/cluster/installer/tls.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/crypt/rsa_key.h"
#include "rp/cluster/installer/asset.h"

#define DAY 1
#define YEAR 365
#define TEN_YEARS (10 * YEAR)
#define ITEMS_MAX 6
#define BUNDLE_MAX ((size_t)256 << 10)

struct authority {
    const char *asset, *name;
    int days;
};

static const struct authority authorities[] = {
    { "*tls.RootCA", "root-ca", TEN_YEARS },
    { "*tls.AdminKubeConfigSignerCertKey", "admin-kubeconfig-signer", TEN_YEARS },
    { "*tls.KubeAPIServerLBSignerCertKey", "kube-apiserver-lb-signer", TEN_YEARS },
    { "*tls.KubeAPIServerLocalhostSignerCertKey", "kube-apiserver-localhost-signer", TEN_YEARS },
    { "*tls.KubeAPIServerServiceNetworkSignerCertKey", "kube-apiserver-service-network-signer",
      TEN_YEARS },
    { "*tls.KubeControlPlaneSignerCertKey", "kube-control-plane-signer", YEAR },
    { "*tls.KubeAPIServerToKubeletSignerCertKey", "kube-apiserver-to-kubelet-signer", YEAR },
    { "*tls.AggregatorCA", "aggregator-ca", DAY },
    { "*tls.AggregatorSignerCertKey", "aggregator-signer", DAY },
    { "*tls.KubeletCSRSignerCertKey", "kubelet-signer", DAY },
    { "*tls.KubeletBootstrapCertSigner", "kubelet-bootstrap-kubeconfig-signer", TEN_YEARS },
    { "*tls.EtcdSignerCertKey", "etcd-signer", TEN_YEARS },
    { "*tls.EtcdMetricSignerCertKey", "etcd-metric-signer", TEN_YEARS },
};

/* A DNS name that ends with a dot is one below the cluster's domain; of addresses, "service" and "api-int" stand for those of
 * the inputs. */
struct leaf {
    const char *asset, *name, *signer, *common_name;
    int days;
    bool is_client, is_server;
    const char *organizations[ITEMS_MAX], *dns_names[ITEMS_MAX], *ip_addresses[ITEMS_MAX];
};

static const struct leaf leaves[] = {
    { .asset = ASSET_CONFIG_SERVER,
      .name = "machine-config-server",
      .signer = "*tls.RootCA",
      .common_name = "system:machine-config-server",
      .days = TEN_YEARS,
      .is_server = true,
      .dns_names = { "api-int.", "api-int" },
      .ip_addresses = { "api-int" } },
    { .asset = "*tls.JournalCertKey",
      .name = "journal-gatewayd",
      .signer = "*tls.RootCA",
      .common_name = "journal-gatewayd",
      .days = TEN_YEARS,
      .is_client = true,
      .is_server = true,
      .organizations = { "OpenShift Bootstrap" } },
    { .asset = ASSET_ADMIN_CLIENT_CERT,
      .name = "admin-kubeconfig-client",
      .signer = "*tls.AdminKubeConfigSignerCertKey",
      .common_name = "system:admin",
      .days = TEN_YEARS,
      .is_client = true,
      .organizations = { "system:masters" } },
    { .asset = "*tls.KubeAPIServerLBServerCertKey",
      .name = "kube-apiserver-lb-server",
      .signer = "*tls.KubeAPIServerLBSignerCertKey",
      .common_name = "system:kube-apiserver",
      .days = DAY,
      .is_server = true,
      .organizations = { "kube-master" },
      .dns_names = { "api.", "api-int." } },
    { .asset = "*tls.KubeAPIServerInternalLBServerCertKey",
      .name = "kube-apiserver-internal-lb-server",
      .signer = "*tls.KubeAPIServerLBSignerCertKey",
      .common_name = "system:kube-apiserver",
      .days = DAY,
      .is_server = true,
      .organizations = { "kube-master" },
      .dns_names = { "api-int." } },
    { .asset = "*tls.KubeAPIServerLocalhostServerCertKey",
      .name = "kube-apiserver-localhost-server",
      .signer = "*tls.KubeAPIServerLocalhostSignerCertKey",
      .common_name = "system:kube-apiserver",
      .days = DAY,
      .is_server = true,
      .organizations = { "kube-master" },
      .dns_names = { "localhost" },
      .ip_addresses = { "127.0.0.1", "::1" } },
    { .asset = "*tls.KubeAPIServerServiceNetworkServerCertKey",
      .name = "kube-apiserver-service-network-server",
      .signer = "*tls.KubeAPIServerServiceNetworkSignerCertKey",
      .common_name = "system:kube-apiserver",
      .days = DAY,
      .is_server = true,
      .organizations = { "kube-master" },
      .dns_names = { "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                     "kubernetes.default.svc.cluster.local" },
      .ip_addresses = { "service" } },
    { .asset = "*tls.KubeControlPlaneKubeControllerManagerClientCertKey",
      .name = "kube-control-plane-kube-controller-manager-client",
      .signer = "*tls.KubeControlPlaneSignerCertKey",
      .common_name = "system:admin",
      .days = YEAR,
      .is_client = true,
      .organizations = { "system:masters" } },
    { .asset = "*tls.KubeControlPlaneKubeSchedulerClientCertKey",
      .name = "kube-control-plane-kube-scheduler-client",
      .signer = "*tls.KubeControlPlaneSignerCertKey",
      .common_name = "system:admin",
      .days = YEAR,
      .is_client = true,
      .organizations = { "system:masters" } },
    { .asset = "*tls.KubeAPIServerToKubeletClientCertKey",
      .name = "kube-apiserver-to-kubelet-client",
      .signer = "*tls.KubeAPIServerToKubeletSignerCertKey",
      .common_name = "system:kube-apiserver",
      .days = YEAR,
      .is_client = true,
      .organizations = { "kube-master" } },
    { .asset = "*tls.APIServerProxyCertKey",
      .name = "apiserver-proxy",
      .signer = "*tls.AggregatorCA",
      .common_name = "system:kube-apiserver-proxy",
      .days = DAY,
      .is_client = true,
      .organizations = { "kube-master" } },
    { .asset = "*tls.AggregatorClientCertKey",
      .name = "aggregator-client",
      .signer = "*tls.AggregatorSignerCertKey",
      .common_name = "system:kube-apiserver-proxy",
      .days = DAY,
      .is_client = true,
      .organizations = { "kube-master" } },
    { .asset = ASSET_KUBELET_CLIENT_CERT,
      .name = "kubelet-client",
      .signer = "*tls.KubeletBootstrapCertSigner",
      .common_name = "system:serviceaccount:openshift-machine-config-operator:node-bootstrapper",
      .days = DAY,
      .is_client = true,
      .organizations = { "system:serviceaccounts:openshift-machine-config-operator",
                         "system:serviceaccounts" } },
    { .asset = "*tls.EtcdSignerClientCertKey",
      .name = "etcd-client",
      .signer = "*tls.EtcdSignerCertKey",
      .common_name = "etcd",
      .days = TEN_YEARS,
      .is_client = true,
      .organizations = { "etcd" } },
    { .asset = "*tls.EtcdMetricSignerClientCertKey",
      .name = "etcd-metric-signer-client",
      .signer = "*tls.EtcdMetricSignerCertKey",
      .common_name = "etcd-metric",
      .days = TEN_YEARS,
      .is_client = true,
      .organizations = { "etcd-metric" } },
};

struct bundle {
    const char *asset, *name;
    const char *members[ITEMS_MAX];
};

static const struct bundle bundles[] = {
    { "*tls.AdminKubeConfigCABundle",
      "admin-kubeconfig-ca-bundle",
      { "*tls.AdminKubeConfigSignerCertKey" } },
    { "*tls.KubeAPIServerLBCABundle",
      "kube-apiserver-lb-ca-bundle",
      { "*tls.KubeAPIServerLBSignerCertKey" } },
    { ASSET_LOCALHOST_CA_BUNDLE,
      "kube-apiserver-localhost-ca-bundle",
      { "*tls.KubeAPIServerLocalhostSignerCertKey" } },
    { "*tls.KubeAPIServerServiceNetworkCABundle",
      "kube-apiserver-service-network-ca-bundle",
      { "*tls.KubeAPIServerServiceNetworkSignerCertKey" } },
    { ASSET_APISERVER_CA_BUNDLE,
      "kube-apiserver-complete-server-ca-bundle",
      { "*tls.KubeAPIServerLocalhostSignerCertKey", "*tls.KubeAPIServerServiceNetworkSignerCertKey",
        "*tls.KubeAPIServerLBSignerCertKey" } },
    { "*tls.KubeAPIServerCompleteClientCABundle",
      "kube-apiserver-complete-client-ca-bundle",
      { "*tls.AdminKubeConfigSignerCertKey", "*tls.KubeletCSRSignerCertKey",
        "*tls.KubeControlPlaneSignerCertKey", "*tls.KubeAPIServerToKubeletSignerCertKey",
        "*tls.KubeletBootstrapCertSigner" } },
    { "*tls.KubeAPIServerToKubeletCABundle",
      "kube-apiserver-to-kubelet-ca-bundle",
      { "*tls.KubeAPIServerToKubeletSignerCertKey" } },
    { "*tls.KubeControlPlaneCABundle",
      "kube-control-plane-ca-bundle",
      { "*tls.KubeControlPlaneSignerCertKey", "*tls.KubeAPIServerLBSignerCertKey" } },
    { "*tls.KubeletClientCABundle",
      "kubelet-client-ca-bundle",
      { "*tls.KubeletCSRSignerCertKey" } },
    { "*tls.KubeletServingCABundle",
      "kubelet-serving-ca-bundle",
      { "*tls.KubeletCSRSignerCertKey" } },
    { "*tls.KubeletBootstrapCABundle",
      "kubelet-bootstrap-kubeconfig-ca-bundle",
      { "*tls.KubeletBootstrapCertSigner" } },
    { "*tls.AggregatorCABundle", "aggregator-ca-bundle", { "*tls.AggregatorSignerCertKey" } },
    { "*tls.EtcdCABundle", "etcd-ca-bundle", { "*tls.EtcdSignerCertKey" } },
    { "*tls.EtcdMetricCABundle", "etcd-metric-ca-bundle", { "*tls.EtcdMetricSignerCertKey" } },
};

static void put_pair(json *graph, const char *asset, const char *name, const char *cert,
                     const struct secret *key)
{
    size_t len;
    const char *text = secret_reveal(key, &len);
    cleanup_free char *key_file = xasprintf("tls/%s.key", name);
    cleanup_free char *cert_file = xasprintf("tls/%s.crt", name);
    json *value = json_new_object();
    asset_put_bytes(value, "CertRaw", cert, strlen(cert));
    asset_put_bytes(value, "KeyRaw", text, len);
    asset_put_file(value, key_file, text, len);
    asset_put_file(value, cert_file, cert, strlen(cert));
    json_put(graph, asset, value);
}

static int make_pair(const struct x509_request *request, const char *asset, const char *name,
                     json *graph, struct error **err)
{
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    if (x509_make(request, &cert, &key, err) < 0)
        return error_wrap(err, "%s", name);
    put_pair(graph, asset, name, cert, key);
    return 0;
}

static int64_t end_of(const struct tls_inputs *in, int days)
{
    return in->wall_ns + days * INT64_C(86400) * NS_PER_S;
}

static int make_authorities(const struct tls_inputs *in, json *graph, struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(authorities); i++) {
        const struct authority *a = &authorities[i];
        struct x509_request request = { .common_name = a->name,
                                        .organizational_unit = "openshift",
                                        .is_ca = true,
                                        .not_before_wall_ns = in->wall_ns,
                                        .not_after_wall_ns = end_of(in, a->days) };
        if (make_pair(&request, a->asset, a->name, graph, err) < 0)
            return -1;
    }
    return 0;
}

static void fill_names(const struct tls_inputs *in, const struct leaf *l, struct strv *dns,
                       struct strv *ips)
{
    for (size_t i = 0; i < ITEMS_MAX && l->dns_names[i]; i++) {
        if (str_ends(l->dns_names[i], "."))
            strv_addf(dns, "%s%s", l->dns_names[i], in->domain);
        else if (!str_eq(l->dns_names[i], "api-int"))
            strv_add(dns, l->dns_names[i]);
        else if (in->api_int_ip) /* as text, too: some clients compare it so */
            strv_add(dns, in->api_int_ip);
    }
    for (size_t i = 0; i < ITEMS_MAX && l->ip_addresses[i]; i++) {
        if (str_eq(l->ip_addresses[i], "service"))
            strv_add(ips, in->service_ip);
        else if (!str_eq(l->ip_addresses[i], "api-int"))
            strv_add(ips, l->ip_addresses[i]);
        else if (in->api_int_ip)
            strv_add(ips, in->api_int_ip);
    }
}

static int make_leaf(const struct tls_inputs *in, const struct leaf *l, json *graph,
                     struct error **err)
{
    cleanup_strv struct strv dns = STRV_INIT, ips = STRV_INIT;
    cleanup_secret struct secret *signer = NULL, *signer_key = NULL;
    fill_names(in, l, &dns, &ips);
    if (asset_need_bytes(graph, l->signer, "CertRaw", &signer, err) < 0 ||
        asset_need_bytes(graph, l->signer, "KeyRaw", &signer_key, err) < 0)
        return -1;
    struct x509_request request = { .common_name = l->common_name,
                                    .organizations = l->organizations,
                                    .dns_names = (const char *const *)dns.v,
                                    .ip_addresses = (const char *const *)ips.v,
                                    .is_client = l->is_client,
                                    .is_server = l->is_server,
                                    .not_before_wall_ns = in->wall_ns,
                                    .not_after_wall_ns = end_of(in, l->days),
                                    .issuer_cert_pem = secret_reveal(signer, NULL),
                                    .issuer_key_pem = signer_key };
    return make_pair(&request, l->asset, l->name, graph, err);
}

static int make_bundle(const struct bundle *b, json *graph, struct error **err)
{
    cleanup_buf struct buf text = BUF_INIT(BUNDLE_MAX);
    for (size_t i = 0; i < ITEMS_MAX && b->members[i]; i++) {
        cleanup_secret struct secret *cert = NULL;
        if (asset_need_bytes(graph, b->members[i], "CertRaw", &cert, err) < 0)
            return -1;
        buf_adds(&text, secret_reveal(cert, NULL));
    }
    if (buf_check(&text, err) < 0)
        return error_wrap(err, "%s", b->name);
    cleanup_free char *file = xasprintf("tls/%s.crt", b->name);
    json *value = json_new_object();
    asset_put_bytes(value, "BundleRaw", buf_str(&text), text.len);
    asset_put_file(value, file, buf_str(&text), text.len);
    json_put(graph, b->asset, value);
    return 0;
}

static int make_service_account_key(json *graph, struct error **err)
{
    cleanup_secret struct secret *der = NULL, *key = NULL;
    cleanup_free char *public_key = NULL;
    if (rsa_make(&der, err) < 0 || rsa_give_pem(der, &key, err) < 0 ||
        rsa_give_public_pem(der, &public_key, err) < 0)
        return error_wrap(err, "the key of service accounts");
    size_t len;
    const char *text = secret_reveal(key, &len);
    json *value = json_new_object();
    asset_put_bytes(value, "Pvt", text, len);
    asset_put_bytes(value, "Pub", public_key, strlen(public_key));
    asset_put_file(value, "tls/service-account.key", text, len);
    asset_put_file(value, "tls/service-account.pub", public_key, strlen(public_key));
    json_put(graph, "*tls.ServiceAccountKeyPair", value);
    return 0;
}

int tls_make_config_server(const struct tls_inputs *in, json *graph, struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(leaves); i++)
        if (str_eq(leaves[i].asset, ASSET_CONFIG_SERVER))
            return make_leaf(in, &leaves[i], graph, err);
    return error_set(err, ERR_INTERNAL, "no certificate " ASSET_CONFIG_SERVER " is known");
}

int tls_make_assets(const struct tls_inputs *in, json *graph, struct error **err)
{
    if (make_authorities(in, graph, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(leaves); i++)
        if (make_leaf(in, &leaves[i], graph, err) < 0)
            return -1;
    for (size_t i = 0; i < ARRAY_LEN(bundles); i++)
        if (make_bundle(&bundles[i], graph, err) < 0)
            return -1;
    return make_service_account_key(graph, err);
}

#include "test/unit/support/hack/devcloud/boot_files.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"

#define TLS "/opt/openshift/tls/"
#define MANIFESTS "/opt/openshift/manifests/"
#define OPENSHIFT "/opt/openshift/openshift/"
#define HOUR_NS (3600 * NS_PER_S)

static const char infrastructure[] =
    "apiVersion: config.openshift.io/v1\n"
    "kind: Infrastructure\n"
    "metadata: {name: cluster}\n"
    "spec: {platformSpec: {type: Azure}}\n"
    "status:\n"
    "  infrastructureName: " BOOT_INFRA "\n"
    "  apiServerInternalURI: https://api-int." BOOT_DOMAIN ":6443\n"
    "  platformStatus: {type: Azure, azure: {resourceGroupName: demo-rg, cloudName: "
    "AzurePublicCloud}}\n";
static const char dns[] = "apiVersion: config.openshift.io/v1\n"
                          "kind: DNS\n"
                          "metadata: {name: cluster}\n"
                          "spec: {baseDomain: " BOOT_DOMAIN "}\n";
static const char version[] = "apiVersion: config.openshift.io/v1\n"
                              "kind: ClusterVersion\n"
                              "metadata: {name: version}\n"
                              "spec: {channel: stable-4.16, clusterID: "
                              "11111111-2222-3333-4444-555555555555}\n";
static const char pull_secret[] =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: pull-secret, namespace: openshift-config}\n"
    "type: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: eyJhdXRocyI6e319}\n";
static const char credentials[] =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: azure-credentials, namespace: kube-system}\n"
    "data: {azure_client_id: YQ==, azure_client_secret: Yg==}\n";

#define PROVIDER_SPEC(size) \
    "{apiVersion: machine.openshift.io/v1beta1, kind: AzureMachineProviderSpec, location: " \
    "eastus, " \
    "vmSize: " size \
    ", vnet: dev-vnet, networkResourceGroup: net-rg, subnet: worker, resourceGroup: " \
    "demo-rg, publicLoadBalancer: " BOOT_INFRA ", osDisk: {diskSizeGB: 128}, zone: \"1\"}"

static char *give_master(int i)
{
    return xasprintf("apiVersion: machine.openshift.io/v1beta1\nkind: Machine\n"
                     "metadata:\n  name: " BOOT_INFRA
                     "-master-%d\n  namespace: openshift-machine-api\n"
                     "  labels: {machine.openshift.io/cluster-api-cluster: " BOOT_INFRA
                     ", machine.openshift.io/cluster-api-machine-role: master, "
                     "machine.openshift.io/cluster-api-machine-type: master}\n"
                     "spec: {providerSpec: {value: " PROVIDER_SPEC("Standard_D8s_v3") "}}\n",
                     i);
}

static const char machineset[] =
    "apiVersion: machine.openshift.io/v1beta1\nkind: MachineSet\n"
    "metadata:\n  name: " BOOT_INFRA "-worker-eastus1\n  namespace: openshift-machine-api\n"
    "spec:\n  replicas: 2\n"
    "  selector: {matchLabels: {machine.openshift.io/cluster-api-machineset: " BOOT_INFRA
    "-worker-eastus1}}\n"
    "  template:\n"
    "    metadata: {labels: {machine.openshift.io/cluster-api-machineset: " BOOT_INFRA
    "-worker-eastus1, machine.openshift.io/cluster-api-machine-role: worker}}\n"
    "    spec: {providerSpec: {value: " PROVIDER_SPEC("Standard_D4s_v3") "}}\n";

/* ---- certificates ---- */

struct maker {
    struct boot_files *f;
    char *ca_pem;
    struct secret *ca_key;
};

static void make(const struct x509_request *rq, char **cert, struct secret **key)
{
    assert_int_equal(x509_make(rq, cert, key, NULL), 0);
}

static struct x509_request request(const char *name)
{
    int64_t now = clock_wall_ns(clock_system());
    return (struct x509_request){ .common_name = name,
                                  .not_before_wall_ns = now - HOUR_NS,
                                  .not_after_wall_ns = now + 24 * HOUR_NS };
}

static void add_serving(struct boot_files *f)
{
    static const char *const names[] = { "api." BOOT_DOMAIN, "api-int." BOOT_DOMAIN, NULL };
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *ca_key = NULL, *key = NULL;
    struct x509_request ca = request("kube-apiserver-lb-signer");
    ca.is_ca = true;
    make(&ca, &f->serving_ca_pem, &ca_key);
    struct x509_request leaf = request("system:kube-apiserver");
    leaf.is_server = true;
    leaf.dns_names = names;
    leaf.issuer_cert_pem = f->serving_ca_pem;
    leaf.issuer_key_pem = ca_key;
    make(&leaf, &cert, &key);
    boot_files_set(f, TLS "kube-apiserver-lb-signer.crt", f->serving_ca_pem);
    boot_files_set(f, TLS "kube-apiserver-lb-server.crt", cert);
    boot_files_set(f, TLS "kube-apiserver-lb-server.key", secret_reveal(key, NULL));
}

static void add_admin(struct boot_files *f)
{
    static const char *const masters[] = { "system:masters", NULL };
    cleanup_free char *ca_pem = NULL;
    cleanup_secret struct secret *ca_key = NULL;
    struct x509_request ca = request("admin-kubeconfig-signer");
    ca.is_ca = true;
    make(&ca, &ca_pem, &ca_key);
    struct x509_request leaf = request("system:admin");
    leaf.is_client = true;
    leaf.organizations = masters;
    leaf.issuer_cert_pem = ca_pem;
    leaf.issuer_key_pem = ca_key;
    make(&leaf, &f->admin_cert_pem, &f->admin_key_pem);
    boot_files_set(f, TLS "admin-kubeconfig-signer.crt", ca_pem);
}

/* ---- files ---- */

void boot_files_set(struct boot_files *f, const char *path, const char *text)
{
    if (text)
        json_put(f->files, path, json_new_str(text));
    else
        json_del(f->files, path);
}

void boot_files_init(struct boot_files *f)
{
    *f = (struct boot_files){ .files = json_new_object() };
    add_serving(f);
    add_admin(f);
    boot_files_set(f, MANIFESTS "cluster-infrastructure-02-config.yml", infrastructure);
    boot_files_set(f, MANIFESTS "cluster-dns-02-config.yml", dns);
    boot_files_set(f, MANIFESTS "cvo-overrides.yaml", version);
    boot_files_set(f, MANIFESTS "openshift-config-secret-pull-secret.yaml", pull_secret);
    boot_files_set(f, OPENSHIFT "99_cloud-creds-secret.yaml", credentials);
    for (int i = 0; i < 3; i++) {
        cleanup_free char *path =
            xasprintf(OPENSHIFT "99_openshift-cluster-api_master-machines-%d.yaml", i);
        cleanup_free char *text = give_master(i);
        boot_files_set(f, path, text);
    }
    boot_files_set(f, OPENSHIFT "99_openshift-cluster-api_worker-machineset-0.yaml", machineset);
    boot_files_set(f, "/usr/local/bin/release-image-download.sh",
                   "RELEASE=quay.io/openshift-release-dev/ocp-release:4.15.9-x86_64\n");
}

void boot_files_release(struct boot_files *f)
{
    json_free(f->files);
    free(f->admin_cert_pem);
    free(f->serving_ca_pem);
    secret_unref(f->admin_key_pem);
}

char *boot_files_give_config(const struct boot_files *f, const char *spec)
{
    cleanup_json json *list = json_new_array();
    for (struct json_iter it = json_each(f->files); json_next(&it);) {
        cleanup_free char *text = base64_give(json_str(it.value), json_str_len(it.value));
        cleanup_free char *url = xasprintf("data:text/plain;charset=utf-8;base64,%s", text);
        json_append(list,
                    json_make("{'path':%s,'mode':384,'contents':{'source':%s}}", it.key, url));
    }
    cleanup_json json *config =
        json_make("{'ignition':{'version':%s},'passwd':{'users':[{'name':'core',"
                  "'sshAuthorizedKeys':['ssh-rsa AAAA']}]},'storage':{'files':%j}}",
                  spec, json_ref(list));
    return json_give_text(config);
}

struct bootstrap *boot_files_give_bootstrap(const struct boot_files *f)
{
    cleanup_free char *text = boot_files_give_config(f, "3.2.0");
    cleanup_ignition struct ignition *i = NULL;
    struct bootstrap *b = NULL;
    struct error *err = NULL;
    if (ignition_parse(text, strlen(text), &i, &err) < 0 ||
        bootstrap_read(i, clock_wall_ns(clock_system()), &b, &err) < 0)
        fail_msg("%s", error_text(err));
    return b;
}

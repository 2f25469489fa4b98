#include "rp/cluster/installer/manifests.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/inputs.h"
#include "rp/cluster/installer/machines.h"
#include "rp/cluster/installer/tls.h"

/* object is consumed. */
static void put(json *graph, const char *asset, const char *file, json *object)
{
    cleanup_json_wiped json *owned = object;
    cleanup_secret_text char *text = yaml_give_text(owned);
    json *files = json_get(graph, asset);
    if (!files) {
        files = json_new_object();
        json_put(graph, asset, files);
    }
    asset_put_file(files, file, text, strlen(text));
}

static json *give_config_object(const char *kind, json *spec)
{
    return json_make("{'apiVersion':'config.openshift.io/v1','kind':%s,"
                     "'metadata':{'name':'cluster'},'spec':%j}",
                     kind, spec);
}

static json *give_infrastructure(const struct installer_inputs *in)
{
    const json *azure = json_path(in->install_config, "platform.azure");
    cleanup_free char *internal = inputs_give_internal_url(in, 6443, "");
    cleanup_free char *public_url = inputs_give_public_url(in);
    const char *cloud = json_path_str(azure, "cloudName");
    json *spec = json_make("{'cloudConfig':{'name':'cloud-provider-config','key':'config'}}");
    json *azure_status =
        json_make("{'resourceGroupName':%s,'networkResourceGroupName':%s}", in->resource_group,
                  json_path_str(azure, "networkResourceGroupName"));
    json *status =
        json_make("{'apiServerInternalURI':%s,'apiServerURL':%s,"
                  "'etcdDiscoveryDomain':%s,'infrastructureName':%s,'platform':'Azure'}",
                  internal, public_url, in->layout == INSTALLER_V1 ? in->domain : "", in->infra_id);
    if (in->layout == INSTALLER_V2) {
        json_put(spec, "platformSpec", json_make("{'type':'Azure'}"));
        json_put(azure_status, "cloudName", json_new_str(cloud ? cloud : "AzurePublicCloud"));
        json_put(status, "controlPlaneTopology", json_new_str("HighlyAvailable"));
        json_put(status, "infrastructureTopology", json_new_str("HighlyAvailable"));
    }
    json_put(status, "platformStatus", json_make("{'type':'Azure','azure':%j}", azure_status));
    json *object = give_config_object("Infrastructure", spec);
    json_put(object, "status", status);
    return object;
}

/* The first layout has a private zone; in the second the nodes resolve the cluster's own names themselves. */
static json *give_dns(const struct installer_inputs *in)
{
    json *spec = json_make("{'baseDomain':%s}", in->domain);
    if (in->layout == INSTALLER_V1) {
        cleanup_free char *id =
            xasprintf("/subscriptions/%s/resourceGroups/%s/providers/"
                      "Microsoft.Network/privateDnsZones/%s",
                      in->platform.subscription_id, in->resource_group, in->domain);
        json_put(spec, "privateZone", json_make("{'id':%s}", id));
    }
    return give_config_object("DNS", spec);
}

static json *give_ingress(const struct installer_inputs *in)
{
    cleanup_free char *apps = xasprintf("apps.%s", in->domain);
    return give_config_object("Ingress", json_make("{'domain':%s}", apps));
}

static json *give_network(const struct installer_inputs *in)
{
    const json *networking = json_get(in->install_config, "networking");
    return give_config_object("Network",
                              json_make("{'clusterNetwork':%j,'serviceNetwork':%j,'networkType':%s,"
                                        "'externalIP':{'policy':{}}}",
                                        json_give_copy(json_get(networking, "clusterNetwork")),
                                        json_give_copy(json_get(networking, "serviceNetwork")),
                                        json_path_str(networking, "networkType")));
}

/* Nobody outside of the cluster is asked for updates. */
static json *give_version(const struct installer_inputs *in)
{
    return json_make("{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion',"
                     "'metadata':{'name':'version','namespace':'openshift-cluster-version'},"
                     "'spec':{'clusterID':%s,'channel':'','upstream':''}}",
                     in->document_id);
}

/* The install-config without what is secret in it. */
static json *give_cluster_config(const struct installer_inputs *in)
{
    cleanup_json_wiped json *config = json_give_copy(in->install_config);
    json_put(config, "pullSecret", json_new_str(""));
    cleanup_free char *text = yaml_give_text(config);
    return json_make("{'apiVersion':'v1','kind':'ConfigMap',"
                     "'metadata':{'name':'cluster-config-v1','namespace':'kube-system'},"
                     "'data':{'install-config':%s}}",
                     text);
}

static json *give_mirrors(const struct installer_inputs *in)
{
    return json_make("{'apiVersion':'operator.openshift.io/v1alpha1',"
                     "'kind':'ImageContentSourcePolicy','metadata':{'name':'image-policy-0'},"
                     "'spec':{'repositoryDigestMirrors':%j}}",
                     json_give_copy(json_get(in->install_config, "imageContentSources")));
}

static json *give_internal_ingress(void)
{
    return json_make("{'apiVersion':'operator.openshift.io/v1','kind':'IngressController',"
                     "'metadata':{'name':'default','namespace':'openshift-ingress-operator'},"
                     "'spec':{'endpointPublishingStrategy':{'type':'LoadBalancerService',"
                     "'loadBalancer':{'scope':'Internal'}}},'status':{}}");
}

static json *give_ssh_machineconfig(const struct installer_inputs *in, const char *role)
{
    cleanup_free char *name = xasprintf("99-%s-ssh", role);
    return json_make("{'apiVersion':'machineconfiguration.openshift.io/v1','kind':'MachineConfig',"
                     "'metadata':{'name':%s,"
                     "'labels':{'machineconfiguration.openshift.io/role':%s}},"
                     "'spec':{'fips':%b,'config':{'ignition':{'version':%s},"
                     "'passwd':{'users':[{'name':'core','sshAuthorizedKeys':[%s]}]}}}}",
                     name, role, json_path_bool(in->install_config, "fips", false),
                     in->layout == INSTALLER_V1 ? "2.2.0" : "3.2.0",
                     json_path_str(in->install_config, "sshKey"));
}

/* ---- what is made of other assets ---- */

static int put_certificates(json *graph, struct error **err)
{
    cleanup_secret struct secret *cert = NULL, *key = NULL;
    cleanup_free char *root = NULL;
    if (graph_give_root_ca(graph, &root, err) < 0 ||
        asset_need_bytes(graph, ASSET_CONFIG_SERVER, "CertRaw", &cert, err) < 0 ||
        asset_need_bytes(graph, ASSET_CONFIG_SERVER, "KeyRaw", &key, err) < 0)
        return -1;
    put(graph, ASSET_MANIFESTS, "manifests/kube-system-configmap-root-ca.yaml",
        json_make("{'apiVersion':'v1','kind':'ConfigMap',"
                  "'metadata':{'name':'root-ca','namespace':'kube-system'},"
                  "'data':{'ca.crt':%s}}",
                  root));
    size_t cert_len, key_len;
    const char *cert_text = secret_reveal(cert, &cert_len);
    const char *key_text = secret_reveal(key, &key_len);
    json *secret =
        manifests_give_secret("openshift-machine-config-operator", "machine-config-server-tls",
                              "Opaque", "tls.crt", cert_text, cert_len);
    asset_put_bytes(json_get(secret, "data"), "tls.key", key_text, key_len);
    put(graph, ASSET_MANIFESTS, "manifests/machine-config-server-tls-secret.yaml", secret);
    return 0;
}

static int put_password(json *graph, struct error **err)
{
    cleanup_secret struct secret *hash = NULL;
    if (asset_need_bytes(graph, ASSET_KUBEADMIN_PASSWORD, "PasswordHash", &hash, err) < 0)
        return -1;
    size_t len;
    const char *text = secret_reveal(hash, &len);
    put(graph, ASSET_OPENSHIFT, "openshift/99_kubeadmin-password-secret.yaml",
        manifests_give_secret("kube-system", "kubeadmin", NULL, "kubeadmin", text, len));
    return 0;
}

static int put_user_data(const struct installer_inputs *in, const char *role, const char *pointer,
                         const char *asset, json *graph, struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    cleanup_free char *name = xasprintf("%s-user-data", role);
    cleanup_free char *file =
        xasprintf("openshift/99_openshift-cluster-api_%s-user-data-secret.yaml", role);
    cleanup_free char *ssh = xasprintf("openshift/99_openshift-machineconfig_99-%s-ssh.yaml", role);
    if (asset_need_file(graph, pointer, &text, err) < 0)
        return -1;
    size_t len;
    const char *data = secret_reveal(text, &len);
    json *secret =
        manifests_give_secret("openshift-machine-api", name, "Opaque", "userData", data, len);
    asset_put_bytes(json_get(secret, "data"), "disableTemplating", "true", strlen("true"));
    put(graph, asset, file, secret);
    put(graph, asset, ssh, give_ssh_machineconfig(in, role));
    return 0;
}

/* list is consumed. */
static void put_machines(json *graph, const char *asset, const char *what, json *list)
{
    cleanup_json json *owned = list;
    for (size_t i = 0; i < json_len(owned); i++) {
        cleanup_free char *file =
            xasprintf("openshift/99_openshift-cluster-api_%s-%zu.yaml", what, i);
        put(graph, asset, file, json_give_copy(json_at(owned, i)));
    }
}

/* ---- what others add ---- */

static bool replace_file(json *graph, const char *name, const char *text)
{
    static const struct {
        const char *asset, *folder;
    } places[] = { { ASSET_MANIFESTS, "manifests" },
                   { ASSET_OPENSHIFT, "openshift" },
                   { ASSET_MASTER_MACHINES, "openshift" },
                   { ASSET_WORKER_MACHINES, "openshift" } };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        cleanup_free char *file = xasprintf("%s/%s", places[i].folder, name);
        json *asset = json_get(graph, places[i].asset);
        const json *files = json_get(asset, "FileList");
        for (size_t k = 0; k < json_len(files); k++)
            if (str_eq(json_path_str(json_at(files, k), "Filename"), file)) {
                asset_put_file(asset, file, text, strlen(text));
                return true;
            }
    }
    return false;
}

static void put_more(const struct installer_inputs *in, json *graph)
{
    for (struct json_iter it = json_each(in->manifests); json_next(&it);) {
        cleanup_free char *file = xasprintf("manifests/%s", it.key);
        const char *text = json_str(it.value);
        if (!replace_file(graph, it.key, text))
            asset_put_file(json_get(graph, ASSET_MANIFESTS), file, text, strlen(text));
    }
}

static void put_cluster(const struct installer_inputs *in, json *graph)
{
    const char *pull_secret = json_path_str(in->install_config, "pullSecret");
    static const char asset[] = ASSET_MANIFESTS;
    put(graph, asset, "manifests/cluster-config.yaml", give_cluster_config(in));
    put(graph, asset, "manifests/cluster-dns-02-config.yml", give_dns(in));
    put(graph, asset, "manifests/cluster-infrastructure-02-config.yml", give_infrastructure(in));
    put(graph, asset, "manifests/cluster-ingress-02-config.yml", give_ingress(in));
    put(graph, asset, "manifests/cluster-network-02-config.yml", give_network(in));
    put(graph, asset, "manifests/cluster-proxy-01-config.yaml",
        give_config_object("Proxy", json_make("{'trustedCA':{'name':''}}")));
    put(graph, asset, "manifests/cluster-scheduler-02-config.yml",
        give_config_object("Scheduler", json_make("{'mastersSchedulable':false}")));
    put(graph, asset, "manifests/cvo-overrides.yaml", give_version(in));
    put(graph, asset, "manifests/cloud-provider-config.yaml",
        manifests_give_cloud_provider_config(in));
    put(graph, asset, "manifests/openshift-config-secret-pull-secret.yaml",
        manifests_give_secret("openshift-config", "pull-secret", "kubernetes.io/dockerconfigjson",
                              ".dockerconfigjson", pull_secret, strlen(pull_secret)));
    if (json_len(json_get(in->install_config, "imageContentSources")) > 0)
        put(graph, asset, "manifests/image-content-source-policy-0.yaml", give_mirrors(in));
    if (str_eq(json_path_str(in->install_config, "publish"), "Internal"))
        put(graph, asset, "manifests/cluster-ingress-default-ingresscontroller.yaml",
            give_internal_ingress());
    put(graph, ASSET_OPENSHIFT, "openshift/99_cloud-creds-secret.yaml",
        manifests_give_credentials(in));
    put(graph, ASSET_OPENSHIFT, "openshift/99_azure-cloud-provider-secret.yaml",
        manifests_give_cloud_provider_secret(in));
}

int manifests_make_assets(const struct installer_inputs *in, json *graph, struct error **err)
{
    put_cluster(in, graph);
    put_machines(graph, ASSET_MASTER_MACHINES, "master-machines", machines_give_masters(in));
    put_machines(graph, ASSET_WORKER_MACHINES, "worker-machineset", machines_give_worker_sets(in));
    if (put_certificates(graph, err) < 0 || put_password(graph, err) < 0 ||
        put_user_data(in, "master", ASSET_MASTER, ASSET_MASTER_MACHINES, graph, err) < 0 ||
        put_user_data(in, "worker", ASSET_WORKER, ASSET_WORKER_MACHINES, graph, err) < 0)
        return -1;
    put_more(in, graph);
    return 0;
}

#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/manifests.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/test.h"

static struct pair root;

/* What has to be there before. */
static json *give_graph(void)
{
    json *graph = json_new_object(), *pair = json_new_object(), *password = json_new_object();
    size_t len;
    const char *key = secret_reveal(root.key, &len);
    asset_put_bytes(pair, "CertRaw", root.cert, strlen(root.cert));
    asset_put_bytes(pair, "KeyRaw", key, len);
    json_put(graph, ASSET_ROOT_CA, pair);
    json_put(graph, "*tls.MCSCertKey", json_give_copy(pair));
    json_put(graph, ASSET_MASTER, asset_give_single("master.ign", "pointer-m", 9, NULL));
    json_put(graph, ASSET_WORKER, asset_give_single("worker.ign", "pointer-w", 9, NULL));
    asset_put_bytes(password, "PasswordHash", "$2a$10$x", 8);
    json_put(graph, ASSET_KUBEADMIN_PASSWORD, password);
    return graph;
}

static json *find(const json *graph, const char *asset, const char *file)
{
    const json *files = json_get(json_get(graph, asset), "FileList");
    for (size_t i = 0; i < json_len(files); i++) {
        cleanup_secret struct secret *text = NULL;
        const char *name;
        json *tree = NULL;
        assert_int_equal(asset_read_file(json_at(files, i), &name, &text, NULL), 0);
        if (!str_eq(name, file))
            continue;
        size_t len;
        const char *data = secret_reveal(text, &len);
        assert_int_equal(yaml_parse(data, len, &tree, NULL), 0);
        return tree;
    }
    return NULL;
}

static json *make(struct install_inputs *s)
{
    json *graph = give_graph();
    assert_int_equal(manifests_make_assets(&s->in, graph, NULL), 0);
    return graph;
}

static void describes_the_cluster(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    cleanup_json json *graph = make(&s);

    cleanup_json json *network =
        find(graph, ASSET_MANIFESTS, "manifests/cluster-network-02-config.yml");
    cleanup_json json *ingress =
        find(graph, ASSET_MANIFESTS, "manifests/cluster-ingress-02-config.yml");
    cleanup_json json *dns = find(graph, ASSET_MANIFESTS, "manifests/cluster-dns-02-config.yml");
    cleanup_json json *infrastructure =
        find(graph, ASSET_MANIFESTS, "manifests/cluster-infrastructure-02-config.yml");

    assert_string_equal(json_path_str(network, "spec.networkType"), "OVNKubernetes");
    assert_string_equal(json_path_str(network, "spec.serviceNetwork[0]"), "172.30.0.0/16");
    assert_int_equal(json_path_int(network, "spec.clusterNetwork[0].hostPrefix", 0), 23);
    assert_string_equal(json_path_str(ingress, "spec.domain"), "apps." SAMPLE_DOMAIN);
    assert_string_equal(json_path_str(dns, "spec.baseDomain"), SAMPLE_DOMAIN);
    assert_false(json_path_has(dns, "spec.privateZone"));
    assert_string_equal(json_path_str(infrastructure, "status.apiServerURL"),
                        "https://api." SAMPLE_DOMAIN ":6443");
    assert_string_equal(json_path_str(infrastructure, "status.apiServerInternalURI"),
                        "https://api-int." SAMPLE_DOMAIN ":6443");
    assert_string_equal(json_path_str(infrastructure, "status.platformStatus.azure.cloudName"),
                        "AzurePublicCloud");
    install_inputs_release(&s);
}

static void first_layout_has_a_zone(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V1);
    cleanup_json json *graph = make(&s);

    cleanup_json json *dns = find(graph, ASSET_MANIFESTS, "manifests/cluster-dns-02-config.yml");

    assert_string_equal(json_path_str(dns, "spec.privateZone.id"),
                        "/subscriptions/33333333-2222-3333-4444-555555555555/resourceGroups/"
                        "aro-short/providers/Microsoft.Network/privateDnsZones/" SAMPLE_DOMAIN);
    install_inputs_release(&s);
}

static void hides_the_pull_secret_but_where_it_belongs(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    cleanup_json json *graph = make(&s);
    cleanup_secret struct secret *pull_secret = NULL;

    cleanup_json json *config = find(graph, ASSET_MANIFESTS, "manifests/cluster-config.yaml");
    cleanup_json json *secret =
        find(graph, ASSET_MANIFESTS, "manifests/openshift-config-secret-pull-secret.yaml");

    const char *text = json_path_str(config, "data.install-config");
    assert_non_null(strstr(text, "networkType: OVNKubernetes"));
    assert_null(strstr(text, SAMPLE_PULL_AUTH));
    assert_string_equal(json_path_str(secret, "type"), "kubernetes.io/dockerconfigjson");
    assert_int_equal(asset_need_bytes(secret, "data", ".dockerconfigjson", &pull_secret, NULL), 0);
    assert_string_equal(secret_reveal(pull_secret, NULL), json_path_str(s.config, "pullSecret"));
    install_inputs_release(&s);
}

static void hands_pointers_to_machines(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    cleanup_json json *graph = make(&s);
    cleanup_secret struct secret *pointer = NULL;

    cleanup_json json *secret =
        find(graph, ASSET_WORKER_MACHINES,
             "openshift/99_openshift-cluster-api_worker-user-data-secret.yaml");
    cleanup_json json *master = find(graph, ASSET_MASTER_MACHINES,
                                     "openshift/99_openshift-cluster-api_master-machines-2.yaml");
    cleanup_json json *ssh = find(graph, ASSET_MASTER_MACHINES,
                                  "openshift/99_openshift-machineconfig_99-master-ssh.yaml");

    assert_string_equal(json_path_str(secret, "metadata.name"), "worker-user-data");
    assert_int_equal(asset_need_bytes(secret, "data", "userData", &pointer, NULL), 0);
    assert_string_equal(secret_reveal(pointer, NULL), "pointer-w");
    assert_string_equal(json_path_str(master, "kind"), "Machine");
    assert_string_equal(json_path_str(ssh, "spec.config.passwd.users[0].sshAuthorizedKeys[0]"),
                        SAMPLE_SSH_KEY);
    install_inputs_release(&s);
}

static void follows_what_is_asked(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    static const char ingress[] = "manifests/cluster-ingress-default-ingresscontroller.yaml";
    static const char mirrors[] = "manifests/image-content-source-policy-0.yaml";
    cleanup_json json *graph = make(&s);
    cleanup_json json *none = find(graph, ASSET_MANIFESTS, ingress);
    cleanup_json json *policy = find(graph, ASSET_MANIFESTS, mirrors);
    json_put(s.config, "publish", json_new_str("Internal"));
    json_del(s.config, "imageContentSources");

    cleanup_json json *other = make(&s);

    cleanup_json json *internal = find(other, ASSET_MANIFESTS, ingress);
    cleanup_json json *no_policy = find(other, ASSET_MANIFESTS, mirrors);
    assert_null(none);
    assert_string_equal(json_path_str(policy, "spec.repositoryDigestMirrors[0].mirrors[0]"),
                        "registry.example/openshift-release-dev/ocp-release");
    assert_string_equal(
        json_path_str(internal, "spec.endpointPublishingStrategy.loadBalancer.scope"), "Internal");
    assert_null(no_policy);
    install_inputs_release(&s);
}

static void takes_more(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    json_put(s.manifests, "99_cloud-creds-secret.yaml", json_new_str("kind: Mine\n"));
    cleanup_json json *graph = make(&s);

    cleanup_json json *more = find(graph, ASSET_MANIFESTS, "manifests/extra.yaml");
    cleanup_json json *mine = find(graph, ASSET_OPENSHIFT, "openshift/99_cloud-creds-secret.yaml");
    cleanup_json json *twice = find(graph, ASSET_MANIFESTS, "manifests/99_cloud-creds-secret.yaml");

    assert_string_equal(json_path_str(more, "metadata.name"), "extra");
    assert_string_equal(json_path_str(mine, "kind"), "Mine");
    assert_null(twice);
    install_inputs_release(&s);
}

static void needs_other_assets(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    cleanup_json json *graph = give_graph();
    cleanup_error struct error *err = NULL;
    json_del(graph, ASSET_KUBEADMIN_PASSWORD);

    assert_int_equal(manifests_make_assets(&s.in, graph, &err), -1);

    assert_non_null(strstr(error_text(err), ASSET_KUBEADMIN_PASSWORD));
    install_inputs_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the cluster's configuration follows the install-config", describes_the_cluster),
        CASE("the first layout has a private zone", first_layout_has_a_zone),
        CASE("the pull secret is where it belongs, and nowhere else",
             hides_the_pull_secret_but_where_it_belongs),
        CASE("machines get their pointers", hands_pointers_to_machines),
        CASE("ingress and mirrors are as asked", follows_what_is_asked),
        CASE("more manifests are added, or take a place", takes_more),
        CASE("an asset that is missing is named", needs_other_assets),
    };
    root = pair_make("root-ca", NULL, false, false);
    int failed = RUN_CASES("manifests", tests);
    pair_release(&root);
    return failed;
}

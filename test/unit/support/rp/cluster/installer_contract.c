#include "test/unit/support/rp/cluster/installer_contract.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "pkg/kube/config.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/inputs.h"
#include "test/unit/support/test.h"

/* ---- parts ---- */

struct secret *contract_give_data(const char *url)
{
    const char *comma = url ? strchr(url, ',') : NULL;
    cleanup_free char *data = NULL;
    size_t len = 0;
    assert_non_null(comma);
    assert_true(str_starts(url, "data:"));
    assert_memory_equal(comma - strlen(";base64"), ";base64", strlen(";base64"));
    assert_int_equal(base64_parse(comma + 1, strlen(comma + 1), &data, &len, NULL), 0);
    return secret_new(data, len);
}

static json *give_tree(const struct secret *text)
{
    size_t len;
    const char *data = secret_reveal(text, &len);
    json *tree = NULL;
    assert_int_equal(json_parse_object(data, len, &tree, NULL), 0);
    return tree;
}

struct secret *contract_give_file(const struct secret *ignition, const char *path)
{
    cleanup_json json *tree = give_tree(ignition);
    const json *files = json_path(tree, "storage.files");
    for (size_t i = 0; i < json_len(files); i++)
        if (str_eq(json_path_str(json_at(files, i), "path"), path))
            return contract_give_data(json_path_str(json_at(files, i), "contents.source"));
    fail_msg("there is no file %s", path);
    return NULL;
}

json *contract_give_manifest(const struct secret *ignition, const char *path)
{
    cleanup_secret struct secret *text = contract_give_file(ignition, path);
    size_t len;
    const char *data = secret_reveal(text, &len);
    json *tree = NULL;
    assert_int_equal(yaml_parse(data, len, &tree, NULL), 0);
    assert_true(json_is_object(tree));
    return tree;
}

static char *give_der(const char *pem, size_t *ret_len)
{
    cleanup_free char *body = xstrdup(strchr(pem, '\n') + 1);
    char *der = NULL;
    *strstr(body, "-----END") = '\0';
    size_t out = 0;
    for (size_t i = 0; body[i]; i++)
        if (body[i] != '\n')
            body[out++] = body[i];
    assert_int_equal(base64_parse(body, out, &der, ret_len, NULL), 0);
    return der;
}

struct x509_facts contract_give_facts(const char *pem)
{
    size_t len;
    cleanup_free char *der = give_der(pem, &len);
    struct x509_facts facts = { 0 };
    assert_int_equal(x509_read_der(der, len, &facts, NULL), 0);
    return facts;
}

bool contract_is_client_of(const char *pem, const char *ca_pem, int64_t wall_ns)
{
    size_t len;
    cleanup_free char *der = give_der(pem, &len);
    return x509_verify_client(der, len, ca_pem, wall_ns, NULL) == 0;
}

/* ---- the contract ---- */

static void check_pointer(const struct installer_inputs *in, const struct secret *text,
                          const char *role, const char *root_ca)
{
    cleanup_json json *tree = give_tree(text);
    bool first = in->layout == INSTALLER_V1;
    cleanup_free char *name = xasprintf("api-int.%s", in->domain);
    cleanup_free char *url =
        xasprintf("https://%s:22623/config/%s", first ? name : in->api_int_ip, role);
    cleanup_secret struct secret *ca = contract_give_data(
        json_path_str(tree, "ignition.security.tls.certificateAuthorities[0].source"));

    assert_string_equal(json_path_str(tree, "ignition.version"), first ? "2.2.0" : "3.2.0");
    assert_string_equal(json_path_str(tree, first ? "ignition.config.append[0].source"
                                                  : "ignition.config.merge[0].source"),
                        url);
    assert_string_equal(secret_reveal(ca, NULL), root_ca);
}

static void check_certificates(const struct secret *ignition, int64_t wall_ns)
{
    static const char *const pairs[] = {
        "root-ca",
        "admin-kubeconfig-signer",
        "kube-apiserver-lb-signer",
        "kube-apiserver-lb-server",
        "kube-apiserver-internal-lb-server",
        "kube-apiserver-localhost-server",
        "kube-apiserver-service-network-server",
        "machine-config-server",
        "admin-kubeconfig-client",
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        cleanup_free char *cert_path = xasprintf("/opt/openshift/tls/%s.crt", pairs[i]);
        cleanup_free char *key_path = xasprintf("/opt/openshift/tls/%s.key", pairs[i]);
        cleanup_secret struct secret *cert = contract_give_file(ignition, cert_path);
        cleanup_secret struct secret *key = contract_give_file(ignition, key_path);
        int64_t not_after;
        assert_int_equal(pem_check_key_matches(secret_reveal(cert, NULL), key, NULL), 0);
        assert_int_equal(pem_check_certs(secret_reveal(cert, NULL), NULL, &not_after, NULL), 0);
        assert_true(not_after > wall_ns);
    }
    cleanup_secret struct secret *account =
        contract_give_file(ignition, "/opt/openshift/tls/service-account.key");
    cleanup_secret struct secret *public_key =
        contract_give_file(ignition, "/opt/openshift/tls/service-account.pub");
    assert_true(str_starts(secret_reveal(account, NULL), "-----BEGIN RSA PRIVATE KEY-----\n"));
    assert_true(str_starts(secret_reveal(public_key, NULL), "-----BEGIN PUBLIC KEY-----\n"));
}

/* What nodes that come later boot from. */
static void check_user_data(const struct installer_inputs *in, const struct secret *ignition,
                            const char *role, const char *root_ca)
{
    cleanup_free char *path = xasprintf(
        "/opt/openshift/openshift/99_openshift-cluster-api_%s-user-data-secret.yaml", role);
    cleanup_json json *secret = contract_give_manifest(ignition, path);
    const char *data = json_path_str(secret, "data.userData");
    cleanup_free char *text = NULL;
    size_t len;
    assert_non_null(data);
    assert_int_equal(base64_parse(data, strlen(data), &text, &len, NULL), 0);
    cleanup_secret struct secret *pointer = secret_new(text, len);
    check_pointer(in, pointer, role, root_ca);
}

/* It is known by what pointers call it, where it runs first and where it runs later. */
static void check_config_server(const struct installer_inputs *in, const struct secret *ignition)
{
    cleanup_secret struct secret *cert =
        contract_give_file(ignition, "/opt/openshift/tls/machine-config-server.crt");
    cleanup_json json *secret = contract_give_manifest(
        ignition, "/opt/openshift/manifests/machine-config-server-tls-secret.yaml");
    cleanup_free char *name = xasprintf("api-int.%s", in->domain);
    cleanup_free char *later = NULL;
    const char *data = json_path_str(secret, "data[\"tls.crt\"]");
    size_t len;
    struct x509_facts facts = contract_give_facts(secret_reveal(cert, NULL));
    assert_true(strv_has(&facts.dns_names, name));
    assert_true(in->layout == INSTALLER_V1 || strv_has(&facts.ip_addresses, in->api_int_ip));
    x509_facts_release(&facts);
    assert_int_equal(base64_parse(data, strlen(data), &later, &len, NULL), 0);
    assert_string_equal(later, secret_reveal(cert, NULL));
}

static void check_more_of_the_bootstrap(const struct secret *ignition)
{
    cleanup_json json *tree = give_tree(ignition);
    const json *files = json_path(tree, "storage.files"), *units = json_path(tree, "systemd.units");
    bool has_file = false, has_unit = false;
    for (size_t i = 0; i < json_len(files); i++)
        has_file |= str_eq(json_path_str(json_at(files, i), "path"), "/etc/extra");
    for (size_t i = 0; i < json_len(units); i++)
        has_unit |= str_eq(json_path_str(json_at(units, i), "name"), "extra.service");
    assert_true(has_file);
    assert_true(has_unit);
}

static void check_names(const struct installer_inputs *in, const struct secret *ignition)
{
    cleanup_secret struct secret *server =
        contract_give_file(ignition, "/opt/openshift/tls/kube-apiserver-lb-server.crt");
    cleanup_free char *api = xasprintf("api.%s", in->domain);
    cleanup_free char *api_int = xasprintf("api-int.%s", in->domain);
    struct x509_facts facts = contract_give_facts(secret_reveal(server, NULL));
    assert_true(strv_has(&facts.dns_names, api));
    assert_true(strv_has(&facts.dns_names, api_int));
    x509_facts_release(&facts);
}

/* What admits the kubeconfig's user, and whom it trusts. */
static void check_kubeconfig(const struct installer_inputs *in, const struct secret *text,
                             const struct secret *ignition, const char *group, int64_t wall_ns)
{
    cleanup_free char *server = xasprintf("https://api-int.%s:6443", in->domain);
    cleanup_secret struct secret *signer =
        contract_give_file(ignition, "/opt/openshift/tls/admin-kubeconfig-signer.crt");
    cleanup_secret struct secret *lb_signer =
        contract_give_file(ignition, "/opt/openshift/tls/kube-apiserver-lb-signer.crt");
    cleanup_kube_config struct kube_config *config = NULL;
    size_t len;
    const char *data = secret_reveal(text, &len);

    assert_int_equal(kube_config_parse(data, len, NULL, &config, NULL), 0);
    assert_string_equal(config->server, server);
    assert_non_null(strstr(config->ca_pem, secret_reveal(lb_signer, NULL)));
    assert_int_equal(pem_check_key_matches(config->cert_pem, config->key_pem, NULL), 0);
    assert_true(contract_is_client_of(config->cert_pem, secret_reveal(signer, NULL), wall_ns));
    struct x509_facts facts = contract_give_facts(config->cert_pem);
    assert_int_equal(strv_has(&facts.organizations, "system:masters"), group != NULL);
    x509_facts_release(&facts);
}

static void check_manifests(const struct installer_inputs *in, const struct secret *ignition)
{
    cleanup_json json *infrastructure = contract_give_manifest(
        ignition, "/opt/openshift/manifests/cluster-infrastructure-02-config.yml");
    cleanup_json json *version =
        contract_give_manifest(ignition, "/opt/openshift/manifests/cvo-overrides.yaml");
    cleanup_json json *more =
        contract_give_manifest(ignition, "/opt/openshift/manifests/extra.yaml");

    assert_string_equal(json_path_str(infrastructure, "status.infrastructureName"), in->infra_id);
    assert_string_equal(json_path_str(version, "spec.clusterID"), in->document_id);
    assert_string_equal(json_path_str(more, "metadata.name"), "extra");
}

static void check_cloud(const struct installer_inputs *in, const struct secret *ignition)
{
    cleanup_json json *map =
        contract_give_manifest(ignition, "/opt/openshift/manifests/cloud-provider-config.yaml");
    cleanup_free char *nsg = inputs_give_nsg(in);
    cleanup_free char *routes = inputs_give_route_table(in);
    const char *text = json_path_str(map, "data.config");
    json *config = NULL;
    assert_non_null(text);
    assert_int_equal(json_parse_object(text, strlen(text), &config, NULL), 0);

    assert_true(json_path_has(config, "useManagedIdentityExtension"));
    assert_false(json_path_bool(config, "useManagedIdentityExtension", true));
    assert_string_equal(json_path_str(config, "securityGroupName"), nsg);
    assert_string_equal(json_path_str(config, "routeTableName"), routes);
    assert_string_equal(json_path_str(config, "loadBalancerSku"), "standard");
    json_free(config);
}

static void check_workers(const struct installer_inputs *in, const struct secret *ignition)
{
    for (int i = 0; i < 3; i++) {
        cleanup_free char *path = xasprintf(
            "/opt/openshift/openshift/99_openshift-cluster-api_worker-machineset-%d.yaml", i);
        cleanup_json json *set = contract_give_manifest(ignition, path);
        const json *spec = json_path(set, "spec.template.spec.providerSpec.value");
        cleanup_free char *name = xasprintf("%s-worker-%s%d", in->infra_id, in->region, i + 1);
        assert_string_equal(json_path_str(set, "metadata.name"), name);
        assert_string_equal(json_path_str(spec, "image.publisher"), in->image.publisher);
        assert_string_equal(json_path_str(spec, "image.version"), in->image.version);
        assert_string_equal(json_path_str(spec, "publicLoadBalancer"), in->infra_id);
        assert_string_equal(json_path_str(spec, "managedIdentity"), "");
    }
}

static void check_secrets(const json *graph)
{
    cleanup_secret struct secret *password = NULL;
    const char *infra = NULL;
    assert_int_equal(graph_need_infra_id(graph, &infra, NULL), 0);
    assert_int_equal(graph_give_kubeadmin_password(graph, &password, NULL), 0);
    const char *text = secret_reveal(password, NULL);
    assert_int_equal(strlen(text), 23);
    assert_true(text[5] == '-' && text[11] == '-' && text[17] == '-');
}

void contract_check(const struct installer_inputs *in, const json *graph, int64_t wall_ns)
{
    cleanup_secret struct secret *bootstrap = NULL, *master = NULL, *worker = NULL, *admin = NULL,
                                 *service = NULL, *sre = NULL, *user = NULL;
    cleanup_free char *root_ca = NULL;
    const char *infra = NULL;
    assert_int_equal(graph_give_bootstrap_ignition(graph, &bootstrap, NULL), 0);
    assert_int_equal(graph_give_master_ignition(graph, &master, NULL), 0);
    assert_int_equal(graph_give_worker_ignition(graph, &worker, NULL), 0);
    assert_int_equal(graph_give_root_ca(graph, &root_ca, NULL), 0);
    assert_int_equal(graph_give_admin_kubeconfig(graph, &admin, NULL), 0);
    assert_int_equal(graph_give_service_kubeconfig(graph, wall_ns, &service, NULL), 0);
    assert_int_equal(graph_give_sre_kubeconfig(graph, wall_ns, &sre, NULL), 0);
    assert_int_equal(graph_give_user_admin_kubeconfig(graph, wall_ns, &user, NULL), 0);
    assert_int_equal(graph_need_infra_id(graph, &infra, NULL), 0);

    assert_string_equal(infra, in->infra_id);
    check_pointer(in, master, "master", root_ca);
    check_pointer(in, worker, "worker", root_ca);
    check_certificates(bootstrap, wall_ns);
    check_user_data(in, bootstrap, "master", root_ca);
    check_user_data(in, bootstrap, "worker", root_ca);
    check_config_server(in, bootstrap);
    check_more_of_the_bootstrap(bootstrap);
    check_names(in, bootstrap);
    check_kubeconfig(in, admin, bootstrap, "system:masters", wall_ns);
    check_kubeconfig(in, service, bootstrap, "system:masters", wall_ns);
    check_kubeconfig(in, sre, bootstrap, NULL, wall_ns);
    assert_false(user_admin_kubeconfig_is_due(user, wall_ns));
    check_manifests(in, bootstrap);
    check_cloud(in, bootstrap);
    check_workers(in, bootstrap);
    check_secrets(graph);
}

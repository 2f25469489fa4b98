#include "rp/cluster/installer/graph.h"

#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "pkg/crypt/crypt.h"
#include "pkg/kube/config.h"
#include "pkg/net/url.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/kubeconfig.h"
#include "rp/cluster/installer/tls.h"

#define DAY_NS (INT64_C(86400) * NS_PER_S)
#define YEAR_NS (365 * DAY_NS)
#define RENEWAL_NS (275 * DAY_NS)

/* ---- files ---- */

static int give_ignition(const json *graph, const char *asset, struct secret **ret,
                         struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    cleanup_json_wiped json *tree = NULL;
    if (asset_need_file(graph, asset, &text, err) < 0)
        return -1;
    size_t len;
    const char *data = secret_reveal(text, &len);
    if (json_parse_object(data, len, &tree, err) < 0)
        return error_wrap(err, "the install graph, %s", asset);
    if (!json_path_str(tree, "ignition.version"))
        return error_set(err, ERR_INVALID, "the install graph, %s: no ignition configuration",
                         asset);
    *ret = take(text);
    return 0;
}

int graph_give_bootstrap_ignition(const json *graph, struct secret **ret, struct error **err)
{
    return give_ignition(graph, ASSET_BOOTSTRAP, ret, err);
}

int graph_give_master_ignition(const json *graph, struct secret **ret, struct error **err)
{
    return give_ignition(graph, ASSET_MASTER, ret, err);
}

int graph_give_worker_ignition(const json *graph, struct secret **ret, struct error **err)
{
    return give_ignition(graph, ASSET_WORKER, ret, err);
}

int graph_give_kubeadmin_password(const json *graph, struct secret **ret, struct error **err)
{
    const char *password = json_path_str(json_get(graph, ASSET_KUBEADMIN_PASSWORD), "Password");
    if (!password || !*password)
        return error_set(err, ERR_INVALID, "the install graph, %s: there is no password",
                         ASSET_KUBEADMIN_PASSWORD);
    *ret = secret_new(password, strlen(password));
    return 0;
}

/* Every certificate of an asset that is one. */
static int give_cert(const json *graph, const char *asset, char **ret, struct error **err)
{
    cleanup_secret struct secret *pem = NULL;
    if (asset_need_bytes(graph, asset, "CertRaw", &pem, err) < 0)
        return -1;
    const char *text = secret_reveal(pem, NULL);
    if (pem_check_certs(text, NULL, NULL, err) < 0)
        return error_wrap(err, "the install graph, %s", asset);
    *ret = xstrdup(text);
    return 0;
}

int graph_give_root_ca(const json *graph, char **ret_pem, struct error **err)
{
    return give_cert(graph, ASSET_ROOT_CA, ret_pem, err);
}

int graph_make_config_server(json *graph, const char *domain, const char *api_int_ip,
                             int64_t wall_ns, char **ret_cert_pem, struct secret **ret_key_pem,
                             struct error **err)
{
    const struct tls_inputs inputs = { .domain = domain,
                                       .api_int_ip = api_int_ip,
                                       .wall_ns = wall_ns };
    cleanup_free char *cert = NULL;
    if (tls_make_config_server(&inputs, graph, err) < 0 ||
        give_cert(graph, ASSET_CONFIG_SERVER, &cert, err) < 0 ||
        asset_need_bytes(graph, ASSET_CONFIG_SERVER, "KeyRaw", ret_key_pem, err) < 0)
        return -1;
    *ret_cert_pem = take(cert);
    return 0;
}

int graph_need_infra_id(const json *graph, const char **ret, struct error **err)
{
    const char *id = json_path_str(json_get(graph, ASSET_CLUSTER_ID), "InfraID");
    if (!id || !*id)
        return error_set(err, ERR_INVALID, "the install graph, %s: there is no InfraID",
                         ASSET_CLUSTER_ID);
    *ret = id;
    return 0;
}

/* ---- kubeconfigs ---- */

int graph_give_admin_kubeconfig(const json *graph, struct secret **ret, struct error **err)
{
    return asset_need_file(graph, ASSET_ADMIN_INTERNAL_CLIENT, ret, err);
}

/* Owned. */
struct identity {
    const char *user, *common_name;
    const char *const *groups;
    int64_t not_before_ns, not_after_ns;
    char *cert;
    struct secret *key;
};

static void identity_release(struct identity *id)
{
    free(id->cert);
    secret_unref(id->key);
}
#define cleanup_identity CLEANUP_WITH(identity_release)

static int sign(const json *graph, struct identity *id, struct error **err)
{
    cleanup_free char *signer = NULL;
    cleanup_secret struct secret *key = NULL;
    if (give_cert(graph, ASSET_ADMIN_SIGNER, &signer, err) < 0 ||
        asset_need_bytes(graph, ASSET_ADMIN_SIGNER, "KeyRaw", &key, err) < 0)
        return -1;
    struct x509_request request = { .common_name = id->common_name,
                                    .organizations = id->groups,
                                    .is_client = true,
                                    .not_before_wall_ns = id->not_before_ns,
                                    .not_after_wall_ns = id->not_after_ns,
                                    .issuer_cert_pem = signer,
                                    .issuer_key_pem = key };
    if (x509_make(&request, &id->cert, &id->key, err) < 0)
        return error_wrap(err, "the certificate of %s", id->user);
    return 0;
}

/* The cluster of the installed kubeconfig and its name; ret_tree is what they are part of. */
static int need_cluster(const json *graph, json **ret_tree, const char **ret_name,
                        const char **ret_server, struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    cleanup_json_wiped json *tree = NULL;
    if (graph_give_admin_kubeconfig(graph, &text, err) < 0)
        return -1;
    size_t len;
    const char *data = secret_reveal(text, &len);
    if (yaml_parse(data, len, &tree, err) < 0 ||
        json_need_str(tree, "clusters[0].name", ret_name, err) < 0 ||
        json_need_str(tree, "clusters[0].cluster.server", ret_server, err) < 0)
        return error_wrap(err, "the install graph, %s", ASSET_ADMIN_INTERNAL_CLIENT);
    *ret_tree = take(tree);
    return 0;
}

/* That kubeconfig with another user, and all else as it is. */
static int give_for(const json *graph, struct identity *id, struct secret **ret, struct error **err)
{
    cleanup_json_wiped json *tree = NULL;
    const char *name, *server;
    if (need_cluster(graph, &tree, &name, &server, err) < 0 || sign(graph, id, err) < 0)
        return -1;
    struct kubeconfig_parts parts = {
        .cluster = name, .server = server, .user = id->user, .cert_pem = id->cert, .key = id->key
    };
    cleanup_json_wiped json *made = kubeconfig_give_tree(&parts);
    json *cluster = json_give_copy(json_path(tree, "clusters[0]"));
    json_replace_at(json_get(made, "clusters"), 0, cluster);
    *ret = kubeconfig_give_text(made);
    return 0;
}

int graph_give_service_kubeconfig(const json *graph, int64_t wall_ns, struct secret **ret,
                                  struct error **err)
{
    static const char *const groups[] = { "system:masters", NULL };
    cleanup_identity struct identity id = { .user = "system:aro-service",
                                            .common_name = "system:aro-service",
                                            .groups = groups,
                                            .not_before_ns = wall_ns,
                                            .not_after_ns = wall_ns + 10 * YEAR_NS };
    return give_for(graph, &id, ret, err);
}

int graph_give_sre_kubeconfig(const json *graph, int64_t wall_ns, struct secret **ret,
                              struct error **err)
{
    cleanup_identity struct identity id = { .user = "system:aro-sre",
                                            .common_name = "system:aro-sre",
                                            .not_before_ns = wall_ns,
                                            .not_after_ns = wall_ns + 10 * YEAR_NS };
    return give_for(graph, &id, ret, err);
}

/* https://api-int.DOMAIN:6443 gives https://api.DOMAIN:6443. */
static char *give_public_server(const char *server)
{
    static const char internal[] = "https://api-int.";
    if (!str_starts(server, internal))
        return xstrdup(server);
    return xasprintf("https://api.%s", server + strlen(internal));
}

int graph_give_user_admin_kubeconfig(const json *graph, int64_t wall_ns, struct secret **ret,
                                     struct error **err)
{
    cleanup_identity struct identity id = { .user = "admin",
                                            .common_name = "system:admin",
                                            .not_before_ns = wall_ns,
                                            .not_after_ns = wall_ns + YEAR_NS };
    cleanup_json_wiped json *tree = NULL;
    const char *name, *server;
    if (need_cluster(graph, &tree, &name, &server, err) < 0 || sign(graph, &id, err) < 0)
        return -1;
    cleanup_free char *public_server = give_public_server(server);
    struct kubeconfig_parts parts = { .cluster = name,
                                      .server = public_server,
                                      .user = id.user,
                                      .cert_pem = id.cert,
                                      .key = id.key };
    cleanup_json_wiped json *made = kubeconfig_give_tree(&parts);
    *ret = kubeconfig_give_text(made);
    return 0;
}

bool user_admin_kubeconfig_is_due(const struct secret *kubeconfig, int64_t wall_ns)
{
    size_t len = 0;
    const char *text = kubeconfig ? secret_reveal(kubeconfig, &len) : "";
    cleanup_kube_config struct kube_config *config = NULL;
    cleanup_url struct url server = { 0 };
    int64_t not_after;
    if (len == 0 || kube_config_parse(text, len, NULL, &config, NULL) < 0 || !config->key_pem ||
        !config->cert_pem || url_parse(config->server, &server, NULL) < 0 ||
        pem_check_certs(config->cert_pem, NULL, &not_after, NULL) < 0)
        return true;
    return str_starts(server.host, "api-int.") || not_after - wall_ns < RENEWAL_NS;
}

int graph_check(const json *graph, int64_t wall_ns, struct error **err)
{
    static int (*const texts[])(const json *graph, struct secret **ret, struct error **err) = {
        graph_give_bootstrap_ignition, graph_give_master_ignition, graph_give_worker_ignition,
        graph_give_kubeadmin_password, graph_give_admin_kubeconfig
    };
    cleanup_free char *root_ca = NULL;
    cleanup_secret struct secret *service = NULL;
    const char *infra_id;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        cleanup_secret struct secret *text = NULL;
        if (texts[i](graph, &text, err) < 0)
            return -1;
    }
    if (graph_need_infra_id(graph, &infra_id, err) < 0 ||
        graph_give_root_ca(graph, &root_ca, err) < 0)
        return -1;
    return graph_give_service_kubeconfig(graph, wall_ns, &service, err);
}

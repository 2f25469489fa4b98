/*
 * The driver that makes everything itself. Each part adds its assets to the graph and finds those that it needs in it, so their
 * order matters: certificates, kubeconfigs, pointers, password, manifests, and the bootstrap machine that carries them all.
 */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "pkg/crypt/password.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/bootstrap.h"
#include "rp/cluster/installer/config_server.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/ignition.h"
#include "rp/cluster/installer/inputs.h"
#include "rp/cluster/installer/installer.h"
#include "rp/cluster/installer/kubeconfig.h"
#include "rp/cluster/installer/manifests.h"
#include "rp/cluster/installer/tls.h"

#define BCRYPT_COST 10
#define PASSWORD_LEN 23

static void put_identity(const struct installer_inputs *in, json *graph)
{
    cleanup_secret_text char *config = yaml_give_text(in->install_config);
    json_put(graph, ASSET_INSTALL_CONFIG,
             json_make("{'config':%j,'file':%j}", json_give_copy(in->install_config),
                       asset_give_file("install-config.yaml", config, strlen(config))));
    json_put(graph, ASSET_CLUSTER_ID,
             json_make("{'UUID':%s,'InfraID':%s}", in->document_id, in->infra_id));
    json_put(graph, "*releaseimage.Image", json_make("{'PullSpec':%s}", in->release_image));
    cleanup_json json *metadata =
        json_make("{'clusterName':%s,'clusterID':%s,'infraID':%s,"
                  "'azure':{'region':%s,'resourceGroupName':%s}}",
                  json_path_str(in->install_config, "metadata.name"), in->document_id, in->infra_id,
                  in->region, in->resource_group);
    cleanup_free char *text = json_give_text(metadata);
    json_put(graph, ASSET_METADATA, asset_give_single("metadata.json", text, strlen(text), NULL));
}

static int put_certificates(const struct opctx *ctx, const struct installer_inputs *in, json *graph,
                            struct error **err)
{
    char service_ip[INPUTS_IP_MAX];
    struct tls_inputs inputs = { .domain = in->domain,
                                 .service_ip = service_ip,
                                 .api_int_ip = in->api_int_ip,
                                 .wall_ns = clock_wall_ns(ctx->clock) };
    if (inputs_service_ip(in, service_ip, err) < 0)
        return -1;
    return tls_make_assets(&inputs, graph, err);
}

static int put_kubeconfig(const struct installer_inputs *in, const char *asset, const char *file,
                          const char *server, json *graph, struct error **err)
{
    cleanup_secret struct secret *cert = NULL, *key = NULL, *ca = NULL;
    if (asset_need_bytes(graph, ASSET_ADMIN_CLIENT_CERT, "CertRaw", &cert, err) < 0 ||
        asset_need_bytes(graph, ASSET_ADMIN_CLIENT_CERT, "KeyRaw", &key, err) < 0 ||
        asset_need_bytes(graph, ASSET_APISERVER_CA_BUNDLE, "BundleRaw", &ca, err) < 0)
        return -1;
    struct kubeconfig_parts parts = { .cluster = json_path_str(in->install_config, "metadata.name"),
                                      .server = server,
                                      .ca_pem = secret_reveal(ca, NULL),
                                      .user = "admin",
                                      .cert_pem = secret_reveal(cert, NULL),
                                      .key = key };
    json *tree = kubeconfig_give_tree(&parts);
    cleanup_secret struct secret *text = kubeconfig_give_text(tree);
    size_t len;
    const char *data = secret_reveal(text, &len);
    json_put(graph, asset, asset_give_single(file, data, len, json_make("{'Config':%j}", tree)));
    return 0;
}

static int put_kubeconfigs(const struct installer_inputs *in, json *graph, struct error **err)
{
    cleanup_free char *internal = inputs_give_internal_url(in, 6443, "");
    cleanup_free char *public_url = inputs_give_public_url(in);
    if (put_kubeconfig(in, ASSET_ADMIN_INTERNAL_CLIENT, "auth/kubeconfig-internal", internal, graph,
                       err) < 0)
        return -1;
    return put_kubeconfig(in, ASSET_ADMIN_CLIENT, "auth/kubeconfig", public_url, graph, err);
}

static int put_pointer(const struct installer_inputs *in, const char *role, const char *asset,
                       json *graph, struct error **err)
{
    cleanup_free char *root = NULL;
    cleanup_free char *file = xasprintf("%s.ign", role);
    cleanup_free char *url = config_server_give_url(in, role);
    if (graph_give_root_ca(graph, &root, err) < 0)
        return -1;
    cleanup_json json *pointer = ignition_give_pointer(in->layout, url, root);
    cleanup_free char *text = json_give_text(pointer);
    json_put(graph, asset, asset_give_single(file, text, strlen(text), NULL));
    return 0;
}

/* Letters and digits that nobody mistakes for one another, in groups: xxxxx-xxxxx-xxxxx-xxxxx. */
static void make_password(const struct rng *rng, char out[PASSWORD_LEN + 1])
{
    static const char letters[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHIJKLMNPQRSTUVWXYZ23456789";
    for (size_t i = 0; i < PASSWORD_LEN; i++)
        out[i] = i % 6 == 5 ? '-' : letters[rng_below(rng, sizeof(letters) - 1)];
    out[PASSWORD_LEN] = '\0';
}

static int put_password(const struct opctx *ctx, json *graph, struct error **err)
{
    char password[PASSWORD_LEN + 1];
    cleanup_free char *hash = NULL;
    make_password(ctx->rng, password);
    int rc = bcrypt_give_hash(password, BCRYPT_COST, &hash, err);
    if (rc == 0) {
        json *more = json_make("{'Password':%s}", password);
        asset_put_bytes(more, "PasswordHash", hash, strlen(hash));
        json_put(graph, ASSET_KUBEADMIN_PASSWORD,
                 asset_give_single("auth/kubeadmin-password", password, PASSWORD_LEN, more));
    }
    secret_wipe(password, sizeof(password));
    return rc;
}

static int make_graph(const struct opctx *ctx, const struct installer_inputs *in, json *graph,
                      struct error **err)
{
    put_identity(in, graph);
    if (put_certificates(ctx, in, graph, err) < 0 || put_kubeconfigs(in, graph, err) < 0 ||
        put_pointer(in, "master", ASSET_MASTER, graph, err) < 0 ||
        put_pointer(in, "worker", ASSET_WORKER, graph, err) < 0 ||
        put_password(ctx, graph, err) < 0 || opctx_check(ctx, err) < 0 ||
        manifests_make_assets(in, graph, err) < 0)
        return -1;
    return bootstrap_make_asset(in, graph, err);
}

static int generate(void *arg, const struct opctx *ctx, const struct installer_inputs *in,
                    json **ret_graph, struct error **err)
{
    (void)arg;
    cleanup_json_wiped json *graph = json_new_object();
    if (inputs_check(in, err) < 0)
        return -1;
    if (make_graph(ctx, in, graph, err) < 0)
        return error_wrap(err, "making the install graph of %s", in->infra_id);
    *ret_graph = take(graph);
    return 0;
}

/* It installs any release, so it knows nothing of one. */
static int find_image(void *arg, const struct opctx *ctx, const char *id, struct machine_image *ret,
                      struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)id;
    (void)ret;
    return error_set(err, ERR_INVALID, "the built-in installer knows no release's image");
}

static void end(void *arg)
{
    (void)arg;
}

struct installer *installer_builtin_new(void)
{
    static const struct installer_ops ops = { generate, find_image, end };
    struct installer *i = xnew(struct installer);
    i->ops = &ops;
    return i;
}

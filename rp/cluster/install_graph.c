#include "rp/cluster/install_graph.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/extra_manifests.h"
#include "rp/cluster/install_config.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/installer.h"
#include "rp/cluster/names.h"
#include "rp/cluster/pull_secret.h"
#include "rp/cluster/release.h"
#include "rp/cluster/ssh_key.h"
#include "rp/cluster/storage.h"
#include "rp/cluster/zones.h"

#define GRAPH_MAX ((size_t)64 << 20)

/* ---- what the installer is given ---- */

struct inputs { /* owned */
    char *domain, *region, *group, *registry, *ssh_key;
    struct strv master_zones, worker_zones;
    struct secret *pull_secret, *client_secret;
    struct cluster_release release;
    struct machine_image image;
    json *install_config;
    struct extra_manifests extra;
};

static void inputs_release(struct inputs *in)
{
    free(in->domain);
    free(in->region);
    free(in->group);
    free(in->registry);
    free(in->ssh_key);
    strv_release(&in->master_zones);
    strv_release(&in->worker_zones);
    secret_unref(in->pull_secret);
    secret_unref(in->client_secret);
    cluster_release_release(&in->release);
    machine_image_release(&in->image);
    json_free_wiped(in->install_config);
    extra_manifests_release(&in->extra);
}
#define cleanup_inputs CLEANUP_WITH(inputs_release)

static struct installer_image image_of(const struct inputs *in)
{
    return (struct installer_image){ .publisher = MACHINE_IMAGE_PUBLISHER,
                                     .offer = MACHINE_IMAGE_OFFER,
                                     .sku = in->image.sku,
                                     .version = in->image.version };
}

static int gather(struct cluster *c, const struct opctx *ctx, struct inputs *in, struct error **err)
{
    in->domain = name_give_domain(c);
    in->region = str_give_lower(cluster_location(c));
    in->group = name_give_group(c);
    in->registry = name_give_registry(c);
    if (cluster_zones(c, &in->master_zones, &in->worker_zones, err) < 0 ||
        cluster_find_release(c, ctx, &in->release, err) < 0 ||
        cluster_ensure_image(c, ctx, &in->image, err) < 0 ||
        cluster_give_ssh_public(c, ctx, &in->ssh_key, err) < 0 ||
        cluster_give_pull_secret(c, ctx, &in->pull_secret, err) < 0)
        return -1;
    return cluster_open_secret(c, ctx, "servicePrincipalProfile.clientSecret", &in->client_secret,
                               err);
}

static enum installer_layout layout_of(const struct cluster *c)
{
    return cluster_layout(c) == LAYOUT_V1 ? INSTALLER_V1 : INSTALLER_V2;
}

static int make_install_config(const struct cluster *c, struct inputs *in, struct error **err)
{
    const struct install_config_inputs config = {
        .layout = layout_of(c),
        .cluster = json_path(c->doc, "openShiftCluster"),
        .domain = in->domain,
        .master_zones = &in->master_zones,
        .worker_zones = &in->worker_zones,
        .pull_secret = in->pull_secret,
        .ssh_key = in->ssh_key,
        .image = image_of(in),
        .registry = in->registry,
        .cloud_name = c->cfg->cloud->name,
    };
    if (install_config_make(&config, &in->install_config, err) < 0)
        return -1;
    return install_config_check(in->install_config, err);
}

static int run_installer(const struct cluster *c, const struct opctx *ctx, const struct inputs *in,
                         json **ret, struct error **err)
{
    const struct installer_inputs inputs = {
        .layout = layout_of(c),
        .install_config = in->install_config,
        .platform = { .tenant_id = cluster_tenant_id(c),
                      .client_id = cluster_text(c, "servicePrincipalProfile.clientId"),
                      .subscription_id = cluster_subscription_id(c),
                      .client_secret = in->client_secret },
        .release_image = in->release.pullspec,
        .document_id = cluster_doc_id(c),
        .infra_id = name_infra(c),
        .domain = in->domain,
        .region = in->region,
        .resource_group = in->group,
        .image = image_of(in),
        .registry = in->registry,
        .api_int_ip = cluster_text(c, "apiserverProfile.intIp"),
        .manifests = in->extra.manifests,
        .bootstrap = in->extra.bootstrap,
    };
    return installer_generate(c->cfg->installer, ctx, &inputs, ret, err);
}

static int generate(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err)
{
    cleanup_inputs struct inputs in = { 0 };
    if (gather(c, ctx, &in, err) < 0 || make_install_config(c, &in, err) < 0 ||
        extra_manifests_give(c, &in.extra, err) < 0)
        return -1;
    return run_installer(c, ctx, &in, ret, err);
}

/* ---- stored ---- */

/* One copy in clear text at a time, and none for long: many clusters may be at this at once. */
static int seal(const struct cluster *c, const struct opctx *ctx, const json *graph, char **ret,
                struct error **err)
{
    char *text = json_give_text(graph);
    cleanup_secret struct secret *plain = secret_new(text, strlen(text));
    secret_free_text(text);
    return database_seal(ctx, c->job.db, plain, ret, err);
}

/* The bootstrap machine's configuration first: whoever sees the graph relies on it. The graph is consumed. */
static int store(struct cluster *c, const struct opctx *ctx, json *graph, struct error **err)
{
    cleanup_json_wiped json *owned = graph;
    cleanup_blobs struct blobs *blobs = NULL;
    cleanup_secret struct secret *ignition = NULL;
    cleanup_free char *sealed = NULL;
    size_t len;
    if (graph_give_bootstrap_ignition(owned, &ignition, err) < 0 ||
        seal(c, ctx, owned, &sealed, err) < 0 || storage_open(c, ctx, "cw", "o", &blobs, err) < 0)
        return -1;
    json_free_wiped(take(owned));
    const char *data = secret_reveal(ignition, &len);
    if (blobs_put(blobs, ctx, CONTAINER_IGNITION, BLOB_BOOTSTRAP, data, len, "application/json",
                  err) < 0)
        return -1;
    return blobs_put(blobs, ctx, CONTAINER_ARO, BLOB_GRAPH, sealed, strlen(sealed), NULL, err);
}

int cluster_ensure_graph(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_blobs struct blobs *blobs = NULL;
    json *graph = NULL;
    bool exists;
    if (storage_open(c, ctx, "r", "o", &blobs, err) < 0 ||
        blobs_exists(blobs, ctx, CONTAINER_ARO, BLOB_GRAPH, &exists, err) < 0)
        return -1;
    if (exists)
        return 0;
    if (generate(c, ctx, &graph, err) < 0)
        return -1;
    return store(c, ctx, graph, err);
}

int install_graph_load(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err)
{
    cleanup_blobs struct blobs *blobs = NULL;
    cleanup_free char *sealed = NULL;
    cleanup_secret struct secret *plain = NULL;
    size_t len;
    if (storage_open(c, ctx, "r", "o", &blobs, err) < 0 ||
        blobs_get(blobs, ctx, CONTAINER_ARO, BLOB_GRAPH, GRAPH_MAX, &sealed, &len, err) < 0 ||
        database_open_sealed(ctx, c->job.db, sealed, &plain, err) < 0)
        return error_wrap(err, "loading the install graph");
    const char *text = secret_reveal(plain, &len);
    if (json_parse_object(text, len, ret, err) < 0)
        return error_wrap(err, "the install graph");
    return 0;
}

/* ---- what the service and the customer log in with ---- */

static int give_admin(const json *graph, int64_t wall_ns, struct secret **ret, struct error **err)
{
    (void)wall_ns;
    return graph_give_admin_kubeconfig(graph, ret, err);
}

static int give_password(const json *graph, int64_t wall_ns, struct secret **ret,
                         struct error **err)
{
    (void)wall_ns;
    return graph_give_kubeadmin_password(graph, ret, err);
}

static const struct member {
    const char *name;
    int (*give)(const json *graph, int64_t wall_ns, struct secret **ret, struct error **err);
    /* Of one that is there; NULL: it stays, since its certificate is in use. */
    bool (*is_due)(const struct secret *secret, int64_t wall_ns);
} members[] = {
    { "adminKubeconfig", give_admin, NULL },
    { "aroServiceKubeconfig", graph_give_service_kubeconfig, NULL },
    { "aroSREKubeconfig", graph_give_sre_kubeconfig, NULL },
    { "userAdminKubeconfig", graph_give_user_admin_kubeconfig, user_admin_kubeconfig_is_due },
    { "kubeadminPassword", give_password, NULL },
};

static int is_wanted(struct cluster *c, const struct opctx *ctx, const struct member *m, bool *ret,
                     struct error **err)
{
    cleanup_secret struct secret *there = NULL;
    *ret = !*cluster_text_or_empty(c, m->name);
    if (*ret || !m->is_due)
        return 0;
    if (cluster_open_secret(c, ctx, m->name, &there, err) < 0)
        return -1;
    *ret = m->is_due(there, clock_wall_ns(c->cfg->clock));
    return 0;
}

int cluster_generate_kubeconfigs(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_json_wiped json *graph = NULL;
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        const struct member *m = &members[i];
        cleanup_secret struct secret *made = NULL;
        bool wanted;
        if (is_wanted(c, ctx, m, &wanted, err) < 0)
            return -1;
        if (!wanted)
            continue;
        if (!graph && install_graph_load(c, ctx, &graph, err) < 0)
            return -1;
        if (m->give(graph, clock_wall_ns(c->cfg->clock), &made, err) < 0 ||
            cluster_set_secret(c, ctx, m->name, made, err) < 0)
            return error_wrap(err, "properties.%s", m->name);
    }
    return 0;
}

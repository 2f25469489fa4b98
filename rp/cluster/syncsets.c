#include "rp/cluster/syncsets.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/cluster/names.h"
#include "rp/hive/hive.h"

#define PLACE "hiveProfile.namespace"
#define TRY_MS 60000
#define PAUSE_MS 5000

typedef int (*hive_work)(struct cluster *c, const struct opctx *ctx, struct error **err);

/* Errors are the operation's alone. */
static int try_for_a_while(struct cluster *c, const struct opctx *ctx, const char *what,
                           hive_work work, struct error **err)
{
    const struct opctx limited = opctx_with_timeout_ms(ctx, TRY_MS);
    cleanup_error struct error *e = NULL;
    while (work(c, &limited, &e) < 0) {
        if (error_is_retriable(e) && opctx_sleep_ms(&limited, PAUSE_MS, NULL) == 0)
            continue;
        if (opctx_check(ctx, err) < 0)
            return -1;
        log_error(ctx->log, "%s: %s", what, error_text(e));
        return 0;
    }
    return 0;
}

/* The document says where the place is before it is made there, and it may be gone again: nobody but SyncSets knows whether it
 * is. Who may not make any goes without, since the service makes what it misses, unless it is told not to. */
static int make_place(struct cluster *c, const struct opctx *ctx, struct error **err)
{
    struct error *e = NULL;
    if (hive_ensure_namespace(c->cfg->hive, ctx, cluster_text(c, PLACE), &e) == 0)
        return 0;
    if (!error_is(e, ERR_FORBIDDEN))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

static int register_cluster(struct cluster *c, const struct opctx *ctx, struct error **err)
{
    cleanup_secret struct secret *kubeconfig = NULL;
    cleanup_free char *domain = name_give_domain(c);
    cleanup_free char *api_url = xasprintf("api-int.%s:6443", domain);
    if (cluster_open_secret(c, ctx, "aroServiceKubeconfig", &kubeconfig, err) < 0)
        return -1;
    if (!kubeconfig)
        return error_set(err, ERR_INTERNAL, "the document holds no aroServiceKubeconfig");
    const struct hive_cluster cluster = {
        .nspace = cluster_text(c, PLACE),
        .kubeconfig = kubeconfig,
        .api_url = api_url,
        .api_ip = cluster_text(c, "networkProfile.privateEndpointIp"),
        .location = cluster_location(c),
        .version = cluster_text(c, "clusterProfile.version"),
        .resource_id = cluster_resource_id(c),
        .correlation = json_path(c->doc, "correlationData"),
    };
    if (make_place(c, ctx, err) < 0)
        return -1;
    return hive_register(c->cfg->hive, ctx, &cluster, err);
}

int cluster_register_with_syncsets(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    if (!*cluster_text_or_empty(c, PLACE)) {
        cleanup_free char *nspace = hive_give_namespace(cluster_doc_id(c));
        if (cluster_set_text(c, ctx, PLACE, nspace, err) < 0)
            return -1;
    }
    return try_for_a_while(c, ctx, "registering the cluster with SyncSets", register_cluster, err);
}

static int deregister_cluster(struct cluster *c, const struct opctx *ctx, struct error **err)
{
    return hive_deregister(c->cfg->hive, ctx, cluster_text(c, PLACE), err);
}

int cluster_deregister_from_syncsets(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    if (!c->cfg->hive || !*cluster_text_or_empty(c, PLACE))
        return 0;
    return try_for_a_while(c, ctx, "deregistering the cluster from SyncSets", deregister_cluster,
                           err);
}

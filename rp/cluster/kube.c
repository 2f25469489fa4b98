#include "rp/cluster/kube.h"

#define SERVICE_KUBECONFIG "aroServiceKubeconfig"
#define ADMIN_KUBECONFIG "adminKubeconfig"
/* Longer than an API server takes to be rolled out, shorter than any wait of an operation. */
#define PATIENCE_MS ((int64_t)5 * 60 * 1000)
#define ENDPOINT "networkProfile.privateEndpointIp"

static int read_kubeconfig(struct cluster *c, const struct opctx *ctx, struct kube_config **ret,
                           struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    size_t len;
    if (cluster_open_secret(c, ctx, SERVICE_KUBECONFIG, &text, err) < 0 ||
        (!text && cluster_open_secret(c, ctx, ADMIN_KUBECONFIG, &text, err) < 0))
        return -1;
    if (!text)
        return error_set(err, ERR_INTERNAL,
                         "the document holds no kubeconfig of the cluster (" SERVICE_KUBECONFIG
                         ", " ADMIN_KUBECONFIG ")");
    const char *bytes = secret_reveal(text, &len);
    if (kube_config_parse(bytes, len, NULL, ret, err) < 0)
        return error_wrap(err, "the cluster's kubeconfig");
    return 0;
}

int cluster_initialize_kubernetes_clients(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    if (c->kube)
        return 0;
    const char *address = cluster_text_or_empty(c, ENDPOINT);
    if (!*address)
        return error_set(err, ERR_INTERNAL,
                         "the cluster cannot be reached: its private endpoint has no address "
                         "(" ENDPOINT ")");
    cleanup_kube_config struct kube_config *config = NULL;
    if (read_kubeconfig(c, ctx, &config, err) < 0)
        return -1;
    const struct kube_client_options opt = { .user_agent = "aro-rp",
                                             .dial_address = address,
                                             .patience_ms = PATIENCE_MS,
                                             .clock = c->cfg->clock,
                                             .rng = c->cfg->rng,
                                             .env = c->cfg->process_env,
                                             .log = c->ctx->log };
    if (kube_client_new(c->cfg->http, config, &opt, &c->kube, err) < 0)
        return error_wrap(err, "the client of the cluster");
    c->kube_config = take(config);
    return 0;
}

void cluster_release_kubernetes_clients(struct cluster *c)
{
    kube_client_free(take(c->kube));
    kube_config_free(take(c->kube_config));
}

/* ---- edits ---- */

struct edit {
    struct kube_client *kube;
    const struct kube_ref *ref;
    cluster_edit_fn fn;
    void *arg;
};

static int try_edit(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt; /* every attempt reads live */
    const struct edit *e = arg;
    cleanup_json_wiped json *live = NULL; /* it may be a Secret */
    if (kube_get(e->kube, ctx, e->ref, &live, err) < 0)
        return -1;
    cleanup_json_wiped json *object = json_give_copy(live);
    if (e->fn(object, e->arg, err) < 0)
        return -1;
    return json_equal(object, live) ? 0
                                    : kube_update(e->kube, ctx, e->ref, object, NULL, NULL, err);
}

int cluster_edit(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                 cluster_edit_fn edit, void *arg, struct error **err)
{
    struct edit e = { k, ref, edit, arg };
    if (kube_retry_on_conflict(ctx, try_edit, &e, err) < 0)
        return error_wrap(err, "changing %s %s", ref->gvr->kind, ref->name);
    return 0;
}

int cluster_get_if_present(struct kube_client *k, const struct opctx *ctx,
                           const struct kube_ref *ref, json **ret, struct error **err)
{
    struct error *e = NULL;
    if (kube_get(k, ctx, ref, ret, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    *ret = NULL;
    return 0;
}

int cluster_create_once(struct kube_client *k, const struct opctx *ctx, const struct kube_ref *ref,
                        const json *object, struct error **err)
{
    const struct kube_write_options opt = { .existing_will_do = true };
    struct error *e = NULL;
    if (kube_create(k, ctx, ref, object, &opt, NULL, &e) == 0 || error_is(e, ERR_EXISTS)) {
        error_free(e);
        return 0;
    }
    error_move(err, &e);
    return error_wrap(err, "making %s %s", ref->gvr->kind, json_path_str(object, "metadata.name"));
}

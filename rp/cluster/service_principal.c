#include "rp/cluster/service_principal.h"

#include "pkg/api/refuse.h"
#include "pkg/base/encoding.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define PROFILE "servicePrincipalProfile"
#define TARGET "properties." PROFILE
#define CODE_CREDENTIALS "InvalidServicePrincipalCredentials"
#define NOT_FOUND "Authorization_IdentityNotFound" /* of whoever asks: not everywhere, yet */

int cluster_initialize_sp_clients(void *arg, const struct opctx *ctx, struct error **err)
{
    struct arm *arm;
    return cluster_arm(arg, ctx, AS_CLUSTER, &arm, err);
}

/* The directory's interface has Azure Resource Manager's manners. */
static int make_graph(struct cluster *c, const struct opctx *ctx, struct arm **ret,
                      struct error **err)
{
    const struct cluster_config *cfg = c->cfg;
    cleanup_free char *scope = xasprintf("%s/.default", cfg->cloud->graph);
    struct arm_config graph = { .transport = cfg->transport,
                                .cloud = cfg->cloud,
                                .endpoint = cfg->cloud->graph,
                                .scope = scope,
                                .user_agent = "aro-rp",
                                .clock = cfg->clock,
                                .rng = cfg->rng,
                                .log = ctx->log };
    if (cluster_tokens(c, ctx, AS_CLUSTER, &graph.tokens, err) < 0)
        return -1;
    *ret = arm_new(&graph);
    return 0;
}

static int refuse(struct error **err, const char *client_id, const char *why)
{
    return api_refuse(err, CODE_CREDENTIALS, TARGET,
                      "The directory does not know the service principal of the application '%s'"
                      "%s%s.",
                      client_id, why ? ": " : "", why ? why : "");
}

/* One look. */
static int look_up(struct arm *graph, const struct opctx *ctx, const char *client_id, char **ret,
                   struct error **err)
{
    cleanup_free char *filter = xasprintf("appId eq '%s'", client_id);
    cleanup_free char *escaped = percent_give(filter);
    cleanup_free char *path = xasprintf("/v1.0/servicePrincipals?$filter=%s", escaped);
    const struct arm_call call = { .method = "GET", .path = path };
    cleanup_json json *list = NULL;
    if (arm_send(graph, ctx, &call, &list, err) < 0)
        return -1;
    const char *id = json_path_str(list, "value[0].id");
    if (!id)
        return refuse(err, client_id, NULL);
    *ret = xstrdup(id);
    return 0;
}

/* An application that was just made. */
static bool may_heal(const struct error *e)
{
    return str_eq(error_get_code(e), NOT_FOUND) || str_eq(error_get_code(e), CODE_CREDENTIALS);
}

static int wait_for_id(struct cluster *c, struct arm *graph, const struct opctx *ctx, char **ret,
                       struct error **err)
{
    const char *client_id = cluster_text_or_empty(c, PROFILE ".clientId");
    int64_t poll_ms = rp_env_ms(c->cfg->env, INTERVAL_VALIDATE_TOKEN_POLL);
    int64_t timeout_ms = rp_env_ms(c->cfg->env, INTERVAL_VALIDATE_TOKEN_TIMEOUT);
    int64_t until_ns = clock_mono_ns(ctx->clock) + timeout_ms * NS_PER_MS;
    for (;;) {
        cleanup_error struct error *e = NULL;
        if (look_up(graph, ctx, client_id, ret, &e) == 0)
            return 0;
        if (!may_heal(e))
            return error_move(err, &e);
        if (clock_mono_ns(ctx->clock) + poll_ms * NS_PER_MS > until_ns)
            return str_eq(error_get_code(e), CODE_CREDENTIALS)
                       ? error_move(err, &e)
                       : refuse(err, client_id, error_get_code(e));
        log_info(ctx->log, "the service principal is looked up again: %s", error_text(e));
        if (opctx_sleep_ms(ctx, poll_ms, err) < 0)
            return -1;
    }
}

int cluster_ensure_sp_object_id(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_arm struct arm *graph = NULL;
    cleanup_free char *id = NULL;
    if (make_graph(c, ctx, &graph, err) < 0 || wait_for_id(c, graph, ctx, &id, err) < 0)
        return -1;
    return cluster_set_text(c, ctx, PROFILE ".spObjectId", id, err);
}

int cluster_refresh_sp_object_id(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    const char *known = cluster_text_or_empty(c, PROFILE ".spObjectId");
    cleanup_arm struct arm *graph = NULL;
    cleanup_free char *id = NULL;
    cleanup_error struct error *e = NULL;
    if (!*known)
        return cluster_ensure_sp_object_id(arg, ctx, err);
    if (make_graph(c, ctx, &graph, err) < 0 || opctx_check(ctx, err) < 0)
        return -1;
    if (look_up(graph, ctx, cluster_text_or_empty(c, PROFILE ".clientId"), &id, &e) == 0)
        return cluster_set_text(c, ctx, PROFILE ".spObjectId", id, err);
    log_warning(ctx->log, "the service principal is taken for %s, as before: %s", known,
                error_text(e));
    return 0;
}

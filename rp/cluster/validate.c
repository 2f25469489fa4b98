#include "rp/cluster/validate.h"

#include "pkg/api/refuse.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/role_sets.h"
#include "rp/cluster/zones.h"
#include "rp/validate/dynamic.h"

/* ---- the step ---- */

static int give_principal(struct cluster *c, const struct opctx *ctx, enum cluster_identity who,
                          struct dynamic_principal *ret, struct error **err)
{
    if (cluster_tokens(c, ctx, who, &ret->tokens, err) < 0 ||
        cluster_arm(c, ctx, who, &ret->arm, err) < 0)
        return -1;
    ret->client_id = c->credentials[who]->client_id;
    return 0;
}

/* Azure's, of the region. What it says is minutes old: it is asked less often, for longer. */
static void make_decision_point(struct cluster *c, const struct opctx *ctx,
                                struct dynamic_validation *v)
{
    if (!str_eq(rp_env_text(c->cfg->env, ENV_CHECK_ACCESS), "true") ||
        !str_eq(c->cfg->cloud->name, "AzurePublicCloud"))
        return;
    cleanup_free char *location = str_give_lower(cluster_location(c));
    cleanup_free char *endpoint = xasprintf("https://%s.authorization.azure.net/", location);
    const struct arm_config cfg = { .transport = c->cfg->transport,
                                    .tokens = v->provider.tokens,
                                    .cloud = c->cfg->cloud,
                                    .endpoint = endpoint,
                                    .scope = "https://authorization.azure.net/.default",
                                    .user_agent = "aro-rp",
                                    .clock = c->cfg->clock,
                                    .rng = c->cfg->rng,
                                    .log = ctx->log };
    v->decision_point = arm_new(&cfg);
    v->intervals.access_poll_ms *= 3;
    v->intervals.access_timeout_ms *= 3;
}

/* The zones are looked up right behind this step. */
static bool goes_on(const struct cluster *c)
{
    return c->job.operation == CLUSTER_INSTALL && cluster_has_zones(c);
}

static int validate(struct cluster *c, const struct opctx *ctx, json *role_sets, struct error **err)
{
    const struct rp_env *env = c->cfg->env;
    struct dynamic_validation v = {
        .cluster = json_get(c->doc, "openShiftCluster"),
        .subscription_id = cluster_subscription_id(c),
        .cloud = c->cfg->cloud,
        .find_role_set = role_sets_find,
        .role_set_arg = role_sets,
        .intervals = { .token_poll_ms = rp_env_ms(env, INTERVAL_VALIDATE_TOKEN_POLL),
                       .token_timeout_ms = rp_env_ms(env, INTERVAL_VALIDATE_TOKEN_TIMEOUT),
                       .access_poll_ms = rp_env_ms(env, INTERVAL_VALIDATE_ACCESS_POLL),
                       .access_timeout_ms = rp_env_ms(env, INTERVAL_VALIDATE_ACCESS_TIMEOUT) },
        .goes_on = goes_on(c),
    };
    if (give_principal(c, ctx, AS_FIRST_PARTY, &v.provider, err) < 0)
        return -1;
    if (!cluster_has_identities(c) && give_principal(c, ctx, AS_CLUSTER, &v.service, err) < 0)
        return -1;
    make_decision_point(c, ctx, &v);
    int rcode = dynamic_validate(&v, ctx, err);
    arm_free(v.decision_point);
    return rcode;
}

int cluster_validate_resources(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_json json *role_sets = NULL;
    if (cluster_layout(c) == LAYOUT_V1 && goes_on(c))
        return 0; /* its checks would not know its own resources */
    if (cluster_has_identities(c) && role_sets_list(c, ctx, &role_sets, err) < 0)
        return -1;
    return validate(c, ctx, role_sets, err);
}

int cluster_refuse_workload_identities(void *arg, const struct opctx *ctx, struct error **err)
{
    (void)arg;
    (void)ctx;
    return api_refuse_value(err, "properties.platformWorkloadIdentityProfile",
                            "This resource provider cannot create clusters with workload "
                            "identities. Nothing was changed in Azure. Delete the cluster and "
                            "create it with a service principal.");
}

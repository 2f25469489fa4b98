/* As whom an operation asks Azure: credentials, tokens and clients, each made when first needed. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/cluster_impl.h"

/* The cluster's own service principal, as the customer gave it. */
static int give_cluster_credential(struct cluster *c, const struct opctx *ctx,
                                   struct azure_credential **ret, struct error **err)
{
    cleanup_secret struct secret *secret = NULL;
    const char *id = cluster_text(c, "servicePrincipalProfile.clientId");
    if (cluster_open_secret(c, ctx, "servicePrincipalProfile.clientSecret", &secret, err) < 0)
        return -1;
    if (!id || !*id || !secret) {
        (void)error_set(err, ERR_INVALID, "The cluster has no service principal.");
        error_code(err, "InvalidServicePrincipalCredentials");
        error_target(err, "properties.servicePrincipalProfile");
        return -1;
    }
    struct azure_credential *credential = xnew(struct azure_credential);
    *credential = (struct azure_credential){ .type = AZURE_CLIENT_SECRET,
                                             .tenant_id = xstrdup(cluster_tenant_id(c)),
                                             .client_id = xstrdup(id),
                                             .client_secret = take(secret) };
    *ret = credential;
    return 0;
}

/* In the tenant of the customer, or in that of the service. */
static int give_credential(struct cluster *c, const struct opctx *ctx, enum cluster_identity who,
                           struct azure_credential **ret, struct error **err)
{
    const struct cluster_config *cfg = c->cfg;
    const char *tenant_id =
        who == AS_SERVICE ? rp_env_text(cfg->env, ENV_TENANT_ID) : cluster_tenant_id(c);
    if (who == AS_CLUSTER)
        return give_cluster_credential(c, ctx, ret, err);
    *ret = cfg->give_first_party(cfg->first_party_arg, tenant_id);
    return 0;
}

static int make_tokens(struct cluster *c, const struct opctx *ctx, enum cluster_identity who,
                       struct error **err)
{
    if (give_credential(c, ctx, who, &c->credentials[who], err) < 0)
        return -1;
    const struct azure_tokens_config cfg = {
        .transport = c->cfg->transport,
        .cloud = c->cfg->cloud,
        .credential = c->credentials[who],
        .clock = c->cfg->clock,
        .rng = c->cfg->rng,
    };
    c->tokens[who] = azure_tokens_new(&cfg);
    return 0;
}

int cluster_tokens(struct cluster *c, const struct opctx *ctx, enum cluster_identity who,
                   struct azure_tokens **ret, struct error **err)
{
    if (who == AS_SERVICE && c->cfg->service_tokens) {
        *ret = c->cfg->service_tokens;
        return 0;
    }
    if (!c->tokens[who] && make_tokens(c, ctx, who, err) < 0)
        return -1;
    *ret = c->tokens[who];
    return 0;
}

int cluster_arm(struct cluster *c, const struct opctx *ctx, enum cluster_identity who,
                struct arm **ret, struct error **err)
{
    if (!c->arms[who]) {
        struct arm_config cfg = {
            .transport = c->cfg->transport,
            .cloud = c->cfg->cloud,
            .user_agent = "aro-rp",
            .clock = c->cfg->clock,
            .rng = c->cfg->rng,
            .log = c->ctx->log,
        };
        if (cluster_tokens(c, ctx, who, &cfg.tokens, err) < 0)
            return -1;
        c->arms[who] = arm_new(&cfg);
    }
    *ret = c->arms[who];
    return 0;
}

void cluster_drop_tokens(struct cluster *c)
{
    cleanup_free char *scope = xasprintf("%s/.default", c->cfg->cloud->arm);
    for (size_t i = 0; i < IDENTITIES; i++)
        if (c->tokens[i])
            azure_token_drop(c->tokens[i], scope);
    if (c->cfg->service_tokens)
        azure_token_drop(c->cfg->service_tokens, scope);
}

void cluster_release_azure(struct cluster *c)
{
    for (size_t i = 0; i < IDENTITIES; i++) {
        arm_free(c->arms[i]);
        azure_tokens_free(c->tokens[i]);
        azure_credential_free(c->credentials[i]);
    }
}

#include "cmd/aro-rp/identity.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct identity {
    struct azure_credential credential;
    struct azure_tokens *tokens;
    struct cosmos_tokens cosmos;
    char *cosmos_scope; /* NULL: no account */
};

static int get_cosmos_token(struct cosmos_tokens *base, const struct opctx *ctx, bool fresh,
                            struct secret **ret, struct error **err)
{
    struct identity *i = container_of(base, struct identity, cosmos);
    return azure_token_get(i->tokens, ctx, i->cosmos_scope, fresh, ret, err);
}

static char *give_text(const struct rp_env *env, enum rp_variable v)
{
    const char *text = rp_env_text(env, v);
    return text ? xstrdup(text) : NULL;
}

static int use_token_file(const struct rp_env *env, struct azure_credential *c, struct error **err)
{
    if (!rp_env_text(env, ENV_FEDERATED_TOKEN_FILE))
        return error_set(
            err, ERR_INVALID,
            "AZURE_FEDERATED_TOKEN_FILE is not set, and ARO_RP_WORKLOAD_IDENTITY needs "
            "it");
    c->type = AZURE_FEDERATED_TOKEN;
    if (!c->client_id)
        c->client_id = give_text(env, ENV_CLIENT_ID);
    if (!c->client_id)
        return error_set(err, ERR_INVALID,
                         "neither AZURE_RP_CLIENT_ID nor AZURE_CLIENT_ID is set, and "
                         "ARO_RP_WORKLOAD_IDENTITY needs one of them");
    c->federated_token_file = give_text(env, ENV_FEDERATED_TOKEN_FILE);
    return 0;
}

static int use_secret(const struct rp_env *env, struct azure_credential *c, struct error **err)
{
    struct secret *secret = rp_env_secret(env, ENV_RP_CLIENT_SECRET);
    if (!secret)
        return error_set(err, ERR_INVALID,
                         "AZURE_RP_CLIENT_SECRET is not set, but AZURE_RP_CLIENT_ID is");
    c->type = AZURE_CLIENT_SECRET;
    c->client_secret = secret_ref(secret);
    return 0;
}

static int fill_credential(const struct rp_env *env, struct azure_credential *c, struct error **err)
{
    c->tenant_id = give_text(env, ENV_TENANT_ID);
    c->client_id = give_text(env, ENV_RP_CLIENT_ID);
    if (str_eq(rp_env_text(env, ENV_WORKLOAD_IDENTITY), "true"))
        return use_token_file(env, c, err);
    if (rp_env_is_development(env))
        return use_secret(env, c, err);
    c->type = AZURE_MANAGED_IDENTITY;
    return 0;
}

static bool has_identity(const struct rp_env *env)
{
    return !rp_env_is_development(env) || rp_env_text(env, ENV_RP_CLIENT_ID) ||
           str_eq(rp_env_text(env, ENV_WORKLOAD_IDENTITY), "true");
}

int identity_new(const struct identity_config *cfg, struct identity **ret, struct error **err)
{
    const char *account = rp_env_text(cfg->env, ENV_COSMOS_ACCOUNT);
    *ret = NULL;
    if (!has_identity(cfg->env))
        return 0;
    struct identity *i = xnew(struct identity);
    if (fill_credential(cfg->env, &i->credential, err) < 0) {
        identity_free(i);
        return -1;
    }
    const struct azure_tokens_config tokens = { cfg->transport, cfg->cloud, &i->credential,
                                                cfg->clock, cfg->rng };
    i->tokens = azure_tokens_new(&tokens);
    i->cosmos.get = get_cosmos_token;
    if (account)
        i->cosmos_scope = xasprintf("https://%s.%s/.default", account, cfg->cloud->cosmos);
    *ret = i;
    return 0;
}

void identity_free(struct identity *i)
{
    if (!i)
        return;
    azure_tokens_free(i->tokens);
    azure_credential_release(&i->credential);
    free(i->cosmos_scope);
    free(i);
}

struct azure_tokens *identity_tokens(struct identity *i)
{
    return i ? i->tokens : NULL;
}

struct cosmos_tokens *identity_cosmos(struct identity *i)
{
    return i && i->cosmos_scope ? &i->cosmos : NULL;
}

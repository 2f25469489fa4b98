#include "cmd/aro-rp/azure_checks.h"

#include "pkg/base/mem.h"
#include "rp/validate/azure_create.h"

struct azure_checks {
    struct create_checks base;
    struct azure_checks_config cfg; /* the text is our own */
};

/* Creates are rare: a client and a token for each. */
static int check(struct create_checks *base, const struct opctx *ctx, const json *cluster,
                 const char *subscription_id, const char *tenant_id, struct error **err)
{
    struct azure_checks *c = container_of(base, struct azure_checks, base);
    cleanup_azure_credential struct azure_credential *credential =
        first_party_give_credential(c->cfg.first_party, tenant_id);
    const struct azure_tokens_config tokens_cfg = {
        .transport = c->cfg.transport,
        .cloud = c->cfg.cloud,
        .credential = credential,
        .clock = c->cfg.clock,
        .rng = c->cfg.rng,
    };
    cleanup_azure_tokens struct azure_tokens *tokens = azure_tokens_new(&tokens_cfg);
    const struct arm_config arm_cfg = {
        .transport = c->cfg.transport,
        .tokens = tokens,
        .cloud = c->cfg.cloud,
        .user_agent = "aro-rp",
        .clock = c->cfg.clock,
        .rng = c->cfg.rng,
        .log = c->cfg.log,
    };
    cleanup_arm struct arm *arm = arm_new(&arm_cfg);
    return azure_create_check(arm, ctx, cluster, subscription_id, c->cfg.location, err);
}

struct azure_checks *azure_checks_new(const struct azure_checks_config *cfg)
{
    struct azure_checks *c = xnew(struct azure_checks);
    c->base.check = check;
    c->cfg = *cfg;
    c->cfg.location = xstrdup(cfg->location);
    return c;
}

struct create_checks *azure_checks_base(struct azure_checks *c)
{
    return &c->base;
}

void azure_checks_free(struct azure_checks *c)
{
    if (!c)
        return;
    free((char *)(uintptr_t)c->cfg.location);
    free(c);
}

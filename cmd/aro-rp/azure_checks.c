#include "cmd/aro-rp/azure_checks.h"

#include "pkg/base/mem.h"
#include "rp/validate/azure_create.h"
#include "rp/validate/azure_roles.h"

struct azure_checks {
    struct create_checks base;
    struct admin_azure admin;
    struct azure_checks_config cfg; /* the text is our own */
};

/* Creates and administrators are rare: a client and a token for each. */
static int run_in_tenant(const struct azure_checks *c, const char *tenant_id,
                         int (*fn)(struct arm *arm, void *arg, struct error **err), void *arg,
                         struct error **err)
{
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
    return fn(arm, arg, err);
}

struct question {
    const struct opctx *ctx;
    const json *cluster;
    const char *subscription_id, *location;
};

static int ask(struct arm *arm, void *arg, struct error **err)
{
    const struct question *q = arg;
    return azure_create_check(arm, q->ctx, q->cluster, q->subscription_id, q->location, err);
}

static int check(struct create_checks *base, const struct opctx *ctx, const json *cluster,
                 const char *subscription_id, const char *tenant_id, struct error **err)
{
    struct azure_checks *c = container_of(base, struct azure_checks, base);
    struct question q = { ctx, cluster, subscription_id, c->cfg.location };
    return run_in_tenant(c, tenant_id, ask, &q, err);
}

struct role_question {
    const struct opctx *ctx;
    const char *client_id, *subscription_id;
};

static int ask_roles(struct arm *arm, void *arg, struct error **err)
{
    const struct role_question *q = arg;
    return azure_roles_check(arm, q->ctx, q->client_id, q->subscription_id, err);
}

int azure_checks_roles(struct azure_checks *c, const struct opctx *ctx, const char *client_id,
                       const char *subscription_id, const char *tenant_id, struct error **err)
{
    struct role_question q = { ctx, client_id, subscription_id };
    return run_in_tenant(c, tenant_id, ask_roles, &q, err);
}

static int run_for_admin(struct admin_azure *admin, const struct opctx *ctx, const char *tenant_id,
                         int (*fn)(struct arm *arm, void *arg, struct error **err), void *arg,
                         struct error **err)
{
    (void)ctx; /* fn has it */
    return run_in_tenant(container_of(admin, struct azure_checks, admin), tenant_id, fn, arg, err);
}

struct azure_checks *azure_checks_new(const struct azure_checks_config *cfg)
{
    struct azure_checks *c = xnew(struct azure_checks);
    c->base.check = check;
    c->admin.run = run_for_admin;
    c->cfg = *cfg;
    c->cfg.location = xstrdup(cfg->location);
    return c;
}

struct create_checks *azure_checks_base(struct azure_checks *c)
{
    return &c->base;
}

struct admin_azure *azure_checks_admin(struct azure_checks *c)
{
    return &c->admin;
}

void azure_checks_free(struct azure_checks *c)
{
    if (!c)
        return;
    free((char *)(uintptr_t)c->cfg.location);
    free(c);
}

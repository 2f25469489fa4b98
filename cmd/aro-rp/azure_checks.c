#include "cmd/aro-rp/azure_checks.h"

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/validate/azure_create.h"

struct azure_checks {
    struct create_checks base;
    struct azure_checks_config cfg; /* texts and secrets are our own */
    pthread_mutex_t mu;             /* guards cert_pem and key_pem in it */
};

static struct azure_credential *give_credential(struct azure_checks *c, const char *tenant_id)
{
    struct azure_credential *a = xnew(struct azure_credential);
    a->type = c->cfg.client_secret ? AZURE_CLIENT_SECRET : AZURE_CLIENT_CERTIFICATE;
    a->tenant_id = xstrdup(tenant_id);
    a->client_id = xstrdup(c->cfg.client_id);
    if (c->cfg.client_secret) {
        a->client_secret = secret_ref(c->cfg.client_secret);
        return a;
    }
    pthread_mutex_lock(&c->mu);
    a->certificate_pem = xstrdup(c->cfg.cert_pem);
    a->key_pem = secret_ref(c->cfg.key_pem);
    pthread_mutex_unlock(&c->mu);
    a->send_chain = true; /* known by subject name and issuer, not by its thumbprint */
    return a;
}

/* Creates are rare: a client and a token for each. */
static int check(struct create_checks *base, const struct opctx *ctx, const json *cluster,
                 const char *subscription_id, const char *tenant_id, struct error **err)
{
    struct azure_checks *c = container_of(base, struct azure_checks, base);
    cleanup_azure_credential struct azure_credential *credential = give_credential(c, tenant_id);
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
    mutex_init(&c->mu);
    c->cfg = *cfg;
    c->cfg.client_id = xstrdup(cfg->client_id);
    c->cfg.location = xstrdup(cfg->location);
    c->cfg.cert_pem = xstrdup(cfg->cert_pem);
    c->cfg.client_secret = cfg->client_secret ? secret_ref(cfg->client_secret) : NULL;
    c->cfg.key_pem = cfg->key_pem ? secret_ref(cfg->key_pem) : NULL;
    return c;
}

struct create_checks *azure_checks_base(struct azure_checks *c)
{
    return &c->base;
}

void azure_checks_set_cert(struct azure_checks *c, const char *cert_pem, struct secret *key_pem)
{
    pthread_mutex_lock(&c->mu);
    free((char *)(uintptr_t)c->cfg.cert_pem);
    secret_unref(c->cfg.key_pem);
    c->cfg.cert_pem = xstrdup(cert_pem);
    c->cfg.key_pem = secret_ref(key_pem);
    pthread_mutex_unlock(&c->mu);
}

void azure_checks_free(struct azure_checks *c)
{
    if (!c)
        return;
    free((char *)(uintptr_t)c->cfg.client_id);
    free((char *)(uintptr_t)c->cfg.location);
    free((char *)(uintptr_t)c->cfg.cert_pem);
    secret_unref(c->cfg.client_secret);
    secret_unref(c->cfg.key_pem);
    (void)pthread_mutex_destroy(&c->mu);
    free(c);
}

#include "rp/cluster/certificates.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/names.h"

#define COMMON_NAME_MAX 64 /* X.509 */
#define MONTHS 3
#define RENEW_DAYS 30

char *certificate_give_apiserver(const struct cluster *c)
{
    return xasprintf("%s-apiserver", cluster_doc_id(c));
}

char *certificate_give_ingress(const struct cluster *c)
{
    return xasprintf("%s-ingress", cluster_doc_id(c));
}

int certificates_open_vault(struct cluster *c, const struct opctx *ctx, struct key_vault **ret,
                            struct error **err)
{
    const char *prefix = rp_env_text(c->cfg->env, ENV_KEYVAULT_PREFIX);
    if (!prefix)
        return error_set(err, ERR_INVALID,
                         "KEYVAULT_PREFIX is not set: there is no vault for certificates of "
                         "clusters");
    cleanup_free char *name = xasprintf("%s-cls", prefix);
    struct key_vault_config cfg = {
        .transport = c->cfg->transport,
        .cloud = c->cfg->cloud,
        .name = name,
        .user_agent = "aro-rp",
        .clock = c->cfg->clock,
        .rng = c->cfg->rng,
    };
    if (cluster_tokens(c, ctx, AS_SERVICE, &cfg.tokens, err) < 0)
        return -1;
    *ret = key_vault_new(&cfg);
    return 0;
}

typedef int (*vault_verb)(struct key_vault *v, const struct opctx *ctx, const char *name,
                          const struct vault_certificate_wish *wish, struct error **err);

static int ask(struct cluster *c, const struct opctx *ctx, struct key_vault *vault, vault_verb verb,
               const char *certificate, const char *dns_name, struct error **err)
{
    const char *zone = rp_env_text(c->cfg->env, ENV_DOMAIN);
    cleanup_free char *reserved = xasprintf("reserved.%s", zone ? zone : "");
    const struct vault_certificate_wish wish = {
        /* In development the vault signs them itself. */
        .issuer = rp_env_is_development(c->cfg->env) ? "Self" : "OneCertV2-PublicCA",
        .common_name = strlen(dns_name) <= COMMON_NAME_MAX ? dns_name : reserved,
        .dns_name = dns_name,
        .validity_months = MONTHS,
        .renew_days_before = RENEW_DAYS,
    };
    return verb(vault, ctx, certificate, &wish, err);
}

/* Of both; a domain of the customer's has none. then NULL: nothing follows. */
static int ask_for_both(struct cluster *c, const struct opctx *ctx, vault_verb verb,
                        int (*then)(struct key_vault *v, const struct opctx *ctx, const char *name,
                                    struct error **err),
                        struct error **err)
{
    cleanup_key_vault struct key_vault *vault = NULL;
    cleanup_free char *domain = NULL;
    if (name_give_managed_domain(c, &domain, err) < 0)
        return -1;
    if (!domain)
        return 0;
    cleanup_free char *api = certificate_give_apiserver(c);
    cleanup_free char *ingress = certificate_give_ingress(c);
    cleanup_free char *api_name = xasprintf("api.%s", domain);
    cleanup_free char *ingress_name = xasprintf("*.apps.%s", domain);
    if (certificates_open_vault(c, ctx, &vault, err) < 0 ||
        ask(c, ctx, vault, verb, api, api_name, err) < 0 ||
        ask(c, ctx, vault, verb, ingress, ingress_name, err) < 0)
        return -1;
    if (!then)
        return 0;
    return then(vault, ctx, api, err) < 0 ? -1 : then(vault, ctx, ingress, err);
}

int cluster_create_certificates(void *arg, const struct opctx *ctx, struct error **err)
{
    return ask_for_both(arg, ctx, key_vault_begin_certificate, key_vault_wait_certificate, err);
}

int cluster_correct_certificate_issuer(void *arg, const struct opctx *ctx, struct error **err)
{
    return ask_for_both(arg, ctx, key_vault_correct_issuer, NULL, err);
}

int cluster_delete_certificates(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_key_vault struct key_vault *vault = NULL;
    cleanup_free char *api = certificate_give_apiserver(c);
    cleanup_free char *ingress = certificate_give_ingress(c);
    if (certificates_open_vault(c, ctx, &vault, err) < 0 ||
        key_vault_delete_certificate(vault, ctx, api, err) < 0)
        return -1;
    return key_vault_delete_certificate(vault, ctx, ingress, err);
}

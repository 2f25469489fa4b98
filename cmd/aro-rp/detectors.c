#include "cmd/aro-rp/detectors.h"

#include "pkg/azure/diagnostics.h"

/* Somebody looks at a cluster in trouble: that is rare, so each question has a token of its own. */
static int get(struct diagnostics *base, const struct opctx *ctx, const char *cluster_id,
               const char *detector, char **ret, struct error **err)
{
    const struct detectors_config *cfg = &container_of(base, struct detectors, base)->cfg;
    cleanup_azure_credential struct azure_credential *credential =
        first_party_give_credential(cfg->first_party, cfg->tenant_id);
    const struct azure_tokens_config tokens_cfg = { cfg->transport, cfg->cloud, credential,
                                                    cfg->clock, cfg->rng };
    cleanup_azure_tokens struct azure_tokens *tokens = azure_tokens_new(&tokens_cfg);
    const struct azure_diagnostics service = {
        .transport = cfg->transport,
        .tokens = tokens,
        .url = cfg->url,
        .scope = cfg->scope,
        .clock = cfg->clock,
        .rng = cfg->rng,
    };
    return azure_diagnostics_get(&service, ctx, cluster_id, detector, ret, err);
}

void detectors_init(struct detectors *d, const struct detectors_config *cfg)
{
    *d = (struct detectors){ .base.get = get, .cfg = *cfg };
}

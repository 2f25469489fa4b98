#include "cmd/aro-rp/enricher.h"

static void enrich(struct enricher *base, const struct opctx *ctx, json *const *clusters,
                   size_t len)
{
    const struct enricher_of_clusters *e = container_of(base, struct enricher_of_clusters, base);
    enrich_clusters(&e->cfg, ctx, clusters, len);
}

void enricher_init(struct enricher_of_clusters *e, const struct enrich_config *cfg)
{
    e->base.enrich = enrich;
    e->cfg = *cfg;
}

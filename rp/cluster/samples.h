/*
 * samples.h - steps: what a cluster must not offer that cannot pull Red Hat's images. That is one whose owner gave no pull
 * secret, and every one of development.
 * Source: Azure/ARO-RP, pkg/cluster/samples.go, operatorhub.go.
 */
#ifndef RP_CLUSTER_SAMPLES_H
#define RP_CLUSTER_SAMPLES_H

#include "rp/cluster/cluster.h"

/* disableSamples: the samples operator removes its image streams and templates. */
int cluster_disable_samples(void *arg, const struct opctx *ctx, struct error **err);
/* disableOperatorHubSources: Red Hat's catalogs, in V2 clusters the community's and the marketplace as well; what else the
 * cluster lists stays. */
int cluster_disable_operator_hub_sources(void *arg, const struct opctx *ctx, struct error **err);

#endif

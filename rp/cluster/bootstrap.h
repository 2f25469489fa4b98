/* bootstrap.h - takes away what only the first minutes of a cluster need. Steps. Source: Azure/ARO-RP, pkg/cluster. */
#ifndef RP_CLUSTER_BOOTSTRAP_H
#define RP_CLUSTER_BOOTSTRAP_H

#include "pkg/base/opctx.h"

/* The machine, its disk, its network interface. */
int cluster_remove_bootstrap(void *arg, const struct opctx *ctx, struct error **err);
/* Its configuration, which holds every key of the cluster. */
int cluster_remove_bootstrap_ignition(void *arg, const struct opctx *ctx, struct error **err);

#endif

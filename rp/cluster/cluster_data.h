/* cluster_data.h - a step: what the document tells customers of a cluster that has come up. */
#ifndef RP_CLUSTER_CLUSTER_DATA_H
#define RP_CLUSTER_CLUSTER_DATA_H

#include "rp/cluster/cluster.h"

/* updateClusterData: the URLs of API server and console, and the version that runs, into the document. */
int cluster_update_cluster_data(void *arg, const struct opctx *ctx, struct error **err);

#endif

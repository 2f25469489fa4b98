/*
 * privileged.h - what privileged pods of the service need in a cluster that has just begun: the constraints that come with an operator
 * that may not have started yet.
 */
#ifndef RP_CLUSTER_PRIVILEGED_H
#define RP_CLUSTER_PRIVILEGED_H

#include "rp/cluster/cluster.h"

/* Waits for the cluster's own constraints "privileged", for half an hour (ERR_TIMEOUT); *ret is the caller's. */
int privileged_wait(const struct cluster *c, const struct opctx *ctx, json **ret,
                    struct error **err);

#endif

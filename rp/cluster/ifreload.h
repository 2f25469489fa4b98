/*
 * ifreload.h - a step for V1 clusters without operator: a daemon on every node that brings its network up again when Azure
 * changed it.
 * Source: Azure/ARO-RP of 2020, pkg/ifreload.
 */
#ifndef RP_CLUSTER_IFRELOAD_H
#define RP_CLUSTER_IFRELOAD_H

#include "rp/cluster/cluster.h"

/* Waits up to half an hour for the security context of privileged pods, which it copies. */
int cluster_ensure_ifreload(void *arg, const struct opctx *ctx, struct error **err);
/* The same in an admin update: nothing in a cluster that was upgraded to a version with operator. */
int cluster_keep_ifreload(void *arg, const struct opctx *ctx, struct error **err);

#endif

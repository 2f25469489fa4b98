/*
 * geneva_logging.h - steps for clusters without operator: on every node, what ships its logs (operator/deploy/mdsd.h). Elsewhere it is
 * the operator's, which takes it over when the cluster is upgraded.
 * Source: Azure/ARO-RP of 2020, pkg/genevalogging.
 */
#ifndef RP_CLUSTER_GENEVA_LOGGING_H
#define RP_CLUSTER_GENEVA_LOGGING_H

#include "rp/cluster/cluster.h"

/* ensureGenevaLogging: namespace, constraints, certificate and DaemonSet. Waits up to half an hour for the security context of
 * privileged pods. Nothing where the service does not say where logs go. */
int cluster_ensure_geneva_logging(void *arg, const struct opctx *ctx, struct error **err);
/* The same in an admin update: nothing in a cluster that was upgraded to a version with operator. */
int cluster_keep_geneva_logging(void *arg, const struct opctx *ctx, struct error **err);

/* What clusters' shippers prove themselves with, PEM; the caller's. Both NULL where clusters ship no logs by themselves. */
int cluster_get_logging_pair(const struct cluster *c, const struct opctx *ctx,
                             struct secret **ret_cert, struct secret **ret_key, struct error **err);

#endif

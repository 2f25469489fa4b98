/*
 * failure_log.h - after an operation that failed: what the cluster says of itself, into the log of the service; of an
 * installation also what its load balancers found (balancer_health.h) and what its machines say (console_log.h, bootstrap_log.h).
 *
 * Best effort: it ends soon, skips what it cannot read and never fails itself.
 * Source: Azure/ARO-RP, pkg/cluster/gatherlogs.go.
 */
#ifndef RP_CLUSTER_FAILURE_LOG_H
#define RP_CLUSTER_FAILURE_LOG_H

#include "rp/cluster/cluster.h"

/* Of the cluster nothing without a client of it; nothing at all once the operation's context has ended. */
void failure_log_write(struct cluster *c, const struct opctx *ctx);

#endif

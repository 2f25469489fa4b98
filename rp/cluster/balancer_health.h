/*
 * balancer_health.h - after an installation that failed: which machines the load balancers in front of the API found ready, into the log
 * of the service. It tells a control plane that never came up from one that nobody was led to.
 *
 * Best effort: what cannot be read is told in a line and passed over.
 * Source: Azure/ARO-RP, pkg/cluster/gatherlogs.go; Azure REST, "Metrics - List"; metric DipAvailability of
 * Microsoft.Network/loadBalancers: the share of probes that were answered, in percent.
 */
#ifndef RP_CLUSTER_BALANCER_HEALTH_H
#define RP_CLUSTER_BALANCER_HEALTH_H

#include "rp/cluster/cluster.h"

/* Nothing while the cluster has no infraId: then no load balancer was ever asked for. */
void balancer_health_write(struct cluster *c, const struct opctx *ctx);

#endif

/*
 * gateway.h - a cluster's link to the service's gateway, through which its outbound traffic to the service goes. Steps for
 * clusters that have it (WHEN_GATEWAY). Source: Azure/ARO-RP, pkg/cluster/gateway.go.
 */
#ifndef RP_CLUSTER_GATEWAY_H
#define RP_CLUSTER_GATEWAY_H

#include "rp/cluster/cluster.h"

/* Approves the cluster's private endpoint at the gateway and tells the gateway whose link it is:
 * `networkProfile.gatewayPrivateEndpointIp`, `networkProfile.gatewayPrivateLinkId`. */
int cluster_ensure_gateway(void *arg, const struct opctx *ctx, struct error **err);
/* ensureGatewayUpgrade, of an admin update: the same, and where the cluster's private endpoint is gone or was never made, it is made
 * before. One that leads nowhere is deleted and made anew: it has failed, or its connection was cut or rejected at the gateway, or is
 * not known there. A link that the cluster had before is withdrawn from the gateway. */
int cluster_mend_gateway(void *arg, const struct opctx *ctx, struct error **err);
/* The gateway forgets the link, and is given time to: links' IDs are used again. */
int cluster_delete_gateway(void *arg, const struct opctx *ctx, struct error **err);

#endif

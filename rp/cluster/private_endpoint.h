/*
 * private_endpoint.h - the service's way to the API server of a cluster: a private endpoint in its own network, connected to the
 * private link service in front of the control plane. Source: Azure/ARO-RP, pkg/util/privateendpoint.
 */
#ifndef RP_CLUSTER_PRIVATE_ENDPOINT_H
#define RP_CLUSTER_PRIVATE_ENDPOINT_H

#include "rp/cluster/cluster.h"

/* Steps. The first also writes its address: `networkProfile.privateEndpointIp`. */
int cluster_create_private_endpoint(void *arg, const struct opctx *ctx, struct error **err);
int cluster_delete_private_endpoint(void *arg, const struct opctx *ctx, struct error **err);

/* The address of any private endpoint; the caller's. */
int private_endpoint_give_ip(struct arm *arm, const struct opctx *ctx, const char *id, char **ret,
                             struct error **err);

#endif

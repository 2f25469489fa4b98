/*
 * router_ip.h - a step: the address that the cloud gave to the cluster's router, in the document and in the DNS zone. In the
 * first layout it is not known earlier; in the second, where it was chosen, a cluster may have got another one since.
 */
#ifndef RP_CLUSTER_ROUTER_IP_H
#define RP_CLUSTER_ROUTER_IP_H

#include "rp/cluster/cluster.h"

/* updateRouterIP. ERR_INTERNAL: the router's service has no address (yet). */
int cluster_update_router_ip(void *arg, const struct opctx *ctx, struct error **err);

#endif

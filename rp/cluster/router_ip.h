/*
 * router_ip.h - steps: the address that the cloud gave to the cluster's router, in the document and in the DNS zone. In the
 * first layout it is not known earlier. In the second it was chosen before there was a router; a private one may have been
 * taken by somebody else until the router came, and then another is chosen.
 */
#ifndef RP_CLUSTER_ROUTER_IP_H
#define RP_CLUSTER_ROUTER_IP_H

#include "rp/cluster/cluster.h"

/* updateRouterIP. ERR_INTERNAL: the router's service has no address (yet). */
int cluster_update_router_ip(void *arg, const struct opctx *ctx, struct error **err);

/*
 * routerHasAddress: one look of a condition (conditions.h). What knows the address (document, zone, machines, operator, and last the
 * router's Service, which asks for it) follows from the document, so that a look that was cut short is completed by the next.
 * ERR_INVALID: no address of the subnet is free.
 */
int cluster_router_has_address(void *arg, const struct opctx *ctx, bool *ret, struct error **err);

#endif

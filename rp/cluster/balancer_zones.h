/*
 * balancer_zones.h - step: the internal load balancer of an older cluster gets into all zones.
 *
 * The zones of a frontend cannot be changed, and its address has to stay: it stands in certificates, DNS and machines. So the
 * frontend is taken away and made again, while a temporary one carries the rules and the private link service:
 *
 *   there is                                    what is done next
 *   the frontend, without zones                 the temporary one is made, the service led to it
 *   the same, the service at the temporary one  the rules go there, the frontend is taken away
 *   only the temporary one                      the frontend is made with its address and zones, the rules led back
 *   both, the frontend with zones               the service is led back, the temporary one taken away
 *
 * Each state is seen in Azure alone, but for the address, which is in the document before the frontend goes; no rule is ever
 * missing. Between the second and the third state nobody reaches the API, so nothing that an update does before this step may
 * need it. Frontends and rules of others are left alone, and a change of theirs in between is taken up: five times at most.
 * Source: Azure/ARO-RP, pkg/cluster, migration of internal load balancers.
 */
#ifndef RP_CLUSTER_BALANCER_ZONES_H
#define RP_CLUSTER_BALANCER_ZONES_H

#include "rp/cluster/cluster.h"

/* migrateInternalLoadBalancerZones: nothing where the region has no zones and where it is done. ERR_INTERNAL: the load balancer
 * is none that this service made. ERR_PRECONDITION: it changes all the time. */
int cluster_migrate_balancer_zones(void *arg, const struct opctx *ctx, struct error **err);

#endif

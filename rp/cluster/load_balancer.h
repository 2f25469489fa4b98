/*
 * load_balancer.h - steps: the load balancer of outbound traffic, after the load balancer profile.
 *
 * The profile says how many addresses there are (managedOutboundIps.count); that of a public API is the first of them. Addresses
 * that already let traffic out stay as long as they can, for customers give them to others' firewalls: the last go first.
 * Source: Azure/ARO-RP, pkg/cluster/loadbalancerprofile.go.
 */
#ifndef RP_CLUSTER_LOAD_BALANCER_H
#define RP_CLUSTER_LOAD_BALANCER_H

#include "rp/cluster/cluster.h"

/*
 * reconcileLoadBalancerProfile: makes the addresses that lack, puts them into the outbound rule, takes the others out, writes
 * effectiveOutboundIps, and deletes addresses that were made for outbound traffic and serve none. Nothing for the first layout
 * and where routes of the customer lead traffic out. ERR_NOT_FOUND: there is no load balancer; ERR_INTERNAL: it has no
 * outbound rule.
 */
int cluster_reconcile_outbound_ips(void *arg, const struct opctx *ctx, struct error **err);

#endif

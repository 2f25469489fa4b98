/*
 * outbound.h - how a cluster's traffic is to leave it, as the network profile says: of one mind for the templates that create the
 * load balancer and the step that changes it later.
 *
 * The address of a public API is the first of those that are counted; others are called by name_give_outbound_ip, numbered from
 * the same 0, so that a private cluster has a number 0 and a public one begins with 1.
 * Threads: pure.
 * Source: Azure/ARO-RP, pkg/cluster, deploybaseresources_additional.go and loadbalancerprofile.go.
 */
#ifndef RP_CLUSTER_OUTBOUND_H
#define RP_CLUSTER_OUTBOUND_H

#include "rp/cluster/cluster.h"

/* By the cluster's public load balancer, not by routes of the customer. */
bool outbound_is_balanced(const struct cluster *c);
/* How many addresses it leaves by: at least one, and one where the document says nothing. */
size_t outbound_count(const struct cluster *c);
/* The number of the first address that is for outbound traffic alone. */
size_t outbound_first(const struct cluster *c);

#endif

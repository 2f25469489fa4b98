/*
 * subnets.h - what the service changes in the customer's subnets. A subnet is written whole, under the etag that was read, so
 * that nothing of the customer's is lost; whoever was first wins, and the other looks again.
 * Source: Azure/ARO-RP, pkg/cluster, pkg/util/subnet.
 */
#ifndef RP_CLUSTER_SUBNETS_H
#define RP_CLUSTER_SUBNETS_H

#include "pkg/base/strv.h"
#include "rp/cluster/cluster.h"

/* Where all subnets are looked at, one of workers that is gone is passed over with a warning in the log, except by a creation; without
 * that of the masters nothing goes on (ERR_NOT_FOUND, whose text names it). */

/* Steps: endpoints of registry and storage, unless traffic goes through the gateway; no network policies where private links
 * begin; our network security groups (ERR_INVALID with InvalidLinkedVNet when another one is there), unless the customer
 * brings them. */
int cluster_ensure_service_endpoints(void *arg, const struct opctx *ctx, struct error **err);
int cluster_set_master_subnet_policies(void *arg, const struct opctx *ctx, struct error **err);
int cluster_attach_nsgs(void *arg, const struct opctx *ctx, struct error **err);

/* IDs of all subnets of the cluster, each once, the masters' first. */
void subnets_list(const struct cluster *c, struct strv *ret);
/* Those that have an endpoint of storage accounts. */
int subnets_list_storage(struct cluster *c, const struct opctx *ctx, struct strv *ret,
                         struct error **err);
/* Takes a network security group out of a subnet that still points to it. */
int subnet_detach_nsg(struct cluster *c, const struct opctx *ctx, const char *subnet_id,
                      const char *nsg_id, struct error **err);

#endif

/*
 * delete_resources.h - takes away what a cluster is made of: what is in its resource group, then the group. Only a group that
 * belongs to the cluster is touched.
 *
 * Resources go by level, each after what holds it, those of one level together. Azure's listing lags, so a resource that is
 * gone already is fine.
 * Source: Azure/ARO-RP, pkg/cluster/delete.go.
 */
#ifndef RP_CLUSTER_DELETE_RESOURCES_H
#define RP_CLUSTER_DELETE_RESOURCES_H

#include "rp/cluster/cluster.h"

/* Steps. Errors that the customer has to mend keep Azure's code: CannotDeleteLoadBalancerWithPrivateLinkService,
 * AuthorizationFailed, InUseSubnetCannotBeDeleted, ScopeLocked. */
int cluster_delete_resources(void *arg, const struct opctx *ctx, struct error **err);
int cluster_delete_resource_group(void *arg, const struct opctx *ctx, struct error **err);
/* Once more as it was at the beginning, since rights of the service come with it. What goes wrong is only logged. */
int cluster_restore_resource_group(void *arg, const struct opctx *ctx, struct error **err);

/* When a resource goes: lower is earlier. */
int delete_level_of(const char *type);

#endif

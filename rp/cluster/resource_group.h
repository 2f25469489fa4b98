/*
 * resource_group.h - the managed resource group: everything that a cluster is made of lies in it, and it belongs to the cluster.
 * Source: Azure/ARO-RP, pkg/cluster/deploybaseresources.go.
 */
#ifndef RP_CLUSTER_RESOURCE_GROUP_H
#define RP_CLUSTER_RESOURCE_GROUP_H

#include "rp/cluster/cluster.h"

#define GROUPS_VERSION "2019-07-01"

/* Step. ERR_INVALID with a code for the customer: ClusterResourceGroupAlreadyExists when the group is somebody else's,
 * DeploymentFailed when a policy forbids it. */
int cluster_ensure_resource_group(void *arg, const struct opctx *ctx, struct error **err);

/* The group, or NULL when there is none. The caller's. */
int resource_group_find(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err);
bool resource_group_is_ours(const struct cluster *c, const json *group);

#endif

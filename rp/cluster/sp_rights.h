/*
 * sp_rights.h - a step of updates: the service principal of a cluster has its rights on the managed resource group, and a former
 * one has none any more. Source: Azure/ARO-RP, pkg/cluster/clusterserviceprincipal.go.
 */
#ifndef RP_CLUSTER_SP_RIGHTS_H
#define RP_CLUSTER_SP_RIGHTS_H

#include "rp/cluster/cluster.h"

/* createOrUpdateClusterServicePrincipalRBAC: behind the step that finds `servicePrincipalProfile.spObjectId`. Other roles on
 * the group itself go, but for owners'; those of what lies in it or around it stay. */
int cluster_ensure_sp_rights(void *arg, const struct opctx *ctx, struct error **err);
/* createOrUpdateDenyAssignment, of an admin update: the same deployment, which also forbids everybody else to write there, where the
 * service does that. Other roles stay. */
int cluster_ensure_deny_assignment(void *arg, const struct opctx *ctx, struct error **err);

#endif

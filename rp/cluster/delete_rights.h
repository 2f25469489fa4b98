/*
 * delete_rights.h - takes away the rights that were given on a cluster's resource group, and its registry's token: they would
 * outlive what they are for. Steps. Source: Azure/ARO-RP, pkg/cluster/delete.go, pkg/util/acrtoken.
 */
#ifndef RP_CLUSTER_DELETE_RIGHTS_H
#define RP_CLUSTER_DELETE_RIGHTS_H

#include "pkg/base/opctx.h"

/* Assignments on the group itself, but owners'. */
int cluster_delete_role_assignments(void *arg, const struct opctx *ctx, struct error **err);
/* Definitions of roles that were made for the cluster. */
int cluster_delete_role_definitions(void *arg, const struct opctx *ctx, struct error **err);
int cluster_delete_acr_token(void *arg, const struct opctx *ctx, struct error **err);

#endif

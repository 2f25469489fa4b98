/*
 * identity_roles.h - who acts for a cluster in Azure, by object ID, and with which roles.
 * Source: Azure/ARO-RP, pkg/cluster/workloadidentityresources.go.
 */
#ifndef RP_CLUSTER_IDENTITY_ROLES_H
#define RP_CLUSTER_IDENTITY_ROLES_H

#include "rp/cluster/cluster.h"

/* The application that acts in the customer's tenant, there. The caller's. */
int first_party_give_object_id(struct cluster *c, const struct opctx *ctx, char **ret,
                               struct error **err);
/* The roles of the cluster's platform identities, as the role set of its version has them, sorted:
 * [{"itemRole": UUID of the definition, "itemPrincipal": object ID}]. The caller's. */
int identity_roles_find(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err);

#endif

/* service_principal.h - steps: the service principal that a cluster works as. Source: Azure/ARO-RP, pkg/cluster. */
#ifndef RP_CLUSTER_SERVICE_PRINCIPAL_H
#define RP_CLUSTER_SERVICE_PRINCIPAL_H

#include "rp/cluster/cluster.h"

/* initializeClusterSPClients: what later steps ask as the cluster. ERR_INVALID: it has no service principal. */
int cluster_initialize_sp_clients(void *arg, const struct opctx *ctx, struct error **err);
/*
 * clusterSPObjectID: `servicePrincipalProfile.spObjectId`, which roles are given to, as the directory knows it now: a customer
 * may have changed the application since. New applications are waited for.
 * ERR_INVALID, InvalidServicePrincipalCredentials: the directory does not know it.
 */
int cluster_ensure_sp_object_id(void *arg, const struct opctx *ctx, struct error **err);
/*
 * The same for what the service maintains by itself: when the directory does not say it, be it that the customer's secret has expired,
 * the ID that is there is kept, with a warning.
 */
int cluster_refresh_sp_object_id(void *arg, const struct opctx *ctx, struct error **err);

#endif

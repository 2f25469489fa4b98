/*
 * identity_ids.h - steps: the client and object IDs of a cluster's identities, by which roles are given to them and they sign in.
 * Looked up each time: an identity that was deleted and made again has others. Source: Azure/ARO-RP, pkg/cluster/clustermsi.go.
 */
#ifndef RP_CLUSTER_IDENTITY_IDS_H
#define RP_CLUSTER_IDENTITY_IDS_H

#include "rp/cluster/cluster.h"

/* clusterIdentityIDs: of the cluster's own, in `managedServiceIdentity`. ERR_INVALID, InvalidParameter: one is not there. */
int cluster_ensure_identity_ids(void *arg, const struct opctx *ctx, struct error **err);
/* persistPlatformWorkloadIdentityIDs: of its operators', in `platformWorkloadIdentityProfile`. Likewise. */
int cluster_ensure_workload_identity_ids(void *arg, const struct opctx *ctx, struct error **err);

#endif

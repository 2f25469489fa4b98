/*
 * mend.h - steps of an admin update: documents that older builds wrote get what is expected of them now.
 * Source: Azure/ARO-RP, pkg/cluster/{ensuredefaults,infraid,provisionedby}.go.
 */
#ifndef RP_CLUSTER_MEND_H
#define RP_CLUSTER_MEND_H

#include "rp/cluster/cluster.h"

/* ensureDefaults: members that came later get their defaults. */
int cluster_ensure_defaults(void *arg, const struct opctx *ctx, struct error **err);
/* fixInfraID: the oldest clusters are called "aro". */
int cluster_fix_infra_id(void *arg, const struct opctx *ctx, struct error **err);
/* syncNetworkType: a customer may have exchanged the network plugin. */
int cluster_sync_network_type(void *arg, const struct opctx *ctx, struct error **err);
/* updateProvisionedBy: the last step, since it says that all the others of this build succeeded. */
int cluster_update_provisioned_by(void *arg, const struct opctx *ctx, struct error **err);

#endif

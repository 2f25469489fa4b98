/* validate.h - a step: what has to hold in Azure before a cluster is made or changed there (rp/validate/dynamic.h). */
#ifndef RP_CLUSTER_VALIDATE_H
#define RP_CLUSTER_VALIDATE_H

#include "rp/cluster/cluster.h"

/*
 * validateResources. Errors: rp/validate/dynamic.h.
 * An install of the first layout is validated until it passes, and not again after its zones were looked up: a quota that its
 * own machines use up by then would refuse it later.
 */
int cluster_validate_resources(void *arg, const struct opctx *ctx, struct error **err);

/* refuseWorkloadIdentities: what cannot come to a good end is not begun: the installer wants a service principal. InvalidParameter. */
int cluster_refuse_workload_identities(void *arg, const struct opctx *ctx, struct error **err);

#endif

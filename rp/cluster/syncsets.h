/*
 * syncsets.h - steps: the cluster is one of those that SyncSets ships to, from its installation to its end. SyncSets is a
 * convenience of its operators: what fails here is tried for a minute and logged, and the cluster is none the worse for it.
 * The next update, of the customer or the service, registers it again.
 */
#ifndef RP_CLUSTER_SYNCSETS_H
#define RP_CLUSTER_SYNCSETS_H

#include "rp/cluster/cluster.h"

/* The place there is written into the document before it is used: `hiveProfile.namespace`. Fails only where the document cannot
 * be written, or the operation ends. For clusters with WHEN_SYNCSETS. */
int cluster_register_with_syncsets(void *arg, const struct opctx *ctx, struct error **err);
/* Nothing without a manager, or a place. Fails only where the operation ends. */
int cluster_deregister_from_syncsets(void *arg, const struct opctx *ctx, struct error **err);

#endif

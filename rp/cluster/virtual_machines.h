/*
 * virtual_machines.h - a step: the machines of a cluster run. Customers stop them to save money, and a cluster that is stopped
 * can neither be updated nor asked.
 * Source: Azure/ARO-RP, pkg/cluster/startvms.go; Azure REST, Microsoft.Compute 2024-03-01.
 */
#ifndef RP_CLUSTER_VIRTUAL_MACHINES_H
#define RP_CLUSTER_VIRTUAL_MACHINES_H

#include "rp/cluster/cluster.h"

/* startVMs: starts those that are stopped, all at once, and waits for them. */
int cluster_start_machines(void *arg, const struct opctx *ctx, struct error **err);

#endif

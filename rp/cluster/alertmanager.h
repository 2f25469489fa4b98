/*
 * alertmanager.h - a step for clusters without operator: the receiver that nobody configured gets an address, so that
 * alertmanager does not complain about it. Elsewhere this is the operator's (alertwebhook).
 * Source: Azure/ARO-RP of 2020, pkg/cluster/alertmanager.go.
 */
#ifndef RP_CLUSTER_ALERTMANAGER_H
#define RP_CLUSTER_ALERTMANAGER_H

#include "rp/cluster/cluster.h"

/* disableAlertManagerWarning: the receiver "null" of openshift-monitoring/alertmanager-main. Nothing where there is no such
 * receiver. */
int cluster_disable_alertmanager_warning(void *arg, const struct opctx *ctx, struct error **err);

#endif

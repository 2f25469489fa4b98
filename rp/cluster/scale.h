/*
 * scale.h - a step: as many workers as the document asks for, by the cluster's own MachineSets. For those customers whose API
 * version lets them change workerProfiles[0].count.
 *
 * The largest set gives, the smallest gets, one machine at a time, until the sum is right: so sets of several zones stay
 * alike. Where nothing is to do, nothing is written. Source: Azure/ARO-RP of 2019, pkg/cluster/scale.go.
 */
#ifndef RP_CLUSTER_SCALE_H
#define RP_CLUSTER_SCALE_H

#include "rp/cluster/cluster.h"

/* scaleWorkers: changes the sets. */
int cluster_scale_workers(void *arg, const struct opctx *ctx, struct error **err);
/* Condition: every set has the machines that it was asked for. */
int cluster_workers_are_scaled(void *arg, const struct opctx *ctx, bool *ret, struct error **err);

#endif

/*
 * scale.h - a step: as many workers as the document asks for, by the cluster's own MachineSets. For those customers whose API
 * version lets them change workerProfiles[0].count.
 *
 * Customers may also change the sets themselves, which the document does not follow. So what counts is that the document asks
 * for another number than it did before: `scaledWorkers` is the one that was last carried out. Documents of other builds have
 * none; the frontend writes the old number there when a customer asks for another one. `scalingTo` stands beside it from
 * before the first set is written until all machines are there: so a customer may also go back after a scaling that failed.
 *
 * The largest set gives, the smallest gets, one machine at a time, until the sum is right: so sets of several zones stay
 * alike. Where nothing is to do, nothing is written. Source: Azure/ARO-RP of 2019, pkg/cluster/scale.go.
 */
#ifndef RP_CLUSTER_SCALE_H
#define RP_CLUSTER_SCALE_H

#include "rp/cluster/cluster.h"

/* recordWorkers: at the end of an installation. */
int cluster_record_workers(void *arg, const struct opctx *ctx, struct error **err);
/* scaleWorkers: changes the sets, from what they really hold. Nothing in documents without record: nobody has asked. */
int cluster_scale_workers(void *arg, const struct opctx *ctx, struct error **err);
/* Condition behind it: every set has the machines that it was asked for. Then that is recorded. It holds at once where nothing
 * is scaled: machines that are missing for another reason are no reason to wait. */
int cluster_workers_are_scaled(void *arg, const struct opctx *ctx, bool *ret, struct error **err);
#define TIMEOUT_SCALED \
    "The worker machines have not reached the number that was asked for. Please retry, and if " \
    "the issue persists, raise an " \
    "Azure support ticket."

#endif

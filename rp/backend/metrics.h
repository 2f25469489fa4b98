/*
 * metrics.h - what the backend tells those who run it: gauges, and one log line for each operation that ended.
 *
 *   backend.{openshiftcluster,subscriptions}.workers.count   workers; both share them
 *   backend.openshiftcluster.{count,duration}                {oldProvisioningState, newProvisioningState}; ms since the request
 *   backend.openshiftcluster.OPERATION.STEP.duration.seconds  of each step, after a run that ended well; STEP is "action.NAME",
 *   backend.openshiftcluster.OPERATION.duration.total.seconds "condition.NAME" or "authorizationretryingaction.NAME"; OPERATION
 *                                                            is install (once a phase), update, adminUpdate or delete
 *   backend.subscriptions.{count,duration}                   {state}; ms of the work
 *   database.{openshiftclusters,maintenancemanifests}.queue.length
 *
 * Source: Azure/ARO-RP, pkg/backend/metrics.go.
 */
#ifndef RP_BACKEND_METRICS_H
#define RP_BACKEND_METRICS_H

#include "rp/backend/backend.h"

void metrics_workers(const struct backend_config *cfg, size_t workers);
/* cluster: its document as the operation ran, with the outcome kept in it. */
void metrics_cluster(const struct backend_config *cfg, const struct log *log, const json *cluster);
/* Seconds, rounded; took_ms[i] is of steps[i]. A step that stands there twice is told of once, with both its times. */
void metrics_steps(const struct backend_config *cfg, enum cluster_operation operation,
                   const struct step *steps, const int64_t *took_ms, size_t len);
void metrics_subscription(const struct backend_config *cfg, const char *state, int64_t took_ms);
void metrics_queues(const struct backend_config *cfg, const struct opctx *ctx);

#endif

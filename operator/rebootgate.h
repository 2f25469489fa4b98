/*
 * rebootgate.h - when a controller may make changes that restart machines.
 *
 * During an upgrade they restart anyhow. What tells an upgrade is the newest entry of the ClusterVersion's history alone: its
 * condition Progressing is also true while machines restart for a MachineConfig of ours, which would let the next one through.
 * Threads: any.
 * Source: openshift/api, config/v1 ClusterVersion.
 */
#ifndef OPERATOR_REBOOTGATE_H
#define OPERATOR_REBOOTGATE_H

#include "operator/controller.h"

/* Whether the newest entry of the history is not Completed; false without a history. Errors: "error getting the
 * ClusterVersion: ...". Reads live: needs the right to get ClusterVersion "version". */
int cluster_is_upgrading(struct reconcile *rc, bool *ret, struct error **err);
/* The same, or the flag aro.forcereconciliation, with which the ClusterVersion is not even read. */
int reboot_gate_is_open(struct reconcile *rc, bool *ret, struct error **err);

#endif

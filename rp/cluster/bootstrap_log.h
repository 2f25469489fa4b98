/*
 * bootstrap_log.h - after an installation that failed while its bootstrap machine was there: the end of that machine's journal, into the
 * log of the service. It tells what a serial console does not: what the units did that start the control plane.
 *
 * The internal load balancer gets a way to the machine's SSH, at port 2199, which the service dials at its private endpoint, as user core
 * with the cluster's key. The program ssh does that: where this machine lacks it, a line of the log says so. What was added goes with
 * the cluster, which can only be deleted then.
 * Best effort, a few tries within a minute: whatever fails is told in a line.
 * Source: Azure/ARO-RP, pkg/cluster/gatherlogs.go; ssh(1), journalctl(1).
 */
#ifndef RP_CLUSTER_BOOTSTRAP_LOG_H
#define RP_CLUSTER_BOOTSTRAP_LOG_H

#include "rp/cluster/cluster.h"

void bootstrap_log_write(struct cluster *c, const struct opctx *ctx);

#endif

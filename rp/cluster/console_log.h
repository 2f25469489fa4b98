/*
 * console_log.h - after an installation that failed: what the bootstrap machine and the masters have printed, into the log of the
 * service. Before a cluster's API answers, nothing else tells why it does not.
 *
 * Best effort: machines that are not there are passed over, and so is what cannot be read.
 * Source: Azure/ARO-RP, pkg/cluster/gatherlogs.go; Azure REST, "Virtual Machines - Retrieve Boot Diagnostics Data".
 */
#ifndef RP_CLUSTER_CONSOLE_LOG_H
#define RP_CLUSTER_CONSOLE_LOG_H

#include "rp/cluster/cluster.h"

/* As log_tail.h has it. Nothing while the cluster has no infraId: then no machine was ever asked for. */
void console_log_write(struct cluster *c, const struct opctx *ctx);

#endif

/*
 * balancer_ssh.h - a step of an admin update: engineers of the service reach each master's SSH by the internal load balancer, at port
 * 2200 and the master's number. New clusters of the second layout are made so (deploy/cluster).
 * Source: Azure/ARO-RP, pkg/cluster/fixssh.go.
 */
#ifndef RP_CLUSTER_BALANCER_SSH_H
#define RP_CLUSTER_BALANCER_SSH_H

#include "rp/cluster/cluster.h"

/* fixSSH: pools, probe and rules that are missing, and the masters' network interfaces in the pools. A rule or a probe of such a name
 * that is there stays as it is. */
int cluster_ensure_balancer_ssh(void *arg, const struct opctx *ctx, struct error **err);

#endif

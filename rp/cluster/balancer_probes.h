/*
 * balancer_probes.h - a step of an admin update: load balancers ask API server and machine config server over HTTPS whether they are
 * ready, where older clusters only had their ports tried.
 * Source: Azure/ARO-RP of 2020, pkg/cluster/fixlbprobes.go.
 */
#ifndef RP_CLUSTER_BALANCER_PROBES_H
#define RP_CLUSTER_BALANCER_PROBES_H

#include "rp/cluster/cluster.h"

/* fixLBProbes: in the first layout, where such clusters are; how often is asked stays. Azure's probes refuse a certificate that names
 * its own key as its issuer's: while the machine config server has one, only its port is tried. Needs c->kube. */
int cluster_ensure_balancer_probes(void *arg, const struct opctx *ctx, struct error **err);

#endif

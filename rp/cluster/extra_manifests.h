/*
 * extra_manifests.h - what a cluster of the second layout needs from its first minute and no installer brings: its router's
 * Service, which asks for the address that the name *.apps was pointed to before anything of the cluster ran. Without it the
 * cloud gives the router an address of its own, and the name leads nowhere.
 *
 * Threads: pure.
 * Source: openshift/cluster-ingress-operator, pkg/manifests (Namespace and Service, which that operator takes over by their
 * labels); kubernetes-sigs/cloud-provider-azure (annotation and loadBalancerIP).
 */
#ifndef RP_CLUSTER_EXTRA_MANIFESTS_H
#define RP_CLUSTER_EXTRA_MANIFESTS_H

#include "rp/cluster/cluster.h"

/*
 * extra_manifests_give - for installer.h: {file name: YAML text}, the caller's. NULL for the first layout: there the address
 * is found out later, and a private zone is in the network.
 *
 * Errors  ERR_INTERNAL: the document has no address of the router yet.
 */
int extra_manifests_give(const struct cluster *c, json **ret, struct error **err);

#endif

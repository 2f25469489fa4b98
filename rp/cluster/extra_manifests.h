/*
 * extra_manifests.h - what a cluster of the second layout needs from its first minute and no installer brings.
 *
 * Its router's Service asks for the address that the name *.apps was pointed to before anything of the cluster ran: otherwise
 * the cloud gives the router an address of its own, and the name leads nowhere. And its machines know its names by themselves
 * (operator/deploy/dnsmasq.h), since there is no private zone: masters and workers by MachineConfigs, the bootstrap machine by
 * files of its own.
 *
 * Threads: pure.
 * Source: openshift/cluster-ingress-operator, pkg/manifests (Namespace and Service, which that operator takes over by their
 * labels); kubernetes-sigs/cloud-provider-azure (annotation and loadBalancerIP).
 */
#ifndef RP_CLUSTER_EXTRA_MANIFESTS_H
#define RP_CLUSTER_EXTRA_MANIFESTS_H

#include "rp/cluster/cluster.h"

struct extra_manifests { /* owned; as in installer.h */
    json *manifests;     /* {file name: YAML text} */
    json *bootstrap;     /* files and units */
};
/*
 * extra_manifests_give - both; NULL for the first layout: there the router's address is found out later, and a private zone is
 * in the network.
 *
 * Errors  ERR_INTERNAL: the document lacks an address. ERR_INVALID: one in it is none, or a name is no host name.
 */
int extra_manifests_give(const struct cluster *c, struct extra_manifests *ret, struct error **err);
void extra_manifests_release(struct extra_manifests *m);

/* One of them, for when an address has changed since: the MachineConfig of a role ("master", "worker") that tells names. The
 * caller's. Errors as above. */
int extra_manifests_give_names(const struct cluster *c, const char *role, json **ret,
                               struct error **err);

#endif

/*
 * ssh_way.h - a way to the SSH of one machine of a cluster, by the internal load balancer: a port of it, a pool with that machine
 * alone, and a probe. The service has no other way there: its private endpoint ends at that load balancer.
 * Threads: the operation's own.
 * Source: Azure/ARO-RP, pkg/cluster/{fixssh,gatherlogs}.go.
 */
#ifndef RP_CLUSTER_SSH_WAY_H
#define RP_CLUSTER_SSH_WAY_H

#include "rp/cluster/cluster.h"

struct ssh_way {             /* borrowed */
    const char *balancer_id; /* with the frontend NAME_INTERNAL_FRONTEND */
    const char *name;        /* of pool and rule */
    int port;
};

/* Adds to the load balancer, in place, what of the way is missing. A member of such a name that is there stays as it is. */
int ssh_way_add(json *balancer, const struct ssh_way *way, struct error **err);
/* The machine with that network interface is where it leads. */
int ssh_way_join(struct arm *arm, const struct opctx *ctx, const struct ssh_way *way,
                 const char *interface_id, struct error **err);

#endif

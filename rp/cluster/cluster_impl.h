/* cluster_impl.h - what makes and ends a struct cluster; for manager.c and its tests. */
#ifndef RP_CLUSTER_CLUSTER_IMPL_H
#define RP_CLUSTER_CLUSTER_IMPL_H

#include "rp/cluster/cluster.h"

void cluster_release_azure(struct cluster *c);

#endif

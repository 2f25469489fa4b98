/* eviction.h - pods/eviction: a deletion that disruption budgets may refuse. */
#ifndef HACK_DEVCLOUD_CLUSTER_EVICTION_H
#define HACK_DEVCLOUD_CLUSTER_EVICTION_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* TooManyRequests while a budget allows no disruption. */
int eviction_serve(const struct op *op, struct error **err);

#endif

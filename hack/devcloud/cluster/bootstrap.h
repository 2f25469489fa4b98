/* bootstrap.h - what every cluster begins with: namespaces, roles, bindings, priority classes. */
#ifndef HACK_DEVCLOUD_CLUSTER_BOOTSTRAP_H
#define HACK_DEVCLOUD_CLUSTER_BOOTSTRAP_H

#include "hack/devcloud/cluster/cluster_impl.h"

int bootstrap(struct cluster *c, struct error **err);

#endif

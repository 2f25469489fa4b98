/* service_ip.h - addresses and node ports of services. */
#ifndef HACK_DEVCLOUD_CLUSTER_SERVICE_IP_H
#define HACK_DEVCLOUD_CLUSTER_SERVICE_IP_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* Gives a service what it lacks; old NULL: it is new. Invalid when an address that it asks for is taken. */
int service_allocate(const struct op *op, json *obj, const json *old, struct error **err);

#endif

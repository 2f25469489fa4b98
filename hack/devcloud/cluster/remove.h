/* remove.h - delete and deletecollection: preconditions, grace, finalizers, propagation. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_REMOVE_H
#define HACK_DEVCLOUD_CLUSTER_REMOVE_H

#include "hack/devcloud/cluster/cluster_impl.h"

int remove_one(const struct op *op, struct error **err);
int remove_collection(const struct op *op, struct error **err);

/* Whether an object that is being deleted has nothing left to wait for. */
bool remove_is_due(const struct op *op, const json *obj);

#endif

/* admission.h - what the server checks across objects before it writes. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_ADMISSION_H
#define HACK_DEVCLOUD_CLUSTER_ADMISSION_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* The namespace exists and is not going away; owner references with blockOwnerDeletion are allowed. */
int admission_create(const struct op *op, const json *obj, struct error **err);
int admission_update(const struct op *op, const json *obj, const json *live, struct error **err);
/* Namespaces that may not be deleted. */
int admission_delete(const struct op *op, struct error **err);

#endif

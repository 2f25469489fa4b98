/* pod.h - what is special about pods; see strategy.h. */
#ifndef HACK_DEVCLOUD_CLUSTER_POD_H
#define HACK_DEVCLOUD_CLUSTER_POD_H

#include "hack/devcloud/cluster/cluster_impl.h"

void pod_decode(const struct op *op, json *obj);
/* Status, priority, tolerations, service account, as admission fills them in. */
int pod_create(const struct op *op, json *obj, struct error **err);
void pod_validate(const struct op *op, const json *obj, const json *old, struct invalid *out);
void pod_validate_template(const struct op *op, const json *template_, const char *path,
                           struct invalid *out);
const char *pod_qos(const json *pod); /* BestEffort, Burstable, Guaranteed */

#endif

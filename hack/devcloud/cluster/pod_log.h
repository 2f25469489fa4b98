/* pod_log.h - pods/log: where the kubelet of a pod's node serves it. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_POD_LOG_H
#define HACK_DEVCLOUD_CLUSTER_POD_LOG_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* Sets the reply's log_url; refusals as the server words them. */
int pod_log_serve(const struct op *op, struct error **err);

#endif

/* serve.h - one request from path to reply. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_SERVE_H
#define HACK_DEVCLOUD_CLUSTER_SERVE_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* rq has its user. Refusals become replies. The caller starts or frees reply->watch. */
void serve(struct cluster *c, const struct api_request *rq, struct api_reply *reply);

#endif

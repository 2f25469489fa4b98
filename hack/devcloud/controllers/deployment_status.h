/* deployment_status.h - what a Deployment tells of itself. Threads: pure. */
#ifndef HACK_DEVCLOUD_CONTROLLERS_DEPLOYMENT_STATUS_H
#define HACK_DEVCLOUD_CONTROLLERS_DEPLOYMENT_STATUS_H

#include "hack/devcloud/controllers/behaviour.h"

/* The status, owned by the caller. sets: its ReplicaSets (an array of objects); new_uid: which of them is the current one,
 * NULL: none yet. When the progress deadline is still ahead, result asks to be run again then. */
json *deployment_give_status(const json *deployment, const json *sets, const char *new_uid,
                             int64_t now_ns, struct result *result);

#endif

/* pods.h - pods as their owners see them. Threads: any. */
#ifndef HACK_DEVCLOUD_CONTROLLERS_PODS_H
#define HACK_DEVCLOUD_CONTROLLERS_PODS_H

#include "hack/devcloud/controllers/behaviour.h"

bool pod_is_over(const json *pod);   /* Succeeded or Failed */
bool pod_is_active(const json *pod); /* neither over nor being deleted */
bool pod_is_ready(const json *pod);
/* Ready for that long. ret_wait_ms: when it will be, if time alone is missing; else untouched. */
bool pod_is_available(const json *pod, int64_t min_ready_s, int64_t now_ns, int64_t *ret_wait_ms);

/* A pod of the owner's template, named by the API server; owned by the caller. labels (borrowed, may be NULL) are added. */
json *pod_give(const json *owner, const json *labels);
int pod_send(struct control *c, const struct opctx *ctx, const json *pod, struct error **err);

#endif

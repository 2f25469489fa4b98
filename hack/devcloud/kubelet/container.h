/* container.h - what a container asks for, resolved: arguments and environment. */
#ifndef HACK_DEVCLOUD_KUBELET_CONTAINER_H
#define HACK_DEVCLOUD_KUBELET_CONTAINER_H

#include "hack/devcloud/kubelet/kubelet.h"
#include "pkg/base/json.h"
#include "pkg/base/strv.h"

/* "NAME=value" of each env entry, in order: literals with $(NAME) of earlier entries replaced, fieldRef, secretKeyRef,
 * configMapKeyRef. What an optional reference does not find is left out; else ERR_NOT_FOUND. */
int container_give_env(const struct kubelet_config *cfg, const struct opctx *ctx, const json *pod,
                       const json *container, const char *pod_ip, struct strv *ret,
                       struct error **err);
/* command and args with $(NAME) replaced from env; an unknown name stays as it is; $$ is one dollar sign, so that $$(NAME)
 * becomes $(NAME). */
void container_give_args(const json *container, const struct strv *env, struct strv *ret);
/* The value of NAME in "NAME=value" entries; NULL when absent. */
const char *env_lookup(const struct strv *env, const char *name, size_t name_len);

#endif

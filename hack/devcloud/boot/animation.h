/*
 * animation.h - what makes things happen in a cluster: the control plane's controllers and the kubelets of its nodes, each on
 * a thread, as clients of its API. Threads: start, check and stop from one.
 */
#ifndef HACK_DEVCLOUD_BOOT_ANIMATION_H
#define HACK_DEVCLOUD_BOOT_ANIMATION_H

#include "hack/devcloud/boot/bootstrap.h"
#include "hack/devcloud/cluster/cluster.h"
#include "pkg/base/env.h"
#include "pkg/base/opctx.h"

struct animation_config { /* all borrowed until the stop */
    struct cluster *cluster;
    const struct bootstrap *boot;
    uint16_t port;              /* of the API at 127.0.0.1, for pods */
    const char *dir;            /* of pods that run; NULL: all only look Running */
    const char *bin_dir;        /* their executables */
    const char *const *pod_env; /* "NAME=value" that pods have beside their own; may be NULL */
    bool (*is_on)(void *arg, const char *node); /* as in kubelet.h */
    void *arg;
    const struct clock *clock;
    const struct rng *rng;
    const struct env *env;
    const struct log *log;
};

struct animation;
int animation_start(const struct animation_config *cfg, struct animation **ret, struct error **err);
/* -1: one of the two has ended by this error, and the cluster stands still until it is stopped and started again. */
int animation_check(struct animation *a, struct error **err);
/*
 * Ends the pods' processes, removes their folders, joins, frees; accepts NULL. false: some of the controllers do not end in
 * time (pkg/controller/manager.h). They go on using the cluster, the clock and the log, so none of these may ever be freed.
 */
bool animation_stop(struct animation *a);

#endif

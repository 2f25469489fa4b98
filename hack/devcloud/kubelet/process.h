/* process.h - one container as a local process: its folder, its token, its log, its end. */
#ifndef HACK_DEVCLOUD_KUBELET_PROCESS_H
#define HACK_DEVCLOUD_KUBELET_PROCESS_H

#include <sys/types.h>

#include "hack/devcloud/kubelet/kubelet.h"
#include "pkg/base/json.h"

struct process {
    const struct log *log;
    char *dir; /* of the pod */
    char *log_path;
    char *address;  /* real: 127.x.y.z */
    char *shown_ip; /* in the status: 10.x.y.z */
    pid_t pid;      /* 0: not running */
    int restarts, last_exit;
    bool has_exited;
    int64_t started_wall_ns;
    int64_t token_due_ns, stop_due_ns, restart_due_ns, liveness_due_ns; /* monotonic; 0: none yet */
    int failed_probes;
    bool ready;
};

struct process *process_new(const struct kubelet_config *cfg, const char *pod_name,
                            struct error **err);
/* Resolves command and environment of the pod's first container and starts it. ERR_NOT_FOUND: something that it refers to
 * does not exist yet. */
int process_start(struct process *p, const struct kubelet_config *cfg, const struct opctx *ctx,
                  const json *pod, struct error **err);
/* Writes a new service-account token when the old one is due. */
int process_refresh_token(struct process *p, const struct kubelet_config *cfg,
                          const struct opctx *ctx, const json *pod, struct error **err);
/* Collects the exit, if any. */
void process_poll(struct process *p, const struct clock *clock);
void process_signal(struct process *p, int sig);
/* Kills what still runs, and removes its folder, in which its token is. */
void process_free(struct process *p);

#endif

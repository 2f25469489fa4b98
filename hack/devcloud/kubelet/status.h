/* status.h - the status of a pod or a node as the kubelet reports it. Pure. */
#ifndef HACK_DEVCLOUD_KUBELET_STATUS_H
#define HACK_DEVCLOUD_KUBELET_STATUS_H

#include "hack/devcloud/kubelet/process.h"

/* A container that runs; process NULL: pretended. */
json *status_give_running(const json *pod, const struct process *p, const char *host_ip,
                          int64_t wall_ns);
/* A container that waits for something: reason and message as `kubectl describe` shows them. */
json *status_give_waiting(const json *pod, const struct process *p, const char *reason,
                          const char *message, const char *host_ip, int64_t wall_ns);
/* Conditions Ready and so on of a node, for a merge patch of its status. The heartbeat's time is now, that of a transition
 * moves only when the condition turns. */
json *status_give_node(const json *node, const char *address, uint16_t kubelet_port,
                       int64_t wall_ns);

#endif

#include "hack/devcloud/kubelet/status.h"

#include <string.h>

#include "pkg/base/mem.h"

static json *give_condition(const char *type, bool value, const char *now)
{
    return json_make("{'type':%s,'status':%s,'lastProbeTime':null,'lastTransitionTime':%s}", type,
                     value ? "True" : "False", now);
}

/* Times move only with the status: an unchanged condition keeps what it had. */
static void keep_times(json *conditions, const json *object)
{
    json *before = json_path(object, "status.conditions");
    for (size_t i = 0; i < json_len(conditions); i++) {
        json *c = json_at(conditions, i);
        for (size_t b = 0; b < json_len(before); b++) {
            json *old = json_at(before, b);
            if (json_equal(json_get(c, "type"), json_get(old, "type")) &&
                json_equal(json_get(c, "status"), json_get(old, "status")) &&
                json_get(old, "lastTransitionTime"))
                json_put(c, "lastTransitionTime",
                         json_give_copy(json_get(old, "lastTransitionTime")));
        }
    }
}

static json *give_conditions(const json *pod, bool ready, const char *now)
{
    json *list = json_make("[%j,%j,%j,%j]", give_condition("Initialized", true, now),
                           give_condition("Ready", ready, now),
                           give_condition("ContainersReady", ready, now),
                           give_condition("PodScheduled", true, now));
    keep_times(list, pod);
    return list;
}

static void give_time(int64_t wall_ns, char out[TIME_TEXT_MAX])
{
    time_rfc3339(wall_ns, out);
}

/* The containerID names the process, so that tests can signal it. */
static json *give_container_statuses(const json *pod, const struct process *p, bool ready,
                                     const json *state)
{
    json *list = json_new_array();
    json *containers = json_path(pod, "spec.containers");
    cleanup_free char *id = p && p->pid > 0 ? xasprintf("process://%d", (int)p->pid) : NULL;
    for (size_t i = 0; i < json_len(containers); i++) {
        const char *image = json_path_str(json_at(containers, i), "image");
        json *one = json_make("{'name':%s,'image':%s,'imageID':%s,'ready':%b,'started':%b,"
                              "'restartCount':%d,'state':%j,'lastState':{}}",
                              json_path_str(json_at(containers, i), "name"), image, image, ready,
                              ready, p ? p->restarts : 0, json_give_copy(state));
        if (id) /* an empty one is not kept, and would be written again and again */
            json_put(one, "containerID", json_new_str(id));
        json_append(list, one);
    }
    return list;
}

static json *give_status(const json *pod, const struct process *p, const char *phase, bool ready,
                         json *state, const char *host_ip, int64_t wall_ns)
{
    char now[TIME_TEXT_MAX];
    give_time(wall_ns, now);
    const char *start = json_path_str(pod, "status.startTime");
    json *status =
        json_make("{'phase':%s,'hostIP':%s,'startTime':%s,'conditions':%j,'containerStatuses':%j}",
                  phase, host_ip, start ? start : now, give_conditions(pod, ready, now),
                  give_container_statuses(pod, p, ready, state));
    json_free(state);
    const char *ip = p ? p->shown_ip : json_path_str(pod, "status.podIP");
    if (!ip)
        ip = "10.1.1.1";
    json_put(status, "podIP", json_new_str(ip));
    json_put(status, "podIPs", json_make("[{'ip':%s}]", ip));
    return status;
}

json *status_give_running(const json *pod, const struct process *p, const char *host_ip,
                          int64_t wall_ns)
{
    char since[TIME_TEXT_MAX];
    const char *before = json_path_str(pod, "status.containerStatuses[0].state.running.startedAt");
    give_time(p ? p->started_wall_ns : wall_ns, since);
    json *state = json_make("{'running':{'startedAt':%s}}", !p && before ? before : since);
    return give_status(pod, p, "Running", p ? p->ready : true, state, host_ip, wall_ns);
}

json *status_give_waiting(const json *pod, const struct process *p, const char *reason,
                          const char *message, const char *host_ip, int64_t wall_ns)
{
    json *state = json_make("{'waiting':{'reason':%s,'message':%s}}", reason, message);
    return give_status(pod, p, p && p->has_exited ? "Running" : "Pending", false, state, host_ip,
                       wall_ns);
}

json *status_give_node(const json *node, const char *address, uint16_t kubelet_port,
                       int64_t wall_ns)
{
    static const struct {
        const char *type, *status, *reason;
    } rows[] = {
        { "MemoryPressure", "False", "KubeletHasSufficientMemory" },
        { "DiskPressure", "False", "KubeletHasNoDiskPressure" },
        { "PIDPressure", "False", "KubeletHasSufficientPID" },
        { "Ready", "True", "KubeletReady" },
    };
    char now[TIME_TEXT_MAX];
    give_time(wall_ns, now);
    json *conditions = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        json_append(conditions, json_make("{'type':%s,'status':%s,'reason':%s,'lastHeartbeatTime':%"
                                          "s,'lastTransitionTime':%s}",
                                          rows[i].type, rows[i].status, rows[i].reason, now, now));
    keep_times(conditions, node);
    return json_make("{'status':{'addresses':[{'type':'InternalIP','address':%s}],"
                     "'daemonEndpoints':{'kubeletEndpoint':{'Port':%d}},"
                     "'capacity':{'cpu':'8','memory':'32Gi','pods':'250'},"
                     "'allocatable':{'cpu':'8','memory':'32Gi','pods':'250'},"
                     "'conditions':%j}}",
                     address, (int)kubelet_port, conditions);
}

/*
 * One loop looks at every pod of the cache twice a second: what should run is started, what ended is reported and started
 * again, what is to go is ended and then deleted. The loop is level-based: it needs no memory but the processes.
 */
#include "hack/devcloud/kubelet/kubelet.h"

#include <signal.h>
#include <string.h>

#include "hack/devcloud/kubelet/logs.h"
#include "hack/devcloud/kubelet/process.h"
#include "hack/devcloud/kubelet/status.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/informer.h"

#define HEARTBEAT_NS (10 * NS_PER_S)
#define PROBE_TIMEOUT_MS 1000
#define HOST_ADDRESS "127.0.0.1"
#define SHOWN_HOST_IP "10.0.0.250"

struct kubelet {
    const struct kubelet_config *cfg;
    struct opctx ctx;
    struct http_client *http;
    struct http_peer *probe_peer;
    struct log_server *logs;
    struct kube_cache *cache;
    struct informer *pods, *nodes;
    struct map *processes; /* by pod uid: struct process */
    struct map *off;       /* names of nodes whose machine is off, as of the last heartbeat */
    int64_t heartbeat_due_ns;
};

static void free_process(void *p)
{
    process_free(p);
}

static void log_failure(struct kubelet *k, const char *what, const char *name, struct error *e)
{
    if (!error_is(e, ERR_CONFLICT) && !error_is(e, ERR_NOT_FOUND))
        log_warning(k->cfg->log, "%s %s: %s", what, name, error_text(e));
    error_free(e);
}

/* ---- status ---- */

static void write_status(struct kubelet *k, const json *pod, json *status)
{
    const char *name = json_path_str(pod, "metadata.name");
    cleanup_json json *old = json_give_copy(json_get(pod, "status"));
    cleanup_json json *merged = json_give_merged(json_give_copy(old), status);
    if (!json_equal(old, merged)) {
        cleanup_json json *patch = json_make("{'status':%j}", status);
        struct error *e = NULL;
        if (kube_patch(k->cfg->kube, &k->ctx,
                       KUBE_STATUS(&GVR_PODS, json_path_str(pod, "metadata.namespace"), name),
                       KUBE_PATCH_MERGE, patch, NULL, NULL, &e) < 0)
            log_failure(k, "status of pod", name, e);
        return;
    }
    json_free(status);
}

static void delete_pod(struct kubelet *k, const json *pod)
{
    struct kube_delete_options opt = { .grace_period_s = 0,
                                       .uid = json_path_str(pod, "metadata.uid") };
    struct error *e = NULL;
    const char *name = json_path_str(pod, "metadata.name");
    if (kube_delete(k->cfg->kube, &k->ctx,
                    KUBE_REF(&GVR_PODS, json_path_str(pod, "metadata.namespace"), name), &opt,
                    &e) < 0)
        log_failure(k, "deleting pod", name, e);
}

/* ---- probes ---- */

/* Whether an HTTP probe of the container is answered with success; true when there is none. */
static bool probe(struct kubelet *k, const struct process *p, const json *pod, const char *kind)
{
    cleanup_free char *path = xasprintf("spec.containers[0].%s.httpGet", kind);
    json *get = json_path(pod, path);
    if (!get)
        return true;
    const char *url_path = json_path_str(get, "path");
    cleanup_free char *url =
        xasprintf("http://%s:%lld%s", p->address, (long long)json_path_int(get, "port", 80),
                  url_path ? url_path : "/");
    struct http_request req = { .method = "GET",
                                .url = url,
                                .timeout_ms = PROBE_TIMEOUT_MS,
                                .connect_timeout_ms = PROBE_TIMEOUT_MS };
    cleanup_response struct http_response response = { 0 };
    cleanup_error struct error *e = NULL;
    int rcode = http_send(http_peer_transport(k->probe_peer), &k->ctx, &req, &response, &e);
    return rcode == 0 && response.status >= 200 && response.status < 400;
}

#define LIVENESS "spec.containers[0].livenessProbe."

static int64_t liveness_ns(const json *pod, const char *field, int64_t dflt_s)
{
    cleanup_free char *path = xasprintf(LIVENESS "%s", field);
    return json_path_int(pod, path, dflt_s) * NS_PER_S;
}

/* Readiness is looked at in every round, so that tests need not wait; liveness as the pod asks for. */
static void look_after(struct kubelet *k, struct process *p, const json *pod)
{
    p->ready = probe(k, p, pod, "readinessProbe");
    int64_t now_ns = clock_mono_ns(k->cfg->clock);
    if (p->liveness_due_ns == 0)
        p->liveness_due_ns = now_ns + liveness_ns(pod, "initialDelaySeconds", 0);
    if (now_ns < p->liveness_due_ns)
        return;
    p->liveness_due_ns = now_ns + liveness_ns(pod, "periodSeconds", 10);
    if (probe(k, p, pod, "livenessProbe")) {
        p->failed_probes = 0;
    } else if (++p->failed_probes >= json_path_int(pod, LIVENESS "failureThreshold", 3)) {
        log_warning(k->cfg->log, "pod %s does not answer its liveness probe: killed",
                    json_path_str(pod, "metadata.name"));
        process_signal(p, SIGKILL);
    }
}

/* ---- one pod ---- */

static void start_pod(struct kubelet *k, struct process *p, const json *pod)
{
    struct error *e = NULL;
    int64_t wall_ns = clock_wall_ns(k->cfg->clock);
    if (clock_mono_ns(k->cfg->clock) < p->restart_due_ns) {
        if (p->has_exited) /* else it never ran, and its status says what it waits for */
            write_status(k, pod,
                         status_give_waiting(pod, p, "CrashLoopBackOff",
                                             "back-off restarting failed container", SHOWN_HOST_IP,
                                             wall_ns));
        return;
    }
    if (process_start(p, k->cfg, &k->ctx, pod, &e) == 0) {
        p->restarts += p->has_exited;
        log_info(k->cfg->log, "pod %s runs as process %d on %s",
                 json_path_str(pod, "metadata.name"), (int)p->pid, p->address);
        p->has_exited = false;
        return;
    }
    write_status(k, pod,
                 status_give_waiting(pod, p, "CreateContainerConfigError", error_text(e),
                                     SHOWN_HOST_IP, wall_ns));
    p->restart_due_ns = clock_mono_ns(k->cfg->clock) + NS_PER_S;
    error_free(e);
}

static void end_pod(struct kubelet *k, struct process *p, const json *pod)
{
    int64_t now_ns = clock_mono_ns(k->cfg->clock);
    if (p->pid > 0 && p->stop_due_ns == 0) {
        process_signal(p, SIGTERM);
        p->stop_due_ns =
            now_ns + json_path_int(pod, "metadata.deletionGracePeriodSeconds", 30) * NS_PER_S;
    } else if (p->pid > 0 && now_ns >= p->stop_due_ns) {
        process_signal(p, SIGKILL);
    }
    process_poll(p, k->cfg->clock);
    if (p->pid == 0)
        delete_pod(k, pod);
}

static struct process *process_of(struct kubelet *k, const json *pod)
{
    const char *uid = json_path_str(pod, "metadata.uid");
    struct process *p = map_get(k->processes, uid);
    if (p)
        return p;
    struct error *e = NULL;
    p = process_new(k->cfg, json_path_str(pod, "metadata.name"), &e);
    if (!p) {
        log_failure(k, "pod", json_path_str(pod, "metadata.name"), e);
        return NULL;
    }
    map_set(k->processes, uid, p);
    return p;
}

static void sync_real_pod(struct kubelet *k, const json *pod)
{
    struct process *p = process_of(k, pod);
    if (!p)
        return;
    process_poll(p, k->cfg->clock);
    if (json_path(pod, "metadata.deletionTimestamp")) {
        end_pod(k, p, pod);
        return;
    }
    if (p->pid == 0) {
        start_pod(k, p, pod);
        return;
    }
    struct error *e = NULL;
    if (process_refresh_token(p, k->cfg, &k->ctx, pod, &e) < 0)
        log_failure(k, "token of pod", json_path_str(pod, "metadata.name"), e);
    look_after(k, p, pod);
    write_status(k, pod, status_give_running(pod, p, SHOWN_HOST_IP, clock_wall_ns(k->cfg->clock)));
}

static void sync_pod(struct kubelet *k, const json *pod)
{
    const char *node = json_path_str(pod, "spec.nodeName");
    const char *nspace = json_path_str(pod, "metadata.namespace");
    if (!node)
        return;
    if (map_has(k->off, node))
        map_del(k->processes, json_path_str(pod, "metadata.uid"));
    else if (k->cfg->real_namespace && str_eq(nspace, k->cfg->real_namespace))
        sync_real_pod(k, pod);
    else if (json_path(pod, "metadata.deletionTimestamp"))
        delete_pod(k, pod);
    else
        write_status(k, pod,
                     status_give_running(pod, NULL, SHOWN_HOST_IP, clock_wall_ns(k->cfg->clock)));
}

/* ---- the loop ---- */

static void append_tree(void *arg, struct kube_object *o)
{
    json_append(arg, kube_object_give_json(o));
}

/* Pods that are not there any more, some by force: their processes go, too. */
static void end_forgotten(struct kubelet *k, const json *pods)
{
    cleanup_map struct map *seen = map_new(NULL);
    for (size_t i = 0; i < json_len(pods); i++) {
        const char *uid = json_path_str(json_at(pods, i), "metadata.uid");
        if (uid)
            map_set(seen, uid, k);
    }
    for (struct map_iter it = { 0 }; map_next(k->processes, &it);)
        if (!map_has(seen, it.key))
            map_del(k->processes, it.key);
}

static void sync_pods(struct kubelet *k)
{
    cleanup_json json *pods = json_new_array();
    informer_each(k->pods, NULL, append_tree, pods);
    end_forgotten(k, pods); /* first: the next of its name has the same folder */
    for (size_t i = 0; i < json_len(pods); i++)
        sync_pod(k, json_at(pods, i));
}

static void beat_node(struct kubelet *k, const json *node, const char *name)
{
    cleanup_json json *patch = status_give_node(node, HOST_ADDRESS, log_server_port(k->logs),
                                                clock_wall_ns(k->cfg->clock));
    struct error *e = NULL;
    if (kube_patch(k->cfg->kube, &k->ctx, KUBE_STATUS(&GVR_NODES, NULL, name), KUBE_PATCH_MERGE,
                   patch, NULL, NULL, &e) < 0)
        log_failure(k, "heartbeat of node", name, e);
}

static void beat_nodes(struct kubelet *k)
{
    if (clock_mono_ns(k->cfg->clock) < k->heartbeat_due_ns)
        return;
    k->heartbeat_due_ns = clock_mono_ns(k->cfg->clock) + HEARTBEAT_NS;
    cleanup_json json *nodes = json_new_array();
    informer_each(k->nodes, NULL, append_tree, nodes);
    for (size_t i = 0; i < json_len(nodes); i++) {
        const char *name = json_path_str(json_at(nodes, i), "metadata.name");
        map_del(k->off, name);
        if (!k->cfg->is_on || k->cfg->is_on(k->cfg->arg, name))
            beat_node(k, json_at(nodes, i), name);
        else
            map_set(k->off, name, k);
    }
}

static void loop(struct kubelet *k)
{
    int64_t pause_ms = k->cfg->poll_ms ? k->cfg->poll_ms : 500;
    while (opctx_sleep_ms(&k->ctx, pause_ms, NULL) == 0) {
        if (!kube_cache_has_synced(k->cache))
            continue;
        beat_nodes(k);
        sync_pods(k);
    }
}

static void run_cache(void *arg)
{
    struct kubelet *k = arg;
    cleanup_error struct error *e = NULL;
    if (kube_cache_run(k->cache, &k->ctx, &e) < 0)
        log_error(k->cfg->log, "%s", error_text(e));
}

static int open_kubelet(struct kubelet *k, struct error **err)
{
    struct http_client_config http = { .clock = k->cfg->clock,
                                       .env = k->cfg->env,
                                       .log = k->cfg->log };
    struct http_peer_config direct = { .proxy_url = "" };
    if (http_client_new(&http, &k->http, err) < 0 ||
        http_peer_new(k->http, &direct, &k->probe_peer, err) < 0)
        return -1;
    struct kube_cache_options cache = { .clock = k->cfg->clock,
                                        .rng = k->cfg->rng,
                                        .log = k->cfg->log };
    k->cache = kube_cache_new(k->cfg->kube, &cache);
    k->pods = kube_cache_informer(k->cache, &(struct informer_config){ .gvr = &GVR_PODS });
    k->nodes = kube_cache_informer(k->cache, &(struct informer_config){ .gvr = &GVR_NODES });
    k->processes = map_new(free_process);
    k->off = map_new(NULL);
    return log_server_start(k->cfg, &k->logs, err);
}

int kubelet_run(const struct kubelet_config *cfg, struct stop *stop, struct error **err)
{
    struct kubelet k = { .cfg = cfg, .ctx = opctx_root(cfg->clock, cfg->rng, stop, cfg->log) };
    pthread_t cache;
    int rcode = open_kubelet(&k, err);
    if (rcode == 0)
        rcode = thread_start(&cache, "cache", run_cache, &k, err);
    if (rcode == 0) {
        loop(&k);
        pthread_join(cache, NULL);
    }
    map_free(k.processes);
    map_free(k.off);
    log_server_stop(k.logs);
    kube_cache_free(k.cache);
    http_peer_unref(k.probe_peer);
    http_client_free(k.http);
    return rcode;
}

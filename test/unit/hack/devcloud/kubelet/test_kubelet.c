#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "hack/devcloud/kubelet/kubelet.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/hack/devcloud/kubelet_api.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/pkg/net/server_fixture.h"
#include "test/unit/support/test.h"

/* Nobody but the kubelet's loop waits for that long. */
#define POLL_MS 777
/* What the lowest random numbers make of a pod's address. */
#define POD_ADDRESS "127.2.2.2"

/*
 * The kubelet on a thread of its own, in fake time. Its loop sleeps on a clock that notes until when, so that a test plays
 * one round after the other: what it awaits is looked at while time stands still.
 */
struct rig {
    struct clock clock; /* first: what the kubelet sees */
    struct fake_clock fake;
    pthread_mutex_t mu;
    pthread_cond_t asleep;
    int64_t sleeps_until_ns; /* guarded by mu */
    struct fake_rng rng;
    struct fake_env env;
    struct log_capture capture;
    struct log log;
    struct kubelet_api api;
    struct kube_config kube_config;
    struct kube_client *kube;
    char *dir, *bin, *pods;
    struct kubelet_config cfg;
    struct stop *stop;
    pthread_t thread;
    int rcode; /* of kubelet_run */
};

/* ---- the clock ---- */

static struct rig *rig_of(const struct clock *clock)
{
    return (struct rig *)(uintptr_t)clock;
}

static int64_t noting_mono_ns(const struct clock *clock)
{
    return clock_mono_ns(&rig_of(clock)->fake.base);
}

static int64_t noting_wall_ns(const struct clock *clock)
{
    return clock_wall_ns(&rig_of(clock)->fake.base);
}

static bool noting_wait(const struct clock *clock, pthread_cond_t *cv, pthread_mutex_t *mu,
                        int64_t deadline_ns)
{
    struct rig *r = rig_of(clock);
    if (deadline_ns - noting_mono_ns(clock) == POLL_MS * NS_PER_MS) {
        pthread_mutex_lock(&r->mu);
        r->sleeps_until_ns = deadline_ns;
        pthread_cond_broadcast(&r->asleep);
        pthread_mutex_unlock(&r->mu);
    }
    return clock_wait(&r->fake.base, cv, mu, deadline_ns);
}

/* Waits until the loop sleeps and all changes are known to it, and begins its next round. */
static void rig_round(struct rig *r)
{
    int64_t now_ns = clock_mono_ns(&r->clock);
    pthread_mutex_lock(&r->mu);
    while (r->sleeps_until_ns <= now_ns)
        pthread_cond_wait(&r->asleep, &r->mu);
    int64_t ns = r->sleeps_until_ns - now_ns;
    pthread_mutex_unlock(&r->mu);
    kubelet_api_await_told(&r->api);
    fake_clock_advance_ns(&r->fake, ns);
}

/* ---- the rig ---- */

static void write_script(const struct rig *r, const char *name, const char *text)
{
    cleanup_free char *path = temp_dir_write(r->bin, name, text);
    assert_int_equal(chmod(path, 0700), 0);
}

static void write_scripts(struct rig *r)
{
#define REST "exec /usr/bin/tail -f /dev/null\n"
    r->bin = path_give_joined(r->dir, "bin");
    r->pods = path_give_joined(r->dir, "pods");
    assert_int_equal(mkdir(r->bin, 0700), 0);
    assert_int_equal(mkdir(r->pods, 0700), 0);
    write_script(r, "wait", "#!/bin/sh\necho up\n" REST);
    write_script(r, "stubborn", "#!/bin/sh\ntrap '' TERM\necho up\n" REST);
    write_script(r, "fail-once",
                 "#!/bin/sh\n[ -e \"$HOME/been\" ] || { : >\"$HOME/been\"; exit 1; }\n" REST);
}

static void rig_init(struct rig *r)
{
    /* The lowest octets (a multiple of 250), the shortest watch (of 301). */
    static const uint64_t lowest[] = { 250 * 301 };
    static char server[] = "https://api.test:6443", nspace[] = "default";
    *r = (struct rig){
        .clock = { .mono_ns = noting_mono_ns, .wall_ns = noting_wall_ns, .wait = noting_wait },
        .kube_config = { .server = server, .nspace = nspace },
        .dir = temp_dir_give(),
        .stop = stop_new(NULL)
    };
    write_scripts(r);
    fake_clock_init(&r->fake);
    pthread_mutex_init(&r->mu, NULL);
    pthread_cond_init(&r->asleep, NULL);
    fake_rng_init_values(&r->rng, lowest, 1);
    fake_env_init(&r->env);
    log_capture_init(&r->capture, &r->clock);
    r->log = log_root(&r->capture.base);
    kubelet_api_init(&r->api);
    struct kube_client_options options = {
        .qps = -1, .clock = &r->clock, .rng = &r->rng.base, .env = &r->env.base, .log = &r->log
    };
    assert_int_equal(kube_client_new_over(&r->api.base, &r->kube_config, &options, &r->kube, NULL),
                     0);
    r->cfg = (struct kubelet_config){ .kube = r->kube,
                                      .pod_config = &r->kube_config,
                                      .real_namespace = "real",
                                      .bin_dir = r->bin,
                                      .dir = r->pods,
                                      .poll_ms = POLL_MS,
                                      .clock = &r->clock,
                                      .rng = &r->rng.base,
                                      .env = &r->env.base,
                                      .log = &r->log };
}

static void run(void *arg)
{
    struct rig *r = arg;
    r->rcode = kubelet_run(&r->cfg, r->stop, NULL);
}

static void rig_start(struct rig *r)
{
    assert_int_equal(thread_start(&r->thread, "kubelet", run, r, NULL), 0);
}

static void rig_stop(struct rig *r)
{
    stop_request(r->stop);
    kubelet_api_close(&r->api);
    pthread_join(r->thread, NULL);
    assert_int_equal(r->rcode, 0);
}

static void rig_release(struct rig *r)
{
    kube_client_free(r->kube);
    kubelet_api_release(&r->api);
    log_capture_release(&r->capture);
    fake_env_release(&r->env);
    stop_unref(r->stop);
    pthread_cond_destroy(&r->asleep);
    pthread_mutex_destroy(&r->mu);
    fake_clock_release(&r->fake);
    free(r->bin);
    free(r->pods);
    temp_dir_free(r->dir);
}

/* ---- what is awaited ---- */

static char *give_pod_text(struct rig *r, const char *pod, const char *path)
{
    cleanup_json json *tree = kubelet_api_give(&r->api, "Pod", pod);
    const char *text = json_path_str(tree, path);
    return text ? xstrdup(text) : NULL;
}

/* Rounds until the pod says so. */
static void await_text(struct rig *r, const char *pod, const char *path, const char *want)
{
    for (;;) {
        cleanup_free char *got = give_pod_text(r, pod, path);
        if (str_eq(got, want))
            return;
        rig_round(r);
    }
}

static void await_gone(struct rig *r, const char *pod)
{
    for (;;) {
        cleanup_json json *tree = kubelet_api_give(&r->api, "Pod", pod);
        if (!tree)
            return;
        rig_round(r);
    }
}

static void await_changes(struct rig *r, const char *prefix, size_t n)
{
    while (kubelet_api_count(&r->api, prefix) < n)
        rig_round(r);
}

#define C0 "status.containerStatuses[0]."

/* Rounds until the pod's process said that it is up; its number. */
static pid_t await_up(struct rig *r, const char *pod)
{
    cleanup_free char *file = xasprintf("%s/%s/log", r->pods, pod);
    for (bool up = false; !up; rig_round(r)) {
        cleanup_free char *text = NULL;
        size_t len;
        up = file_read(file, 1 << 20, &text, &len, NULL) == 0 && str_eq(text, "up\n");
    }
    await_text(r, pod, "status.phase", "Running");
    cleanup_free char *id = give_pod_text(r, pod, C0 "containerID");
    int pid = 0;
    assert_int_equal(sscanf(id, "process://%d", &pid), 1);
    assert_true(pid > 0);
    return pid;
}

static bool is_alive(pid_t pid)
{
    return kill(pid, 0) == 0 || errno != ESRCH;
}

static void assert_pod(struct rig *r, const char *pod, const char *path, const char *want)
{
    cleanup_free char *got = give_pod_text(r, pod, path);
    assert_string_equal(got ? got : "absent", want);
}

static int64_t restarts(struct rig *r, const char *pod)
{
    cleanup_json json *tree = kubelet_api_give(&r->api, "Pod", pod);
    return json_path_int(tree, C0 "restartCount", -1);
}

/* Deleted at once, and nothing but that object. */
static void assert_deletion(struct rig *r, const char *path, const char *uid)
{
    cleanup_free char *prefix = xasprintf("DELETE %s ", path);
    cleanup_free char *last = kubelet_api_give_last(&r->api, prefix);
    assert_non_null(last);
    cleanup_json json *body = NULL;
    const char *text = last + strlen(prefix);
    assert_int_equal(json_parse_object(text, strlen(text), &body, NULL), 0);
    assert_int_equal(json_path_int(body, "gracePeriodSeconds", -1), 0);
    assert_string_equal(json_path_str(body, "preconditions.uid"), uid);
}

#define POD_OF(nspace, name, node, more) \
    "{'kind':'Pod','metadata':{'name':'" name "','namespace':'" nspace "','uid':'u-" name \
    "'},'spec':{" node "'containers':[{'name':'c','image':'i'" more "}]}}"
#define PRETENDER(name) POD_OF("other", name, "'nodeName':'worker',", "")
#define REAL(name, command, more) \
    POD_OF("real", name, "'nodeName':'worker',", ",'command':['" command "']" more)
#define NODE "{'kind':'Node','metadata':{'name':'worker'}}"
#define DELETED(grace) \
    "{'metadata':{'deletionTimestamp':'2024-02-03T04:05:06Z'," \
    "'deletionGracePeriodSeconds':" grace "}}"

/* ---- pods that pretend, nodes ---- */

static void test_pretend(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, PRETENDER("a"));
    kubelet_api_add(&r.api, POD_OF("other", "unscheduled", "", ""));
    rig_start(&r);

    await_text(&r, "a", "status.phase", "Running");
    kubelet_api_add(&r.api, PRETENDER("late"));
    await_text(&r, "late", "status.phase", "Running");
    for (int i = 0; i < 5; i++)
        rig_round(&r);
    assert_pod(&r, "a", "status.hostIP", "10.0.0.250");
    assert_pod(&r, "unscheduled", "status.phase", "absent");
    rig_stop(&r);
    /* Once told is enough. */
    assert_int_equal(kubelet_api_count(&r.api, "PATCH /api/v1/namespaces/other/pods/a/status "), 1);
    assert_int_equal(kubelet_api_count(&r.api, "POST "), 0);
    rig_release(&r);
}

static void test_delete_pretender(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, PRETENDER("a"));
    rig_start(&r);
    await_text(&r, "a", "status.phase", "Running");

    kubelet_api_merge(&r.api, "a", DELETED("30"));
    await_gone(&r, "a");

    rig_stop(&r);
    assert_deletion(&r, "/api/v1/namespaces/other/pods/a", "u-a");
    rig_release(&r);
}

static void test_heartbeat(void **state)
{
    (void)state;
#define BEAT "PATCH /api/v1/nodes/worker/status "
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, NODE);
    rig_start(&r);

    await_changes(&r, BEAT, 1);
    cleanup_json json *first = kubelet_api_give(&r.api, "Node", "worker");
    int64_t before_ns = clock_mono_ns(&r.clock);
    await_changes(&r, BEAT, 2);
    int64_t after_ns = clock_mono_ns(&r.clock);
    cleanup_json json *second = kubelet_api_give(&r.api, "Node", "worker");

    rig_stop(&r);
#define READY "status.conditions[3]."
    assert_string_equal(json_path_str(first, READY "type"), "Ready");
    assert_string_equal(json_path_str(first, READY "status"), "True");
    assert_true(after_ns - before_ns >= 10 * NS_PER_S - POLL_MS * NS_PER_MS);
    assert_string_not_equal(json_path_str(first, READY "lastHeartbeatTime"),
                            json_path_str(second, READY "lastHeartbeatTime"));
    assert_string_equal(json_path_str(first, READY "lastTransitionTime"),
                        json_path_str(second, READY "lastTransitionTime"));
    rig_release(&r);
}

static bool is_on(void *arg, const char *node)
{
    const atomic_bool *on = arg;
    assert_string_equal(node, "worker");
    return *on;
}

/* Its process is killed, and it says nothing until the machine is on again. */
static void test_power(void **state)
{
    (void)state;
    struct rig r;
    atomic_bool on = true;
    rig_init(&r);
    r.cfg.is_on = is_on;
    r.cfg.arg = &on;
    kubelet_api_add(&r.api, NODE);
    kubelet_api_add(&r.api, REAL("a", "wait", ""));
    rig_start(&r);
    pid_t pid = await_up(&r, "a");
    await_changes(&r, BEAT, 1);

    on = false;
    while (is_alive(pid))
        rig_round(&r);
    size_t beats = kubelet_api_count(&r.api, BEAT);
    for (int64_t end_ns = clock_mono_ns(&r.clock) + 30 * NS_PER_S;
         clock_mono_ns(&r.clock) < end_ns;)
        rig_round(&r);
    assert_int_equal(kubelet_api_count(&r.api, BEAT), beats);
    on = true;
    await_changes(&r, BEAT, beats + 1);

    assert_int_not_equal(await_up(&r, "a"), pid);
    rig_stop(&r);
    rig_release(&r);
}

/* ---- pods with a process ---- */

static void test_real(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, NODE);
    kubelet_api_add(&r.api, REAL("a", "wait", ""));
    rig_start(&r);

    pid_t pid = await_up(&r, "a");
    assert_true(is_alive(pid));
    assert_pod(&r, "a", "status.podIP", "10.2.2.2");
    await_changes(&r, BEAT, 1);
    cleanup_json json *node = kubelet_api_give(&r.api, "Node", "worker");
    int64_t port = json_path_int(node, "status.daemonEndpoints.kubeletEndpoint.Port", 0);
    cleanup_wire struct wire w = wire_connect_tls((uint16_t)port, NULL, NULL);
    wire_send(&w, "GET /containerLogs/real/a/c HTTP/1.1\r\nHost: a\r\n\r\n");
    cleanup_free char *log = wire_give_reply(&w);
    assert_true(str_ends(log, "\r\n\r\nup\n"));
    await_changes(&r, "POST /api/v1/namespaces/real/serviceaccounts/default/token ", 2);

    kubelet_api_merge(&r.api, "a", DELETED("1000000"));
    await_gone(&r, "a"); /* it ended when asked to: the time to kill it never comes */
    assert_false(is_alive(pid));
    rig_stop(&r);
    assert_deletion(&r, "/api/v1/namespaces/real/pods/a", "u-a");
    rig_release(&r);
}

static void test_stubborn(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, REAL("a", "stubborn", ""));
    rig_start(&r);
    pid_t pid = await_up(&r, "a");

    kubelet_api_merge(&r.api, "a", DELETED("2"));
    int64_t before_ns = clock_mono_ns(&r.clock);
    await_gone(&r, "a");

    assert_true(clock_mono_ns(&r.clock) - before_ns >= 2 * NS_PER_S);
    assert_false(is_alive(pid));
    rig_stop(&r);
    rig_release(&r);
}

static void test_removed_by_force(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, REAL("a", "wait", ""));
    rig_start(&r);
    pid_t pid = await_up(&r, "a");

    kubelet_api_remove(&r.api, "a");
    while (is_alive(pid))
        rig_round(&r);

    rig_stop(&r);
    assert_int_equal(kubelet_api_count(&r.api, "DELETE "), 0);
    rig_release(&r);
}

static void test_stop(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, REAL("a", "stubborn", ""));
    rig_start(&r);
    pid_t pid = await_up(&r, "a");

    rig_stop(&r);

    assert_false(is_alive(pid));
    assert_int_equal(kubelet_api_count(&r.api, "DELETE "), 0);
    rig_release(&r);
}

#define NEEDS_SECRET ",'env':[{'name':'A','valueFrom':{'secretKeyRef':{'name':'s','key':'k'}}}]"

static void test_missing_secret(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, REAL("a", "wait", NEEDS_SECRET));
    rig_start(&r);

    await_text(&r, "a", C0 "state.waiting.reason", "CreateContainerConfigError");
    assert_pod(&r, "a", "status.phase", "Pending");
    cleanup_free char *message = give_pod_text(&r, "a", C0 "state.waiting.message");
    assert_true(str_starts(message, "environment variable A: "));
    kubelet_api_set_secret(&r.api, true);
    (void)await_up(&r, "a");

    assert_int_equal(restarts(&r, "a"), 0);
    rig_stop(&r);
    rig_release(&r);
}

static void test_restart(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    kubelet_api_set_secret(&r.api, true);
    kubelet_api_add(&r.api, REAL("a", "fail-once", NEEDS_SECRET));
    rig_start(&r);

    await_text(&r, "a", C0 "state.waiting.reason", "CrashLoopBackOff");
    assert_pod(&r, "a", "status.phase", "Running");
    kubelet_api_set_secret(&r.api, false); /* an attempt that fails is no restart */
    await_text(&r, "a", C0 "state.waiting.reason", "CreateContainerConfigError");
    for (int i = 0; i < 10; i++)
        rig_round(&r);
    kubelet_api_set_secret(&r.api, true);
    await_text(&r, "a", "status.conditions[1].status", "True");

    assert_pod(&r, "a", "status.conditions[1].type", "Ready");
    assert_int_equal(restarts(&r, "a"), 1);
    rig_stop(&r);
    rig_release(&r);
}

/* ---- probes ---- */

struct health {
    atomic_int ready, live; /* statuses */
};

static int serve_health(struct http_call *call, const struct opctx *ctx, void *arg,
                        struct error **err)
{
    (void)ctx;
    (void)err;
    struct health *h = arg;
    bool is_ready = str_eq(http_call_path(call), "/ready");
    http_call_set_status(call, atomic_load(is_ready ? &h->ready : &h->live));
    return 0;
}

static void test_probes(void **state)
{
    (void)state;
    static const struct http_route routes[] = { { "GET", NULL, serve_health, true } };
    struct health health = { 503, 200 };
    struct http_server_config config = fixture_config(routes, ARRAY_LEN(routes), &health);
    config.bind_address = POD_ADDRESS;
    struct http_server *server = fixture_start(&config);
    unsigned port = http_server_port(server);
    cleanup_free char *pod =
        xasprintf(REAL("a", "wait",
                       ",'readinessProbe':{'httpGet':{'path':'/ready','port':%u}},"
                       "'livenessProbe':{'httpGet':{'path':'/live','port':%u},"
                       "'initialDelaySeconds':1,'periodSeconds':1,'failureThreshold':2}"),
                  port, port);
    struct rig r;
    rig_init(&r);
    kubelet_api_add(&r.api, pod);
    rig_start(&r);

    pid_t pid = await_up(&r, "a");
    assert_pod(&r, "a", "status.conditions[1].status", "False");
    atomic_store(&health.ready, 200);
    await_text(&r, "a", "status.conditions[1].status", "True");
    atomic_store(&health.ready, 404);
    await_text(&r, "a", "status.conditions[1].status", "False");
    assert_true(is_alive(pid));
    atomic_store(&health.live, 500);
    while (restarts(&r, "a") < 1)
        rig_round(&r);

    assert_false(is_alive(pid));
    rig_stop(&r);
    assert_true(log_capture_has(&r.capture, "does not answer its liveness probe"));
    rig_release(&r);
    http_server_stop(server, -1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a scheduled pod looks like running, and is told so once", test_pretend),
        CASE("a pod that only looked like running is deleted at once", test_delete_pretender),
        CASE("a node's heartbeat is written every ten seconds", test_heartbeat),
        CASE("a node whose machine is off says nothing and runs nothing", test_power),
        CASE("a pod of the real namespace runs, is logged and ends when it is deleted", test_real),
        CASE("a process that ignores its end is killed after its grace period", test_stubborn),
        CASE("a process does not outlive a pod that was removed by force", test_removed_by_force),
        CASE("no process outlives the kubelet", test_stop),
        CASE("a pod waits for a secret, and says so", test_missing_secret),
        CASE("a process that failed is started again, and only that is counted", test_restart),
        CASE("probes decide on readiness and life", test_probes),
    };
    return RUN_CASES("kubelet", tests);
}

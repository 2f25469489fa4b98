#include <string.h>

#include "hack/devcloud/kubelet/status.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define NOW "2024-02-03T04:05:06Z"     /* FAKE_WALL_NS */
#define EARLIER "2024-01-01T00:00:00Z" /* of what a status before says */
#define SPEC "'spec':{'containers':[{'name':'a','image':'i/a'},{'name':'b','image':'i/b'}]}"
#define HOST "10.0.0.9"

/* As JSON text, but with single quotes. */
static json *give_quoted(const char *text)
{
    cleanup_free char *copy = strdup(text);
    for (char *p = copy; (p = strchr(p, '\''));)
        *p = '"';
    return give_tree(copy);
}

static void assert_text(const json *tree, const char *path, const char *want)
{
    const char *got = json_path_str(tree, path);
    assert_string_equal(got ? got : "absent", want);
}

/* The condition of that type; the test fails when there is not exactly one. */
static const json *condition_of(const json *conditions, const char *type)
{
    const json *found = NULL;
    for (size_t i = 0; i < json_len(conditions); i++) {
        if (!str_eq(json_path_str(json_at(conditions, i), "type"), type))
            continue;
        assert_null(found);
        found = json_at(conditions, i);
    }
    assert_non_null(found);
    return found;
}

static void assert_condition(const json *status, const char *type, const char *want,
                             const char *time)
{
    const json *c = condition_of(json_path(status, "conditions"), type);
    assert_text(c, "status", want);
    assert_text(c, "lastTransitionTime", time);
}

static struct process process_of(int pid, bool ready)
{
    static char shown[] = "10.7.8.9", real[] = "127.7.8.9";
    return (struct process){ .pid = pid,
                             .ready = ready,
                             .restarts = 3,
                             .shown_ip = shown,
                             .address = real,
                             .started_wall_ns = FAKE_WALL_NS - 60 * NS_PER_S };
}

/* ---- pods that pretend ---- */

static void test_pretended(void **state)
{
    (void)state;
    cleanup_json json *pod = give_quoted("{" SPEC "}");

    cleanup_json json *s = status_give_running(pod, NULL, HOST, FAKE_WALL_NS);

    assert_text(s, "phase", "Running");
    assert_text(s, "hostIP", HOST);
    assert_text(s, "startTime", NOW);
    assert_text(s, "podIP", "10.1.1.1");
    assert_text(s, "podIPs[0].ip", "10.1.1.1");
    assert_int_equal(json_len(json_path(s, "conditions")), 4);
    assert_condition(s, "Initialized", "True", NOW);
    assert_condition(s, "Ready", "True", NOW);
    assert_condition(s, "ContainersReady", "True", NOW);
    assert_condition(s, "PodScheduled", "True", NOW);
    cleanup_json json *want = give_quoted(
        "[{'name':'a','image':'i/a','imageID':'i/a','ready':true,'started':true,"
        "'restartCount':0,'state':{'running':{'startedAt':'" NOW "'}},'lastState':{}},"
        "{'name':'b','image':'i/b','imageID':'i/b','ready':true,'started':true,"
        "'restartCount':0,'state':{'running':{'startedAt':'" NOW "'}},'lastState':{}}]");
    assert_true(json_equal(json_path(s, "containerStatuses"), want));
}

static void test_pretended_again(void **state)
{
    (void)state;
    cleanup_json json *pod = give_quoted("{" SPEC "}");
    json_put(pod, "status", status_give_running(pod, NULL, HOST, FAKE_WALL_NS));

    cleanup_json json *later = status_give_running(pod, NULL, HOST, FAKE_WALL_NS + 5 * NS_PER_S);

    assert_true(json_equal(later, json_get(pod, "status")));
}

static void test_pretended_keeps_address(void **state)
{
    (void)state;
    cleanup_json json *pod =
        give_quoted("{" SPEC ",'status':{'podIP':'10.4.4.4','startTime':'" EARLIER "'}}");

    cleanup_json json *s = status_give_running(pod, NULL, HOST, FAKE_WALL_NS);

    assert_text(s, "podIP", "10.4.4.4");
    assert_text(s, "podIPs[0].ip", "10.4.4.4");
    assert_text(s, "startTime", EARLIER);
}

/* ---- pods with a process ---- */

static void test_process(void **state)
{
    (void)state;
    cleanup_json json *pod = give_quoted("{" SPEC ",'status':{'podIP':'10.4.4.4'}}");
    struct process p = process_of(4711, true);

    cleanup_json json *s = status_give_running(pod, &p, HOST, FAKE_WALL_NS);

    assert_text(s, "phase", "Running");
    assert_text(s, "podIP", "10.7.8.9");
    assert_text(s, "podIPs[0].ip", "10.7.8.9");
    assert_condition(s, "Ready", "True", NOW);
    assert_text(s, "containerStatuses[0].containerID", "process://4711");
    assert_text(s, "containerStatuses[0].state.running.startedAt", "2024-02-03T04:04:06Z");
    assert_int_equal(json_path_int(s, "containerStatuses[0].restartCount", -1), 3);
    assert_true(json_path_bool(s, "containerStatuses[0].ready", false));
}

static void test_not_ready(void **state)
{
    (void)state;
    cleanup_json json *pod = give_quoted("{" SPEC "}");
    struct process p = process_of(4711, false);

    cleanup_json json *s = status_give_running(pod, &p, HOST, FAKE_WALL_NS);

    assert_text(s, "phase", "Running");
    assert_condition(s, "Ready", "False", NOW);
    assert_condition(s, "ContainersReady", "False", NOW);
    assert_condition(s, "Initialized", "True", NOW);
    assert_false(json_path_bool(s, "containerStatuses[0].ready", true));
}

static void test_times_kept(void **state)
{
    (void)state;
    cleanup_json json *pod =
        give_quoted("{" SPEC ",'status':{'conditions':["
                    "{'type':'Ready','status':'False','lastTransitionTime':'" EARLIER "'},"
                    "{'type':'Initialized','status':'True','lastTransitionTime':'" EARLIER "'},"
                    "{'type':'PodScheduled','status':'True'}]}}");
    struct process p = process_of(4711, true);

    cleanup_json json *s = status_give_running(pod, &p, HOST, FAKE_WALL_NS);

    assert_condition(s, "Ready", "True", NOW);           /* it turned */
    assert_condition(s, "Initialized", "True", EARLIER); /* it did not */
    assert_condition(s, "ContainersReady", "True", NOW); /* it is new */
    assert_condition(s, "PodScheduled", "True", NOW);    /* nobody knows since when */
}

static void test_waiting(void **state)
{
    (void)state;
    cleanup_json json *pod = give_quoted("{" SPEC "}");
    struct process p = process_of(0, false);

    cleanup_json json *s =
        status_give_waiting(pod, &p, "CreateContainerConfigError", "no secret", HOST, FAKE_WALL_NS);

    assert_text(s, "phase", "Pending");
    assert_condition(s, "Ready", "False", NOW);
    assert_text(s, "containerStatuses[0].containerID", "absent");
    cleanup_json json *want =
        give_quoted("{'waiting':{'reason':'CreateContainerConfigError','message':'no secret'}}");
    assert_true(json_equal(json_path(s, "containerStatuses[0].state"), want));
    assert_true(json_equal(json_path(s, "containerStatuses[1].state"), want));
}

static void test_waiting_again(void **state)
{
    (void)state;
    cleanup_json json *pod = give_quoted("{" SPEC "}");
    struct process p = process_of(0, false);
    p.has_exited = true;

    cleanup_json json *s =
        status_give_waiting(pod, &p, "CrashLoopBackOff", "back-off", HOST, FAKE_WALL_NS);

    assert_text(s, "phase", "Running");
    assert_condition(s, "Ready", "False", NOW);
    assert_int_equal(json_path_int(s, "containerStatuses[0].restartCount", -1), 3);
}

/* ---- nodes ---- */

static void test_node(void **state)
{
    (void)state;
    cleanup_json json *node = give_quoted("{'metadata':{'name':'n'}}");

    cleanup_json json *patch = status_give_node(node, "127.0.0.1", 10250, FAKE_WALL_NS);

    assert_int_equal(json_len(patch), 1);
    const json *s = json_get(patch, "status");
    assert_condition(s, "Ready", "True", NOW);
    assert_condition(s, "MemoryPressure", "False", NOW);
    assert_condition(s, "DiskPressure", "False", NOW);
    assert_condition(s, "PIDPressure", "False", NOW);
    assert_text(s, "addresses[0].type", "InternalIP");
    assert_text(s, "addresses[0].address", "127.0.0.1");
    assert_int_equal(json_path_int(s, "daemonEndpoints.kubeletEndpoint.Port", 0), 10250);
    assert_text(s, "allocatable.pods", "250");
}

static void test_node_again(void **state)
{
    (void)state;
    cleanup_json json *node = give_quoted(
        "{'status':{'conditions':["
        "{'type':'Ready','status':'True','lastTransitionTime':'" EARLIER "'},"
        "{'type':'DiskPressure','status':'Unknown','lastTransitionTime':'" EARLIER "'}]}}");

    cleanup_json json *patch = status_give_node(node, "127.0.0.1", 10250, FAKE_WALL_NS);

    const json *s = json_get(patch, "status");
    assert_condition(s, "Ready", "True", EARLIER);
    assert_condition(s, "DiskPressure", "False", NOW);
    assert_text(condition_of(json_path(s, "conditions"), "Ready"), "lastHeartbeatTime", NOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a pod that pretends runs and is ready", test_pretended),
        CASE("a pretended status does not change with time", test_pretended_again),
        CASE("a pod that pretends keeps its address and its start", test_pretended_keeps_address),
        CASE("a process shows its address, its number and since when it runs", test_process),
        CASE("a process that is not ready runs all the same", test_not_ready),
        CASE("the time of a condition moves only when it turns", test_times_kept),
        CASE("a container that never ran is pending and says why", test_waiting),
        CASE("a container that ran before waits in a running pod", test_waiting_again),
        CASE("a node is ready, under no pressure and says where its kubelet is", test_node),
        CASE("a heartbeat keeps the times of what did not turn", test_node_again),
    };
    return RUN_CASES("status", tests);
}

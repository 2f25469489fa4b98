#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/backend/metrics.h"
#include "rp/backend/operation.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

#define WAIT_MS 20000

/* A daemon for metrics, and a backend that sends to it. */
struct daemon {
    struct backend_rig r;
    int fd;
};

static void set_up(struct daemon *d)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t len = sizeof(a);
    backend_rig_open(&d->r);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    d->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(d->fd, (struct sockaddr *)&a, len), 0);
    assert_int_equal(getsockname(d->fd, (struct sockaddr *)&a, &len), 0);
    cleanup_free char *address = xasprintf("127.0.0.1:%u", ntohs(a.sin_port));
    const struct statsd_config cfg = { .address = address, .clock = &d->r.clock.base };
    assert_int_equal(statsd_new(&cfg, &d->r.cfg.statsd, NULL), 0);
}

static void tear_down(struct daemon *d)
{
    statsd_free(d->r.cfg.statsd);
    backend_rig_close(&d->r);
    close(d->fd);
}

static void assert_sent(const struct daemon *d, const char *metric, const char *dims,
                        const char *value)
{
    char text[4096];
    struct pollfd p = { .fd = d->fd, .events = POLLIN };
    cleanup_free char *want =
        xasprintf("{\"Metric\":\"%s\",\"Account\":\"*\",\"Namespace\":\"*\",\"Dims\":{%s},"
                  "\"TS\":\"2024-02-03T04:05:06.000\"}:%s|g\n",
                  metric, dims, value);
    assert_int_equal(poll(&p, 1, WAIT_MS), 1);
    ssize_t n = recv(d->fd, text, sizeof(text) - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    if (n > 0 && text[n - 1] != '\n')
        want[strlen(want) - 1] = '\0';
    assert_string_equal(text, want);
}

/* ---- cases ---- */

static void counts_and_times_an_operation(void **state)
{
    (void)state;
    struct daemon d;
    set_up(&d);
    cleanup_json json *cluster = backend_rig_tree(
        "{'operationOutcome':{'status':'Failed','resultType':'UserError','errorDetails':'why'},"
        "'correlationData':{'requestTime':'2024-02-03T04:05:00.5Z'},"
        "'openShiftCluster':{'properties':{'provisioningState':'Creating'}}}");

    metrics_cluster(&d.r.cfg, &d.r.log, cluster);

    static const char dims[] =
        "\"oldProvisioningState\":\"Creating\",\"newProvisioningState\":\"Failed\"";
    assert_sent(&d, "backend.openshiftcluster.count", dims, "1");
    assert_sent(&d, "backend.openshiftcluster.duration", dims, "5500");
    assert_true(log_capture_has(&d.r.capture, "LOGKIND=asyncqos resultType=UserError "
                                              "operationType=Create "
                                              "clusterIdentity=ServicePrincipal "
                                              "errorDetails=why"));
    tear_down(&d);
}

static void shows_workers_for_both_kinds(void **state)
{
    (void)state;
    struct daemon d;
    set_up(&d);

    metrics_workers(&d.r.cfg, 3);

    assert_sent(&d, "backend.openshiftcluster.workers.count", "", "3");
    assert_sent(&d, "backend.subscriptions.workers.count", "", "3");
    tear_down(&d);
}

static void times_the_steps_of_each_operation(void **state)
{
    (void)state;
    static const char *const words[] = { "install", "update", "adminUpdate", "delete" };
    static const struct step steps[] = {
        { .kind = STEP_RETRYING, .name = "validateResources" },
        { .kind = STEP_CONDITION, .name = "apiServersReady" },
        { .kind = STEP_ACTION, .name = "updateConsoleBranding" },
        { .kind = STEP_CONDITION, .name = "apiServersReady" }, /* again */
    };
    static const int64_t took_ms[] = { 1400, 60000, 499, 30500 };
    static const char *const want[][2] = {
        { "authorizationretryingaction.validateResources.duration.seconds", "1" },
        { "condition.apiServersReady.duration.seconds", "91" },
        { "action.updateConsoleBranding.duration.seconds", "0" },
        { "duration.total.seconds", "92" },
    };
    struct daemon d;
    set_up(&d);
    for (enum cluster_operation o = 0; o < CLUSTER_OPERATIONS; o++) {
        metrics_steps(&d.r.cfg, o, steps, took_ms, ARRAY_LEN(steps));

        for (size_t i = 0; i < ARRAY_LEN(want); i++) {
            cleanup_free char *metric =
                xasprintf("backend.openshiftcluster.%s.%s", words[o], want[i][0]);
            assert_sent(&d, metric, "", want[i][1]);
        }
    }
    tear_down(&d);
}

static enum operation_end go_on(void *arg)
{
    (void)arg;
    return OPERATION_DONE;
}

static void an_operation_that_ended_well_tells_of_its_steps(void **state)
{
    (void)state;
    const struct operation_watch watch = { go_on, NULL };
    struct daemon d;
    set_up(&d);
    const struct cluster_job job = { .operation = CLUSTER_DELETE, .db = d.r.db };
    cleanup_error struct error *err = NULL;

    d.r.steps = ".i"; /* of this one nothing is told */
    assert_int_equal(operation_run(&d.r.cfg, &d.r.ctx, &job, &watch, &err), OPERATION_FAILED);
    d.r.steps = ".";
    assert_int_equal(operation_run(&d.r.cfg, &d.r.ctx, &job, &watch, NULL), OPERATION_DONE);

    assert_sent(&d, "backend.openshiftcluster.delete.action.zero.duration.seconds", "", "0");
    assert_sent(&d, "backend.openshiftcluster.delete.duration.total.seconds", "", "0");
    tear_down(&d);
}

static void times_a_subscription(void **state)
{
    (void)state;
    struct daemon d;
    set_up(&d);

    metrics_subscription(&d.r.cfg, "done", 12);

    assert_sent(&d, "backend.subscriptions.count", "\"state\":\"done\"", "1");
    assert_sent(&d, "backend.subscriptions.duration", "\"state\":\"done\"", "12");
    tear_down(&d);
}

static void measures_the_queues(void **state)
{
    (void)state;
    struct daemon d;
    set_up(&d);
    backend_rig_cluster(&d.r, "a", "Updating", "");
    backend_rig_cluster(&d.r, "b", "Succeeded", "");

    metrics_queues(&d.r.cfg, &d.r.ctx);

    assert_sent(&d, "database.openshiftclusters.queue.length", "", "1");
    assert_sent(&d, "database.maintenancemanifests.queue.length", "", "0");
    tear_down(&d);
}

static void does_without_a_daemon(void **state)
{
    (void)state;
    cleanup_backend_rig struct backend_rig r;
    backend_rig_open(&r);
    atomic_store(&r.store->crashed, true);

    metrics_workers(&r.cfg, 1);
    metrics_queues(&r.cfg, &r.ctx);

    assert_true(log_capture_has(&r.capture, "measuring database.openshiftclusters.queue.length"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("counts and times an operation", counts_and_times_an_operation),
        CASE("shows workers for both kinds", shows_workers_for_both_kinds),
        CASE("times the steps of each operation", times_the_steps_of_each_operation),
        CASE("an operation that ended well tells of its steps",
             an_operation_that_ended_well_tells_of_its_steps),
        CASE("times a subscription", times_a_subscription),
        CASE("measures the queues", measures_the_queues),
        CASE("does without a daemon", does_without_a_daemon),
    };
    return RUN_CASES("metrics", tests);
}

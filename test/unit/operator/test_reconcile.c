#include <string.h>

#include "operator/controller.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/operator/event_rig.h"
#include "test/unit/support/operator/operator_fixture.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/test.h"

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_MACHINES, .nspace = "openshift-machine-api" },
};

static int succeed(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)err;
    (void)ret;
    assert_string_equal(json_path_str(rc->cluster, "metadata.name"), "cluster");
    return 0;
}

static int break_down(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)rc;
    (void)ret;
    return error_set(err, ERR_CONN, "it broke");
}

static int progress_then_succeed(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    return reconcile_progress(rc, "half way", err);
}

static int repair_something(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    (void)err;
    reconcile_event(rc, "ThingRepaired", "thing %d was repaired", 7);
    return 0;
}

static struct controller_desc desc_of(int (*reconcile)(struct reconcile *, struct result *,
                                                       struct error **))
{
    return (struct controller_desc){
        .name = "Test",
        .doc = "Test.",
        .roles = ROLE_MASTER,
        .flag = FLAG_BANNER_ENABLED,
        DESC_WATCHES(watches),
        .has_conditions = true,
        .periodic = true,
        .reconcile = reconcile,
    };
}

#define ON "'operatorflags':{'aro.banner.enabled':'true'}"

/* The condition in the last status that was written: "status:message". */
static char *give_condition(struct operator_fixture *f, const char *type)
{
    const char *body =
        strstr(f->kube.transport.requests.v[f->kube.transport.requests.len - 1], "\n\n");
    cleanup_json json *cluster = give_tree(body + 2);
    json *c = condition_find(cluster, type);
    const char *message = json_path_str(c, "message");
    return xasprintf("%s:%s", json_path_str(c, "status"), message ? message : "");
}

static void check_success(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    const struct script_step steps[] = { { .reply = cluster }, { .reply = "{}" } };
    struct controller_desc desc = desc_of(succeed);
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));

    assert_int_equal(operator_fixture_run(&f, &desc, "cluster"), 0);

    cleanup_free char *available = give_condition(&f, "TestControllerAvailable");
    cleanup_free char *degraded = give_condition(&f, "TestControllerDegraded");
    assert_string_equal(available, "True:");
    assert_string_equal(degraded, "False:");
    assert_int_equal(f.result.requeue_after_ms, 3600000);
    operator_fixture_finish(&f);
}

static void check_failure(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    const struct script_step steps[] = { { .reply = cluster }, { .reply = "{}" } };
    struct controller_desc desc = desc_of(break_down);
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));

    assert_int_equal(operator_fixture_run(&f, &desc, "cluster"), -1);

    cleanup_free char *degraded = give_condition(&f, "TestControllerDegraded");
    assert_string_equal(degraded, "True:it broke");
    assert_true(error_is(f.err, ERR_CONN));
    operator_fixture_finish(&f);
}

static void check_event(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    const struct script_step steps[] = { { .reply = cluster }, { .reply = "{}" } };
    struct controller_desc desc = desc_of(repair_something);
    struct operator_fixture f;
    struct event_rig rig;
    event_rig_init(&rig, 1);
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));
    f.sv.events = rig.recorder;

    assert_int_equal(operator_fixture_run(&f, &desc, "cluster"), 0);
    event_rig_flush(&rig);

    assert_true(log_capture_has(&f.kube.capture, "thing 7 was repaired"));
    assert_true(event_rig_has(&rig, 0, "Normal", "ThingRepaired", "thing 7 was repaired"));
    event_rig_release(&rig);
    operator_fixture_finish(&f);
}

static bool is_broken;

static int break_sometimes(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)rc;
    (void)ret;
    return is_broken ? error_set(err, ERR_CONN, "it broke") : 0;
}

struct failure_case {
    const char *name;
    bool is_check;
    size_t events;
};
static struct failure_case failure_cases[] = {
    { "a controller without conditions tells the begin and the end of trouble in Events", false,
      2 },
    { "a check tells by its condition alone", true, 0 },
};

static void check_failure_events(void **state)
{
    static const bool outcomes[] = { false, true, true, true, false, false };
    const struct failure_case *c = *state;
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    struct controller_desc desc = desc_of(break_sometimes);
    desc.has_conditions = false;
    desc.is_check = c->is_check;
    struct operator_fixture f;
    struct event_rig rig;
    struct operator_controller *controller = NULL;
    event_rig_init(&rig, c->events);
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    f.sv.events = rig.recorder;
    assert_int_equal(operator_controller_new(&desc, &f.sv, &controller, NULL), 0);

    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
        struct result result = { 0 };
        is_broken = outcomes[i];
        assert_int_equal(
            operator_controller_step(controller, &f.kube.ctx, "cluster", &result, NULL),
            is_broken ? -1 : 0);
    }
    event_rig_flush(&rig);

    if (c->events) {
        assert_true(event_rig_has(&rig, 0, "Warning", "TestFailed", "it broke"));
        assert_true(event_rig_has(&rig, 1, "Normal", "TestRecovered", "it works again"));
    }
    operator_controller_free(controller);
    event_rig_release(&rig);
    operator_fixture_finish(&f);
}

/* ---- on a thread of its own ---- */

struct running {
    struct operator_controller *controller;
    struct opctx ctx;
    pthread_t thread;
};
static struct gate runs_seen;

static int count_and_fail(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)rc;
    (void)ret;
    gate_count(&runs_seen);
    return error_set(err, ERR_CONN, "nobody there");
}

static void run_controller(void *arg)
{
    struct running *f = arg;
    (void)operator_controller_run(f->controller, &f->ctx, NULL);
}

static void check_retry_now(void **state)
{
    (void)state;
    const struct watch watch = { .gvr = &GVR_MACHINES,
                                 .nspace = "openshift-machine-api",
                                 .optional = true }; /* nobody lists here */
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    struct controller_desc desc = desc_of(count_and_fail);
    desc.has_conditions = false;
    desc.is_check = true;
    desc.watches = &watch;
    desc.watches_len = 1;
    struct operator_fixture f;
    struct running failing = { 0 };
    cleanup_stop struct stop *stop = stop_new(NULL);
    gate_init(&runs_seen);
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    atomic_store(&f.kube.clock.auto_advance, false);
    assert_int_equal(operator_controller_new(&desc, &f.sv, &failing.controller, NULL), 0);
    failing.ctx = opctx_with_stop(&f.kube.ctx, stop);
    assert_int_equal(operator_controller_warm_up(failing.controller, &failing.ctx, NULL), 0);
    operator_fixture_put(&f, &watch,
                         "{\"apiVersion\":\"machine.openshift.io/v1beta1\",\"kind\":\"Machine\","
                         "\"metadata\":{\"name\":\"m\",\"namespace\":\"openshift-machine-api\","
                         "\"uid\":\"u2\",\"resourceVersion\":\"8\"}}");
    assert_int_equal(thread_start(&failing.thread, "failing", run_controller, &failing, NULL), 0);
    int runs = 0;
    do
        gate_await(&runs_seen, ++runs);
    while (fake_clock_step(&f.kube.clock) < 60 * NS_PER_S);
    gate_await(&runs_seen, ++runs);
    fake_clock_await(&f.kube.clock, 1);

    operator_controller_retry_now(failing.controller);

    gate_await(&runs_seen, runs + 1); /* no time has passed */
    stop_request(stop);
    pthread_join(failing.thread, NULL);
    operator_controller_free(failing.controller);
    operator_fixture_finish(&f);
    gate_release(&runs_seen);
}

static int count_and_succeed(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)rc;
    (void)ret;
    (void)err;
    gate_count(&runs_seen);
    return 0;
}

#define ALL_GOOD \
    "{'type':'TestControllerAvailable','status':'True'}," \
    "{'type':'TestControllerProgressing','status':'False'}," \
    "{'type':'TestControllerDegraded','status':'False'}"

struct erased_case {
    const char *name;
    const char *before, *kept, *erased; /* conditions */
    bool is_check;
};
static struct erased_case erased_cases[] = {
    { "a condition of the controller that was erased is a reason to run",
      "{'type':'TestControllerAvailable','status':'True'},{'type':'x'}",
      "{'type':'TestControllerAvailable','status':'False'}", "{'type':'x'}", false },
    { "a check's condition that was erased is a reason to run", "{'type':'Good','status':'True'}",
      "{'type':'Good','status':'True'},{'type':'x'}", "", true },
};

static void put_cluster(struct operator_fixture *f, const struct watch *watch, const char *version,
                        const char *conditions)
{
    cleanup_free char *text = operator_fixture_give_cluster(ON, conditions);
    memcpy(strstr(text, "\"resourceVersion\":\"7\"") + strlen("\"resourceVersion\":\""), version,
           1);
    operator_fixture_put(f, watch, text);
}

static void check_erased(void **state)
{
    const struct erased_case *c = *state;
    struct watch watch = WATCH_CLUSTER;
    watch.optional = true; /* nobody lists here */
    struct controller_desc desc = desc_of(count_and_succeed);
    desc.has_conditions = !c->is_check;
    desc.checks[1] = c->is_check ? "Good" : NULL;
    desc.periodic = false;
    desc.watches = &watch;
    desc.watches_len = 1;
    struct operator_fixture f;
    struct running running = { 0 };
    cleanup_stop struct stop *stop = stop_new(NULL);
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, c->before);
    cleanup_free char *good = operator_fixture_give_cluster(ON, ALL_GOOD);
    const struct script_step steps[] = { { .reply = good } };
    gate_init(&runs_seen);
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, steps, c->is_check ? 0 : 1);
    atomic_store(&f.kube.clock.auto_advance, false);
    assert_int_equal(operator_controller_new(&desc, &f.sv, &running.controller, NULL), 0);
    running.ctx = opctx_with_stop(&f.kube.ctx, stop);
    assert_int_equal(operator_controller_warm_up(running.controller, &running.ctx, NULL), 0);

    put_cluster(&f, &watch, "8", c->kept);
    put_cluster(&f, &watch, "9", c->erased);
    assert_int_equal(thread_start(&running.thread, "running", run_controller, &running, NULL), 0);
    gate_await(&runs_seen, 1);
    fake_clock_await(&f.kube.clock, 1); /* for more */
    stop_request(stop);
    pthread_join(running.thread, NULL);

    operator_controller_free(running.controller);
    operator_fixture_finish(&f);
    gate_release(&runs_seen);
}

static void put_machine(struct operator_fixture *f, const struct watch *watch, const char *name)
{
    cleanup_free char *text = xasprintf(
        "{\"apiVersion\":\"machine.openshift.io/v1beta1\",\"kind\":\"Machine\",\"metadata\":"
        "{\"name\":\"%s\",\"namespace\":\"openshift-machine-api\",\"uid\":\"u-%s\","
        "\"resourceVersion\":\"8\"}}",
        name, name);
    operator_fixture_put(f, watch, text);
}

static char *seen_key;

static int note_key(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    (void)err;
    assert_null(seen_key);
    seen_key = xstrdup(rc->key);
    gate_count(&runs_seen);
    return 0;
}

static void check_suffix(void **state)
{
    (void)state;
    const struct watch watch = { .gvr = &GVR_MACHINES,
                                 .nspace = "openshift-machine-api",
                                 .name_suffix = "-ours",
                                 .wake = WAKE_OBJECT,
                                 .optional = true }; /* nobody lists here */
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    struct controller_desc desc = desc_of(note_key);
    desc.has_conditions = false;
    desc.is_check = true;
    desc.periodic = false;
    desc.watches = &watch;
    desc.watches_len = 1;
    struct operator_fixture f;
    struct running running = { 0 };
    cleanup_stop struct stop *stop = stop_new(NULL);
    gate_init(&runs_seen);
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    atomic_store(&f.kube.clock.auto_advance, false);
    assert_int_equal(operator_controller_new(&desc, &f.sv, &running.controller, NULL), 0);
    running.ctx = opctx_with_stop(&f.kube.ctx, stop);
    assert_int_equal(operator_controller_warm_up(running.controller, &running.ctx, NULL), 0);

    put_machine(&f, &watch, "a-theirs");
    put_machine(&f, &watch, "b-ours");
    put_machine(&f, &watch, "c-ours-2");
    assert_int_equal(thread_start(&running.thread, "running", run_controller, &running, NULL), 0);
    gate_await(&runs_seen, 1);
    fake_clock_await(&f.kube.clock, 1); /* for more */
    stop_request(stop);
    pthread_join(running.thread, NULL);

    assert_string_equal(seen_key, "openshift-machine-api/b-ours");
    free(take(seen_key));
    operator_controller_free(running.controller);
    operator_fixture_finish(&f);
    gate_release(&runs_seen);
}

/* Trouble with the status must not hide what the run itself came to. */
static void check_failure_untold(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    const struct script_step steps[] = { { .status = 403, .reply = "{}" } };
    struct controller_desc desc = desc_of(break_down);
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));

    assert_int_equal(operator_fixture_run(&f, &desc, "cluster"), -1);

    assert_string_equal(error_text(f.err), "it broke");
    operator_fixture_finish(&f);
}

/* Nothing else would bring conditions that were not written. */
static void check_untold(struct controller_desc desc, const char *flags)
{
    cleanup_free char *cluster = operator_fixture_give_cluster(flags, "");
    const struct script_step steps[] = { { .status = 403, .reply = "{}" } };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));

    assert_int_equal(operator_fixture_run(&f, &desc, "cluster"), -1);

    assert_true(error_is(f.err, ERR_FORBIDDEN));
    operator_fixture_finish(&f);
}

static void check_success_untold(void **state)
{
    (void)state;
    check_untold(desc_of(succeed), ON);
}

static void check_off_untold(void **state)
{
    (void)state;
    check_untold(desc_of(break_down), "'x':1");
}

static void check_progress(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    const struct script_step steps[] = {
        { .reply = cluster }, { .reply = "{}" }, { .reply = cluster }, { .reply = "{}" }
    };
    struct controller_desc desc = desc_of(progress_then_succeed);
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));

    assert_int_equal(operator_fixture_run(&f, &desc, "cluster"), 0);

    assert_non_null(strstr(f.kube.transport.requests.v[1], "half way"));
    cleanup_free char *progressing = give_condition(&f, "TestControllerProgressing");
    assert_string_equal(progressing, "False:");
    operator_fixture_finish(&f);
}

static void check_off(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(
        "'x':1", "{'type':'TestControllerDegraded','status':'True','message':'old'}");
    const struct script_step steps[] = { { .reply = cluster }, { .reply = "{}" } };
    struct controller_desc desc = desc_of(break_down); /* must not run */
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));

    assert_int_equal(operator_fixture_run(&f, &desc, "cluster"), 0);

    cleanup_free char *degraded = give_condition(&f, "TestControllerDegraded");
    assert_string_equal(degraded, "False:");
    operator_fixture_finish(&f);
}

static void check_no_cluster(void **state)
{
    (void)state;
    struct controller_desc desc = desc_of(break_down);
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, NULL);

    assert_int_equal(operator_fixture_run(&f, &desc, "cluster"),
                     0); /* its appearance will be an event */

    operator_fixture_finish(&f);
}

static void check_list(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(ON, "");
    struct controller_desc desc = desc_of(succeed);
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_put(&f, &watches[1],
                         "{\"metadata\":{\"namespace\":\"openshift-machine-api\",\"name\":\"m0\","
                         "\"resourceVersion\":\"1\"}}");
    struct reconcile rc = { .self = &desc, .sv = &f.sv, .kube = f.sv.kube, .ctx = &f.kube.ctx };

    cleanup_json json *machines = reconcile_give_list(&rc, &watches[1]);

    assert_int_equal(json_len(machines), 1);
    assert_string_equal(json_path_str(machines, "[0].metadata.name"), "m0");
    operator_fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a good run clears the controller's conditions and comes again in an hour",
             check_success),
        CASE("a failed run is told as Degraded and returned", check_failure),
        CASE("a failure that cannot be told is returned all the same", check_failure_untold),
        CASE("a success that cannot be told is a reason to run again", check_success_untold),
        CASE("so is being switched off", check_off_untold),
        CASE("progress is told, and cleared at the end", check_progress),
        CASE("a repair is told in the log and as an Event", check_event),
        CASE("with the flag off nothing runs and old trouble is cleared", check_off),
        CASE("without a Cluster nothing runs", check_no_cluster),
        CASE("lists come from the cache", check_list),
        CASE("what failed runs at once when told that the trouble is over", check_retry_now),
        CASE("objects of other names are no reason to run", check_suffix),
    };
    struct CMUnitTest failures[ARRAY_LEN(failure_cases)], erased[ARRAY_LEN(erased_cases)];
    for (size_t i = 0; i < ARRAY_LEN(erased_cases); i++)
        erased[i] =
            (struct CMUnitTest)CASE_OF(erased_cases[i].name, check_erased, &erased_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(failure_cases); i++)
        failures[i] = (struct CMUnitTest)CASE_OF(failure_cases[i].name, check_failure_events,
                                                 &failure_cases[i]);
    return RUN_CASES("reconcile_failures", failures) + RUN_CASES("reconcile_erased", erased) +
           RUN_CASES("reconcile", tests);
}

#include <string.h>

#include "hack/devcloud/boot/operators.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

static const struct gvr operators = { "config.openshift.io", "v1", "clusteroperators",
                                      "ClusterOperator", false };
static const struct gvr consoles = { "operator.openshift.io", "v1", "consoles", "Console", false };

#define CONDITIONS \
    "'conditions':[{'type':'Available','status':'True','reason':'AsExpected'},{'type':'" \
    "Progressing'," \
    "'status':'False','reason':'AsExpected'},{'type':'Degraded','status':'False','reason':" \
    "'AsExpected'}]"
#define OPERATOR(name) \
    "{'apiVersion':'config.openshift.io/v1','kind':'ClusterOperator','metadata':{'name':'" name \
    "'},'spec':{},'status':{" CONDITIONS "}}"
#define CONSOLE \
    "{'apiVersion':'operator.openshift.io/" \
    "v1','kind':'Console','metadata':{'name':'cluster'},'spec':" \
    "{},'status':{'observedGeneration':1,'conditions':[{'type':'DeploymentAvailable','status':" \
    "'True'}]}}"
#define RELEASE \
    "{'apiVersion':'config.openshift.io/" \
    "v1','kind':'ClusterVersion','metadata':{'name':'version'}," \
    "'spec':{'clusterID':'7e57c0de-0000-4000-8000-000000000001'},'status':{'history':[{'state':" \
    "'Completed','version':'4.15.9','startedTime':null,'completionTime':null,'image':'i'," \
    "'verified':true}],'desired':{'version':'4.15.9'}," CONDITIONS "}}"

struct rig {
    struct view_rig view;
    json *objects;
};

static void open_rig(struct rig *r)
{
    size_t left;
    view_rig_open(&r->view);
    r->objects = json_make("[" OPERATOR("dns") "," OPERATOR("console") "," CONSOLE "," RELEASE "]");
    assert_int_equal(apply_objects(&r->view.view.api, r->objects, &left, NULL), 0);
}

static void close_rig(struct rig *r)
{
    json_free(r->objects);
    view_rig_close(&r->view);
}

static void tick(struct rig *r)
{
    struct error *err = NULL;
    if (operators_sync(&r->view.view, r->objects, clock_wall_ns(&r->view.clock.base), &err) < 0)
        fail_msg("%s", error_text(err));
}

static void expect(struct rig *r, const char *name, const char *type, const char *status)
{
    cleanup_json json *co = view_rig_give(&r->view, &operators, NULL, name);
    const json *conditions = json_path(co, "status.conditions");
    for (size_t i = 0; i < json_len(conditions); i++)
        if (strcmp(json_path_str(json_at(conditions, i), "type"), type) == 0) {
            assert_string_equal(json_path_str(json_at(conditions, i), "status"), status);
            return;
        }
    fail_msg("%s has no condition %s", name, type);
}

static void the_console_needs_workers(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);

    tick(&r);
    expect(&r, "dns", "Available", "True");
    expect(&r, "console", "Available", "False");
    expect(&r, "console", "Progressing", "True");
    view_rig_expect(&r.view, &consoles, NULL, "cluster",
                    "{'status':{'conditions':[{'type':'DeploymentAvailable','status':'False'}]}}");
    view_rig_expect(&r.view, &GVR_CLUSTERVERSIONS, NULL, "version",
                    "{'status':{'history':[{'state':'Partial'}]}}");
    r.view.view.has_workers = true;
    tick(&r);

    expect(&r, "console", "Available", "True");
    expect(&r, "console", "Progressing", "False");
    view_rig_expect(&r.view, &GVR_CLUSTERVERSIONS, NULL, "version",
                    "{'status':{'history':[{'state':'Completed'}]}}");
    close_rig(&r);
}

static void delays_and_faults(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    cleanup_json json *settings =
        json_make("{'delay_ms':{'operators':100},'conditions':{'dns':{'Degraded':'True'}}}");
    r.view.view.settings = settings;

    tick(&r);
    expect(&r, "dns", "Available", "False");
    r.view.view.age_ms = 100;
    tick(&r);

    expect(&r, "dns", "Available", "True");
    expect(&r, "dns", "Degraded", "True");
    r.view.view.settings = NULL;
    tick(&r);
    expect(&r, "dns", "Degraded", "False");
    close_rig(&r);
}

static void generations_are_observed(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    r.view.view.has_workers = true;
    tick(&r);
    view_rig_patch(&r.view, &consoles, NULL, "cluster",
                   "{'spec':{'customization':{'brand':'azure'}}}");

    tick(&r);

    cleanup_json json *console = view_rig_give(&r.view, &consoles, NULL, "cluster");
    assert_int_equal(json_path_int(console, "metadata.generation", 0), 2);
    assert_int_equal(json_path_int(console, "status.observedGeneration", 0), 2);
    close_rig(&r);
}

static void an_update_that_the_owner_wants_comes(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    r.view.view.has_workers = true;
    tick(&r);
    cleanup_json json *before = view_rig_give(&r.view, &GVR_CLUSTERVERSIONS, NULL, "version");
    view_rig_patch(&r.view, &GVR_CLUSTERVERSIONS, NULL, "version",
                   "{'spec':{'desiredUpdate':{'version':'4.16.1','image':'j'}}}");
    fake_clock_advance_ms(&r.view.clock, 60000);

    tick(&r);
    tick(&r);

    cleanup_json json *after = view_rig_give(&r.view, &GVR_CLUSTERVERSIONS, NULL, "version");
    const json *history = json_path(after, "status.history");
    assert_int_equal(json_len(history), 2);
    assert_string_equal(json_path_str(history, "[0].version"), "4.16.1");
    assert_string_equal(json_path_str(history, "[0].image"), "j");
    assert_string_equal(json_path_str(history, "[0].state"), "Completed");
    assert_true(json_equal(json_at(history, 1), json_path(before, "status.history[0]")));
    assert_string_equal(json_path_str(after, "status.desired.version"), "4.16.1");
    close_rig(&r);
}

static void times_move_with_the_status(void **state)
{
    (void)state;
    json *want = json_make("[{'type':'A','status':'True'},{'type':'B','status':'True'}]");
    cleanup_json json *before = json_make(
        "[{'type':'A','status':'True','lastTransitionTime':'t0'},{'type':'B','status':'False',"
        "'lastTransitionTime':'t0'},{'type':'C','status':'False','lastTransitionTime':'t0'}]");

    cleanup_json json *timed = operators_give_timed(want, before, "t1");

    assert_string_equal(json_path_str(timed, "[0].lastTransitionTime"), "t0");
    assert_string_equal(json_path_str(timed, "[1].lastTransitionTime"), "t1");
    assert_string_equal(json_path_str(timed, "[2].type"), "C");
}

static void a_calm_tick_writes_nothing(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    tick(&r);
    cleanup_json json *before = view_rig_give(&r.view, &operators, NULL, "dns");
    fake_clock_advance_ms(&r.view.clock, 60000);

    tick(&r);

    cleanup_json json *after = view_rig_give(&r.view, &operators, NULL, "dns");
    assert_true(json_equal(before, after));
    close_rig(&r);
}

static void what_somebody_deleted_stays_away(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    assert_int_equal(
        kube_delete_if_present(r.view.kube, &r.view.ctx, KUBE_REF(&operators, NULL, "dns"), NULL),
        0);

    tick(&r);

    assert_null(view_rig_give(&r.view, &operators, NULL, "dns"));
    close_rig(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("console and version wait for workers", the_console_needs_workers),
        CASE("settings delay operators, and break them", delays_and_faults),
        CASE("a changed object is observed", generations_are_observed),
        CASE("an update that the owner wants comes", an_update_that_the_owner_wants_comes),
        CASE("a condition's time moves with its status", times_move_with_the_status),
        CASE("a tick without news writes nothing", a_calm_tick_writes_nothing),
        CASE("what somebody deleted is not made again", what_somebody_deleted_stays_away),
    };
    return RUN_CASES("operators", tests);
}

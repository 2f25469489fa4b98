#include <string.h>

#include "operator/conditions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/operator/event_rig.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define NOW FAKE_WALL_NS
#define NOW_TEXT "2024-02-03T04:05:06Z"
#define OLD_TEXT "2020-01-01T00:00:00Z"

static json *give_cluster(const char *status)
{
    cleanup_free char *text = xasprintf("{metadata: {name: cluster}%s%s}",
                                        status ? ", status: " : "", status ? status : "");
    json *cluster = NULL;
    assert_int_equal(yaml_parse(text, strlen(text), &cluster, NULL), 0);
    return cluster;
}

/* ---- one condition ---- */

struct put_case {
    const char *name, *status;
    struct condition put;
    bool changed;
    const char *time;
};
#define HAVE \
    "{conditions: [{type: A, status: 'True', reason: R, message: M, lastTransitionTime: " \
    "'" OLD_TEXT "'}]}"
static struct put_case put_cases[] = {
    { "adds a condition where there is no status",
      NULL,
      { "A", "True", "R", "M" },
      true,
      NOW_TEXT },
    { "adds a condition to others",
      "{conditions: [{type: B}]}",
      { "A", "True", "R", "M" },
      true,
      NOW_TEXT },
    { "replaces a status of another shape", "[1]", { "A", "True", "R", "M" }, true, NOW_TEXT },
    { "replaces conditions of another shape",
      "{conditions: {a: b}}",
      { "A", "True", "R", "M" },
      true,
      NOW_TEXT },
    { "leaves an equal condition alone", HAVE, { "A", "True", "R", "M" }, false, OLD_TEXT },
    { "keeps the time when only the message changes",
      HAVE,
      { "A", "True", "R", "N" },
      true,
      OLD_TEXT },
    { "keeps the time when only the reason changes",
      HAVE,
      { "A", "True", NULL, "M" },
      true,
      OLD_TEXT },
    { "moves the time with the status", HAVE, { "A", "False", "R", "M" }, true, NOW_TEXT },
    { "takes an empty text for an absent one",
      "{conditions: [{type: A, status: 'True', "
      "lastTransitionTime: '" OLD_TEXT "'}]}",
      { "A", "True", "", NULL },
      false,
      OLD_TEXT },
};

static void check_put(void **state)
{
    const struct put_case *c = *state;
    cleanup_json json *cluster = give_cluster(c->status);

    assert_int_equal(condition_put(cluster, &c->put, NOW), c->changed);

    json *got = condition_find(cluster, "A");
    assert_string_equal(json_path_str(got, "status"), c->put.status);
    assert_string_equal(json_path_str(got, "lastTransitionTime"), c->time);
    bool has_reason = c->put.reason && *c->put.reason;
    assert_true(str_eq(json_path_str(got, "reason"), has_reason ? c->put.reason : NULL));
    assert_false(condition_put(cluster, &c->put, NOW + NS_PER_S)); /* it comes to rest */
}

/* ---- pruning ---- */

struct known_case {
    const char *type;
    bool known;
};
static struct known_case known_cases[] = {
    { "InternetReachableFromMaster", true },  { "InternetReachableFromWorker", true },
    { "ServicePrincipalValid", true },        { "MachineValid", true },
    { "DefaultIngressCertificate", true },    { "DefaultClusterDNS", true },
    { "ManagedUpgradeOperatorStatus", true }, { "GuardRailsStatus", true },
    { "AnyControllerAvailable", true },       { "AnyControllerProgressing", true },
    { "AnyControllerDegraded", true },        { "AnyControllerHappy", false },
    { "internetreachablefrommaster", false }, { "Whatever", false },
};

static void check_known(void **state)
{
    const struct known_case *c = *state;

    assert_int_equal(condition_is_known(c->type), c->known);
}

static void only_known_conditions_survive_pruning(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster("{conditions: [{type: Old}, {type: MachineValid}, 7, "
                                              "{}, {type: XControllerDegraded}, {type: Older}]}");

    assert_true(conditions_prune(cluster));
    assert_false(conditions_prune(cluster));

    cleanup_free char *text = json_give_text(json_path(cluster, "status.conditions"));
    assert_string_equal(text, "[{\"type\":\"MachineValid\"},{\"type\":\"XControllerDegraded\"}]");
}

static void pruning_takes_a_cluster_without_status(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster(NULL);

    assert_false(conditions_prune(cluster));
}

/* ---- writers ---- */

static const struct condition good = { "MachineValid", "True", "CheckDone", "All machines valid" };

static int write_check(struct fake_cluster *f)
{
    return conditions_write_check(&f->sv, &f->ctx, &good, NULL);
}

static json *live(struct fake_cluster *f)
{
    return fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
}

static void start(struct fake_cluster *f)
{
    json *cluster = fake_cluster_give_cluster();
    json_put(cluster, "status",
             json_make("{'conditions':[{'type':'Obsolete','status':'True'}],'redHatKeysPresent':"
                       "['x']}"));
    fake_cluster_put(f, cluster);
}

static void a_check_prunes_and_tells_the_masters_version(void **state)
{
    struct fake_cluster *f = *state;
    start(f);

    assert_int_equal(write_check(f), 0);

    assert_string_equal(fake_cluster_condition(f, "MachineValid"), "True");
    assert_null(fake_cluster_condition(f, "Obsolete"));
    assert_string_equal(json_path_str(live(f), "status.operatorVersion"), "c0ffee");
    assert_int_equal(json_len(json_path(live(f), "status.redHatKeysPresent")), 1);
    assert_string_equal(f->writes.v[0],
                        "PUT /apis/aro.openshift.io/v1alpha1/clusters/cluster/status");
}

static void the_worker_does_not_tell_its_version(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    f->sv.role = ROLE_WORKER;

    assert_int_equal(write_check(f), 0);

    assert_false(json_path_has(live(f), "status.operatorVersion"));
}

static void an_equal_check_is_not_written(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    assert_int_equal(write_check(f), 0);
    fake_cluster_forget_writes(f);
    fake_clock_advance_ms(&f->clock, 3600000);

    assert_int_equal(write_check(f), 0);

    assert_int_equal(f->writes.len, 0);
}

static void conflicts_are_tried_again_on_a_fresh_read(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_fail(f, "PUT ", 409, "Conflict", 4);

    assert_int_equal(write_check(f), 0);

    assert_int_equal(f->reads, 5);
    assert_int_equal(f->writes.len, 5);
}

static void the_fifth_conflict_is_an_error(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_fail(f, "PUT ", 409, "Conflict", 99);

    assert_int_equal(write_check(f), -1);

    assert_int_equal(f->writes.len, 5);
}

static void base_conditions_are_written_without_pruning(void **state)
{
    struct fake_cluster *f = *state;
    start(f);

    assert_int_equal(conditions_write_base(&f->sv, &f->ctx, "X", "busy", "broken", NULL), 0);

    assert_string_equal(fake_cluster_condition(f, "XControllerAvailable"), "True");
    assert_string_equal(fake_cluster_condition(f, "XControllerProgressing"), "True");
    assert_string_equal(fake_cluster_message(f, "XControllerProgressing"), "busy");
    assert_string_equal(fake_cluster_message(f, "XControllerDegraded"), "broken");
    assert_string_equal(fake_cluster_condition(f, "Obsolete"), "True");
    assert_false(json_path_has(live(f), "status.operatorVersion"));
    assert_int_equal(f->writes.len, 1);
}

static void base_conditions_are_cleared(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    assert_int_equal(conditions_write_base(&f->sv, &f->ctx, "X", "busy", "broken", NULL), 0);

    assert_int_equal(conditions_write_base(&f->sv, &f->ctx, "X", NULL, NULL, NULL), 0);

    assert_string_equal(fake_cluster_condition(f, "XControllerDegraded"), "False");
    assert_null(fake_cluster_message(f, "XControllerDegraded"));
    assert_string_equal(fake_cluster_condition(f, "XControllerAvailable"), "True");
}

/* ---- Events ---- */

static void write_as(struct fake_cluster *f, const char *status, const char *message)
{
    const struct condition c = { "MachineValid", status, message ? "R" : NULL, message };
    assert_int_equal(conditions_write_check(&f->sv, &f->ctx, &c, NULL), 0);
}

static void a_check_that_turns_is_an_event(void **state)
{
    struct fake_cluster *f = *state;
    struct event_rig rig;
    event_rig_init(&rig, 4);
    start(f);
    f->sv.events = rig.recorder;

    write_as(f, "True", "fine"); /* a good beginning is no news */
    write_as(f, "False", "bad");
    write_as(f, "False", "worse"); /* nor is another message */
    write_as(f, "True", "fine");
    write_as(f, "Unknown", NULL);
    write_as(f, "Unknown", "no idea"); /* the same status */
    write_as(f, "False", "bad again");
    event_rig_flush(&rig);

    assert_true(event_rig_has(&rig, 0, "Warning", "MachineValid", "MachineValid is False: bad"));
    assert_true(event_rig_has(&rig, 1, "Normal", "MachineValid", "MachineValid is True: fine"));
    assert_true(event_rig_has(&rig, 2, "Normal", "MachineValid",
                              "MachineValid is Unknown: the check is turned off"));
    assert_true(
        event_rig_has(&rig, 3, "Warning", "MachineValid", "MachineValid is False: bad again"));
    event_rig_release(&rig);
}

static void a_bad_beginning_is_an_event(void **state)
{
    struct fake_cluster *f = *state;
    struct event_rig rig;
    event_rig_init(&rig, 1);
    start(f);
    f->sv.events = rig.recorder;

    write_as(f, "Unknown", "Azure is away");
    event_rig_flush(&rig);

    assert_true(event_rig_has(&rig, 0, "Warning", "MachineValid",
                              "MachineValid is Unknown: Azure is away"));
    event_rig_release(&rig);
}

static void a_controller_that_degrades_is_an_event(void **state)
{
    struct fake_cluster *f = *state;
    struct event_rig rig;
    event_rig_init(&rig, 2);
    start(f);
    f->sv.events = rig.recorder;

    assert_int_equal(conditions_write_base(&f->sv, &f->ctx, "X", NULL, NULL, NULL), 0);
    assert_int_equal(conditions_write_base(&f->sv, &f->ctx, "X", NULL, "broken", NULL), 0);
    assert_int_equal(conditions_write_base(&f->sv, &f->ctx, "X", NULL, "still broken", NULL), 0);
    assert_int_equal(conditions_write_base(&f->sv, &f->ctx, "X", NULL, NULL, NULL), 0);
    event_rig_flush(&rig);

    assert_true(event_rig_has(&rig, 0, "Warning", "XControllerDegraded",
                              "XControllerDegraded is True: broken"));
    assert_true(
        event_rig_has(&rig, 1, "Normal", "XControllerDegraded", "XControllerDegraded is False"));
    event_rig_release(&rig);
}

int main(void)
{
    struct CMUnitTest pure[ARRAY_LEN(put_cases) + ARRAY_LEN(known_cases) + 2];
    static char names[ARRAY_LEN(known_cases)][80];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(put_cases); i++)
        pure[n++] = (struct CMUnitTest)CASE_OF(put_cases[i].name, check_put, &put_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(known_cases); i++) {
        snprintf(names[i], sizeof(names[i]), "%s %s", known_cases[i].known ? "knows" : "drops",
                 known_cases[i].type);
        pure[n++] = (struct CMUnitTest)CASE_OF(names[i], check_known, &known_cases[i]);
    }
    pure[n++] =
        (struct CMUnitTest)CASE("prunes what nobody sets", only_known_conditions_survive_pruning);
    pure[n++] = (struct CMUnitTest)CASE("prunes a Cluster without status",
                                        pruning_takes_a_cluster_without_status);
    const struct CMUnitTest writers[] = {
        FAKE_CASE("prunes and tells the version with a check",
                  a_check_prunes_and_tells_the_masters_version),
        FAKE_CASE("does not tell a worker's version", the_worker_does_not_tell_its_version),
        FAKE_CASE("does not write an equal check", an_equal_check_is_not_written),
        FAKE_CASE("reads again after a conflict", conflicts_are_tried_again_on_a_fresh_read),
        FAKE_CASE("gives up at the fifth conflict", the_fifth_conflict_is_an_error),
        FAKE_CASE("writes base conditions without pruning",
                  base_conditions_are_written_without_pruning),
        FAKE_CASE("clears base conditions", base_conditions_are_cleared),
        FAKE_CASE("records a check that turns", a_check_that_turns_is_an_event),
        FAKE_CASE("records a check that begins badly", a_bad_beginning_is_an_event),
        FAKE_CASE("records a controller that degrades", a_controller_that_degrades_is_an_event),
    };
    return RUN_CASES("conditions", pure) + RUN_CASES("conditions_writers", writers);
}

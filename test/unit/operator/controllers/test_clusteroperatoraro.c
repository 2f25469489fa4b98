#include <string.h>

#include "operator/controllers/clusteroperatoraro.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define T1 "'2024-01-01T00:00:00Z'"
#define T2 "'2024-01-02T00:00:00Z'"

/* ---- unions ---- */

struct union_case {
    const char *name, *conditions, *type, *dflt;
    const char *status, *reason, *message, *time; /* NULL: absent */
};
static struct union_case union_cases[] = {
    { "is unknown without any condition", "[]", "Available", "True", "Unknown", "NoData", NULL,
      NULL },
    { "does not count other types", "[{type: AvailableX, status: 'False'}]", "Available", "True",
      "Unknown", "NoData", NULL, NULL },
    { "is well when all are well",
      "[{type: AControllerAvailable, status: 'True', lastTransitionTime: " T1
      "}, {type: BControllerAvailable, status: 'True', lastTransitionTime: " T2 "}]",
      "Available", "True", "True", "AsExpected", "All is well", "2024-01-02T00:00:00Z" },
    { "tells the messages of those that are well",
      "[{type: BControllerAvailable, status: 'True', message: two}, {type: AControllerAvailable, "
      "status: 'True', message: one}]",
      "Available", "True", "True", "AsExpected",
      "AControllerAvailable: one\nBControllerAvailable: two", NULL },
    { "is the opposite when one is",
      "[{type: AControllerProgressing, status: 'True', reason: Working, message: 'Draining node "
      "X', lastTransitionTime: " T1 "}, {type: BControllerProgressing, status: 'False', message: "
      "ignored, lastTransitionTime: " T2 "}]",
      "Progressing", "False", "True", "AController_Working",
      "AControllerProgressing: Draining node X", "2024-01-01T00:00:00Z" },
    { "is unknown when one is and none is the opposite",
      "[{type: AControllerAvailable, status: Unknown}, {type: BControllerAvailable, status: "
      "'True'}]",
      "Available", "True", "Unknown", "AController", "All is well", NULL },
    { "prefers the opposite to unknown, joins reasons in order",
      "[{type: BControllerAvailable, status: Unknown, reason: Two}, {type: AControllerAvailable, "
      "status: 'False', reason: One}]",
      "Available", "True", "False", "AController_One::BController_Two", "All is well", NULL },
    { "splits messages into distinct lines",
      "[{type: AControllerAvailable, status: 'False', message: \"x\\ny\\n\\nx\"}]", "Available",
      "True", "False", "AController", "AControllerAvailable: x\nAControllerAvailable: y", NULL },
};

static json *give_cluster_with(const char *conditions)
{
    cleanup_free char *text = xasprintf("{status: {conditions: %s}}", conditions);
    json *cluster = NULL;
    struct error *err = NULL;
    if (yaml_parse(text, strlen(text), &cluster, &err) < 0)
        fail_msg("%s", error_text(err));
    return cluster;
}

static void same_text(const json *c, const char *key, const char *want)
{
    const char *have = json_path_str(c, key);
    if (!str_eq(have, want))
        fail_msg("%s is '%s', not '%s'", key, have ? have : "absent", want ? want : "absent");
}

static void check_union(void **state)
{
    const struct union_case *c = *state;
    cleanup_json json *cluster = give_cluster_with(c->conditions);

    cleanup_json json *got = clusteroperatoraro_give_union(cluster, c->type, c->dflt);

    same_text(got, "type", c->type);
    same_text(got, "status", c->status);
    same_text(got, "reason", c->reason);
    same_text(got, "message", c->message);
    same_text(got, "lastTransitionTime", c->time);
}

/* ---- the object ---- */

static json *operator_of(struct fake_cluster *f)
{
    return fake_cluster_get(f, &GVR_CLUSTEROPERATORS, NULL, "aro");
}

static json *condition_of(struct fake_cluster *f, const char *type)
{
    return condition_find(operator_of(f), type);
}

static void set_conditions(struct fake_cluster *f, const char *conditions)
{
    cleanup_json json *with = give_cluster_with(conditions);
    json *cluster = fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster");
    json_put(cluster, "status", json_give_copy(json_get(with, "status")));
}

static void start(struct fake_cluster *f)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    set_conditions(f, "[{type: AControllerAvailable, status: 'True'}, {type: "
                      "AControllerProgressing, status: 'False'}, {type: AControllerDegraded, "
                      "status: 'True'}]");
}

static void the_object_is_made_and_owned(void **state)
{
    struct fake_cluster *f = *state;
    start(f);

    fake_cluster_must(f, &clusteroperatoraro_controller);

    assert_string_equal(json_path_str(operator_of(f), "metadata.ownerReferences[0].uid"),
                        "uid-cluster");
    assert_string_equal(json_path_str(condition_of(f, "Available"), "status"), "True");
    assert_string_equal(json_path_str(condition_of(f, "Progressing"), "status"), "False");
    assert_string_equal(json_path_str(operator_of(f), "status.versions[0].version"), "c0ffee");
}

static void it_is_never_degraded(void **state)
{
    struct fake_cluster *f = *state;
    start(f); /* a controller is */

    fake_cluster_must(f, &clusteroperatoraro_controller);

    assert_string_equal(json_path_str(condition_of(f, "Degraded"), "status"), "False");
    assert_string_equal(json_path_str(condition_of(f, "Degraded"), "reason"), "AsExpected");
}

static void a_second_run_writes_nothing(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &clusteroperatoraro_controller);
    fake_cluster_forget_writes(f);
    fake_clock_advance_ms(&f->clock, 60000);

    fake_cluster_must(f, &clusteroperatoraro_controller);

    fake_cluster_must_not_write(f);
}

static void times_move_with_the_status_only(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &clusteroperatoraro_controller);
    cleanup_free char *before =
        xstrdup(json_path_str(condition_of(f, "Progressing"), "lastTransitionTime"));
    fake_clock_advance_ms(&f->clock, 60000);
    set_conditions(f, "[{type: AControllerProgressing, status: 'False', message: new}, {type: "
                      "AControllerAvailable, status: 'False'}]");

    fake_cluster_must(f, &clusteroperatoraro_controller);

    assert_string_equal(json_path_str(condition_of(f, "Progressing"), "message"),
                        "AControllerProgressing: new");
    assert_string_equal(json_path_str(condition_of(f, "Progressing"), "lastTransitionTime"),
                        before);
    assert_string_equal(json_path_str(condition_of(f, "Available"), "status"), "False");
    assert_string_not_equal(json_path_str(condition_of(f, "Available"), "lastTransitionTime"),
                            before);
}

static void the_owner_follows_a_cluster_made_anew(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &clusteroperatoraro_controller);
    json_path_put(fake_cluster_get(f, &GVR_CLUSTERS, NULL, "cluster"), "metadata.uid",
                  json_new_str("uid-again"), NULL);

    fake_cluster_must(f, &clusteroperatoraro_controller);

    assert_int_equal(json_len(json_path(operator_of(f), "metadata.ownerReferences")), 1);
    assert_string_equal(json_path_str(operator_of(f), "metadata.ownerReferences[0].uid"),
                        "uid-again");
}

static void a_deleted_object_comes_back(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &clusteroperatoraro_controller);
    fake_cluster_del(f, &GVR_CLUSTEROPERATORS, NULL, "aro");

    fake_cluster_must(f, &clusteroperatoraro_controller);

    assert_string_equal(json_path_str(condition_of(f, "Available"), "status"), "True");
}

static void conditions_of_others_are_kept(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &clusteroperatoraro_controller);
    json_append(json_path(operator_of(f), "status.conditions"),
                json_make("{'type':'Upgradeable','status':'True'}"));
    set_conditions(f, "[{type: AControllerAvailable, status: 'False'}]");

    fake_cluster_must(f, &clusteroperatoraro_controller);

    assert_string_equal(json_path_str(condition_of(f, "Upgradeable"), "status"), "True");
    assert_int_equal(json_len(json_path(operator_of(f), "status.conditions")), 4);
}

static void a_conflict_is_tried_again(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    fake_cluster_must(f, &clusteroperatoraro_controller);
    set_conditions(f, "[{type: AControllerAvailable, status: 'False'}]");
    fake_cluster_fail(f, "PUT ", 409, "Conflict", 3);

    fake_cluster_must(f, &clusteroperatoraro_controller);

    assert_string_equal(json_path_str(condition_of(f, "Available"), "status"), "False");
}

int main(void)
{
    struct CMUnitTest unions[ARRAY_LEN(union_cases)];
    for (size_t i = 0; i < ARRAY_LEN(union_cases); i++)
        unions[i] = (struct CMUnitTest)CASE_OF(union_cases[i].name, check_union, &union_cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("makes and owns its object", the_object_is_made_and_owned),
        FAKE_CASE("is never degraded", it_is_never_degraded),
        FAKE_CASE("writes nothing the second time", a_second_run_writes_nothing),
        FAKE_CASE("moves times with the status only", times_move_with_the_status_only),
        FAKE_CASE("follows a Cluster made anew", the_owner_follows_a_cluster_made_anew),
        FAKE_CASE("makes a deleted object again", a_deleted_object_comes_back),
        FAKE_CASE("keeps conditions of others", conditions_of_others_are_kept),
        FAKE_CASE("reads again after a conflict", a_conflict_is_tried_again),
    };
    return RUN_CASES("clusteroperator_union", unions) + RUN_CASES("clusteroperatoraro", tests);
}

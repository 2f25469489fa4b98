#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/rollout.h"
#include "rp/syncsets/store/rollout.h"
#include "rp/syncsets/types/conditions.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

/* ---- decisions ---- */

struct decision {
    const char *name;
    struct rollout_state state;
    bool pauses;
    int64_t room;
};
static struct decision decisions[] = {
    { "nobody waits", { .percent = -1, .max = 2 }, false, 0 },
    { "all may come at once", { .percent = -1, .waiting = 7 }, false, 7 },
    { "but not thousands", { .percent = -1, .waiting = 7000 }, false, ROLLOUT_BATCH },
    { "some are in flight", { .percent = -1, .max = 5, .waiting = 7, .in_flight = 3 }, false, 2 },
    { "more are in flight than are allowed since",
      { .percent = -1, .max = 2, .waiting = 7, .in_flight = 3 },
      false,
      0 },
    { "it is paused", { .percent = 10, .waiting = 7, .is_paused = true }, false, 0 },
    { "nothing fails", { .percent = 0, .waiting = 1, .reached = 9 }, false, 1 },
    { "anything is too much", { .percent = 0, .waiting = 1, .reached = 9, .failed = 1 }, true, 0 },
    { "as many fail as may",
      { .percent = 20, .waiting = 1, .reached = 10, .failed = 2 },
      false,
      1 },
    { "one more fails", { .percent = 20, .waiting = 1, .reached = 10, .failed = 3 }, true, 0 },
    { "those are forgiven",
      { .percent = 20, .waiting = 1, .reached = 10, .failed = 9, .forgiven = 9 },
      false,
      1 },
    { "more were forgiven than still fail",
      { .percent = 0, .waiting = 1, .reached = 10, .failed = 1, .forgiven = 9 },
      false,
      1 },
    { "nothing pauses it", { .percent = -1, .waiting = 1, .reached = 1, .failed = 1 }, false, 1 },
    { "there is nobody to keep back",
      { .percent = 0, .waiting = 0, .reached = 1, .failed = 1 },
      false,
      0 },
};

static void check_decision(void **state)
{
    const struct decision *d = *state;
    assert_int_equal(rollout_must_pause(&d->state), d->pauses);
    assert_int_equal(rollout_room(&d->state), d->room);
}

/* ---- a fleet ---- */

#define FLEET_MAX 6
struct fleet {
    struct crew_rig c;
    char *uids[FLEET_MAX];
    size_t len;
};

/* The first `canaries` have ring=0, the others ring=1. */
static void fleet_init(struct fleet *f, size_t len, size_t canaries)
{
    *f = (struct fleet){ .len = len };
    crew_rig_init(&f->c);
    for (size_t i = 0; i < len; i++) {
        cleanup_free char *body =
            xasprintf("{'metadata':{'name':'c%zu','namespace':'n','labels':{'env':'prod','ring':"
                      "'%d'},'annotations':{'hive.openshift.io/fake-cluster':'true'}},'spec':{}}",
                      i, i < canaries ? 0 : 1);
        cleanup_json json *made = sets_rig_create(&f->c.r, TYPE_CLUSTERS, body);
        f->uids[i] = xstrdup(json_path_str(made, "metadata.uid"));
    }
}

static void fleet_release(struct fleet *f)
{
    for (size_t i = 0; i < f->len; i++)
        free(f->uids[i]);
    crew_rig_release(&f->c);
}

#define CANARIES "'canarySelector':{'matchLabels':{'ring':'0'}}"
#define SET_BODY \
    "{'metadata':{'name':'s'},'spec':{'clusterDeploymentSelector':{'matchLabels':{'env':'prod'}}," \
    "'resourceApplyMode':'Sync','enableResourceTemplates':true,'rollout':{%s},'resources':[{" \
    "'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'%s','namespace':'default'}}]}}"
#define FAILS "{{ fromCDLabel `absent` }}"

static void put_set(struct fleet *f, const char *rollout, const char *object)
{
    cleanup_free char *body = xasprintf(SET_BODY, rollout, object);
    cleanup_json json *decoded = NULL;
    assert_int_equal(api_decode(&api_types[TYPE_SELECTORSYNCSETS], NULL, "s", sets_rig_parse(body),
                                &decoded, NULL),
                     0);
    const struct sets_write w = { .type = &api_types[TYPE_SELECTORSYNCSETS],
                                  .nspace = "",
                                  .name = "s",
                                  .object = decoded,
                                  .upsert = true,
                                  .actor = "test" };
    assert_int_equal(sets_replace(&f->c.r.ctx, f->c.r.store, &w, NULL, NULL, NULL), 0);
}

static void step(struct fleet *f)
{
    cleanup_error struct error *err = NULL;
    if (rollout_step(&f->c.r.ctx, f->c.r.store, &err) < 0)
        fail_msg("%s", error_text(err));
}

/* Everybody who is due. */
static void work(struct fleet *f)
{
    for (size_t i = 0; i < f->len; i++)
        crew_rig_work(&f->c, f->uids[i]);
}

static int64_t count(struct fleet *f, const char *condition)
{
    cleanup_free char *text = xasprintf("SELECT count(*) FROM %s", condition);
    return work_rig_number(&f->c.r, text);
}
#define WAITING "rollout_clusters WHERE admitted = 0"
#define ADMITTED "rollout_clusters WHERE admitted = 1"
#define HAVE(generation) \
    "sync_statuses WHERE result = 'Success' AND observed_generation = " generation
#define HAVE_FAILED(generation) \
    "sync_statuses WHERE result = 'Failure' AND observed_generation = " generation

static bool tells_paused(struct fleet *f, const char *word)
{
    cleanup_json json *set = NULL;
    assert_int_equal(
        sets_get(&f->c.r.ctx, f->c.r.store, &api_types[TYPE_SELECTORSYNCSETS], "", "s", &set, NULL),
        0);
    return api_condition_is(json_get(set, "status"), CONDITION_ROLLOUT_PAUSED, word);
}

static void resume(struct fleet *f)
{
    assert_int_equal(sets_rollout_resume(&f->c.r.ctx, f->c.r.store,
                                         &api_types[TYPE_SELECTORSYNCSETS], "", "s", "test", NULL),
                     0);
}

/* ---- cases ---- */

static void canaries_come_first(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 5, 2);
    put_set(&f, CANARIES, "one");
    work(&f);
    assert_int_equal(count(&f, WAITING), 5);
    assert_int_equal(count(&f, "sync_statuses"), 0);

    step(&f);
    assert_int_equal(count(&f, ADMITTED), 2);
    crew_rig_work(&f.c, f.uids[0]);
    step(&f);
    assert_int_equal(count(&f, ADMITTED), 1); /* the other canary, and nobody else */
    crew_rig_work(&f.c, f.uids[1]);
    assert_int_equal(count(&f, HAVE("1")), 2);

    step(&f);
    assert_int_equal(count(&f, ADMITTED), 3);
    work(&f);
    assert_int_equal(count(&f, HAVE("1")), 5);
    assert_int_equal(count(&f, "rollout_clusters"), 0);
    fleet_release(&f);
}

static void a_canary_that_fails_keeps_the_others_back(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 3, 1);
    put_set(&f, CANARIES, FAILS);
    work(&f);
    step(&f);
    work(&f);
    assert_int_equal(count(&f, HAVE_FAILED("1")), 1);
    step(&f);
    assert_int_equal(count(&f, ADMITTED), 0);
    resume(&f);
    step(&f);
    assert_int_equal(count(&f, ADMITTED), 2);
    fleet_release(&f);
}

static void a_canary_that_nobody_reaches_keeps_the_others_back(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 2, 0);
    put_set(&f, CANARIES, "one");
    free(work_rig_cluster(&f.c.r, "n", "silent", "{'env':'prod','ring':'0'}"));
    work(&f);
    step(&f);
    assert_int_equal(count(&f, WAITING), 2);
    assert_int_equal(count(&f, ADMITTED), 0);
    crew_rig_drop(&f.c, TYPE_CLUSTERS, "n", "silent");
    step(&f);
    assert_int_equal(count(&f, ADMITTED), 2);
    fleet_release(&f);
}

static void no_more_are_in_flight_than_are_allowed(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 6, 0);
    put_set(&f, "'maxConcurrentClusters':2", "one");
    work(&f);
    for (int64_t done = 0; done < 6; done += 2) {
        for (int i = 0; i < 3; i++)
            step(&f);
        assert_int_equal(count(&f, ADMITTED), 2);
        work(&f);
        assert_int_equal(count(&f, HAVE("1")), done + 2);
    }
    fleet_release(&f);
}

static void too_many_failures_pause_it_until_somebody_says_to_go_on(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 5, 0);
    put_set(&f, "'maxConcurrentClusters':1,'pauseOnFailedPercent':50", FAILS);
    work(&f);
    step(&f);
    work(&f);
    step(&f);
    assert_true(tells_paused(&f, "True"));
    step(&f);
    work(&f);
    assert_int_equal(count(&f, HAVE_FAILED("1")), 1);
    assert_int_equal(count(&f, WAITING), 4);

    /* Whoever has it is not kept from trying again. */
    sets_rig_script(&f.c.r, "UPDATE cluster_work SET due_at = 0;"
                            "UPDATE sync_statuses SET retry_at = 0");
    work(&f);
    assert_int_equal(count(&f, "sync_statuses WHERE attempts > 1"), 1);

    resume(&f);
    assert_true(tells_paused(&f, "False"));
    step(&f);
    work(&f);
    step(&f); /* one of two */
    work(&f);
    assert_int_equal(count(&f, HAVE_FAILED("1")), 3);
    step(&f); /* two of three */
    assert_true(tells_paused(&f, "True"));
    assert_int_equal(count(&f, ADMITTED), 0);
    fleet_release(&f);
}

static void what_was_forgiven_and_has_healed_forgives_nobody_else(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 5, 0);
    put_set(&f, "'maxConcurrentClusters':1,'pauseOnFailedPercent':50", FAILS);
    work(&f);
    step(&f);
    work(&f);
    step(&f);
    assert_true(tells_paused(&f, "True"));
    resume(&f);
    sets_rig_script(&f.c.r, "UPDATE sync_statuses SET result = 'Success'");
    step(&f);
    for (int i = 0; i < 2; i++) {
        step(&f);
        work(&f);
    }
    step(&f); /* two of three */
    assert_int_equal(count(&f, HAVE_FAILED("1")), 2);
    assert_true(tells_paused(&f, "True"));
    assert_int_equal(count(&f, WAITING), 2);
    fleet_release(&f);
}

static void another_generation_is_another_rollout(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 4, 1);
    put_set(&f, CANARIES, "one");
    work(&f);
    step(&f);
    work(&f);
    step(&f);
    crew_rig_work(&f.c, f.uids[0]);
    crew_rig_work(&f.c, f.uids[1]);
    assert_int_equal(count(&f, HAVE("1")), 2);

    put_set(&f, CANARIES ",'pauseOnFailedPercent':0", FAILS);
    work(&f);
    assert_int_equal(count(&f, HAVE("1")), 2);
    assert_int_equal(count(&f, WAITING " AND generation = 2"), 4);
    step(&f);
    assert_int_equal(count(&f, ADMITTED), 1);
    work(&f);
    step(&f);
    assert_true(tells_paused(&f, "True"));
    assert_int_equal(count(&f, HAVE("1")), 1);
    assert_int_equal(count(&f, "tracked_resources WHERE name = 'one'"),
                     2); /* nothing was deleted */

    put_set(&f, CANARIES, "three");
    work(&f);
    step(&f);
    assert_true(tells_paused(&f, "False"));
    for (int i = 0; i < 2; i++) {
        step(&f);
        work(&f);
    }
    assert_int_equal(count(&f, HAVE("3")), 4);
    assert_int_equal(count(&f, "tracked_resources WHERE name = 'three'"), 4);
    assert_int_equal(count(&f, "tracked_resources"), 4);
    fleet_release(&f);
}

static void who_cannot_be_worked_on_gives_its_place_up(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 2, 0);
    put_set(&f, "'maxConcurrentClusters':1", "one");
    work(&f);
    step(&f);
    sets_rig_script(&f.c.r, "UPDATE cluster_work SET quarantined = 9999999999 WHERE cluster_uid IN "
                            "(SELECT cluster_uid FROM rollout_clusters WHERE admitted = 1)");
    step(&f);
    assert_int_equal(count(&f, ADMITTED), 2);

    sets_rig_script(&f.c.r, "UPDATE cluster_work SET quarantined = NULL");
    for (size_t i = 0; i < f.len; i++) {
        cleanup_free char *name = xasprintf("c%zu", i);
        cleanup_json json *object = sets_rig_parse(
            "{'metadata':{'labels':{'env':'prod'},'annotations':{'hive.openshift.io/fake-cluster':"
            "'true','hive.openshift.io/syncset-pause':'true'}},'spec':{}}");
        const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                      .nspace = "n",
                                      .name = name,
                                      .object = object,
                                      .actor = "test" };
        assert_int_equal(sets_replace(&f.c.r.ctx, f.c.r.store, &w, NULL, NULL, NULL), 0);
    }
    work(&f);
    assert_int_equal(count(&f, "rollout_clusters"), 0);
    fleet_release(&f);
}

static void of_a_set_that_is_gone_nothing_stays(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 2, 0);
    put_set(&f, "'maxConcurrentClusters':1", "one");
    work(&f);
    step(&f);
    assert_int_equal(count(&f, "rollouts"), 1);
    crew_rig_drop(&f.c, TYPE_SELECTORSYNCSETS, "", "s");
    assert_int_equal(count(&f, "rollouts"), 0);
    assert_int_equal(count(&f, "rollout_clusters"), 0);
    sets_rig_script(&f.c.r, "INSERT INTO rollout_clusters VALUES ('no set', 'no cluster', 1, 0)");
    step(&f);
    assert_int_equal(count(&f, "rollout_clusters"), 0);
    fleet_release(&f);
}

static void canaries_of_a_namespace_are_those_that_the_set_is_for(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 3, 1);
    free(work_rig_cluster(&f.c.r, "other", "silent", "{'env':'prod','ring':'0'}"));
    free(work_rig_cluster(&f.c.r, "n", "silent", "{'ring':'0'}"));
    json_free(sets_rig_create(
        &f.c.r, TYPE_SYNCSETS,
        "{'metadata':{'name':'t','namespace':'n'},'spec':{'clusterDeploymentRefs':[{'name':'c0'},{"
        "'name':'c1'}],'rollout':{" CANARIES "}}}"));
    work(&f);
    step(&f);
    assert_int_equal(count(&f, ADMITTED), 1);
    work(&f);
    step(&f);
    work(&f);
    assert_int_equal(count(&f, HAVE("1")), 2);
    fleet_release(&f);
}

#define SET_LABELS "{kind=\"SelectorSyncSet\",namespace=\"\",name=\"s\""
static bool says(struct fleet *f, const char *line)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    assert_int_equal(gauges_measure(&f->c.r.ctx, f->c.r.store, f->c.metrics, NULL), 0);
    metrics_write(f->c.metrics, &out);
    return strstr(buf_str(&out), line) != NULL;
}
#define CLUSTERS_LINE(state, n) \
    "syncsets_rollout_clusters" SET_LABELS ",state=\"" state "\"} " n "\n"
#define PAUSED_LINE "syncsets_rollout_paused" SET_LABELS "} 1\n"

static void gauges_tell_how_it_stands(void **state)
{
    (void)state;
    struct fleet f;
    fleet_init(&f, 5, 1);
    put_set(&f, CANARIES ",'maxConcurrentClusters':2", "one");
    work(&f);
    assert_true(says(&f, CLUSTERS_LINE("waiting", "5")));
    step(&f);
    work(&f);
    step(&f);
    assert_true(says(&f, CLUSTERS_LINE("succeeded", "1")));
    assert_true(says(&f, CLUSTERS_LINE("in_flight", "2")));
    assert_true(says(&f, CLUSTERS_LINE("waiting", "2")));
    assert_false(says(&f, "state=\"failed\""));
    work(&f);
    step(&f);
    work(&f);
    assert_false(says(&f, "syncsets_rollout_clusters{"));

    put_set(&f, "'maxConcurrentClusters':1,'pauseOnFailedPercent':0", FAILS);
    work(&f);
    step(&f);
    work(&f);
    assert_false(says(&f, "syncsets_rollout_paused{"));
    step(&f);
    assert_true(says(&f, PAUSED_LINE));
    assert_true(says(&f, CLUSTERS_LINE("failed", "1")));
    assert_false(says(&f, "state=\"succeeded\"")); /* that was another generation */
    put_set(&f, "'maxConcurrentClusters':1,'pauseOnFailedPercent':0", "three");
    assert_false(says(&f, "syncsets_rollout_paused{"));
    gauges_forget(f.c.metrics);
    fleet_release(&f);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE("canaries come first", canaries_come_first),
        CASE("a canary that fails keeps the others back",
             a_canary_that_fails_keeps_the_others_back),
        CASE("a canary that nobody reaches keeps the others back",
             a_canary_that_nobody_reaches_keeps_the_others_back),
        CASE("no more are in flight than are allowed", no_more_are_in_flight_than_are_allowed),
        CASE("too many failures pause it until somebody says to go on",
             too_many_failures_pause_it_until_somebody_says_to_go_on),
        CASE("what was forgiven and has healed forgives nobody else",
             what_was_forgiven_and_has_healed_forgives_nobody_else),
        CASE("another generation is another roll-out", another_generation_is_another_rollout),
        CASE("who cannot be worked on gives its place up",
             who_cannot_be_worked_on_gives_its_place_up),
        CASE("of a set that is gone nothing stays", of_a_set_that_is_gone_nothing_stays),
        CASE("canaries of a namespace are those that the set is for",
             canaries_of_a_namespace_are_those_that_the_set_is_for),
        CASE("gauges tell how it stands", gauges_tell_how_it_stands),
    };
    struct CMUnitTest tests[ARRAY_LEN(decisions) + ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(decisions); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(decisions[i].name, check_decision, &decisions[i]);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[ARRAY_LEN(decisions) + i] = cases[i];
    return RUN_CASES("rollout", tests);
}

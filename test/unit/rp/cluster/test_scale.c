#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/scale.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define WANT(n) "{'workerProfiles':[{'name':'worker','count':" n "}]}"
#define SET(name, spec, status) \
    "{'apiVersion':'machine.openshift.io/v1beta1','kind':'MachineSet','metadata':{'name':'" name \
    "','namespace':'openshift-machine-api'},'spec':{" spec "},'status':{" status "}}"
#define REPLICAS(n) "'replicas':" n

/* As after an installation with another number. */
static void open_recorded(struct inside_rig *r, const char *properties)
{
    inside_rig_open(r, properties);
    json_put(r->c->doc, "scaledWorkers", json_new_int(99));
}

static int64_t replicas(struct inside_rig *r, const char *name)
{
    const json *set = fake_cluster_get(&r->inside, &GVR_MACHINESETS, "openshift-machine-api", name);
    return json_path_int(set, "spec.replicas", 1);
}

static void workers_are_spread_evenly(void **state)
{
    (void)state;
    static const struct {
        const char *properties, *a, *b, *c;
        int64_t want_a, want_b, want_c;
        size_t writes;
    } cases[] = {
        { WANT("6"), REPLICAS("1"), REPLICAS("1"), REPLICAS("1"), 2, 2, 2, 3 },
        { WANT("4"), REPLICAS("1"), REPLICAS("1"), REPLICAS("1"), 2, 1, 1, 1 },
        { WANT("3"), REPLICAS("5"), REPLICAS("1"), REPLICAS("0"), 2, 1, 0, 1 },
        { WANT("2"), REPLICAS("1"), REPLICAS("1"), REPLICAS("1"), 0, 1, 1, 1 },
        { WANT("5"), REPLICAS("3"), REPLICAS("0"), REPLICAS("0"), 3, 1, 1, 2 },
        { WANT("3"), REPLICAS("1"), REPLICAS("1"), REPLICAS("1"), 1, 1, 1, 0 },
        { WANT("3"), "", "", "", 1, 1, 1, 0 },
        { "{}", REPLICAS("7"), REPLICAS("1"), REPLICAS("1"), 7, 1, 1, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        cleanup_free char *a = xasprintf(SET("a", "%s", ""), cases[i].a);
        cleanup_free char *b = xasprintf(SET("b", "%s", ""), cases[i].b);
        cleanup_free char *c = xasprintf(SET("c", "%s", ""), cases[i].c);
        open_recorded(&r, cases[i].properties);
        fake_cluster_add(&r.inside, c);
        fake_cluster_add(&r.inside, a);
        fake_cluster_add(&r.inside, b);

        inside_rig_must(&r, cluster_scale_workers);

        assert_int_equal(replicas(&r, "a"), cases[i].want_a);
        assert_int_equal(replicas(&r, "b"), cases[i].want_b);
        assert_int_equal(replicas(&r, "c"), cases[i].want_c);
        assert_int_equal(fake_cluster_writes(&r.inside, ""), cases[i].writes);
    }
}

static void whoever_is_cut_off_goes_on_to_the_same_sum(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    open_recorded(&r, WANT("6"));
    fake_cluster_add(&r.inside, SET("a", REPLICAS("1"), ""));
    fake_cluster_add(&r.inside, SET("b", REPLICAS("1"), ""));
    fake_cluster_fail(&r.inside,
                      "PUT /apis/machine.openshift.io/v1beta1/namespaces/"
                      "openshift-machine-api/machinesets/b",
                      403, "Forbidden", 1);

    assert_int_equal(cluster_scale_workers(r.c, r.ctx, &err), -1);
    assert_non_null(strstr(error_text(err), "MachineSet b"));
    inside_rig_must(&r, cluster_scale_workers);

    assert_int_equal(replicas(&r, "a"), 3);
    assert_int_equal(replicas(&r, "b"), 3);
}

static void machines_that_are_missing_otherwise_are_not_waited_for(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, WANT("2"));
    fake_cluster_add(&r.inside, SET("a", REPLICAS("2"), "'observedGeneration':1"));
    inside_rig_must(&r, cluster_record_workers);

    assert_true(inside_rig_look(&r, cluster_workers_are_scaled));
}

static void sets_that_the_customer_changed_stay_until_the_document_asks(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, WANT("3"));
    fake_cluster_add(&r.inside, SET("a", REPLICAS("8"), ""));

    inside_rig_must(&r, cluster_scale_workers);
    assert_int_equal(replicas(&r, "a"), 8);
    inside_rig_must(&r, cluster_record_workers);
    inside_rig_must(&r, cluster_scale_workers);
    assert_int_equal(replicas(&r, "a"), 8);
    assert_int_equal(
        json_path_put(r.c->doc, PROPERTIES "workerProfiles[0].count", json_new_int(4), NULL), 0);
    inside_rig_must(&r, cluster_scale_workers);

    assert_int_equal(replicas(&r, "a"), 4);
    assert_false(inside_rig_look(&r, cluster_workers_are_scaled));
}

static void ask_for(struct inside_rig *r, int64_t count)
{
    assert_int_equal(
        json_path_put(r->c->doc, PROPERTIES "workerProfiles[0].count", json_new_int(count), NULL),
        0);
}

static void after_a_scaling_that_failed_the_old_number_is_asked_for(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, WANT("3"));
    fake_cluster_add(&r.inside, SET("a", REPLICAS("3"), ""));
    inside_rig_must(&r, cluster_record_workers);
    ask_for(&r, 5);
    inside_rig_must(&r, cluster_scale_workers);
    assert_int_equal(replicas(&r, "a"), 5); /* and there it ended: no look at the machines */

    ask_for(&r, 3);
    inside_rig_must(&r, cluster_scale_workers);

    assert_int_equal(replicas(&r, "a"), 3);
    assert_false(inside_rig_look(&r, cluster_workers_are_scaled));
    inside_rig_must(&r, cluster_record_workers);
    fake_cluster_add(&r.inside, SET("b", REPLICAS("4"), "")); /* the customer's, from now on */
    inside_rig_must(&r, cluster_scale_workers);
    assert_int_equal(replicas(&r, "b"), 4);
}

static void a_cluster_without_sets_cannot_be_scaled(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    open_recorded(&r, WANT("3"));
    assert_int_equal(cluster_scale_workers(r.c, r.ctx, NULL), -1);
}

static void the_machines_are_waited_for(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        bool want;
    } cases[] = {
        { SET("a", REPLICAS("2"), "'observedGeneration':1,'replicas':2,'availableReplicas':2"),
          true },
        { SET("a", REPLICAS("2"), "'observedGeneration':1,'replicas':2,'availableReplicas':1"),
          false },
        { SET("a", REPLICAS("2"), "'observedGeneration':1,'replicas':3,'availableReplicas':2"),
          false },
        { SET("a", REPLICAS("2"), "'observedGeneration':0,'replicas':2,'availableReplicas':2"),
          false },
        { SET("a", REPLICAS("0"), "'observedGeneration':1"), true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        open_recorded(&r, WANT("2"));
        fake_cluster_add(&r.inside, cases[i].set);
        assert_int_equal(inside_rig_look(&r, cluster_workers_are_scaled), cases[i].want);
        assert_int_equal(json_path_int(r.c->doc, "scaledWorkers", 0), cases[i].want ? 2 : 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("workers are spread evenly over the sets", workers_are_spread_evenly),
        CASE("whoever is cut off goes on to the same sum",
             whoever_is_cut_off_goes_on_to_the_same_sum),
        CASE("machines that are missing otherwise are not waited for",
             machines_that_are_missing_otherwise_are_not_waited_for),
        CASE("sets that the customer changed stay until the document asks",
             sets_that_the_customer_changed_stay_until_the_document_asks),
        CASE("after a scaling that failed the old number is asked for",
             after_a_scaling_that_failed_the_old_number_is_asked_for),
        CASE("a cluster without sets cannot be scaled", a_cluster_without_sets_cannot_be_scaled),
        CASE("the machines are waited for", the_machines_are_waited_for),
    };
    return RUN_CASES("scale", tests);
}

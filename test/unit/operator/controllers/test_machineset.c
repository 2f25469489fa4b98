#include <string.h>

#include "operator/controllers/machineset.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/operator/operator_fixture.h"
#include "test/unit/support/test.h"

#define NS "openshift-machine-api"
#define A "aro-x7k2p-worker-eastus1"
#define B "aro-x7k2p-worker-eastus2"

static void put_set(struct fake_cluster *f, const char *name, const char *role, int replicas)
{
    fake_cluster_put(f, json_make("{'apiVersion':'machine.openshift.io/v1beta1',"
                                  "'kind':'MachineSet','metadata':{'name':%s,'namespace':%s,"
                                  "'labels':{'machine.openshift.io/cluster-api-machine-role':%s}},"
                                  "'spec':{'replicas':%d}}",
                                  name, NS, role, replicas));
}

static int64_t replicas(struct fake_cluster *f, const char *name)
{
    return json_path_int(fake_cluster_get(f, &GVR_MACHINESETS, NS, name), "spec.replicas", -1);
}

static void start(struct fake_cluster *f, int a, int b)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    put_set(f, A, "worker", a);
    put_set(f, B, "worker", b);
}

static void run(struct fake_cluster *f, const char *key)
{
    struct error *err = NULL;
    if (fake_cluster_reconcile(f, &machineset_controller, key, NULL, &err) < 0)
        fail_msg("%s", error_text(err));
}

static void the_set_that_shrank_grows_again(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 0, 1);

    run(f, NS "/" B);

    assert_int_equal(replicas(f, A), 0);
    assert_int_equal(replicas(f, B), 2);
}

static void both_missing_workers_go_to_one_set(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 0, 0);

    run(f, NS "/" A);

    assert_int_equal(replicas(f, A), 2);
    assert_int_equal(replicas(f, B), 0);
}

static void the_first_set_grows_when_the_cluster_woke_it(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 1, 0);

    run(f, "cluster");

    assert_int_equal(replicas(f, A), 2);
}

static void a_set_whose_name_is_the_end_of_another_is_not_taken_for_it(void **state)
{
    struct fake_cluster *f = *state;
    fake_cluster_put(f, fake_cluster_give_cluster());
    put_set(f, "aro-x7k2p-w", "worker", 0);
    put_set(f, "z-aro-x7k2p-w", "worker", 1);

    run(f, NS "/z-aro-x7k2p-w");

    assert_int_equal(replicas(f, "z-aro-x7k2p-w"), 2);
    assert_int_equal(replicas(f, "aro-x7k2p-w"), 0);
}

static void two_workers_are_enough(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 1, 1);
    fake_cluster_must(f, &machineset_controller); /* writes its conditions */
    fake_cluster_forget_writes(f);

    run(f, NS "/" A);

    fake_cluster_must_not_write(f);
}

static void null_replicas_count_as_one(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 0, 0);
    json_path_del(fake_cluster_get(f, &GVR_MACHINESETS, NS, A), "spec.replicas");

    run(f, NS "/" A);

    assert_int_equal(replicas(f, A), 2);
}

static void one_custom_set_keeps_our_hands_off(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 0, 0);
    put_set(f, "customers-own", "worker", 0);

    run(f, NS "/" A);

    assert_int_equal(replicas(f, A), 0);
    assert_string_equal(fake_cluster_condition(f, "MachineSetControllerDegraded"), "False");
}

static void other_roles_do_not_count(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 1, 0);
    put_set(f, "infra", "infra", 3);

    run(f, NS "/" A);

    assert_int_equal(replicas(f, A), 2);
    assert_int_equal(replicas(f, "infra"), 3);
}

static void a_conflict_is_tried_again(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 0, 1);
    fake_cluster_fail(f, "PUT /apis/machine", 409, "Conflict", 2);

    run(f, NS "/" A);

    assert_int_equal(replicas(f, A), 1);
}

static void a_vanished_set_is_no_error(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 0, 1);
    fake_cluster_fail(f, "PUT /apis/machine.openshift.io/v1beta1/namespaces/" NS "/machinesets/" A,
                      404, "NotFound", 1);

    run(f, NS "/" A);
}

static void growth_is_told(void **state)
{
    struct fake_cluster *f = *state;
    start(f, 0, 1);

    run(f, NS "/" A);

    assert_true(log_capture_has(&f->capture, "MachineSet " A " got 1 more replicas"));
}

#define SET_TEXT(name, replicas) \
    "{\"apiVersion\":\"machine.openshift.io/v1beta1\",\"kind\":\"MachineSet\",\"metadata\":{" \
    "\"name\":\"" name "\",\"namespace\":\"" NS "\",\"uid\":\"" name "\"," \
    "\"resourceVersion\":\"1\"},\"spec\":{\"replicas\":" #replicas "}}"

/* Two sets shrank at once: the second event comes before the cache knows what the first run scaled. */
static void a_stale_cache_adds_nothing_twice(void **state)
{
    (void)state;
    cleanup_free char *cluster = operator_fixture_give_cluster(
        "'infraId':'aro-x7k2p','operatorflags':{'aro.machineset.enabled':'true'}", "");
    const struct script_step steps[] = {
        { .reply = "{\"items\":[" SET_TEXT(A, 2) "," SET_TEXT(B, 0) "]}" },
        { .reply = cluster }, /* the conditions */
        { .reply = "{}" },
    };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_put(&f, &machineset_controller.watches[1], SET_TEXT(A, 0));
    operator_fixture_put(&f, &machineset_controller.watches[1], SET_TEXT(B, 0));
    operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));

    assert_int_equal(operator_fixture_run(&f, &machineset_controller, NS "/" B), 0);

    for (size_t i = 0; i < f.kube.transport.requests.len; i++)
        assert_null(
            strstr(f.kube.transport.requests.v[i], "PUT https://api.test:6443/apis/machine"));
    operator_fixture_finish(&f);
}

static void a_refusal_makes_it_degraded(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    start(f, 0, 1);
    fake_cluster_fail(f, "PUT /apis/machine", 403, "Forbidden", 1);

    assert_int_equal(fake_cluster_reconcile(f, &machineset_controller, NS "/" A, NULL, &err), -1);

    assert_string_equal(fake_cluster_condition(f, "MachineSetControllerDegraded"), "True");
    assert_non_null(strstr(fake_cluster_message(f, "MachineSetControllerDegraded"), A));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_CASE("grows the set that shrank", the_set_that_shrank_grows_again),
        FAKE_CASE("gives one set all missing workers", both_missing_workers_go_to_one_set),
        FAKE_CASE("grows the first set for the Cluster",
                  the_first_set_grows_when_the_cluster_woke_it),
        FAKE_CASE("compares whole names",
                  a_set_whose_name_is_the_end_of_another_is_not_taken_for_it),
        FAKE_CASE("is content with two workers", two_workers_are_enough),
        FAKE_CASE("counts absent replicas as one", null_replicas_count_as_one),
        FAKE_CASE("keeps off where the customer manages workers",
                  one_custom_set_keeps_our_hands_off),
        FAKE_CASE("counts no other roles", other_roles_do_not_count),
        FAKE_CASE("reads again after a conflict", a_conflict_is_tried_again),
        FAKE_CASE("does not mind a set that vanished", a_vanished_set_is_no_error),
        FAKE_CASE("tells what it did", growth_is_told),
        CASE("adds nothing twice with a stale cache", a_stale_cache_adds_nothing_twice),
        FAKE_CASE("is degraded when refused", a_refusal_makes_it_degraded),
    };
    return RUN_CASES("machineset", tests);
}

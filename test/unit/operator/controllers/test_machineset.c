#include <string.h>

#include "operator/controllers/machineset.h"
#include "test/unit/support/operator/fake_cluster.h"
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
    fake_cluster_fail(f, "GET /apis/machine.openshift.io/v1beta1/namespaces/" NS "/machinesets/" A,
                      404, "NotFound", 1);

    run(f, NS "/" A);
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
        FAKE_CASE("is degraded when refused", a_refusal_makes_it_degraded),
    };
    return RUN_CASES("machineset", tests);
}

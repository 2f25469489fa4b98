/* Readiness and version of the operator. */
#include <string.h>

#include "operator/deploy/deploy.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define NS "openshift-azure-operator"
#define MASTER "aro-operator-master"
#define WORKER "aro-operator-worker"

static void put_deployment(struct fake_cluster *f, const char *name, const char *tag, int ready)
{
    cleanup_free char *image = xasprintf("r.io/aro:%s", tag);
    fake_cluster_put(
        f, json_make("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':%s,"
                     "'namespace':%s,'labels':{'version':%s}},'spec':{'replicas':1,'template':"
                     "{'spec':{'containers':[{'name':'aro-operator','image':%s}]}}},'status':"
                     "{'replicas':1,'availableReplicas':%d,'updatedReplicas':1,"
                     "'observedGeneration':1}}",
                     name, NS, tag, image, ready));
}

static void put_pod(struct fake_cluster *f, const char *app, const char *name, const char *tag,
                    const char *phase)
{
    cleanup_free char *image = xasprintf("r.io/aro:%s", tag);
    fake_cluster_put(
        f, json_make("{'apiVersion':'v1','kind':'Pod','metadata':{'name':%s,'namespace':%s,"
                     "'labels':{'app':%s,'version':%s}},'spec':{'containers':["
                     "{'name':'aro-operator','image':%s}]},'status':{'phase':%s}}",
                     name, NS, app, tag, image, phase));
}

static void put_both(struct fake_cluster *f, const char *tag)
{
    put_deployment(f, MASTER, tag, 1);
    put_deployment(f, WORKER, tag, 1);
    put_pod(f, MASTER, "m", tag, "Running");
    put_pod(f, WORKER, "w", tag, "Running");
}

static bool is_ready(struct fake_cluster *f, char **why)
{
    bool ready;
    struct error *err = NULL;
    if (deploy_is_ready(f->kube, &f->ctx, &ready, why, &err) < 0)
        fail_msg("%s", error_text(err));
    return ready;
}

static void rolled_out_deployments_are_ready(void **state)
{
    struct fake_cluster *f = *state;
    char *why = NULL;
    put_both(f, "v1");

    assert_true(is_ready(f, &why));

    assert_null(why);
}

static void absent_deployments_are_not_ready(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_free char *why = NULL;

    assert_false(is_ready(f, &why));

    assert_string_equal(why, MASTER ": the Deployment does not exist\n" WORKER
                                    ": the Deployment does not exist");
}

static void an_unobserved_change_is_not_ready(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_free char *why = NULL;
    put_both(f, "v1");
    json_path_put(fake_cluster_get(f, &GVR_DEPLOYMENTS, NS, MASTER), "metadata.generation",
                  json_new_int(2), NULL);

    assert_false(is_ready(f, &why));

    assert_non_null(strstr(why, "not observed"));
}

struct count_case {
    const char *name, *field;
    int value;
};
static struct count_case count_cases[] = {
    { "is not ready with a replica missing", "availableReplicas", 0 },
    { "is not ready with an old replica", "updatedReplicas", 0 },
    { "is not ready with one replica too many", "replicas", 2 },
};

static void check_count(void **state)
{
    const struct count_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    put_both(&f, "v1");
    json_put(json_get(fake_cluster_get(&f, &GVR_DEPLOYMENTS, NS, WORKER), "status"), c->field,
             json_new_int(c->value));

    assert_false(is_ready(&f, NULL));

    fake_cluster_release(&f);
}

static void the_reason_is_told(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_free char *why = NULL;
    put_both(f, "v1");
    put_deployment(f, MASTER, "v1", 0);
    json *pod = fake_cluster_get(f, &GVR_PODS, NS, "m");
    json_path_put(pod, "status.containerStatuses",
                  json_make("[{'state':{'waiting':{'reason':'ImagePullBackOff',"
                            "'message':'no such image'}}}]"),
                  NULL);
    fake_cluster_put(
        f, json_make("{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'set',"
                     "'namespace':%s,'labels':{'app':%s}},'status':{'conditions':["
                     "{'type':'ReplicaFailure','status':'True','reason':'FailedCreate',"
                     "'message':'quota'}]}}",
                     NS, MASTER));

    assert_false(is_ready(f, &why));

    assert_non_null(strstr(why, MASTER ": 0 of 1 replicas are available"));
    assert_non_null(strstr(why, "set: FailedCreate: quota"));
    assert_non_null(strstr(why, "m: waits ImagePullBackOff: no such image"));
}

static void waiting_ends_with_the_reason(void **state)
{
    struct fake_cluster *f = *state;
    cleanup_error struct error *err = NULL;
    struct opctx ctx = opctx_with_timeout_ms(&f->ctx, 60000);

    assert_int_equal(deploy_wait_ready(f->kube, &ctx, 1000, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    assert_non_null(strstr(error_text(err), "the Deployment does not exist"));
}

static void waiting_outlasts_a_server_in_trouble(void **state)
{
    struct fake_cluster *f = *state;
    put_both(f, "v1");
    fake_cluster_fail(f, "GET ", 503, "ServiceUnavailable", 40);

    assert_int_equal(deploy_wait_ready(f->kube, &f->ctx, 1000, NULL), 0);
}

static bool runs(struct fake_cluster *f, const char *version)
{
    bool running;
    assert_int_equal(deploy_is_running_version(f->kube, &f->ctx, version, &running, NULL), 0);
    return running;
}

static void a_version_runs_when_all_pods_have_it(void **state)
{
    struct fake_cluster *f = *state;
    put_both(f, "v1");

    assert_true(runs(f, "v1"));
    assert_false(runs(f, "v2"));
}

static void one_old_pod_is_enough_to_say_no(void **state)
{
    struct fake_cluster *f = *state;
    put_both(f, "v2");
    put_pod(f, MASTER, "old", "v1", "Running");

    assert_false(runs(f, "v2"));
}

static void a_pod_that_ended_does_not_count(void **state)
{
    struct fake_cluster *f = *state;
    put_both(f, "v2");
    put_pod(f, MASTER, "old", "v1", "Succeeded");

    assert_true(runs(f, "v2"));
}

static void no_deployment_runs_no_version(void **state)
{
    struct fake_cluster *f = *state;

    assert_false(runs(f, "abc"));
}

static void no_pod_runs_no_version(void **state)
{
    struct fake_cluster *f = *state;
    put_both(f, "v1");
    fake_cluster_del(f, &GVR_PODS, NS, "w");

    assert_false(runs(f, "v1"));
}

static void a_pod_with_the_label_of_another_image_says_no(void **state)
{
    struct fake_cluster *f = *state;
    put_both(f, "v1");
    json_path_put(fake_cluster_get(f, &GVR_PODS, NS, "w"), "spec.containers[0].image",
                  json_new_str("r.io/aro:v0"), NULL);

    assert_false(runs(f, "v1"));
}

int main(void)
{
    struct CMUnitTest counts[ARRAY_LEN(count_cases)];
    for (size_t i = 0; i < ARRAY_LEN(count_cases); i++)
        counts[i] = (struct CMUnitTest)CASE_OF(count_cases[i].name, check_count, &count_cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("is ready when both are rolled out", rolled_out_deployments_are_ready),
        FAKE_CASE("is not ready without Deployments", absent_deployments_are_not_ready),
        FAKE_CASE("is not ready before a change is observed", an_unobserved_change_is_not_ready),
        FAKE_CASE("tells the reasons of Deployment, replica set and pod", the_reason_is_told),
        FAKE_CASE("ends waiting with the reason", waiting_ends_with_the_reason),
        FAKE_CASE("waits through trouble of the server", waiting_outlasts_a_server_in_trouble),
        FAKE_CASE("runs a version when all pods do", a_version_runs_when_all_pods_have_it),
        FAKE_CASE("does not run it with one old pod", one_old_pod_is_enough_to_say_no),
        FAKE_CASE("does not count a pod that ended", a_pod_that_ended_does_not_count),
        FAKE_CASE("does not run it without a Deployment", no_deployment_runs_no_version),
        FAKE_CASE("does not run it without a pod", no_pod_runs_no_version),
        FAKE_CASE("does not trust the label alone", a_pod_with_the_label_of_another_image_says_no),
    };
    return RUN_CASES("deploy_readiness", counts) + RUN_CASES("deploy_state", tests);
}

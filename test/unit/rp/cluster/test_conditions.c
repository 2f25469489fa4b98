#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/conditions.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

typedef int (*condition_fn)(void *arg, const struct opctx *ctx, bool *ret, struct error **err);

#define V1 "{'architectureVersion':0}"
#define V2 "{}"
#define CONDITIONS(list) "'conditions':[" list "]"
#define IS(type, status) "{'type':'" type "','status':'" status "'}"
#define OPERATOR(name, conditions) \
    "{'apiVersion':'config.openshift.io/v1','kind':'ClusterOperator','metadata':{'name':'" name \
    "'},'status':{" conditions "}}"
#define GOOD IS("Available", "True") "," IS("Progressing", "False")
#define KUBEAPISERVER(conditions) \
    "{'apiVersion':'operator.openshift.io/v1','kind':'KubeAPIServer'," \
    "'metadata':{'name':'cluster'},'status':{" conditions "}}"
#define CONSOLE(observed, conditions) \
    "{'apiVersion':'operator.openshift.io/v1','kind':'Console','metadata':{'name':'cluster'}," \
    "'spec':{},'status':{'observedGeneration':" observed "," conditions "}}"
#define INGRESS(observed, conditions) \
    "{'apiVersion':'operator.openshift.io/v1','kind':'IngressController'," \
    "'metadata':{'name':'default','namespace':'openshift-ingress-operator'}," \
    "'spec':{},'status':{'observedGeneration':" observed "," conditions "}}"
#define VERSION(conditions) \
    "{'apiVersion':'config.openshift.io/" \
    "v1','kind':'ClusterVersion','metadata':{'name':'version'}," \
    "'status':{" conditions "}}"
#define BOOTSTRAP(status) \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'bootstrap','namespace':" \
    "'kube-system'},'data':{'status':'" status "'}}"

struct row {
    const char *name;
    condition_fn holds;
    const char *properties, *object;
    bool want;
};

static struct row rows[] = {
    { "the bootstrap is over when its map says complete", cluster_bootstrap_config_map_ready, V1,
      BOOTSTRAP("complete"), true },
    { "the bootstrap is not over with another status", cluster_bootstrap_config_map_ready, V1,
      BOOTSTRAP("running"), false },
    { "API servers are ready when the operator is available and at rest", cluster_api_servers_ready,
      V2, OPERATOR("kube-apiserver", CONDITIONS(GOOD)), true },
    { "API servers that progress are not ready", cluster_api_servers_ready, V2,
      OPERATOR("kube-apiserver", CONDITIONS(IS("Available", "True") "," IS("Progressing", "True"))),
      false },
    { "API servers that are degraded are not ready", cluster_api_servers_ready, V2,
      OPERATOR("kube-apiserver", CONDITIONS(GOOD "," IS("Degraded", "True"))), false },
    { "API servers that are said not to be degraded are ready", cluster_api_servers_ready, V2,
      OPERATOR("kube-apiserver", CONDITIONS(GOOD "," IS("Degraded", "False"))), true },
    { "API servers of the first layout go by their configuration", cluster_api_servers_ready, V1,
      KUBEAPISERVER(CONDITIONS(GOOD)), true },
    { "API servers of the first layout that progress are not ready", cluster_api_servers_ready, V1,
      KUBEAPISERVER(CONDITIONS(IS("Available", "True") "," IS("Progressing", "True"))), false },
    { "a console exists once its configuration does", cluster_operator_console_exists, V2,
      CONSOLE("0", CONDITIONS("")), true },
    { "a console is ready by its operator", cluster_operator_console_ready, V2,
      OPERATOR("console", CONDITIONS(GOOD)), true },
    { "a console whose operator is not available is not ready", cluster_operator_console_ready, V2,
      OPERATOR("console", CONDITIONS(IS("Available", "False") "," IS("Progressing", "False"))),
      false },
    { "a console of the first layout is ready by its deployment", cluster_operator_console_ready,
      V1, CONSOLE("1", CONDITIONS(IS("DeploymentAvailable", "True"))), true },
    { "a console of the first layout whose change was not seen is not ready",
      cluster_operator_console_ready, V1,
      CONSOLE("0", CONDITIONS(IS("DeploymentAvailable", "True"))), false },
    { "a version is ready when it is available", cluster_version_ready, V2,
      VERSION(CONDITIONS(IS("Available", "True"))), true },
    { "a version without conditions is not ready", cluster_version_ready, V2,
      VERSION(CONDITIONS("")), false },
    { "the ingress is ready by its operator", cluster_ingress_controller_ready, V2,
      OPERATOR("ingress", CONDITIONS(GOOD)), true },
    { "the ingress of the first layout is ready by its controller",
      cluster_ingress_controller_ready, V1, INGRESS("1", CONDITIONS(IS("Available", "True"))),
      true },
    { "the ingress of the first layout that is not available is not ready",
      cluster_ingress_controller_ready, V1, INGRESS("1", CONDITIONS(IS("Available", "False"))),
      false },
};

static void check_row(void **state)
{
    const struct row *row = *state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, row->properties);
    fake_cluster_add(&r.inside, row->object);

    assert_int_equal(inside_rig_look(&r, row->holds), row->want);
    fake_cluster_must_not_write(&r.inside);
}

/* ---- what the API server does not tell ---- */

static const condition_fn all[] = {
    cluster_bootstrap_config_map_ready, cluster_api_servers_ready,
    cluster_minimum_worker_nodes_ready, cluster_operator_console_exists,
    cluster_operator_console_ready,     cluster_version_ready,
    cluster_ingress_controller_ready,   cluster_operators_have_settled,
};

static void an_error_of_the_server_is_not_yet(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *reason;
    } errors[] = { { 404, "NotFound" }, { 403, "Forbidden" }, { 500, "InternalError" } };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        for (size_t k = 0; k < ARRAY_LEN(errors); k++) {
            cleanup_inside_rig struct inside_rig r;
            cleanup_error struct error *err = NULL;
            bool holds = false;
            inside_rig_open(&r, "{}");
            fake_cluster_fail(&r.inside, "GET", errors[k].status, errors[k].reason, 1000);

            int rcode = all[i](r.c, r.ctx, &holds, &err);

            assert_false(holds);
            assert_int_equal(rcode, -1);
            assert_true(error_is_retriable(err));
            assert_false(error_is_terminal(err));
        }
}

/* ---- operators at rest ---- */

static void operators_have_settled_when_all_five_have(void **state)
{
    (void)state;
    static const char *const names[] = { "kube-controller-manager", "kube-apiserver",
                                         "kube-scheduler", "console", "authentication" };
    for (size_t bad = 0; bad <= ARRAY_LEN(names); bad++) {
        cleanup_inside_rig struct inside_rig r;
        inside_rig_open(&r, "{}");
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            cleanup_free char *object = xasprintf(
                OPERATOR("%s", CONDITIONS(IS("Available", "True") "," IS("Progressing", "%s"))),
                names[i], i == bad ? "True" : "False");
            fake_cluster_add(&r.inside, object);
        }
        fake_cluster_add(&r.inside, OPERATOR("insights", CONDITIONS(IS("Available", "False"))));

        assert_int_equal(inside_rig_look(&r, cluster_operators_have_settled),
                         bad == ARRAY_LEN(names));
    }
}

/* ---- workers ---- */

#define ROLE_LABEL "machine.openshift.io/cluster-api-machine-role"
#define MACHINE(name, role, status) \
    "{'apiVersion':'machine.openshift.io/v1beta1','kind':'Machine','metadata':{'name':'" name \
    "','namespace':'openshift-machine-api','labels':{'" ROLE_LABEL "':'" role \
    "'}},'status':{" status "}}"
#define NODE(name, role, ready) \
    "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" name \
    "','labels':{'node-role.kubernetes.io/" role \
    "':''}},'status':{" CONDITIONS(IS("MemoryPressure", "False") "," IS("Ready", ready)) "}}"
#define RUNNING "'phase':'Running'"

static void two_workers_are_enough(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, MACHINE("w1", "worker", RUNNING));
    fake_cluster_add(&r.inside, MACHINE("w2", "worker", RUNNING));
    fake_cluster_add(&r.inside, MACHINE("w3", "worker", "'phase':'Provisioning'"));
    fake_cluster_add(&r.inside, NODE("w1", "worker", "True"));
    fake_cluster_add(&r.inside, NODE("w2", "worker", "True"));

    assert_true(inside_rig_look(&r, cluster_minimum_worker_nodes_ready));
}

static void machines_and_nodes_both_count(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside, MACHINE("m1", "master", RUNNING));
    fake_cluster_add(&r.inside, MACHINE("w1", "worker", RUNNING));
    fake_cluster_add(&r.inside, NODE("m1", "master", "True"));
    fake_cluster_add(&r.inside, NODE("w1", "worker", "True"));
    fake_cluster_add(&r.inside, NODE("w2", "worker", "True"));
    assert_false(inside_rig_look(&r, cluster_minimum_worker_nodes_ready));

    fake_cluster_add(&r.inside, MACHINE("w2", "worker", RUNNING));
    fake_cluster_add(&r.inside, NODE("w2", "worker", "Unknown"));
    assert_false(inside_rig_look(&r, cluster_minimum_worker_nodes_ready));

    fake_cluster_add(&r.inside, NODE("w2", "worker", "True"));
    assert_true(inside_rig_look(&r, cluster_minimum_worker_nodes_ready));
}

#define FAILED(text) "'phase':'Failed','errorMessage':'" text "'"
#define FAILED_INSIDE(text) \
    "'phase':'Failed','providerStatus':{'conditions':[{'type':'MachineCreated','message':'" text \
    "'}]}"

static void want_of_quota_ends_the_wait(void **state)
{
    (void)state;
    static const char *const machines[] = {
        MACHINE("w1", "worker", FAILED("Code=SkuNotAvailable Message=no such size")),
        MACHINE("w1", "worker", FAILED("Code=NotAvailableForSubscription")),
        MACHINE("w1", "worker", FAILED("Code=QuotaExceeded")),
        MACHINE("w1", "worker",
                FAILED("Code=OperationNotAllowed Message=exceeding approved Cores Quota")),
        MACHINE("w1", "worker", FAILED_INSIDE("Code=QuotaExceeded in a condition")),
    };
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        cleanup_inside_rig struct inside_rig r;
        cleanup_error struct error *err = NULL;
        bool holds = false;
        inside_rig_open(&r, "{}");
        fake_cluster_add(&r.inside, machines[i]);

        assert_int_equal(cluster_minimum_worker_nodes_ready(r.c, r.ctx, &holds, &err), -1);

        assert_string_equal(error_get_code(err), "QuotaExceeded");
        assert_int_equal(error_get_status(err), 500);
        assert_false(error_is_retriable(err));
        assert_non_null(strstr(error_text(err), "w1"));
    }
}

static void other_failures_of_machines_are_waited_out(void **state)
{
    (void)state;
    static const char *const machines[] = {
        MACHINE("w1", "worker", FAILED("Code=OperationNotAllowed Message=locked")),
        MACHINE("w1", "worker", FAILED("something else")),
        MACHINE("w1", "worker", "'phase':'Provisioning','errorMessage':'QuotaExceeded'"),
        MACHINE("m1", "master", FAILED("Code=QuotaExceeded")),
    };
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        cleanup_inside_rig struct inside_rig r;
        inside_rig_open(&r, "{}");
        fake_cluster_add(&r.inside, machines[i]);
        assert_false(inside_rig_look(&r, cluster_minimum_worker_nodes_ready));
    }
}

int main(void)
{
    const struct CMUnitTest others[] = {
        CASE("an error of the server is 'not yet'", an_error_of_the_server_is_not_yet),
        CASE("operators have settled when all five have",
             operators_have_settled_when_all_five_have),
        CASE("two workers are enough", two_workers_are_enough),
        CASE("machines and nodes both count", machines_and_nodes_both_count),
        CASE("want of quota ends the wait", want_of_quota_ends_the_wait),
        CASE("other failures of machines are waited out",
             other_failures_of_machines_are_waited_out),
    };
    struct CMUnitTest tests[ARRAY_LEN(rows) + ARRAY_LEN(others)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(rows[i].name, check_row, &rows[i]);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        tests[ARRAY_LEN(rows) + i] = others[i];
    return RUN_CASES("conditions", tests);
}

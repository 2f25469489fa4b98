#include "hack/devcloud/cluster/bootstrap.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define RBAC "/apis/rbac.authorization.k8s.io/v1/"

static struct rig_case cases[] = {
    { "every cluster begins with its namespaces",
      .asks = { { "GET /api/v1/namespaces", NULL, 200,
                  "{'items':[{'metadata':{'name':'default'},'spec':{'finalizers':['kubernetes']},'"
                  "status':{'phase':'Active'}},{'metadata':{"
                  "'name':'kube-node-lease'}},{'metadata':{'name':'kube-public'}},{'metadata':{'"
                  "name':'kube-system'}}]}" } } },
    { "and its own service",
      .asks = { { "GET /api/v1/namespaces/default/services/kubernetes", NULL, 200,
                  "{'metadata':{'labels':{'component':'apiserver','provider':'kubernetes'}},'spec':"
                  "{'clusterIP':'10.96.0.1','type':"
                  "'ClusterIP','ports':[{'name':'https','port':443,'targetPort':6443,'protocol':'"
                  "TCP'}]}}" } } },
    { "and classes of priority",
      .asks = { { "GET /apis/scheduling.k8s.io/v1/priorityclasses/system-cluster-critical", NULL,
                  200, "{'value':2000000000}" },
                { "GET /apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical", NULL, 200,
                  "{'value':2000001000}" } } },
    { "its bindings refer to its roles",
      .asks = { { "GET " RBAC "clusterroles/cluster-admin", NULL, 200,
                  "{'rules':[{'verbs':['*']},{'nonResourceURLs':['*']}]}" },
                { "GET " RBAC "clusterrolebindings/cluster-admin", NULL, 200,
                  "{'roleRef':{'kind':'ClusterRole','name':'cluster-admin'},'subjects':[{'kind':'"
                  "Group','name':'system:masters'}]}" },
                { "GET " RBAC "clusterroles/system:discovery", NULL, 200, NULL },
                { "GET " RBAC "clusterroles/admin", NULL, 200, NULL },
                { "GET " RBAC "clusterroles/edit", NULL, 200, NULL },
                { "GET " RBAC "clusterroles/view", NULL, 200, NULL },
                { "GET " RBAC "clusterrolebindings/system:basic-user", NULL, 200, NULL },
                { "GET " RBAC "clusterrolebindings/system:public-info-viewer", NULL, 200,
                  NULL } } },
    { "they are the server's own", .asks = { { "GET /api/v1/namespaces/kube-system", NULL, 200,
                                               "{'metadata':{'uid':'~-','managedFields':[{'manager'"
                                               ":'kube-apiserver','operation':'Update'}]}}" } } },
    { "newer clusters begin likewise", .minor = 32,
      .asks = { { "GET /api/v1/namespaces/default", NULL, 200,
                  "{'metadata':{'labels':{'kubernetes.io/metadata.name':'default'}}}" } } },
};

/* A second time everything is there. */
static void is_done_once(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_error struct error *err = NULL;
    int64_t revision = state_revision(rig.c->state);

    assert_int_equal(bootstrap(rig.c, &err), -1);

    assert_int_equal(error_get_status(err), 409);
    assert_int_equal(state_revision(rig.c->state), revision);
}

int main(void)
{
    const struct CMUnitTest more[] = { CASE("what is there is not made again", is_done_once) };
    return cluster_rig_run("bootstrap", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}

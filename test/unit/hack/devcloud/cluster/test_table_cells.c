#include "hack/devcloud/cluster/table.h"
#include "hack/devcloud/cluster/table_cells.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

struct row_case {
    const char *name, *line, *object;
    const char *want; /* cells behind the name */
};

#define POD "GET /api/v1/namespaces/n/pods/p"
#define NODE "GET /api/v1/nodes/n"
#define SERVICE "GET /api/v1/namespaces/n/services/s"
#define META "'metadata':{'name':'x','creationTimestamp':'2024-02-03T04:00:06Z'"

static struct row_case rows[] = {
    { "a pod that waits", POD,
      "{" META "},'spec':{'containers':[{},{}]},'status':{'phase':'Pending'}}",
      "['0/2','Pending',0,'5m','<none>','<none>','<none>','<none>']" },
    { "a pod that runs", POD,
      "{" META "},'spec':{'nodeName':'n','containers':[{}]},'status':{'phase':'Running','podIP':'"
      "10.0.0.1','containerStatuses':[{'ready':"
      "true,'restartCount':3,'state':{'running':{}}}]}}",
      "['1/1','Running',3,'5m','10.0.0.1','n','<none>','<none>']" },
    { "a pod whose container waits tells why", POD,
      "{" META "},'spec':{'containers':[{}]},'status':{'phase':'Running','containerStatuses':[{'"
      "ready':false,'restartCount':1,'state':{"
      "'waiting':{'reason':'CrashLoopBackOff'}}}]}}",
      "['0/1','CrashLoopBackOff',1,'5m','<none>','<none>','<none>','<none>']" },
    { "a pod that was evicted tells it", POD,
      "{" META "},'status':{'phase':'Failed','reason':'Evicted'}}",
      "['0/0','Evicted',0,'5m','<none>','<none>','<none>','<none>']" },
    { "a pod that is being deleted is terminating", POD,
      "{" META ",'deletionTimestamp':'x'},'status':{'phase':'Running'}}",
      "['0/0','Terminating',0,'5m','<none>','<none>','<none>','<none>']" },
    { "a node that is ready has its roles", NODE,
      "{" META ",'labels':{'node-role.kubernetes.io/worker':'','node-role.kubernetes.io/"
      "master':''}},'status':{'conditions':[{'type':"
      "'Ready','status':'True'}],'nodeInfo':{'kubeletVersion':'v1'},'addresses':[{'type':'"
      "InternalIP','address':'10.0.0.1'}]}}",
      "['Ready','master,worker','5m','v1','10.0.0.1','<none>','<unknown>','<unknown>','<unknown>'"
      "]" },
    { "a node that is cordoned and lost", NODE,
      "{" META "},'spec':{'unschedulable':true},'status':{'conditions':[{'type':'Ready','status':'"
      "Unknown'}]}}",
      "['NotReady,SchedulingDisabled','<none>','5m','','<none>','<none>','<unknown>','<unknown>','<"
      "unknown>']" },
    { "a namespace", "GET /api/v1/namespaces/n", "{" META "},'status':{'phase':'Active'}}",
      "['Active','5m']" },
    { "a deployment", "GET /apis/apps/v1/namespaces/n/deployments/d",
      "{" META "},'spec':{'replicas':3,'selector':{'matchLabels':{'b':'2','a':'1'}},'template':{'"
      "spec':{'containers':[{'name':'c','image':"
      "'i'},{'name':'d','image':'j'}]}}},'status':{'readyReplicas':2,'updatedReplicas':3,'"
      "availableReplicas':1}}",
      "['2/3',3,1,'5m','c,d','i,j','a=1,b=2']" },
    { "a daemon set", "GET /apis/apps/v1/namespaces/n/daemonsets/d",
      "{" META "},'status':{'desiredNumberScheduled':3,'numberReady':1}}",
      "[3,0,1,0,0,'<none>','5m','','','<none>']" },
    { "a replica set", "GET /apis/apps/v1/namespaces/n/replicasets/d",
      "{" META "},'spec':{'replicas':2}}", "[2,0,0,'5m','','','<none>']" },
    { "a stateful set", "GET /apis/apps/v1/namespaces/n/statefulsets/d",
      "{" META "},'spec':{'replicas':2}}", "['0/2','5m','','']" },
    { "a job", "GET /apis/batch/v1/namespaces/n/jobs/j",
      "{" META "},'spec':{'completions':2},'status':{'succeeded':1}}", "['1/2','5m']" },
    { "a service of a cluster", SERVICE,
      "{" META "},'spec':{'type':'ClusterIP','clusterIP':'10.96.0.1','selector':{'a':'b'},'ports':["
      "{'port':443,'protocol':'TCP'}]}}",
      "['ClusterIP','10.96.0.1','<none>','443/TCP','5m','a=b']" },
    { "a service of nodes", SERVICE,
      "{" META "},'spec':{'type':'NodePort','ports':[{'port':80,'nodePort':31000,'protocol':'TCP'},"
      "{'port':53,'protocol':'UDP'}]}}",
      "['NodePort','<none>','<none>','80:31000/TCP,53/UDP','5m','<none>']" },
    { "a balancer that waits for its address", SERVICE,
      "{" META "},'spec':{'type':'LoadBalancer'}}",
      "['LoadBalancer','<none>','<pending>','<none>','5m','<none>']" },
    { "a balancer that has it", SERVICE,
      "{" META
      "},'spec':{'type':'LoadBalancer'},'status':{'loadBalancer':{'ingress':[{'ip':'1.2.3.4'}]}}}",
      "['LoadBalancer','<none>','1.2.3.4','<none>','5m','<none>']" },
    { "a service that is a name", SERVICE,
      "{" META "},'spec':{'type':'ExternalName','externalName':'a.b'}}",
      "['ExternalName','<none>','a.b','<none>','5m','<none>']" },
    { "a config map", "GET /api/v1/namespaces/n/configmaps/a",
      "{" META "},'data':{'a':'','b':''},'binaryData':{'c':''}}", "[3,'5m']" },
    { "a secret", "GET /api/v1/namespaces/n/secrets/a",
      "{" META "},'type':'Opaque','data':{'a':''}}", "['Opaque',1,'5m']" },
    { "a service account", "GET /api/v1/namespaces/n/serviceaccounts/a",
      "{" META "},'secrets':[{},{}]}", "[2,'5m']" },
    { "an event", "GET /api/v1/namespaces/n/events/e",
      "{" META "},'type':'Normal','reason':'R','message':'m','lastTimestamp':'2024-02-03T04:04:56Z'"
      ",'involvedObject':{'kind':'Pod','name':'p'}}",
      "['10s','Normal','R','pod/p','','m']" },
    { "a binding", "GET /apis/rbac.authorization.k8s.io/v1/namespaces/n/rolebindings/b",
      "{" META "},'roleRef':{'kind':'Role','name':'r'}}", "['Role/r','5m','','','']" },
    { "a lease", "GET /apis/coordination.k8s.io/v1/namespaces/n/leases/l",
      "{" META "},'spec':{'holderIdentity':'me'}}", "['me','5m']" },
    { "a budget", "GET /apis/policy/v1beta1/namespaces/n/poddisruptionbudgets/b",
      "{" META "},'spec':{'minAvailable':1},'status':{'disruptionsAllowed':2}}",
      "['1','N/A',2,'5m']" },
};

static void check_row(void **state)
{
    const struct row_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, c->line, NULL);
    cleanup_json json *object = loose_tree(c->object);

    cleanup_json json *row = table_give_row(&o.op, object), *columns = table_give_columns(&o.op);

    json *cells = json_get(row, "cells");
    assert_int_equal(json_len(cells), json_len(columns));
    json_remove_at(cells, 0);
    assert_tree(cells, c->want);
}

/* An object in which nothing is as expected has cells, too. */
static void survives_odd_objects(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "{}", "{'metadata':{},'spec':null,'status':null}",
        "{'metadata':{'name':5,'labels':[1]},'spec':'x','status':[],'roleRef':1,'data':1,'secrets':"
        "1}",
        "{'spec':{'ports':[null,1],'selector':1,'containers':{},'template':[],'type':'ExternalName'"
        "},"
        "'status':{'containerStatuses':[null],'conditions':[null],'addresses':[null,{'type':"
        "'InternalIP'}],'loadBalancer':{'ingress':[null]}}}"
    };
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
            cleanup_rig_op struct rig_op o;
            rig_op_init(&o, &rig, rows[i].line, NULL);
            cleanup_json json *object = loose_tree(odd[k]);
            cleanup_json json *row = table_give_row(&o.op, object),
                              *columns = table_give_columns(&o.op);
            assert_int_equal(json_len(json_get(row, "cells")), json_len(columns));
        }
}

static void wide_columns_come_last_in_priority(void **state)
{
    (void)state;
    const struct cells *pods = table_cells_of("/pods");
    assert_non_null(pods);
    assert_string_equal(pods->v[0].name, "Ready");
    assert_false(pods->v[0].wide);
    assert_true(pods->v[pods->len - 1].wide);
    assert_null(table_cells_of("x.y/none"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(rows) + 2] = {
        CASE("odd objects have cells, too", survives_odd_objects),
        CASE("wide columns are marked", wide_columns_come_last_in_priority),
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        tests[i + 2] = (struct CMUnitTest)CASE_OF(rows[i].name, check_row, &rows[i]);
    return RUN_CASES("table_cells", tests);
}

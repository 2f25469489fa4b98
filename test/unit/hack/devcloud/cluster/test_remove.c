#include "hack/devcloud/cluster/remove.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

#define NS "/api/v1/namespaces/default/"
#define MAPS NS "configmaps"
#define PODS NS "pods"
#define MAP_A "{'metadata':{'name':'a'}}"
#define MERGE "application/merge-patch+json"
#define POD_ON_NODE \
    "{'metadata':{'name':'p'},'spec':{'nodeName':'n','terminationGracePeriodSeconds':7,'" \
    "containers':[" \
    "{'name':'c','image':'x'}]}}"

static struct rig_case cases[] = {
    { "a deletion answers with what is gone",
      .asks = { { "POST " MAPS, MAP_A, 201, NULL },
                { "DELETE " MAPS "/a", NULL, 200,
                  "{'kind':'Status','status':'Success','details':{'name':'a','kind':'configmaps','"
                  "uid':"
                  "'$uid'},'code':null}" },
                { "GET " MAPS "/a", NULL, 404, NULL },
                { "DELETE " MAPS "/a", NULL, 404,
                  "{'reason':'NotFound','message':'configmaps \\'a\\' not found'}" } } },
    { "finalizers hold an object until they are gone",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','finalizers':['x.y/z']}}", 201, NULL },
                { "DELETE " MAPS "/a", NULL, 200,
                  "{'kind':'ConfigMap','metadata':{'deletionTimestamp':'2024-02-03T04:05:06Z',"
                  "'deletionGracePeriodSeconds':0,'finalizers':['x.y/z']}}" },
                { "DELETE " MAPS "/a", NULL, 200, "{'metadata':{'resourceVersion':'$rv'}}" },
                { "PATCH " MAPS "/a", "{'metadata':{'finalizers':null}}", 200, NULL, MERGE },
                { "GET " MAPS "/a", NULL, 404, NULL } } },
    { "preconditions must hold",
      .asks = { { "POST " MAPS, MAP_A, 201, NULL },
                { "DELETE " MAPS "/a", "{'preconditions':{'uid':'x'}}", 409,
                  "{'reason':'Conflict','details':{'name':'a','kind':'ConfigMap'},'message':'~the "
                  "UID in the "
                  "precondition (x) does not match the UID in record ($uid)'}" },
                { "DELETE " MAPS "/a", "{'preconditions':{'resourceVersion':'1'}}", 409,
                  "{'reason':'Conflict'}" },
                { "GET " MAPS "/a", NULL, 200, NULL },
                { "DELETE " MAPS "/a", "{'preconditions':{'uid':'$uid','resourceVersion':'$rv'}}",
                  200, NULL } } },
    { "foreground and orphan leave a finalizer, background takes it away",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','finalizers':['x.y/z']}}", 201, NULL },
                { "DELETE " MAPS "/a", "{'propagationPolicy':'Foreground'}", 200,
                  "{'metadata':{'finalizers':['x.y/z','foregroundDeletion']}}" },
                { "DELETE " MAPS "/a?propagationPolicy=Orphan", NULL, 200,
                  "{'metadata':{'finalizers':['x.y/z','orphan']}}" },
                { "DELETE " MAPS "/a", "{'propagationPolicy':'Background'}", 200,
                  "{'metadata':{'finalizers':['x.y/z']}}" },
                { "DELETE " MAPS "/a", "{'orphanDependents':true}", 200,
                  "{'metadata':{'finalizers':['x.y/z','orphan']}}" } } },
    { "options are checked before anything goes",
      .asks = { { "POST " MAPS, MAP_A, 201, NULL },
                { "DELETE " MAPS "/a", "{'propagationPolicy':'Foo'}", 422,
                  "{'details':{'kind':'DeleteOptions','group':'meta.k8s.io','causes':[{'field':"
                  "'propagationPolicy','message':'~Unsupported value: \\'Foo\\': supported "
                  "values'}]}}" },
                { "DELETE " MAPS "/a?propagationPolicy=Foo", NULL, 422, NULL },
                { "DELETE " MAPS "/a", "{'propagationPolicy':'Orphan','orphanDependents':true}",
                  422,
                  "{'message':'~orphanDependents and deletionPropagation cannot be both set'}" },
                { "DELETE " MAPS "/a", "{'dryRun':['x']}", 422,
                  "{'message':'~dryRun: Unsupported value: []string{\\'x\\'}: supported values: "
                  "\\'All\\''}" },
                { "DELETE " MAPS "/a?dryRun=Some", NULL, 422,
                  "{'message':'~dryRun: Unsupported value'}" },
                { "DELETE " MAPS "/a?gracePeriodSeconds=x", NULL, 400, "{'reason':'BadRequest'}" },
                { "GET " MAPS "/a", NULL, 200, NULL } } },
    { "malformed options delete nothing",
      .asks = { { "POST " MAPS, MAP_A, 201, NULL },
                { "DELETE " MAPS "/a", "{", 500, "{'status':'Failure','reason':null}" },
                { "DELETE " MAPS "/a", "[]", 500, NULL },
                { "DELETE " MAPS "/a", "{'propagationPolicy':5}", 500, NULL },
                { "DELETE " MAPS "/a", "{'gracePeriodSeconds':'x'}", 500, NULL },
                { "DELETE " MAPS "/a", "{'dryRun':{'a':1}}", 500, NULL },
                { "DELETE " MAPS "/a", "{'dryRun':'All'}", 500, NULL },
                { "DELETE " MAPS "/a", "{'kind':'Foo','apiVersion':'v1'}", 500,
                  "{'message':'~no kind \\'Foo\\' is registered for version \\'v1\\''}" },
                { "DELETE " MAPS "/a", "x", 415, "{'reason':'UnsupportedMediaType'}",
                  "text/plain" },
                { "GET " MAPS "/a", NULL, 200, NULL },
                { "DELETE " MAPS "/a", "propagationPolicy: Orphan", 200,
                  "{'metadata':{'finalizers':['orphan']}}", "application/yaml" } } },
    { "a body counts, the query beside it does not",
      .asks = { { "POST " MAPS, MAP_A, 201, NULL },
                { "DELETE " MAPS "/a?propagationPolicy=Orphan", "{'dryRun':['All']}", 200,
                  "{'status':'Success'}" },
                { "GET " MAPS "/a", NULL, 200, "{'metadata':{'finalizers':null}}" } } },
    { "a dry run deletes nothing",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','finalizers':['x.y/z']}}", 201, NULL },
                { "DELETE " MAPS "/a?dryRun=All", NULL, 200,
                  "{'metadata':{'deletionTimestamp':'~2024'}}" },
                { "DELETE " MAPS "?dryRun=All", NULL, 200, NULL },
                { "GET " MAPS "/a", NULL, 200,
                  "{'metadata':{'resourceVersion':'$rv','deletionTimestamp':null}}" } } },
    { "a collection goes as far as it is selected",
      .asks = { { "POST " MAPS, "{'metadata':{'name':'a','finalizers':['x.y/z']}}", 201, NULL },
                { "POST " MAPS, "{'metadata':{'name':'b','labels':{'l':'1'}}}", 201, NULL },
                { "POST " MAPS, "{'metadata':{'name':'c'}}", 201, NULL },
                { "DELETE " MAPS "?labelSelector=l", NULL, 200,
                  "{'kind':'ConfigMapList','items':[{'metadata':{'name':'b'}}]}" },
                { "DELETE " MAPS "?labelSelector=%2C", NULL, 400, NULL },
                { "DELETE " MAPS "?fieldSelector=spec.x%3D1", NULL, 400, NULL },
                { "GET " MAPS, NULL, 200,
                  "{'items':[{'metadata':{'name':'a'}},{'metadata':{'name':'c'}}]}" },
                { "DELETE " MAPS, NULL, 200,
                  "{'items':[{'metadata':{'name':'a'}},{'metadata':{'name':'c'}}]}" },
                { "GET " MAPS, NULL, 200,
                  "{'items':[{'metadata':{'name':'a','deletionTimestamp':'~2024'}}]}" } } },
    { "a pod on no node goes at once, one on a node has its grace",
      .asks = { { "POST " PODS,
                  "{'metadata':{'name':'q'},'spec':{'containers':[{'name':'c','image':'x'}]}}", 201,
                  NULL },
                { "DELETE " PODS "/q", NULL, 200,
                  "{'kind':'Pod','metadata':{'deletionGracePeriodSeconds':0,'deletionTimestamp':"
                  "'2024-02-03T04:05:06Z'}}" },
                { "GET " PODS "/q", NULL, 404, NULL },
                { "POST " PODS, POD_ON_NODE, 201, NULL },
                { "DELETE " PODS "/p", NULL, 200,
                  "{'metadata':{'deletionGracePeriodSeconds':7,'deletionTimestamp':'2024-02-03T04:"
                  "05:13Z'}}" },
                { "DELETE " PODS "/p", "{'gracePeriodSeconds':9}", 200,
                  "{'metadata':{'deletionGracePeriodSeconds':7}}" },
                { "DELETE " PODS "/p", "{'gracePeriodSeconds':3}", 200,
                  "{'metadata':{'deletionGracePeriodSeconds':3,'deletionTimestamp':'2024-02-03T04:"
                  "05:09Z'}}" },
                { "DELETE " PODS "/p?gracePeriodSeconds=0", NULL, 200,
                  "{'metadata':{'deletionGracePeriodSeconds':0}}" },
                { "GET " PODS "/p", NULL, 404, NULL } } },
    { "a pod that has ended needs no grace",
      .asks = { { "POST " PODS, POD_ON_NODE, 201, NULL },
                { "PATCH " PODS "/p/status", "{'status':{'phase':'Succeeded'}}", 200, NULL, MERGE },
                { "DELETE " PODS "/p", NULL, 200, NULL },
                { "GET " PODS "/p", NULL, 404, NULL } } },
    { "a namespace ends in two steps",
      .asks = { { "POST /api/v1/namespaces", "{'metadata':{'name':'n'}}", 201, NULL },
                { "DELETE /api/v1/namespaces/n", NULL, 200,
                  "{'status':{'phase':'Terminating'},'metadata':{'deletionTimestamp':'~2024',"
                  "'deletionGracePeriodSeconds':null}}" },
                { "POST /api/v1/namespaces/n/configmaps", MAP_A, 403,
                  "{'details':{'causes':[{'reason':'NamespaceTerminating'}]}}" },
                { "PUT /api/v1/namespaces/n/finalize", "{'metadata':{'name':'n'},'spec':{}}", 200,
                  NULL },
                { "GET /api/v1/namespaces/n", NULL, 404, NULL },
                { "DELETE /api/v1/namespaces/default", NULL, 403,
                  "{'reason':'Forbidden','message':'namespaces \\'default\\' is forbidden: this "
                  "namespace may "
                  "not be deleted'}" },
                { "DELETE /api/v1/namespaces/kube-node-lease", NULL, 200, NULL } } },
    { "the generation counts a deletion",
      .asks = { { "POST /apis/apps/v1/namespaces/default/deployments",
                  "{'metadata':{'name':'d','finalizers':['x.y/"
                  "z']},'spec':{'selector':{'matchLabels':{'a':"
                  "'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':"
                  "'c',"
                  "'image':'x'}]}}}}",
                  201, "{'metadata':{'generation':1}}" },
                { "DELETE /apis/apps/v1/namespaces/default/deployments/d", NULL, 200,
                  "{'metadata':{'generation':2}}" },
                { "DELETE /apis/apps/v1/namespaces/default/deployments/d", NULL, 200,
                  "{'metadata':{'generation':2}}" } } },
};

struct due_case {
    const char *name, *line, *object;
    bool is_due;
};

static struct due_case due_cases[] = {
    { "what is not being deleted stays", "GET " MAPS "/a", "{'metadata':{}}", false },
    { "what nothing holds is due", "GET " MAPS "/a", "{'metadata':{'deletionTimestamp':'x'}}",
      true },
    { "a finalizer holds", "GET " MAPS "/a",
      "{'metadata':{'deletionTimestamp':'x','finalizers':['a/b']}}", false },
    { "grace holds", "GET " PODS "/a",
      "{'metadata':{'deletionTimestamp':'x','deletionGracePeriodSeconds':1}}", false },
    { "a namespace is held by its own finalizers, too", "GET /api/v1/namespaces/a",
      "{'metadata':{'deletionTimestamp':'x'},'spec':{'finalizers':['kubernetes']}}", false },
    { "a namespace without any is due", "GET /api/v1/namespaces/a",
      "{'metadata':{'deletionTimestamp':'x'},'spec':{}}", true },
};

static void check_due(void **state)
{
    const struct due_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, c->line, NULL);
    cleanup_json json *object = loose_tree(c->object);

    assert_int_equal(remove_is_due(&o.op, object), c->is_due);
}

/* Watches see a pod marked before it goes. */
static void marks_pods_first(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    assert_int_equal(
        cluster_rig_send(
            &rig, "POST " PODS,
            "{'metadata':{'name':'q'},'spec':{'containers':[{'name':'c','image':'x'}]}}"),
        201);
    cleanup_rig_watch struct rig_watch w = { 0 };
    rig_watch_open(&w, &rig, PODS "?watch=true&resourceVersion=$rv");

    assert_int_equal(cluster_rig_send(&rig, "DELETE " PODS "/q", NULL), 200);

    rig_watch_expect(&w, "{'type':'MODIFIED','object':{'metadata':{'deletionTimestamp':'~2024'}}}");
    rig_watch_expect(&w, "{'type':'DELETED','object':{'metadata':{'deletionTimestamp':'~2024'}}}");
    rig_watch_expect(&w, NULL);
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(due_cases) + 1] = { CASE("a pod is marked before it goes",
                                                              marks_pods_first) };
    for (size_t i = 0; i < ARRAY_LEN(due_cases); i++)
        more[i + 1] = (struct CMUnitTest)CASE_OF(due_cases[i].name, check_due, &due_cases[i]);
    return cluster_rig_run("remove", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}

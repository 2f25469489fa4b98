#include "hack/devcloud/cluster/subresource.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define NS "/api/v1/namespaces/default/"
#define APPS "/apis/apps/v1/namespaces/default/deployments"
#define TS "/apis/x.y/v1/namespaces/default/ts"
#define SA NS "serviceaccounts"
#define PODS NS "pods"
#define MERGE "application/merge-patch+json"
#define MAKE_D \
    { \
        "POST " APPS, \
            "{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'" \
            "metadata':" \
            "{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}}}", \
            201, NULL \
    }
#define SCALE(more, spec) "{'metadata':{'name':'d','namespace':'default'" more "},'spec':" spec "}"
#define MAKE_POD \
    { \
        "POST " PODS, \
            "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'x'}]}}", 201, \
            NULL \
    }
#define BINDING(target) "{'metadata':{'name':'p'},'target':" target "}"

static struct rig_case cases[] = {
    { "a scale shows and sets the replicas",
      .asks = { MAKE_D,
                { "GET " APPS "/d/scale", NULL, 200,
                  "{'kind':'Scale','apiVersion':'autoscaling/"
                  "v1','metadata':{'name':'d','uid':'$uid',"
                  "'resourceVersion':'$rv','managedFields':null},'spec':{'replicas':1},'status':{'"
                  "replicas':0,"
                  "'selector':'a=b'}}" },
                { "PUT " APPS "/d/scale", SCALE("", "{'replicas':4}"), 200,
                  "{'spec':{'replicas':4}}" },
                { "GET " APPS "/d", NULL, 200,
                  "{'spec':{'replicas':4},'metadata':{'generation':2}}" },
                { "PATCH " APPS "/d/scale", "{'spec':{'replicas':5}}", 200,
                  "{'spec':{'replicas':5}}", MERGE },
                { "PATCH " APPS "/d/scale", "[{'op':'replace','path':'/spec/replicas','value':6}]",
                  200, "{'spec':{'replicas':6}}", "application/json-patch+json" },
                { "PATCH " APPS "/d/scale", "{'spec':{'replicas':null}}", 200,
                  "{'spec':{'replicas':null}}", MERGE },
                { "GET " APPS "/d", NULL, 200, "{'spec':{'replicas':0}}" } } },
    { "a scale is checked before it counts",
      .asks = { MAKE_D,
                { "PUT " APPS "/d/scale", "{'spec':{'replicas':2}}", 400,
                  "{'message':'~name must be provided'}" },
                { "PUT " APPS "/d/scale", "{'metadata':{'name':'x'},'spec':{'replicas':2}}", 400,
                  "{'message':'the name of the object (x) does not match the name on the URL "
                  "(d)'}" },
                { "PUT " APPS "/d/scale", "{'metadata':{'name':'d'},'spec':{'replicas':2}}", 422,
                  "{'message':'Scale.autoscaling \\'d\\' is invalid: metadata.namespace: Required "
                  "value'}" },
                { "PUT " APPS "/d/scale", SCALE("", "'x'"), 400, "{'reason':'BadRequest'}" },
                { "PUT " APPS "/d/scale", SCALE("", "{'replicas':-1}"), 422,
                  "{'details':{'kind':'Scale','group':'autoscaling','causes':[{'field':'spec."
                  "replicas','message':"
                  "'Invalid value: -1: must be greater than or equal to 0'}]}}" },
                { "PUT " APPS "/d/scale", SCALE(",'resourceVersion':'1'", "{'replicas':2}"), 409,
                  NULL },
                { "PATCH " APPS "/d/scale", "{'spec':{'replicas':'x'}}", 422,
                  "{'reason':'Invalid'}", MERGE },
                { "PATCH " APPS "/d/scale", "5", 500, "{'message':'Invalid JSON Patch'}", MERGE },
                { "PATCH " APPS "/d/scale", "{}", 415, NULL, "application/apply-patch+yaml" },
                { "PUT " APPS "/d/scale", "{", 400, NULL },
                { "GET " APPS "/d", NULL, 200, "{'metadata':{'resourceVersion':'$rv'}}" } } },
    { "a scale of nothing is not found",
      .asks = { { "GET " APPS "/none/scale", NULL, 404,
                  "{'message':'deployments/scale.apps \\'none\\' not found'}" },
                { "PUT " APPS "/none/scale", SCALE("", "{}"), 404,
                  "{'message':'deployments.apps \\'none\\' not found'}" },
                { "POST " APPS "/none/scale", "{}", 405, NULL },
                { "DELETE " APPS "/none/scale", NULL, 405, NULL },
                { "GET " NS "configmaps/a/scale", NULL, 404, NULL } } },
    { "a custom kind says where its replicas are",
      .asks = { { "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                  "{'metadata':{'name':'ts.x.y'},'spec':{'group':'x.y','scope':'Namespaced','names'"
                  ":{'plural':'ts',"
                  "'singular':'t','kind':'T','listKind':'TList'},'versions':[{'name':'v1','served':"
                  "true,'storage':"
                  "true,'subresources':{'status':{},'scale':{'specReplicasPath':'.spec.n','"
                  "statusReplicasPath':"
                  "'.status.n','labelSelectorPath':'.status.l'}},'schema':{'openAPIV3Schema':{'"
                  "type':'object',"
                  "'properties':{'spec':{'type':'object','properties':{'n':{'type':'integer'}}},'"
                  "status':{'type':"
                  "'object','properties':{'n':{'type':'integer'},'l':{'type':'string'}}}}}}}]}}",
                  201, NULL },
                { "POST " TS,
                  "{'apiVersion':'x.y/v1','kind':'T','metadata':{'name':'d'},'spec':{'n':3}}", 201,
                  NULL },
                { "PATCH " TS "/d/status", "{'status':{'n':2,'l':'a=b'}}", 200, NULL, MERGE },
                { "GET " TS "/d/scale", NULL, 200,
                  "{'spec':{'replicas':3},'status':{'replicas':2,'selector':'a=b'}}" },
                { "PUT " TS "/d/scale", "{'metadata':{'name':'d'},'spec':{'replicas':7}}", 200,
                  NULL },
                { "GET " TS "/d", NULL, 200, "{'spec':{'n':7},'status':{'n':2}}" },
                { "GET " TS "/none/scale", NULL, 404, "{'message':'ts.x.y \\'none\\' not found'}" },
                { "GET " TS "/d/foo", NULL, 404, "{'message':'ts.x.y \\'d\\' not found'}" } } },
    { "finalize sets what holds a namespace",
      .asks = { { "PUT /api/v1/namespaces/default/finalize",
                  "{'metadata':{'name':'default'},'spec':{'finalizers':['x.y/z']}}", 200,
                  "{'spec':{'finalizers':['x.y/z']},'status':{'phase':'Active'}}" },
                { "PUT /api/v1/namespaces/default/finalize", "{'metadata':{'name':'x'},'spec':{}}",
                  400, "{'message':'~does not match the name on the URL'}" },
                { "PUT /api/v1/namespaces/default/finalize",
                  "{'metadata':{'name':'default'},'spec':'x'}", 400, NULL },
                { "PUT /api/v1/namespaces/default/finalize",
                  "{'metadata':{'name':'default','resourceVersion':'1'},'spec':{}}", 409, NULL },
                { "PUT /api/v1/namespaces/none/finalize", "{'metadata':{'name':'none'}}", 404,
                  NULL },
                { "PATCH /api/v1/namespaces/default/finalize", "{}", 405, NULL, MERGE },
                { "GET /api/v1/namespaces/default", NULL, 200,
                  "{'spec':{'finalizers':['x.y/z']}}" },
                { "PATCH /api/v1/namespaces/default", "{'spec':{'finalizers':null}}", 200,
                  "{'spec':{'finalizers':['x.y/z']}}", MERGE } } },
    { "a service account gets tokens",
      .asks = { { "POST " SA, "{'metadata':{'name':'s'}}", 201, NULL },
                { "POST " SA "/s/token", "{'spec':{'expirationSeconds':900}}", 201,
                  "{'kind':'TokenRequest','spec':{'audiences':['https://"
                  "kubernetes.default.svc'],'boundObjectRef':"
                  "null,'expirationSeconds':900},'status':{'token':'~.','expirationTimestamp':"
                  "'2024-02-03T04:20:06Z'}}" },
                { "POST " SA "/s/token", "{}", 201, "{'spec':{'expirationSeconds':3600}}" },
                { "POST " SA "/s/token", "{'spec':{'audiences':['a','b']}}", 201,
                  "{'spec':{'audiences':['a','b']}}" },
                { "POST " SA "/none/token", "{}", 404,
                  "{'message':'serviceaccounts \\'none\\' not found'}" },
                { "GET " SA "/s/token", NULL, 405, NULL } } },
    { "requests for tokens are checked",
      .asks = { { "POST " SA, "{'metadata':{'name':'s'}}", 201, NULL },
                { "POST " SA "/s/token", "{'spec':'x'}", 400, NULL },
                { "POST " SA "/s/token", "{'spec':{'audiences':'x'}}", 400, NULL },
                { "POST " SA "/s/token", "{'spec':{'expirationSeconds':'x'}}", 400, NULL },
                { "POST " SA "/s/token", "", 400, NULL },
                { "POST " SA "/s/token", "{'spec':{'expirationSeconds':60}}", 422,
                  "{'details':{'kind':'TokenRequest','causes':[{'message':'~may not specify a "
                  "duration less than 10 "
                  "minutes'}]}}" },
                { "POST " SA "/s/token", "{'spec':{'expirationSeconds':99999999999}}", 422,
                  "{'message':'~may not specify a duration larger than 2^32 seconds'}" },
                { "POST " SA "/s/token", "{'spec':{'boundObjectRef':{'kind':'Pod','name':'none'}}}",
                  404, "{'message':'pods \\'none\\' not found'}" },
                { "POST " SA "/s/token",
                  "{'spec':{'boundObjectRef':{'kind':'Secret','name':'none'}}}", 404,
                  "{'message':'secrets \\'none\\' not found'}" },
                { "POST " SA "/s/token", "{'spec':{'boundObjectRef':{'kind':'Foo','name':'none'}}}",
                  400, "{'message':'cannot bind token to object of type /v1, Kind=Foo'}" },
                { "POST " SA "/s/token", "{'spec':{'boundObjectRef':{'kind':'Pod','name':''}}}",
                  400, "{'message':'Name parameter required.'}" } } },
    { "a pod is bound to one node",
      .asks = { MAKE_POD,
                { "POST " PODS "/p/binding?dryRun=All", BINDING("{'kind':'Node','name':'n'}"), 201,
                  NULL },
                { "GET " PODS "/p", NULL, 200, "{'spec':{'nodeName':null}}" },
                { "POST " PODS "/p/binding", BINDING("{'kind':'Node','name':'n'}"), 201,
                  "{'kind':'Status','status':'Success','code':201}" },
                { "GET " PODS "/p", NULL, 200,
                  "{'spec':{'nodeName':'n'},'status':{'conditions':[{'type':'PodScheduled','status'"
                  ":'True'}]}}" },
                { "POST " PODS "/p/binding", BINDING("{'name':'m'}"), 409,
                  "{'message':'Operation cannot be fulfilled on pods/binding \\'p\\': pod p is "
                  "already assigned to node "
                  "\\'n\\''}" } } },
    { "bindings are checked",
      .asks = { MAKE_POD,
                { "POST " PODS "/p/binding", "{}", 400,
                  "{'message':'name in URL does not match name in Binding object'}" },
                { "POST " PODS "/p/binding", "{'metadata':{'name':'q'},'target':{'name':'n'}}", 400,
                  NULL },
                { "POST " PODS "/p/binding", BINDING("'x'"), 400, NULL },
                { "POST " PODS "/p/binding", BINDING("{'kind':'Foo','name':'n'}"), 500,
                  "{'message':'~target.kind: Unsupported value: \\'Foo\\''}" },
                { "POST " PODS "/p/binding", BINDING("{'kind':'Node'}"), 500,
                  "{'message':'target.name: Required value'}" },
                { "POST " PODS "/none/binding",
                  "{'metadata':{'name':'none'},'target':{'name':'n'}}", 404, NULL },
                { "PUT " PODS "/p/binding", "{}", 405, NULL } } },
};

struct find_case {
    const char *name, *line;
    bool found;
};

static struct find_case finds[] = {
    { "a scale is read", "GET " APPS "/d/scale", true },
    { "a scale is not created", "POST " APPS "/d/scale", false },
    { "a status is the object itself", "GET " APPS "/d/status", false },
    { "tokens are for service accounts", "POST " SA "/s/token", true },
    { "tokens are for no other kind", "POST " PODS "/s/token", false },
    { "an eviction is created", "POST " PODS "/p/eviction", true },
    { "an eviction is not read", "GET " PODS "/p/eviction", false },
};

static void check_find(void **state)
{
    const struct find_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cleanup_rig_op struct rig_op o;
    rig_op_init(&o, &rig, c->line, NULL);

    assert_int_equal(subresource_find(&o.op) != NULL, c->found);
}

int main(void)
{
    struct CMUnitTest more[ARRAY_LEN(finds)];
    for (size_t i = 0; i < ARRAY_LEN(finds); i++)
        more[i] = (struct CMUnitTest)CASE_OF(finds[i].name, check_find, &finds[i]);
    return cluster_rig_run("subresource", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}

#include "hack/devcloud/cluster/strategy.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define NS "/api/v1/namespaces/default/"
#define MERGE "application/merge-patch+json"
#define SERVICE(name, spec) "{'metadata':{'name':'" name "'},'spec':{" spec "}}"

static struct rig_case cases[] = {
    { "a namespace is active and held by kubernetes, whatever it says",
      .asks = { { "POST /api/v1/namespaces",
                  "{'metadata':{'name':'n'},'spec':{'finalizers':[]},'status':{'phase':'X'}}", 201,
                  "{'spec':{'finalizers':['kubernetes']},'status':{'phase':'Active'},'metadata':{'"
                  "labels':null}}" },
                { "PATCH /api/v1/namespaces/n", "{'spec':{'finalizers':null}}", 200,
                  "{'spec':{'finalizers':['kubernetes']}}", MERGE } } },
    { "since 1.21 a namespace has its name as a label", .minor = 21,
      .asks = { { "POST /api/v1/namespaces", "{'metadata':{'name':'n'}}", 201,
                  "{'metadata':{'labels':{'kubernetes.io/metadata.name':'n'}}}" } } },
    { "a new node is not ready for pods, once",
      .asks = { { "POST /api/v1/nodes", "{'metadata':{'name':'n'},'status':{'phase':'x'}}", 201,
                  "{'spec':{'taints':[{'key':'node.kubernetes.io/"
                  "not-ready','effect':'NoSchedule'}]},'status':{'phase':"
                  "'x'}}" },
                { "POST /api/v1/nodes",
                  "{'metadata':{'name':'m'},'spec':{'taints':[{'key':'node.kubernetes.io/"
                  "not-ready','effect':"
                  "'NoSchedule'}]}}",
                  201, "{'spec':{'taints':[{'key':'node.kubernetes.io/not-ready'}]}}" } } },
    { "keys of data are checked",
      .asks = { { "POST " NS "configmaps", "{'metadata':{'name':'a'},'data':{'a/b':'1'}}", 422,
                  "{'details':{'causes':[{'field':'data[a/b]'}]}}" },
                { "POST " NS "configmaps", "{'metadata':{'name':'a'},'binaryData':{'':'eA=='}}",
                  422, "{'details':{'causes':[{'field':'binaryData[]'}]}}" },
                { "POST " NS "secrets", "{'metadata':{'name':'a'},'stringData':{'a b':'x'}}", 422,
                  "{'details':{'causes':[{'field':'data[a b]'}]}}" },
                { "POST " NS "configmaps", "{'metadata':{'name':'a'},'data':{'A-b_c.1':'1'}}", 201,
                  NULL } } },
    { "what is immutable stays, but for its metadata",
      .asks = { { "POST " NS "configmaps",
                  "{'metadata':{'name':'a'},'data':{'k':'v'},'immutable':true}", 201, NULL },
                { "PATCH " NS "configmaps/a", "{'data':{'k':'w'}}", 422,
                  "{'details':{'causes':[{'field':'data','message':'~field is immutable when "
                  "`immutable` is set'}]}}",
                  MERGE },
                { "PATCH " NS "configmaps/a", "{'immutable':false}", 422,
                  "{'details':{'causes':[{'field':'immutable'}]}}", MERGE },
                { "PATCH " NS "configmaps/a", "{'metadata':{'labels':{'x':'y'}}}", 200, NULL,
                  MERGE } } },
    { "secrets take texts, and keep their type",
      .asks = { { "POST " NS "secrets",
                  "{'metadata':{'name':'a'},'stringData':{'k':'v','e':''},'data':{'b':'eA==','k':'"
                  "eA=='}}",
                  201,
                  "{'type':'Opaque','stringData':null,'data':{'b':'eA==','k':'dg==','e':''}}" },
                { "PATCH " NS "secrets/a", "{'type':'other'}", 422,
                  "{'message':'~type: Invalid value: \\'other\\': field is "
                  "immutable'}",
                  MERGE },
                { "PATCH " NS "secrets/a", "{'stringData':{'n':'v'}}", 200,
                  "{'data':{'b':'eA==','n':'dg=='}}", MERGE } } },
    { "secrets of known types have what the type says",
      .asks = { { "POST " NS "secrets",
                  "{'metadata':{'name':'t'},'type':'kubernetes.io/tls','data':{}}", 422,
                  "{'details':{'causes':[{'field':'data[tls.crt]'},{'field':'data[tls.key]'}]}}" },
                { "POST " NS "secrets",
                  "{'metadata':{'name':'t'},'type':'kubernetes.io/dockerconfigjson'}", 422,
                  "{'details':{'causes':[{'field':'data[.dockerconfigjson]'}]}}" },
                { "POST " NS "secrets",
                  "{'metadata':{'name':'t'},'type':'kubernetes.io/service-account-token'}", 422,
                  "{'message':'~metadata.annotations[kubernetes.io/service-account.name]'}" },
                { "POST " NS "secrets",
                  "{'metadata':{'name':'t'},'type':'kubernetes.io/"
                  "tls','stringData':{'tls.crt':'','tls.key':''}}",
                  201, NULL } } },
    { "a service has its defaults",
      .asks = { { "POST " NS "services",
                  SERVICE("s", "'ports':[{'port':80},{'port':81,'name':'b','targetPort':'web'}]"),
                  422, NULL },
                { "POST " NS "services",
                  SERVICE(
                      "s",
                      "'ports':[{'port':80,'name':'a'},{'port':81,'name':'b','targetPort':'web'}]"),
                  201,
                  "{'spec':{'type':'ClusterIP','sessionAffinity':'None','externalTrafficPolicy':"
                  "null,'ports':[{'targetPort':80,"
                  "'protocol':'TCP'},{'targetPort':'web'}]},'status':{'loadBalancer':{}}}" },
                { "POST " NS "services",
                  SERVICE(
                      "l",
                      "'type':'LoadBalancer','sessionAffinity':'ClientIP','ports':[{'port':80}]"),
                  201,
                  "{'spec':{'externalTrafficPolicy':'Cluster','sessionAffinityConfig':{'clientIP':{"
                  "'timeoutSeconds':10800}}}}" } } },
    { "services are checked",
      .asks = { { "POST " NS "services", SERVICE("1x", "'ports':[{'port':80}]"), 422,
                  "{'message':'~a DNS-1035 label must consist of'}" },
                { "POST " NS "services", "{'metadata':{'name':'s'}}", 422,
                  "{'message':'~spec.ports: Required value'}" },
                { "POST " NS "services", SERVICE("s", "'ports':[{'port':0}]"), 422,
                  "{'details':{'causes':[{'field':'spec.ports[0].port'},{'field':'spec.ports[0]."
                  "targetPort'}]}}" },
                { "POST " NS "services", SERVICE("s", "'ports':[{'port':65536}]"), 422, NULL },
                { "POST " NS "services", SERVICE("s", "'type':'Foo','ports':[{'port':80}]"), 422,
                  "{'message':'~spec.type: Unsupported value: \\'Foo\\': supported values: "
                  "\\'ClusterIP\\', \\'ExternalName\\', "
                  "\\'LoadBalancer\\', \\'NodePort\\''}" },
                { "POST " NS "services", SERVICE("s", "'type':'ExternalName'"), 422,
                  "{'message':'~spec.externalName: Required value'}" },
                { "POST " NS "services", SERVICE("s", "'ports':[{'port':80,'protocol':'X'}]"), 422,
                  "{'message':'~spec.ports[0].protocol: Unsupported value: \\'X\\': supported "
                  "values: \\'SCTP\\', \\'TCP\\', \\'UDP\\''}" },
                { "POST " NS "services",
                  SERVICE("s", "'ports':[{'port':80,'name':'a'},{'port':81,'name':'a'}]"), 422,
                  "{'details':{'causes':[{'field':'spec.ports[1].name','message':'Duplicate value: "
                  "\\'a\\''}]}}" },
                { "POST " NS "services",
                  SERVICE("s", "'clusterIP':'None','type':'NodePort','ports':[{'port':80}]"), 422,
                  "{'message':'~may not be set to'}" },
                { "POST " NS "services", SERVICE("h", "'clusterIP':'None'"), 201, NULL } } },
    { "claims and volumes wait and are protected",
      .asks = { { "POST " NS "persistentvolumeclaims",
                  "{'metadata':{'name':'c'},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'"
                  "requests':{'storage':'1Gi'}}},"
                  "'status':{'phase':'Bound'}}",
                  201,
                  "{'metadata':{'finalizers':['kubernetes.io/"
                  "pvc-protection']},'status':{'phase':'Pending'}}" },
                { "POST " NS "persistentvolumeclaims", "{'metadata':{'name':'d'}}", 422,
                  "{'message':'~spec.accessModes: Required value: at least 1 access mode is "
                  "required'}" },
                { "PATCH " NS "persistentvolumeclaims/c",
                  "{'spec':{'accessModes':['ReadWriteMany']}}", 422,
                  "{'message':'~spec is immutable after creation except resources.requests for "
                  "bound claims'}",
                  MERGE },
                { "POST /api/v1/persistentvolumes",
                  "{'metadata':{'name':'v'},'spec':{'accessModes':['ReadWriteOnce'],'capacity':{'"
                  "storage':'1Gi'},'hostPath':{"
                  "'path':'/x'}}}",
                  201,
                  "{'metadata':{'finalizers':['kubernetes.io/"
                  "pv-protection']},'status':{'phase':'Pending'}}" } } },
};

static void knows_its_kinds(void **state)
{
    (void)state;
    assert_true(strategy_of("/nodes")->keeps_status_on_create);
    assert_non_null(strategy_of("/services")->create);
    assert_ptr_equal(strategy_of("/secrets"), strategy_of("/secrets"));
    assert_null(strategy_of("x.y/nothing")->create);
}

int main(void)
{
    const struct CMUnitTest more[] = { CASE("kinds without a strategy have the plain one",
                                            knows_its_kinds) };
    return cluster_rig_run("strategy_core", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}

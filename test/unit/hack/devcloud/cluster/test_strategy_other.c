#include "hack/devcloud/cluster/strategy.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define RBAC "/apis/rbac.authorization.k8s.io/v1/"
#define NS_RBAC RBAC "namespaces/default/"
#define LEASES "/apis/coordination.k8s.io/v1/namespaces/default/leases"
#define EVENTS "namespaces/default/events"
#define POLICIES "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies"
#define CRDS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
#define MERGE "application/merge-patch+json"

static struct rig_case cases[] = {
    { "rules of roles say verbs, groups and resources",
      .asks = { { "POST " NS_RBAC "roles",
                  "{'metadata':{'name':'system:r'},'rules':[{'apiGroups':[''],'resources':['pods'],"
                  "'verbs':['get']}]}",
                  201, NULL },
                { "POST " NS_RBAC "roles", "{'metadata':{'name':'e'}}", 201, "{'rules':null}" },
                { "POST " NS_RBAC "roles", "{'metadata':{'name':'x'},'rules':[{}]}", 422,
                  "{'details':{'causes':[{'field':'rules[0].verbs','message':'Required value: "
                  "verbs must contain at least one value'},"
                  "{'field':'rules[0].apiGroups'},{'field':'rules[0].resources'}]}}" },
                { "POST " NS_RBAC "roles", "{'metadata':{'name':'x'},'rules':[null]}", 422, NULL },
                { "POST " NS_RBAC "roles",
                  "{'metadata':{'name':'x'},'rules':[{'nonResourceURLs':['/x'],'verbs':['get']}]}",
                  422, "{'message':'~namespaced rules cannot apply to non-resource URLs'}" },
                { "POST " RBAC "clusterroles",
                  "{'metadata':{'name':'x'},'rules':[{'nonResourceURLs':['/x'],'verbs':['get']}]}",
                  201, NULL } } },
    { "bindings name a role of their scope, for good",
      .asks = { { "POST " NS_RBAC "rolebindings",
                  "{'metadata':{'name':'b'},'roleRef':{'kind':'Role','name':'r'},'subjects':[{'"
                  "kind':'User','name':'u'},{'kind':"
                  "'ServiceAccount','name':'s','namespace':'n'}]}",
                  201,
                  "{'roleRef':{'apiGroup':'rbac.authorization.k8s.io'},'subjects':[{'apiGroup':'"
                  "rbac.authorization.k8s.io'},{'apiGroup':"
                  "null}]}" },
                { "PATCH " NS_RBAC "rolebindings/b", "{'roleRef':{'name':'other'}}", 422,
                  "{'message':'~cannot change roleRef'}", MERGE },
                { "PATCH " NS_RBAC "rolebindings/b", "{'subjects':null}", 200, NULL, MERGE },
                { "POST " NS_RBAC "rolebindings",
                  "{'metadata':{'name':'c'},'roleRef':{'kind':'Foo','name':'r'}}", 422,
                  "{'message':'~roleRef.kind: Unsupported value: \\'Foo\\': supported values: "
                  "\\'Role\\', \\'ClusterRole\\''}" },
                { "POST " RBAC "clusterrolebindings",
                  "{'metadata':{'name':'c'},'roleRef':{'kind':'Role','name':'r'}}", 422,
                  "{'message':'~supported values: \\'ClusterRole\\''}" },
                { "POST " NS_RBAC "rolebindings",
                  "{'metadata':{'name':'c'},'roleRef':{'kind':'Role'}}", 422,
                  "{'message':'~roleRef.name: Required value'}" } } },
    { "subjects of bindings are checked",
      .asks = { { "POST " RBAC "clusterrolebindings",
                  "{'metadata':{'name':'c'},'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':"
                  "[{'kind':'ServiceAccount','name':'x'},{"
                  "'kind':'Foo','name':'x'}]}",
                  422,
                  "{'details':{'causes':[{'field':'subjects[0].namespace'},{'field':'subjects[1]."
                  "kind','message':'Unsupported value: "
                  "\\'Foo\\': supported values: \\'ServiceAccount\\', \\'User\\', "
                  "\\'Group\\''}]}}" },
                { "POST " RBAC "clusterrolebindings",
                  "{'metadata':{'name':'c'},'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':"
                  "[null]}",
                  422,
                  "{'details':{'causes':[{'field':'subjects[0].name'},{'field':'subjects[0].kind'}]"
                  "}}" } } },
    { "a network policy says what it is about",
      .asks = { { "POST " POLICIES, "{'metadata':{'name':'a'}}", 201,
                  "{'metadata':{'generation':1},'spec':{'podSelector':{},'policyTypes':['Ingress']}"
                  "}" },
                { "POST " POLICIES,
                  "{'metadata':{'name':'b'},'spec':{'podSelector':{},'egress':[{}]}}", 201,
                  "{'spec':{'policyTypes':['Ingress','Egress']}}" },
                { "POST " POLICIES, "{'metadata':{'name':'c'},'spec':{'policyTypes':['Egress']}}",
                  201, "{'spec':{'policyTypes':['Egress']}}" } } },
    { "leases last and count up",
      .asks = { { "POST " LEASES,
                  "{'metadata':{'name':'l'},'spec':{'leaseDurationSeconds':0,'leaseTransitions':-1}"
                  "}",
                  422,
                  "{'details':{'causes':[{'field':'spec.leaseDurationSeconds','message':'Invalid "
                  "value: 0: must be greater than 0'},"
                  "{'field':'spec.leaseTransitions'}]}}" },
                { "POST " LEASES,
                  "{'metadata':{'name':'l'},'spec':{'leaseDurationSeconds':1,'leaseTransitions':0}"
                  "}",
                  201, NULL },
                { "POST " LEASES, "{'metadata':{'name':'m'}}", 201, NULL } } },
    { "an event lies beside what it is about",
      .asks = { { "POST /api/v1/" EVENTS,
                  "{'metadata':{'name':'e'},'involvedObject':{'namespace':'other'}}", 422,
                  "{'message':'~involvedObject.namespace: Invalid value: \\'other\\': does not "
                  "match event.namespace'}" },
                { "POST /api/v1/" EVENTS, "{'metadata':{'name':'e'},'involvedObject':{}}", 201,
                  "{'reportingComponent':'','lastTimestamp':null}" },
                { "POST /api/v1/namespaces/kube-system/events", "{'metadata':{'name':'e'}}", 422,
                  NULL } } },
    { "a definition has names, then is established",
      .asks = { { "POST " CRDS,
                  "{'metadata':{'name':'ts.x.y'},'status':{'storedVersions':['v9']},'spec':{'group'"
                  ":'x.y','scope':'Cluster','names':{"
                  "'plural':'ts','kind':'T'},'versions':[{'name':'v1','served':true,'storage':true,"
                  "'schema':{'openAPIV3Schema':{'type':"
                  "'object'}}}]}}",
                  201,
                  "{'spec':{'names':{'singular':'t','listKind':'TList'}},'status':{'storedVersions'"
                  ":['v1'],'acceptedNames':{'plural':''}}}" },
                { "GET " CRDS "/ts.x.y", NULL, 200,
                  "{'status':{'acceptedNames':{'plural':'ts','kind':'T'},'conditions':[{'type':'"
                  "NamesAccepted','status':'True'},{'type':"
                  "'Established','status':'True'}]}}" },
                { "POST " CRDS,
                  "{'metadata':{'name':'x'},'spec':{'group':'x.y','scope':'Cluster','names':{'"
                  "plural':'ts','kind':'T'}}}",
                  422, "{'reason':'Invalid'}" } } },
};

static void name_rules_differ(void **state)
{
    (void)state;
    static const char *const kinds[] = { "roles", "clusterroles", "rolebindings",
                                         "clusterrolebindings" };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        cleanup_buf struct buf name = BUF_INIT(BUF_UNBOUNDED);
        buf_addf(&name, "rbac.authorization.k8s.io/%s", kinds[i]);
        assert_null(strategy_of(buf_str(&name))->give_name_fault("system:A"));
    }
}

int main(void)
{
    const struct CMUnitTest more[] = { CASE("roles and bindings may be named almost anything",
                                            name_rules_differ) };
    return cluster_rig_run("strategy_other", cases, ARRAY_LEN(cases), more, ARRAY_LEN(more));
}
